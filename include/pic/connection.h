/* <pic/connection.h>: what only connections have, the ways out. The rest: kind "connection" of <pic/object.h> and
 * <pic/edit.h>, and the field "exit" of peers, groups and the cell: a connection's name, or "direct".
 *
 * A connection is a named instance of a type: wireguard, openvpn, tor, ssh, proxy, block (nothing leaves), group (the
 * first of its members that works). What its type needs and may have is judged at commit, all of it (PIC_VALUE); that
 * it is no loop, uses nobody's key, and is not there twice (PIC_CONFLICT, PIC_EXISTS). Its secrets (private_key,
 * preshared_key, password, key, profile) are given in clear to pic_edit_set() and in documents, judged and sealed at
 * once: no edit, draft, plan, journal, export or message holds them, and nobody gets them back. A wireguard connection
 * that is added without a private key gets one: its public_key is for the far end; one that a document brings does not
 * (see pic_edit_load()). While a connection is turned off its secrets may be missing. One that is used cannot be
 * removed (PIC_INUSE): see pic_connection_move(). */
#ifndef PIC_CONNECTION_H
#define PIC_CONNECTION_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

enum {
        PIC_IMPORT_REPLACE = 1 << 0 /* the connection is there: what the file does not say becomes absent */
};

typedef struct pic_import_opts {
        size_t size;
        const char *type; /* "wireguard", "openvpn"; NULL: by its looks */
        const char *file; /* its name, for messages; NULL: "profile" */
        /* The bytes of a file that the profile names, which lies beside it; the name is a plain one. They are copied
         * before the next call. 0 or a PIC_ code: PIC_NOTFOUND, PIC_DENIED, PIC_IO. NULL: there are no files. */
        int (*get_file)(const char *name, const void **ret_data, size_t *ret_size, void *data);
        void *data;
        uint32_t flags; /* PIC_IMPORT_* */
        uint32_t reserved;
} pic_import_opts;
#define PIC_IMPORT_OPTS_INIT                                          \
        {                                                             \
                sizeof(pic_import_opts), NULL, NULL, NULL, NULL, 0, 0 \
        }

/* Wishes a connection as a provider's file describes it: wg-quick's form, or an OpenVPN profile with what it needs
 * inline or in files beside it. Nothing of it is ever executed: what a connection cannot carry (commands, scripts, a
 * second peer) is refused, with its line. All that is wrong is reported, each with details file, line, column; then the
 * edit is as it was before. `name` is the new connection's. ret_told (may be NULL): a report
 * {"name","type","login","fields":[…],"warnings":[{"message","hint","line"}]}; login: the far end wants a user and a
 * password, fields: what was set; good when there is no warning. PIC_SYNTAX: no such file; PIC_UNSUPPORTED: what
 * cannot be carried; PIC_VALUE: a value that breaks its field's rule, a type that has no files; what get_file answers;
 * PIC_BADSTATE: a committed edit; PIC_INVALID, PIC_NOMEM; of the store, which has the key that secrets are sealed to,
 * codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_connection_import(pic_edit *edit, const char *name, const char *text, size_t len,
                                               const pic_import_opts *opts, pic_report **ret_told, pic_error **err);

/* Wishes that all who leave by connection `from` (cell, groups, peers) leave by `to`: a connection, or "direct"; groups
 * of connections lose the member. As of this call; who comes later makes a removal fail with PIC_INUSE. Answers how
 * many there are. PIC_NOTFOUND: no such connection; PIC_VALUE: `to` is `from`; PIC_BADSTATE, PIC_INVALID, PIC_NOMEM; of
 * the store, codes as pic_get(). */
PIC_API PIC_MUST_USE int pic_connection_move(pic_edit *edit, const char *from, const char *to, pic_error **err);

/* Tries it out: what the world sees of who leaves by this connection now, from the cell's point of view (peer NULL), or
 * as a certain peer's packets would go. {"name","peer","up","state","since","active","error":{"message","hint"},
 * "checks":[{"what","good","value","message","hint"}]}; state, since, active, error: as in pic_status_get(); what:
 * "address4", "address6", "dns", "udp", "leak". The report is good when every check is. Asks the agent and the far end:
 * may take some seconds, for what is known to be down two at most. PIC_NOTFOUND: no such connection or peer;
 * PIC_BADSTATE: it is turned off, there to block, or a group none of whose members works; PIC_UNSUPPORTED: the fake
 * world has no far end; PIC_NOAGENT, PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID,
 * PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_connection_test(pic_ctx *ctx, const char *name, const char *peer, pic_report **ret_report,
                                             pic_error **err);
/* Takes what carries it down and makes it anew; who leaves by it is cut off meanwhile, and never let out directly.
 * PIC_NOTFOUND: no such connection; PIC_BADSTATE: it is turned off, or carries nothing by itself; PIC_NOAGENT,
 * PIC_TIMEOUT, PIC_DENIED, PIC_BACKEND, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_BUSY, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_connection_restart(pic_ctx *ctx, const char *name, pic_error **err);

enum { PIC_POLICY_JSON = 1 << 0 };
/* The allowed-packet table: for what a connection can carry, each state that it can be in and each kind of packet,
 * whether that packet passes and by whom. The firewall's rules are made from it. Text, with what its words mean, or
 * with PIC_POLICY_JSON [{"carries","state","packet","verdict"}]. `of` NULL: all of it, the same for every cell; else
 * what that connection, or those of that type, can carry, a group what its members can; or a word of "carries". ctx may
 * be NULL: no connections are known. PIC_NOTFOUND: neither name nor type; PIC_INVALID, PIC_NOMEM; of the store, codes
 * as pic_get(). */
PIC_API PIC_MUST_USE int pic_connection_policy(pic_ctx *ctx, const char *of, uint32_t flags, pic_report **ret_report,
                                               pic_error **err);

PIC_END_DECLS

#endif
