/* Owns: the journal as evidence: its head, whether it fits together, one row with its proof. What takes long has a
 * handle of its own on the store. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/audit.h"
#include "codec/json_in.h"
#include "model/key.h"

#define NO_KEY "there are signed heads, but the cell says no key: it was taken out"

int pic__audit_key(pic__store *st, uint8_t key[32], pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__store_get(st, PIC__CELL, NULL, &cell, err);

        if (r < 0)
                return r;
        return pic__obj_has(cell, "identity_key") && pic__key_decode(pic__obj_text(cell, "identity_key"), key) == 0;
}

/* --- the head ------------------------------------------------------------------------------------------------- */

static int put_head(pic__store *st, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf verifier = PIC__BUF_INIT;
        pic__auto_free char *note = NULL;
        pic__json j = PIC__JSON(out);
        uint64_t size = 0, rows = 0;
        uint8_t key[32], root[32];
        int r = pic__audit_key(st, key, err);

        if (r > 0)
                r = pic__store_head_last(st, &size, &note, err);
        if (r <= 0)
                return r;
        r = pic__store_root(st, &rows, root, err);
        if (r < 0)
                return r;
        pic__note_verifier(key, &verifier);
        pic__json_open(&j, '{');
        pic__json_kint(&j, "size", (int64_t)size);
        pic__json_kint(&j, "rows", (int64_t)rows);
        pic__json_kstr(&j, "note", note);
        pic__json_kstr(&j, "key", pic__buf_str(&verifier));
        pic__json_close(&j, '}');
        return verifier.failed || out->failed ? pic__nomem(err) : 1;
}

/* The newest head that there is; the reason why there is no newer one, when there is none. */
static int stored_head(pic_ctx *ctx, pic__buf *out, pic_error *why, pic_error **err)
{
        pic__auto_err pic_error *silent = why, *bad = NULL;
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = put_head(st, out, &bad);
        pic__ctx_unlock(ctx);
        if (r > 0)
                return 0;
        r = pic_error_code(r < 0 ? bad : silent);
        pic__err_append(err, bad != NULL ? pic__take(bad) : pic__take(silent));
        return r;
}

static int check_answer(const pic__buf *answer, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        int r = pic__api_answer(pic__buf_str(answer), answer->len, &doc, err);

        if (r == 0 && pic__node_str(pic__doc_root(doc), "note", NULL) == NULL)
                r = pic__fail(err, PIC_BACKEND, "the agent answered without a head");
        return r;
}

int pic__audit_head(pic_ctx *ctx, pic__buf *out, pic_error **err)
{
        pic_error *why = NULL;
        int r = pic__ctx_call(ctx, "head", NULL, 0, out, &why);

        if (r == PIC_NOAGENT)
                return stored_head(ctx, out, why, err);
        if (r == 0)
                return check_answer(out, err);
        pic__err_append(err, why);
        return r;
}

int pic_audit_head(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_audit_head", "ctx or ret_report is not valid");
        r = pic__audit_head(ctx, &text, err);
        return r < 0 ? r : pic__report_new(&text, 1, ret_report, err);
}

/* --- verifying ------------------------------------------------------------------------------------------------ */

struct verify {
        pic_audit_verify_opts o;
        uint8_t key[32]; /* that heads are judged by */
        int has_key;
        pic__head outside;
        int has_outside;
        char what[200]; /* wrong with the whole */
        pic__trail trail;
};

/* Who signed had a key. */
static int judge_no_key(struct verify *v, pic__store *st, pic_error **err)
{
        pic__auto_free char *note = NULL;
        uint64_t size;
        int r = pic__store_head_last(st, &size, &note, err);

        if (r > 0)
                snprintf(v->what, sizeof(v->what),
                         "there are signed heads, but the cell says no key: it was taken out");
        return r < 0 ? r : 0;
}

/* The key that was given, or else the cell's own. A cell that says it is another is exchanged. */
static int read_key(struct verify *v, pic__store *st, pic_error **err)
{
        uint8_t own[32] = { 0 };
        int has_own = pic__audit_key(st, own, err), r;

        if (has_own < 0)
                return has_own;
        v->has_key = has_own;
        memcpy(v->key, own, sizeof(own));
        if (v->o.key == NULL)
                return has_own ? 0 : judge_no_key(v, st, err);
        r = pic__note_verifier_open(v->o.key, v->key, err);
        if (r < 0) {
                pic__detail(err, "field", "key");
                return r;
        }
        v->has_key = 1;
        if (!has_own || memcmp(own, v->key, sizeof(own)) != 0)
                snprintf(v->what, sizeof(v->what), "the cell's identity is not the key that was given: %s",
                         has_own ? "it was exchanged, or the key is another cell's" : "it has none");
        return 0;
}

/* A text that is no head is the caller's mistake; one by another key says something about the cell. */
static int read_outside(struct verify *v, pic_error **err)
{
        pic_error *bad = NULL;
        int r;

        if (v->o.head == NULL)
                return 0;
        if (!v->has_key)
                memset(v->key, 0, sizeof(v->key));
        r = pic__note_open(v->o.head, strlen(v->o.head), v->key, &v->outside, &bad);
        v->has_outside = r == 0;
        if (r == PIC_DENIED) {
                pic_error_free(bad);
                if (v->what[0] == '\0')
                        snprintf(v->what, sizeof(v->what),
                                 "the head that was kept outside is not by this cell's key: the identity was "
                                 "exchanged, or it is another cell's head");
                return 0;
        }
        if (r < 0) {
                pic__detail(&bad, "field", "head");
                pic__err_append(err, bad);
        }
        return r;
}

static int verify(struct verify *v, pic__store *st, pic_error **err)
{
        int r = read_key(v, st, err);

        if (r == 0)
                r = read_outside(v, err);
        return r < 0 ? r
                     : pic__store_trail(st, v->has_key ? v->key : NULL, v->has_outside ? &v->outside : NULL, &v->trail,
                                        err);
}

static int is_good(const struct verify *v)
{
        return v->trail.bad == 0 && v->what[0] == '\0';
}

static void put_number(pic__json *j, const char *key, int there, uint64_t number)
{
        pic__json_key(j, key);
        if (there)
                pic__json_int(j, (int64_t)number);
        else
                pic__json_null(j);
}

static void put_verdict(const struct verify *v, pic__buf *out)
{
        char root[PIC__BASE64(32)];
        pic__auto_buf pic__buf key = PIC__BUF_INIT;
        pic__json j = PIC__JSON(out);

        pic__base64(v->trail.root, sizeof(v->trail.root), root);
        if (v->has_key)
                pic__note_verifier(v->key, &key);
        pic__json_open(&j, '{');
        pic__json_kbool(&j, "ok", is_good(v));
        pic__json_kint(&j, "rows", (int64_t)v->trail.size);
        pic__json_kstr(&j, "root", root);
        pic__json_kint(&j, "heads", (int64_t)v->trail.heads);
        pic__json_kint(&j, "signed", (int64_t)v->trail.signed_size);
        pic__json_kstr(&j, "key", v->has_key ? pic__buf_str(&key) : NULL);
        put_number(&j, "outside", v->has_outside, v->outside.size);
        pic__json_key(&j, "bad");
        if (is_good(v)) {
                pic__json_null(&j);
        } else {
                pic__json_open(&j, '{');
                pic__json_kint(&j, "row", v->what[0] != '\0' ? 0 : v->trail.bad);
                pic__json_kstr(&j, "what", v->what[0] != '\0' ? v->what : v->trail.what);
                pic__json_close(&j, '}');
        }
        pic__json_close(&j, '}');
        out->failed |= key.failed;
}

int pic_audit_verify(pic_ctx *ctx, const pic_audit_verify_opts *opts, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        struct verify v;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_audit_verify", "ctx or ret_report is not valid");
        memset(&v, 0, sizeof(v));
        r = pic__api_opts(opts, &v.o, sizeof(v.o), "pic_audit_verify", err);
        if (r == 0)
                r = pic__ctx_reader(ctx, &st, err);
        if (r == 0)
                r = verify(&v, st, err);
        if (r < 0)
                return r;
        put_verdict(&v, &text);
        return pic__report_new(&text, is_good(&v), ret_report, err);
}

/* --- one row -------------------------------------------------------------------------------------------------- */

struct found {
        pic__buf row;  /* as JSON */
        pic__buf leaf; /* its bytes */
        int64_t seq;
        uint8_t hash[32];
        int sound; /* it has its hash */
};

static void found_free(struct found *f)
{
        pic__buf_free(&f->row);
        pic__buf_free(&f->leaf);
}

static int take_row(const pic__journal_row *row, void *data)
{
        struct found *f = data;
        pic__json j = PIC__JSON(&f->row);

        pic__row_json(row, &j);
        pic__audit_leaf(row, &f->leaf);
        pic__leaf_hash(pic__buf_str(&f->leaf), f->leaf.len, f->hash);
        f->sound = row->leaf != NULL && memcmp(f->hash, row->leaf, sizeof(f->hash)) == 0;
        f->seq = row->seq;
        return f->row.failed || f->leaf.failed ? PIC_NOMEM : 1;
}

static int find_row(pic__store *st, int64_t seq, struct found *f, pic_error **err)
{
        int r = seq > 0 ? pic__store_journal(st, seq - 1, 1, take_row, f, err) : 0;

        if (r == PIC_NOMEM)
                return pic__nomem(err);
        if (r < 0)
                return r;
        if (f->sound && f->seq == seq)
                return 0;
        if (seq < 1 || pic__store_last_seq(st) < seq) {
                (void)pic__fail(err, PIC_NOTFOUND, "there is no row %" PRId64 " in the journal", seq);
                pic__hint(err, "It has rows 1 to %" PRId64 ": pic audit list.", pic__store_last_seq(st));
                return PIC_NOTFOUND;
        }
        (void)pic__fail(err, PIC_CORRUPT, "row %" PRId64 " of the journal %s", seq,
                        f->seq == seq ? "was changed: it does not have its hash" : "is missing");
        pic__hint(err, "pic audit verify");
        return PIC_CORRUPT;
}

/* A head that vouches for the row: the newest there is, else one that the agent makes now. */
static int find_head(pic_ctx *ctx, pic__store *st, int64_t seq, char **ret_note, pic_error **err)
{
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        uint64_t size = 0;
        int r = pic__store_head_last(st, &size, ret_note, err);

        if (r < 0 || (r > 0 && size >= (uint64_t)seq))
                return r;
        r = pic__audit_head(ctx, &answer, err);
        if (r < 0 && r != PIC_NOAGENT)
                return r;
        pic__free(pic__take(*ret_note));
        if (r == 0)
                r = pic__store_head_last(st, &size, ret_note, err);
        if (r < 0 && r != PIC_NOAGENT)
                return r;
        if (r > 0 && size >= (uint64_t)seq)
                return 1;
        if (err != NULL) {
                pic_error_free(*err);
                *err = NULL;
        }
        (void)pic__fail(err, PIC_BADSTATE, "no signed head vouches for row %" PRId64 " yet", seq);
        pic__hint(err, "The agent signs: start it with picd, or pic up.");
        return PIC_BADSTATE;
}

static void put_path(pic__json *j, uint8_t path[][32], size_t count)
{
        char text[PIC__BASE64(32)];
        size_t i;

        pic__json_key(j, "path");
        pic__json_open(j, '[');
        for (i = 0; i < count; i++) {
                pic__base64(path[i], 32, text);
                pic__json_str(j, text);
        }
        pic__json_close(j, ']');
}

static int put_proof(pic__json *j, pic__store *st, int64_t seq, const struct found *f, const char *note,
                     pic_error **err)
{
        uint8_t path[PIC__TREE_LEVELS][32], key[32];
        pic__auto_buf pic__buf text = PIC__BUF_INIT, verifier = PIC__BUF_INIT;
        uint64_t index = (uint64_t)seq - 1;
        size_t count = 0;
        pic__head head;
        int r = pic__audit_key(st, key, err);

        if (r == 0)
                return pic__fail(err, PIC_CORRUPT, NO_KEY);
        if (r > 0)
                r = pic__note_open(note, strlen(note), key, &head, err);
        if (r == PIC_DENIED || r == PIC_SYNTAX)
                return pic__wrap_code(err, PIC_CORRUPT, "the newest head of the audit trail was changed");
        if (r == 0)
                r = pic__store_inclusion(st, index, head.size, path, &count, err);
        if (r < 0)
                return r;
        if (!pic__tree_included(f->hash, index, head.size, (const uint8_t(*)[32])path, count, head.root))
                return pic__fail(err, PIC_CORRUPT, "row %" PRId64 " is not one of those that were signed", seq);
        pic__audit_proof(&f->leaf, index, path, count, note, &text);
        pic__note_verifier(key, &verifier);
        pic__json_key(j, "proof");
        pic__json_open(j, '{');
        pic__json_kint(j, "index", (int64_t)index);
        pic__json_kint(j, "size", (int64_t)head.size);
        put_path(j, path, count);
        pic__json_kstr(j, "key", pic__buf_str(&verifier));
        pic__json_kstr(j, "text", pic__buf_str(&text));
        pic__json_close(j, '}');
        return text.failed || verifier.failed ? pic__nomem(err) : 0;
}

static int put_row(pic_ctx *ctx, pic__store *st, int64_t seq, int prove, pic__buf *out, pic_error **err)
{
        PIC__AUTO(found_free) struct found f = { PIC__BUF_INIT, PIC__BUF_INIT, 0, { 0 }, 0 };
        pic__auto_free char *note = NULL;
        pic__json j = PIC__JSON(out);
        char hash[65];
        int r = find_row(st, seq, &f, err);

        if (r == 0 && prove)
                r = find_head(ctx, st, seq, &note, err);
        if (r < 0)
                return r;
        pic__audit_hex(f.hash, hash);
        pic__json_open(&j, '{');
        pic__json_key(&j, "row");
        pic__json_raw(&j, pic__buf_str(&f.row));
        pic__json_kstr(&j, "leaf", pic__buf_str(&f.leaf));
        pic__json_kstr(&j, "hash", hash);
        if (prove)
                r = put_proof(&j, st, seq, &f, note, err);
        else
                pic__json_kstr(&j, "proof", NULL);
        pic__json_close(&j, '}');
        return r < 0 ? r : 0;
}

int pic_audit_get(pic_ctx *ctx, int64_t seq, uint32_t flags, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL || (flags & ~(uint32_t)PIC_AUDIT_PROOF) != 0)
                return pic__api_bad(err, "pic_audit_get", "ctx, flags or ret_report is not valid");
        r = pic__ctx_reader(ctx, &st, err);
        if (r == 0)
                r = put_row(ctx, st, seq, flags & PIC_AUDIT_PROOF, &text, err);
        return r < 0 ? r : pic__report_new(&text, 1, ret_report, err);
}
