/* <pic/import.h>: a whole household of another product becomes a cell, or a part of one.
 *
 * Known are: the file of a WireGuard server for wg-quick, with its devices' own files beside it; PiVPN (/etc/wireguard
 * with configs/ and setupVars.conf); wg-easy 14 (wg0.json) and 15 (wg-easy.db); of a Personal Internet Cell in Python
 * its WireGuard server. What comes over: the server's key, port, networks, endpoint, DNS servers; each device with
 * name, keys, addresses, networks behind it, whether it is turned off and when it expires. Nothing that stands there is
 * run, no link is followed, no file is changed. What is not taken, what was a danger there, and what became something
 * else is told, each with its file and line. */
#ifndef PIC_IMPORT_H
#define PIC_IMPORT_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

enum {
        PIC_HOUSEHOLD_TAKE_OVER = 1 << 0, /* the cell becomes that server: its devices need not be touched */
        PIC_HOUSEHOLD_JOIN = 1 << 1       /* it does not: devices join it, and need new configurations */
};

typedef struct pic_household_opts {
        size_t size;
        uint32_t flags;     /* PIC_HOUSEHOLD_*; neither: TAKE_OVER where the cell has no device yet */
        uint32_t reserved;  /* 0 */
        const char *access; /* grants for each device; NULL: "internet,lan,peers", as it was there; "": none */
} pic_household_opts;
#define PIC_HOUSEHOLD_OPTS_INIT                        \
        {                                              \
                sizeof(pic_household_opts), 0, 0, NULL \
        }

/* Wishes all that is in a directory, or a file, of another product. A device whose firewall there let it reach less
 * gets that and no more. Private keys are sealed at once; such a device's configuration can be shown again (key_mode
 * kept). Where the cell is taken over and has no IPv6 network from there, devices get addresses of the cell's own.
 * ret_told (may be NULL): a report, see pic_report_text(),
 * {"product","path","takes_over","cell":{…},"devices":[{"name","was","untouched",…}],"counts":{"devices","left_out",
 * "unsafe","lost","changed","note","untold"},"findings":[{"tale","file","line","device","field","message","hint"}]};
 * tale: "unsafe", "lost", "changed", "note"; good when nothing is unsafe, lost or changed. On failure the edit is as it
 * was. Names, keys and addresses that this cell has already are found by plan and commit (PIC_EXISTS, with file and
 * line). PIC_NOTFOUND: no such path, or no cell; PIC_SYNTAX: nothing that is known, or broken, or no private key of a
 * server; PIC_CONFLICT: several servers; PIC_UNSUPPORTED: a packed archive; PIC_VALUE: a link, more than 10,000
 * devices, a file that is too large, `access` that is none; PIC_BUSY: the database was not closed; PIC_DENIED, PIC_IO,
 * PIC_BADSTATE, PIC_INVALID, PIC_NOMEM; of the store, codes as pic_get(). Waits for the disk. */
PIC_API PIC_MUST_USE int pic_household_import(pic_edit *edit, const char *path, const pic_household_opts *opts,
                                              pic_report **ret_told, pic_error **err);

PIC_END_DECLS

#endif
