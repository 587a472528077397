/* Owns: the cell's signature under its journal. Whoever may write to the store could exchange rows that are signed
 * already, make the tree anew and wait for the agent to sign that. So the agent goes on from the tree that it signed
 * last: remembered while it runs, and after a start taken from the file, where only the edge whose root is that of a
 * head with our signature counts. What this cannot see is a file that is as it once was: an end cut off with its heads.
 * Heads kept elsewhere can. */
#include "engine/heads.h"

#include <inttypes.h>
#include <string.h>

#include "audit/note.h"
#include "change/newkeys.h"
#include "engine/engine_i.h"
#include "engine/wire.h"
#include "model/key.h"
#include "sys/crypto.h"

struct identity {
        uint8_t key[32];
        uint8_t secret[64];
};

static void identity_wipe(struct identity *i)
{
        pic__wipe(i, sizeof(*i));
}

static int make_identity(pic__engine *e, pic_obj **ret, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *edit = NULL;
        int r;

        r = pic__txn_begin(e->store, "agent", "agent", &t, err);
        if (r == 0)
                r = pic__txn_get(t, PIC__CELL, NULL, &cell, err);
        if (r == 0)
                r = pic__obj_edit(cell, &edit, err);
        if (r == 0)
                r = pic__newkeys_identity(edit, e->seals.public_key, err);
        if (r == 0)
                r = pic__txn_put(t, edit, "identity", NULL, err);
        if (r == 0)
                r = pic__txn_commit(pic__take(t), NULL, err);
        if (r == 0)
                *ret = pic__take(edit);
        return r;
}

static int open_identity(pic__engine *e, struct identity *ret, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *made = NULL;
        uint8_t seed[32], want[32];
        int r = pic__store_get(e->store, PIC__CELL, NULL, &cell, err);

        if (r == 0 && !pic__obj_has(cell, "identity_secret"))
                r = make_identity(e, &made, err);
        if (r == 0)
                r = pic__seals_open(&e->seals, made != NULL ? made : cell, "identity_secret", seed, err);
        if (r < 0)
                return r;
        pic__sign_pair(seed, ret->key, ret->secret);
        pic__wipe(seed, sizeof(seed));
        if (pic__key_decode(pic__obj_text(made != NULL ? made : cell, "identity_key"), want) == 0 &&
            memcmp(want, ret->key, sizeof(want)) == 0)
                return 0;
        return pic__fail(err, PIC_CORRUPT, "the cell's identity_key is not that of its identity_secret");
}

/* --- what was signed last ------------------------------------------------------------------------------------- */

static int read_last(pic__engine *e, const uint8_t key[32], pic__head *ret, pic_error **err)
{
        pic__auto_free char *note = NULL;
        uint64_t size;
        int r = pic__store_head_last(e->store, &size, &note, err);

        if (r <= 0)
                return r;
        r = pic__note_open(note, strlen(note), key, ret, err);
        if (r < 0)
                return pic__wrap_code(err, PIC_CORRUPT, "the newest head of the audit trail was changed");
        return ret->size == size ? 1 : pic__fail(err, PIC_CORRUPT, "the newest head of the audit trail was moved");
}

static int is_head(const pic__tree *tree, const pic__head *head)
{
        uint8_t root[PIC__SHA256];

        pic__tree_root(tree, root);
        return tree->size == head->size && memcmp(root, head->root, sizeof(root)) == 0;
}

/* After a start. The edge is beside the newest head; where it is not, the rows make it again. */
static int recall(pic__engine *e, const uint8_t key[32], pic_error **err)
{
        pic__head head;
        pic__tree tree = { .size = 0 };
        int r = read_last(e, key, &head, err);

        if (r > 0) {
                r = pic__store_signed(e->store, &tree, err);
                if (r == 0 && !is_head(&tree, &head)) {
                        memset(&tree, 0, sizeof(tree));
                        r = pic__store_grow(e->store, &tree, head.size, err);
                }
                if (r == 0 && !is_head(&tree, &head))
                        r = pic__fail(err, PIC_CORRUPT, "the journal's first %" PRIu64 " rows are not those signed",
                                      head.size);
        }
        if (r < 0)
                return r;
        e->signed_tree = tree;
        e->signed_known = 1;
        memcpy(e->signed_key, key, sizeof(e->signed_key));
        return 0;
}

/* --- signing -------------------------------------------------------------------------------------------------- */

static int sign(pic__engine *e, const struct identity *who, const pic__tree *tree, pic_error **err)
{
        pic__auto_buf pic__buf note = PIC__BUF_INIT;
        pic__head head = { .size = tree->size };
        int r;

        pic__origin(who->key, head.origin);
        pic__tree_root(tree, head.root);
        pic__note_sign(&head, who->secret, &note);
        r = note.failed ? pic__nomem(err) : pic__store_head_put(e->store, tree, pic__buf_str(&note), err);
        if (r == 0)
                e->signed_tree = *tree;
        return r;
}

static int sign_new(pic__engine *e, pic_error **err)
{
        PIC__AUTO(identity_wipe) struct identity who;
        pic__tree tree;
        int r = open_identity(e, &who, err);

        if (r == 0 && !e->signed_known)
                r = recall(e, who.key, err);
        if (r == 0 && memcmp(who.key, e->signed_key, sizeof(who.key)) != 0)
                r = pic__fail(err, PIC_CORRUPT, "the cell's identity is another than the one that signed before");
        if (r < 0)
                return r;
        tree = e->signed_tree;
        r = pic__store_grow(e->store, &tree, 0, err);
        if (r < 0 || tree.size == e->signed_tree.size)
                return r;
        r = sign(e, &who, &tree, err);
        return r < 0 ? r : 1;
}

uint64_t pic__engine_rows(pic__engine *e)
{
        uint8_t root[PIC__SHA256];
        uint64_t size;

        return pic__store_root(e->store, &size, root, NULL) < 0 ? 0 : size;
}

/* Each different trouble is logged once; who asked is told each time. */
static int outcome(pic__engine *e, int r, pic_error *bad, pic_error **err)
{
        pic__auto_err pic_error *former = pic__take(e->unsigned_why);

        if (r >= 0)
                return r;
        if (r == PIC_CORRUPT) {
                pic__hint(&bad,
                          "Look what was changed: pic audit verify. Then put a backup of the cell's directory back.");
                e->unsigned_why = pic__wire_copy(bad);
        }
        if (r != PIC_BUSY && (former == NULL || strcmp(pic_error_message(former), pic_error_message(bad)) != 0))
                pic__log_err(e->log, PIC_LOG_ERROR, "audit", bad);
        if (err != NULL)
                pic__err_append(err, bad);
        else
                pic_error_free(bad);
        return r;
}

int pic__engine_sign(pic__engine *e, pic_error **err)
{
        pic_error *bad = NULL;
        int r;

        if (e->signed_known && pic__engine_rows(e) == e->signed_tree.size)
                return 0;
        r = sign_new(e, &bad);
        return outcome(e, r, bad, err);
}

const pic_error *pic__engine_unsigned(const pic__engine *e)
{
        return e->unsigned_why;
}

int pic__engine_head(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(identity_wipe) struct identity who;
        pic__auto_buf pic__buf key = PIC__BUF_INIT;
        pic__auto_free char *note = NULL;
        uint64_t size = 0;
        int r = pic__engine_sign(e, err);

        if (r >= 0)
                r = open_identity(e, &who, err);
        if (r >= 0)
                r = pic__store_head_last(e->store, &size, &note, err);
        if (r == 0)
                r = pic__fail(err, PIC_CORRUPT, "the signed head is gone again");
        if (r < 0)
                return r;
        pic__note_verifier(who.key, &key);
        pic__json_open(out, '{');
        pic__json_kint(out, "size", (int64_t)size);
        pic__json_kint(out, "rows", (int64_t)pic__engine_rows(e));
        pic__json_kstr(out, "note", note);
        pic__json_kstr(out, "key", pic__buf_str(&key));
        pic__json_close(out, '}');
        return key.failed ? pic__nomem(err) : 0;
}
