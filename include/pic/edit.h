/* <pic/edit.h>: changing things. An edit collects wishes; nothing happens until it is committed, then all of it or
 * nothing.
 *
 *     pic_edit_new → pic_edit_add / _set / _unset / _remove / _load → pic_edit_plan (look) → pic_edit_commit
 *
 * An edit belongs to one thread at a time. It takes no lock: the wishes are checked and written together in one
 * transaction by plan and commit. One that is refused with PIC_DENIED or PIC_STALE, or by an assertion, is told by a
 * row "refused" of the journal (pic_audit_note() says how), where that can be written. */
#ifndef PIC_EDIT_H
#define PIC_EDIT_H

#include <pic/error.h>
#include <pic/types.h>

PIC_BEGIN_DECLS

/* Begins an empty edit. PIC_INVALID: a bad ctx; PIC_NOMEM. In every call below PIC_INVALID is a bad handle, a NULL
 * where a text is needed, an unknown kind or flag, and PIC_BADSTATE an edit that was committed. */
PIC_API PIC_MUST_USE int pic_edit_new(pic_ctx *ctx, pic_edit **ret_edit, pic_error **err);

/* Wishes a new object: a group, a peer, a connection, an assertion, a user, a token (see pic_edit_token()). What is not
 * set gets its default; a peer gets
 * addresses, a key pair and a preshared key, unless the wishes say otherwise: a "public_key" that is given makes
 * "key_mode" client, and "preshared" no keeps the preshared key away. The name is checked at once; that it is free, at
 * commit. PIC_VALUE; PIC_INVALID, also for kind "cell" (see pic_cell_init()); PIC_BADSTATE; PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_add(pic_edit *edit, const char *kind, const char *name, pic_error **err);
/* Wishes a field of an object (made in this edit or there already) to have this value. The text is checked by the
 * field's own rule at once (PIC_VALUE with details object, field, value, rule; PIC_NOTFOUND: unknown field, hint: near
 * names; PIC_DENIED: a field that the cell sets); rules between objects at commit. A secret (PIC_FIELD_SECRET, not
 * SYSTEM) is given in clear and sealed here, so that this edit never holds it: that takes a cell (PIC_NOTFOUND, and
 * codes as pic_get()); a user's "password" is hashed before, which takes some ten milliseconds of a core (PIC_BUSY: too
 * many at this moment). For "cell" the name may be NULL and
 * does not count. Setting "name" renames: references of others follow. When the cell's networks change, the peers'
 * addresses move along, same number. PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_set(pic_edit *edit, const char *kind, const char *name, const char *field,
                                      const char *text, pic_error **err);
/* Wishes a field to be absent: its default holds again; a peer's address or key is made anew. PIC_NOTFOUND, PIC_DENIED,
 * PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_unset(pic_edit *edit, const char *kind, const char *name, const char *field,
                                        pic_error **err);
/* Wishes an object gone. Whether it exists, and whether others need it (PIC_INUSE), is judged at commit. A user's lists
 * of devices and exits hold nothing: who is removed goes out of them. PIC_BADSTATE at commit: no admin who can log in
 * would be left.
 * PIC_INVALID, also for "cell"; PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_remove(pic_edit *edit, const char *kind, const char *name, pic_error **err);
/* Wishes new keys for a peer (a lost or stolen device): its old configuration stops working when this is applied. For a
 * device that makes its own key (key_mode client) the same edit must set the new public_key, or another key_mode: else
 * PIC_BADSTATE at commit. PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_rekey(pic_edit *edit, const char *peer, pic_error **err);
enum {
        PIC_LOAD_PRUNE =
                1 << 0 /* of each section that the document has ("groups: {}" too): what it does not name is removed */
};
/* Wishes all that a document says (YAML, or JSON if it begins with '{'): "cell", "groups", "peers", "assertions",
 * "connections", "users", "tokens", "certificates" (secrets in clear, as for pic_edit_set()), each field by its
 * name, null for absent; "secrets" of a connection lists those that it has and the document does not hold: they must be
 * there already, or be given, unless it is turned off (PIC_VALUE at commit, as for a WireGuard connection that would be
 * new and has no private_key; "new" has one made, where there is none); what is there already is changed, the rest
 * added. `name` is for messages (NULL: "document"). flags: PIC_LOAD_*. All errors of a document are reported at once,
 * each with details file, line, column: see pic_error_next(); the code is the first one's. Then the edit is as it was
 * before. What only commit can find is reported there, with its place too. A JSON document with the key "wishes" is a
 * plan or an edit that was kept (pic_plan_json(), pic_edit_json()): its wishes are wished again, in their order, and
 * with "revision" only for that revision, as by pic_edit_if_revision(); PIC_CONFLICT: another one is set. PIC_SYNTAX:
 * no YAML or JSON, not the shape of a cell, over 8 MiB, 64 levels or 1,000,000 values, an anchor, alias, tag,
 * directive, second document, duplicate key; PIC_VALUE, PIC_NOTFOUND (unknown field), PIC_DENIED as pic_edit_set().
 * PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_load(pic_edit *edit, const char *text, size_t len, const char *name, uint32_t flags,
                                       pic_error **err);
/* Wishes that what a revision changed be as it was before it; 0: the one that waits for its confirmation, else the
 * newest, as of this call (PIC_BADSTATE: that is a change that went back by itself). What the revision added goes,
 * what it removed comes back under its old identity, with its keys; a field that it changed gets its former value.
 * Passwords, second factors and tokens' secrets, and what was signed or revoked of certificates (<pic/cert.h>) stay as
 * they are: they never come back (PIC_BADSTATE: the revision changed nothing else). What that is, is found when the
 * edit is planned or committed. Then: PIC_CONFLICT when one of these fields was changed again since (says by which
 * revision); PIC_BADSTATE: it only showed a secret, or made the cell; PIC_NOTFOUND: no such revision, or it changed
 * nothing. An undo is a change like others: undoing it brings back what it took. PIC_INVALID, PIC_BADSTATE, PIC_NOMEM;
 * with 0 also PIC_NOTFOUND (no cell), PIC_BUSY, PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO. */
PIC_API PIC_MUST_USE int pic_edit_undo(pic_edit *edit, pic_revision revision, pic_error **err);
/* Wishes that everything be as it was at a revision. A key that was shown since stays shown, and is not kept any more.
 * At commit: PIC_NOTFOUND. PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_return(pic_edit *edit, pic_revision revision, pic_error **err);
/* Commit-confirm: what this edit changes goes back by itself unless pic_confirm() comes within confirm_ms milliseconds
 * (0: it stays). The agent keeps the time, through its own restart and the machine's. Until then other commits are
 * refused with PIC_BADSTATE, but for an undo of this one, which cannot be for confirmation itself. What
 * never goes back (a password, a second factor, a token's secret; also of a user or token that is removed) cannot wait:
 * the commit is refused with PIC_BADSTATE. Where nothing differs there is nothing to confirm: pic_outcome_json() says
 * whether it waits. */
PIC_API void pic_edit_confirm_within(pic_edit *edit, uint32_t confirm_ms);
/* Keeps the change that waits. PIC_NOTFOUND: none does (any more); PIC_BADSTATE: its time is over; PIC_INVALID,
 * PIC_BUSY, PIC_DENIED, PIC_UNSUPPORTED, PIC_CORRUPT, PIC_IO, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_confirm(pic_ctx *ctx, pic_error **err);
/* Assertions (kind "assertion") are rules that every state must keep. A commit that breaks one is refused with
 * PIC_CONFLICT and the packet (details: object, field, value, peer, packet), unless a reason is given here: then each
 * rule that it breaks is a row of the journal, verb "override". What was broken before in the same way is not held
 * against it. reason: text of 1 to 500 bytes; NULL: none. PIC_VALUE, PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_override(pic_edit *edit, const char *reason, pic_error **err);
/* The wishes as JSON, {"revision","wishes":[{"do","kind","name","field","value",…}]}: for pic_edit_load(), here or
 * elsewhere, now or later. "revision" is there when pic_edit_if_revision() was called. Holds no secret. A new text for
 * pic_text_free(); NULL: a bad handle, out of memory. */
PIC_API char *pic_edit_json(const pic_edit *edit);
/* Refuses the commit with PIC_STALE unless the store is still at this revision. */
PIC_API void pic_edit_if_revision(pic_edit *edit, pic_revision revision);

/* Who makes this change is connected from `source` to `destination` of this machine (NULL: the cell's own address), TCP
 * `port` (0: 22): the plan then says whether that connection would be cut, see pic_plan_risk(). For a front end that is
 * used over the network: SSH_CONNECTION, the address of a browser. source NULL: not known. PIC_VALUE: no address, or
 * two of different families; PIC_INVALID, PIC_BADSTATE, PIC_NOMEM. */
PIC_API PIC_MUST_USE int pic_edit_session(pic_edit *edit, const char *source, const char *destination, uint32_t port,
                                          pic_error **err);
/* What committing would do now: checked like a commit, then taken back. The first one of a context
 * reads everything; later ones what changed since. Codes as pic_edit_commit; PIC_BACKEND: the networks that this
 * machine is attached to, which are "lan" and not "internet", cannot be read. */
PIC_API PIC_MUST_USE int pic_edit_plan(pic_edit *edit, pic_plan **ret_plan, pic_error **err);

enum { PIC_COMMIT_NOWAIT = 1 << 0 /* do not wait for the agent */ };
/* Writes the wishes in one transaction, then has the agent apply them and waits for that. The edit is used up when this
 * succeeds; else it can be changed and tried again. 0 with an outcome (ret_outcome may be NULL) when the wishes are
 * stored, whether or not they could be applied: see pic_outcome_state(). Nothing was stored on a negative code; only
 * when the disk fails in the very moment of the commit is that not certain, and the error's hint says so. Rules
 * between objects, all that is wrong reported as followers: PIC_VALUE (an address outside the network, a missing
 * value), PIC_EXISTS (a name, address or key that is taken, by whom), PIC_NOTFOUND (no such object, an unknown
 * reference; no cell), PIC_INUSE (details: users), PIC_CONFLICT (overlapping networks, no address left, a network of
 * the host, an assertion that is broken: see pic_edit_override()), PIC_BADSTATE (rekey without a key, a change that
 * waits for its confirmation, or cannot). Else: PIC_STALE (see pic_edit_if_revision()), PIC_BUSY (another
 * writer), PIC_DENIED (no right to write), PIC_UNSUPPORTED (a store of a newer version), PIC_BACKEND (the
 * host's networks cannot be read), PIC_IO, PIC_CORRUPT, PIC_INVALID, PIC_NOMEM. Blocks up to ctx's busy_ms + agent_ms.
 */
PIC_API PIC_MUST_USE int pic_edit_commit(pic_edit *edit, uint32_t flags, pic_outcome **ret_outcome, pic_error **err);
PIC_API pic_edit *pic_edit_unref(pic_edit *edit);

enum {
        PIC_OUTCOME_APPLIED = 0, /* the world is as wished */
        PIC_OUTCOME_PENDING = 1, /* stored; no agent answers (in time, or us), or it was not waited for */
        PIC_OUTCOME_FAILED =
                2 /* stored, but it could not be applied: pic_outcome_error() says why; the agent tries again */
};
/* PIC_OUTCOME_*; PIC_OUTCOME_FAILED for NULL. */
PIC_API int pic_outcome_state(const pic_outcome *outcome);
/* The revision that holds the wishes now. */
PIC_API pic_revision pic_outcome_revision(const pic_outcome *outcome);
/* Why it failed or is pending, borrowed; NULL when applied. */
PIC_API const pic_error *pic_outcome_error(const pic_outcome *outcome);
/* {"state","revision","steps","error","waits"}; waits: for its confirmation; borrowed. */
PIC_API const char *pic_outcome_json(const pic_outcome *outcome);
PIC_API pic_outcome *pic_outcome_unref(pic_outcome *outcome);

PIC_END_DECLS

#endif
