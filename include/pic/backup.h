/* <pic/backup.h>: a cell as one file, and back. The file is tar in zstd in age (<pic/age.h>), so that others can open
 * it: `age -d FILE | zstd -d | tar x`. Its first member, manifest.json, says of which cell it is, and name, size and
 * SHA-256 of every other member; nothing that it does not name is ever taken out of it. In it are the store with its
 * journal and signed heads, the agent's key that opens what is sealed there, and what the agent has learnt that is no
 * wish; not what is made from the wishes, and no logs. So whoever can open a backup has the cell.
 *
 * Errors of files say in detail "part" where they are wrong: as <pic/age.h>, or "zstd", "tar". */
#ifndef PIC_BACKUP_H
#define PIC_BACKUP_H

#include <pic/age.h>
#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

enum {
        PIC_BACKUP_ARMOR = 1 << 0, /* as text of 7-bit lines */
        PIC_BACKUP_PLAIN = 1 << 1, /* not encrypted: keys is NULL then */
        PIC_BACKUP_EXACT = 1 << 2, /* picking: what is only here goes */
        PIC_BACKUP_COPY = 1 << 3,  /* restoring: beside the cell that it is of, which goes on */
        PIC_BACKUP_AGENT = 1 << 4  /* drill, restore, pic_target_fetch(): an agent that runs does it, for who may not */
};

/* In the cell's directory, from when a restore is ordered of the agent (PIC_BACKUP_AGENT) until it is done or has
 * failed: whoever has the cell open lets go of it meanwhile. */
#define PIC_BACKUP_ORDERED "restore.ordered"

typedef struct pic_backup_opts {
        size_t size;          /* sizeof(pic_backup_opts) */
        uint32_t flags;       /* PIC_BACKUP_*: making one, picking, restoring */
        uint32_t work_factor; /* as in pic_age_opts */
        const char *output; /* as in pic_age_opts: a file that appears when all is done, mode 0600; out_fd is -1 then */
        const pic_cancel *cancel;   /* looked at between pieces; NULL: none */
        const char *const *answers; /* diff and restore: fields of the cell that are to be others there, name, value, …,
                                       NULL; NULL: none */
} pic_backup_opts;

#define PIC_BACKUP_OPTS_INIT                                    \
        {                                                       \
                sizeof(pic_backup_opts), 0, 0, NULL, NULL, NULL \
        }

/* Makes a backup of the context's cell, as of one moment, while others go on changing it; writes it to out_fd or to
 * opts->output, and tells its manifest: {"format","layout","version","created","cell":{…},"members":[…]}. Writes a row
 * "backup" into the journal. Only who may read the agent's key can make one. PIC_INVALID: a bad argument, keys that
 * nobody could open it with, keys and PIC_BACKUP_PLAIN; PIC_CONFLICT: a passphrase and recipients, or opts->output is
 * no file; PIC_NOTFOUND: no cell; PIC_DENIED: the cell's files may not be read; PIC_CANCELED, PIC_CORRUPT, PIC_BUSY,
 * PIC_UNSUPPORTED, PIC_STALE, PIC_IO, PIC_BACKEND, PIC_VALUE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_backup_create(pic_ctx *ctx, const pic_age_keys *keys, int out_fd,
                                           const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);

/* Tells the manifest of a backup, of which no more is read. It says what is claimed: pic_backup_verify() looks whether
 * it is so. keys NULL: one that is not encrypted. PIC_CORRUPT: it is no backup, or damaged; PIC_DENIED: none of the
 * keys opens it; PIC_SYNTAX, PIC_UNSUPPORTED (another layout, too), PIC_CANCELED, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_backup_show(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                                         pic_report **ret_report, pic_error **err);
/* Reads all of a backup: everything is authentic, each member is there and is what the manifest says, and nothing else
 * is in it. Tells the manifest. Codes as pic_backup_show(). */
PIC_API PIC_MUST_USE int pic_backup_verify(const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                                           pic_report **ret_report, pic_error **err);
/* Whether a backup comes back as a cell that works: it is restored where nobody is (in memory where there is room),
 * asked everything, and its agent is started on a machine of its own, without a link to anywhere; nothing of it is
 * left, and the cell that runs is not touched.
 * {"restorable":BOOL,"milliseconds","failed":CHECK|null,"checks":[{"check","state",
 * "milliseconds","text","hint"},…],"backup":{"cell","revision","created","version","bytes"}|null}. Checks in their
 * order: opens, files (each hash), store (pages, values), identity (the cell that the manifest names), key, secrets
 * (each seal opens), audit (the trail is proved), wishes (they go together), certificates (chain, key, names, time),
 * agent (it comes up), peers (WireGuard has the store's), rules (as planned), routes, names (they are answered), exits
 * (connections are built), services, end (taken down again). Their state: ok, skipped (why), failed, or null: the first
 * failure is the last that is looked at. The report is good when it is restorable. Takes seconds. A row "drill" says so
 * in the journal of the context's cell, if there is one. In the fake world the agent is a pretend one. With
 * PIC_BACKUP_AGENT an agent that runs does it, for who may make no namespaces: in_fd is a file then, and it cannot be
 * canceled. PIC_DENIED: none of the keys opens it, or this process may make no namespaces (root may); PIC_UNSUPPORTED:
 * the program that makes them is missing; PIC_IO: it cannot be read, or there is no room; PIC_CANCELED, PIC_TIMEOUT,
 * PIC_BACKEND, PIC_BUSY, PIC_VALUE, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_backup_drill(pic_ctx *ctx, const pic_age_keys *keys, int in_fd,
                                          const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);
/* Writes one member to out_fd or to opts->output, and reads the rest too: it succeeds only when all of the backup is
 * well. What came to out_fd before a failure is not to be trusted. PIC_NOTFOUND: no such member; PIC_CONFLICT: the
 * output is no file; the others as pic_backup_show(). */
PIC_API PIC_MUST_USE int pic_backup_extract(const pic_age_keys *keys, int in_fd, const char *member, int out_fd,
                                            const pic_backup_opts *opts, pic_error **err);

/* What restoring it would change, as a plan that leads from the cell that is here (or from none) to that of the backup;
 * nothing is touched. All of the backup is read and looked at as pic_backup_restore() does. The plan's JSON has
 * "questions" besides: [{"field","value","needed","text"}], of a cell that comes to another machine, or where something
 * is in its way: "endpoint", "listen_port", "device", "net4", "net6". opts->answers settles them: a field and its value
 * there, which may be the one that it has; the plan is with those. needed: there is no restoring without an answer.
 * PIC_VALUE, PIC_NOTFOUND: of an answer; PIC_BACKEND: this machine's networks cannot be read; PIC_INVALID,
 * PIC_CORRUPT, PIC_DENIED, PIC_SYNTAX, PIC_UNSUPPORTED, PIC_CANCELED, PIC_IO, PIC_BUSY, PIC_NOMEM: as
 * pic_backup_restore(). */
PIC_API PIC_MUST_USE int pic_backup_diff(pic_ctx *ctx, const pic_age_keys *keys, int in_fd, const pic_backup_opts *opts,
                                         pic_plan **ret_plan, pic_error **err);

/* Makes the cell of a backup the context's one: {"dir","former","manifest":{…}}. All of it is written beside the cell's
 * directory and looked at: hashes, the store with every value, the key, the journal with its signatures. Then it
 * changes places with the directory in one step; whoever is killed meanwhile finds the old cell or the new one. The
 * former directory stays, under the name that is told (null: there was none, or an empty one). A row "restore" says so
 * in the journal. With PIC_BACKUP_COPY its targets, alerts, block lists and domains are off, and it sets no clock (as
 * its journal says): to be looked at or tried beside the cell that it is of, whose backups it would push out else. No
 * agent may run; it makes the machine as wished at its next start. No other thread may use the
 * context meanwhile; other contexts, of this process or of others, on that directory have to be closed before.
 * With PIC_BACKUP_AGENT it is done by the agent, for who may not stop it, and {"ordered":true,"users":[{"name",
 * "role"}]} is told besides (who may log in then; former is null): the cell lies in the cell's directory, checked, and
 * the agent ends, starts anew and makes the exchange between, within seconds, when all others (the caller as well) have
 * let go of the cell. A row "restore" of the cell that is here says that it is ordered; if it does not come about, the
 * cell goes on as it was, and another one says why. PIC_NOAGENT: none runs; PIC_BUSY: another restore waits.
 * PIC_BUSY: an agent runs, or another program has the cell open (pic-http); PIC_CORRUPT: the backup is damaged, or no
 * cell that works; PIC_CONFLICT: the directory is none, or a question that pic_backup_diff() calls needed has no
 * answer; PIC_VALUE: of an answer; PIC_IO: it cannot be written, or the directory is a mount point; the others
 * as pic_backup_show(). The former cell is untouched by all of them. */
PIC_API PIC_MUST_USE int pic_backup_restore(pic_ctx *ctx, const pic_age_keys *keys, int in_fd,
                                            const pic_backup_opts *opts, pic_report **ret_report, pic_error **err);

/* The cells that restores put aside and that lie beside the cell's directory still, the newest first: {"kept":[{"name",
 * "path","time","size","cell","revision","by":{"text","actor","way","time"}}]}; by: the row of its journal that says
 * what it made room for; cell, revision, by: null where that cannot be read, by: also where nobody wrote it down. Each
 * is kept until somebody removes it. PIC_DENIED, PIC_IO, PIC_NOTFOUND: the directory that the cell's is in cannot be
 * read; PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_backup_kept(pic_ctx *ctx, pic_report **ret_report, pic_error **err);
/* Takes a restore back: the cell that was put aside (name NULL: the newest) is looked at as pic_backup_restore() does
 * and changes places with the present one in one step: {"dir","name","former"}; former: where the present one is kept
 * now (null: there was none), so that this can be taken back as well. Rows "restore" say so. Agent, threads and other
 * contexts: as pic_backup_restore(). PIC_NOTFOUND: none was put aside, or none of that name; PIC_CORRUPT: it is no cell
 * that works; PIC_CONFLICT: the cell's directory is none; PIC_BUSY, PIC_DENIED, PIC_UNSUPPORTED, PIC_IO, PIC_STALE,
 * PIC_INVALID, PIC_NOMEM. Nothing has moved after any of them. */
PIC_API PIC_MUST_USE int pic_backup_undo(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err);
/* What that would change, as a plan that leads from the cell that is here (or from none) to the one that was put aside;
 * nothing is touched. PIC_NOTFOUND: none was put aside, or none of that name; PIC_CORRUPT, PIC_UNSUPPORTED: it, or what
 * is here, is no cell; PIC_BACKEND: this machine's networks cannot be read; PIC_DENIED, PIC_BUSY, PIC_IO, PIC_INVALID,
 * PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_backup_undo_diff(pic_ctx *ctx, const char *name, pic_plan **ret_plan, pic_error **err);
/* The same as pic_backup_undo() by the agent that runs, for who may not stop it, and as pic_backup_restore() with
 * PIC_BACKUP_AGENT: {"dir", "ordered":true,"name","time","cell","revision","users":[{"name","role"}]}: what comes back,
 * when it was put aside, who may log in then. The agent ends, looks at it, makes the exchange when all others (the
 * caller as well) have let go of the cell, and starts anew. cell, revision, users: null where the caller may not read
 * it; the agent does. A row "restore" of the cell that is here says that it is ordered; if it does not come about, the
 * cell goes on as it was, and another one says why. PIC_NOAGENT: none runs; PIC_BUSY: another exchange waits, or a
 * program has it open; PIC_NOTFOUND: none was put aside, or none of that name; PIC_CORRUPT: it is no cell; PIC_DENIED:
 * who the agent does not hear; PIC_UNSUPPORTED, PIC_IO, PIC_TIMEOUT, PIC_INVALID, PIC_NOMEM. Nothing has moved after
 * any of them. */
PIC_API PIC_MUST_USE int pic_backup_undo_order(pic_ctx *ctx, const char *name, pic_report **ret_report,
                                               pic_error **err);
/* Removes a cell that was put aside, for good. PIC_NOTFOUND: there is none of that name; PIC_BUSY: a program has it
 * open; PIC_DENIED, PIC_IO, PIC_INVALID, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_backup_forget(pic_ctx *ctx, const char *name, pic_error **err);

/* Some of a backup into the cell that is here, as wishes of an edit (<pic/edit.h>): planned, committed, confirmed and
 * undone like others, while the agent runs. only: kinds by their names ("peers", "record"), single objects (KIND:NAME),
 * or what people call several kinds ("all", "dns", "devices", "exits"), with commas between. What differs becomes as
 * it is in the backup; what is only here stays, unless opts->flags has PIC_BACKUP_EXACT, and then of whole kinds only.
 * In a backup of this same cell an object is known by its identity, else by its name. Keys and other secrets come
 * along, sealed for this cell. What never goes back does not come: passwords and second factors of users, tokens, what
 * was signed or revoked, and the cell's own keys. ret_told (may be NULL): {"picked":{"same","kinds":[{"kind","added",
 * "changed","alike"}],"only_here":[{"kind","name"}],"without":[{"kind","name","field"}]},"manifest"}; same: it is a
 * backup of this cell; without: secrets that did not come. That something names what is not here is found by plan and
 * commit. PIC_VALUE: of `only`; PIC_NOTFOUND: no cell here, or the backup has no such object; PIC_BADSTATE: the edit
 * was committed; PIC_CORRUPT, PIC_DENIED, PIC_SYNTAX, PIC_UNSUPPORTED, PIC_CANCELED, PIC_IO, PIC_BUSY, PIC_INVALID,
 * PIC_NOMEM: as pic_backup_restore(). On failure the edit is as it was. */
PIC_API PIC_MUST_USE int pic_backup_pick(pic_edit *edit, const pic_age_keys *keys, int in_fd, const char *only,
                                         const pic_backup_opts *opts, pic_report **ret_told, pic_error **err);

PIC_END_DECLS

#endif
