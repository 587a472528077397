/* Owns: wishes as JSON, out and in. */
#include "change/wish_json.h"

#include <inttypes.h>
#include <string.h>

#include "change/password.h"
#include "change/secret.h"
#include "codec/json_in.h"
#include "model/key.h"

enum { HAS_KIND = 1, HAS_NAME = 2, HAS_FIELD = 4, HAS_VALUE = 8, HAS_DOCUMENT = 16, HAS_REVISION = 32 };

static const struct form {
        const char *word;
        enum pic__wish wish;
        int has;
} forms[] = {
        { "add", PIC__WISH_ADD, HAS_KIND | HAS_NAME },
        { "have", PIC__WISH_HAVE, HAS_KIND | HAS_NAME | HAS_DOCUMENT },
        { "set", PIC__WISH_SET, HAS_KIND | HAS_NAME | HAS_FIELD | HAS_VALUE | HAS_DOCUMENT },
        { "unset", PIC__WISH_SET, HAS_KIND | HAS_NAME | HAS_FIELD | HAS_DOCUMENT },
        { "need", PIC__WISH_NEED, HAS_KIND | HAS_NAME | HAS_FIELD | HAS_DOCUMENT },
        { "remove", PIC__WISH_REMOVE, HAS_KIND | HAS_NAME },
        { "rekey", PIC__WISH_REKEY, HAS_KIND | HAS_NAME },
        { "prune", PIC__WISH_PRUNE, HAS_KIND | HAS_DOCUMENT },
        { "undo", PIC__WISH_UNDO, HAS_REVISION },
        { "return", PIC__WISH_RETURN, HAS_REVISION },
};

static const struct form *form_of(const pic__op *op)
{
        const struct form *f = forms;

        while (f->wish != op->wish || (op->wish == PIC__WISH_SET && (op->text != NULL) != ((f->has & HAS_VALUE) != 0)))
                f++;
        return f;
}

static void write_one(const pic__op *op, pic__json *j)
{
        const struct form *f = form_of(op);

        pic__json_open(j, '{');
        pic__json_kstr(j, "do", f->word);
        if ((f->has & HAS_KIND) != 0)
                pic__json_kstr(j, "kind", pic__kinds[op->kind].name);
        if ((f->has & HAS_NAME) != 0 && op->name != NULL)
                pic__json_kstr(j, "name", op->name);
        if ((f->has & HAS_FIELD) != 0)
                pic__json_kstr(j, "field", pic__kinds[op->kind].fields[op->field].name);
        if ((f->has & HAS_VALUE) != 0)
                pic__json_kstr(j, "value", op->text);
        if ((f->has & HAS_VALUE) != 0 && op->public_key != NULL)
                pic__json_kstr(j, "public_key", op->public_key);
        if ((f->has & HAS_VALUE) != 0 && op->step > 0)
                pic__json_kint(j, "step", op->step);
        if ((f->has & HAS_VALUE) != 0 && op->if_none)
                pic__json_kbool(j, "if_none", 1);
        if ((f->has & HAS_DOCUMENT) != 0 && op->mark != 0)
                pic__json_kint(j, "document", op->mark);
        if ((f->has & HAS_REVISION) != 0)
                pic__json_kint(j, "revision", op->revision);
        pic__json_close(j, '}');
}

void pic__wishes_write(const pic__wishes *w, pic__json *j)
{
        size_t i;

        pic__json_open(j, '[');
        for (i = 0; i < w->ops.count; i++)
                write_one(&w->ops.at[i], j);
        pic__json_close(j, ']');
}

/* ---- in ---- */

struct reading {
        pic__wishes *w;
        const char *file;
        unsigned documents; /* that there were before */
        unsigned highest;   /* of those in here */
};

int pic__wishes_are(const pic__doc *doc)
{
        const pic__node *root = pic__doc_root(doc);

        return root != NULL && root->type == PIC__N_MAP && pic__node_get(root, "wishes") != NULL;
}

static const struct form *find_form(const pic__node *n)
{
        const char *word = pic__node_str(n, "do", "");
        size_t i;

        for (i = 0; i < PIC__COUNT(forms); i++)
                if (strcmp(forms[i].word, word) == 0)
                        return &forms[i];
        return NULL;
}

static int bad(pic_error **err, const char *what)
{
        return pic__fail(err, PIC_SYNTAX, "a wish %s", what);
}

static int take_kind(const struct form *f, const pic__node *n, pic__op *op, pic_error **err)
{
        int kind = pic__kind_find(pic__node_str(n, "kind", "")), whole;

        if (kind < 0)
                return bad(err, "has a kind that is none");
        op->kind = (enum pic__kind)kind;
        op->name = pic__node_str(n, "name", NULL);
        whole = op->kind == PIC__CELL; /* it has no name, and is neither made nor removed by wishes */
        if ((f->has & HAS_NAME) == 0)
                return op->kind == PIC__CELL ? bad(err, "cannot prune the cell") : 0;
        if (whole && f->wish != PIC__WISH_SET)
                return bad(err, "can only set and unset fields of the cell");
        if (f->wish == PIC__WISH_REKEY && op->kind != PIC__PEER)
                return bad(err, "can rekey peers only");
        if (whole)
                op->name = NULL;
        return whole || op->name != NULL ? 0 : bad(err, "has no name");
}

/* Of base64 of a sealed box with one byte in it. A password that happens to be base64 must not be taken for one. */
enum { SEALED_LEAST = 88 };

/* With a second factor goes the step of the code that showed it. */
static int take_step(const pic__node *n, pic__op *op, pic_error **err)
{
        const char *field = pic__kinds[op->kind].fields[op->field].name;

        if (pic__node_get(n, "step") != NULL && (pic__node_int(n, "step", &op->step) < 0 || op->step < 1 ||
                                                 op->kind != PIC__USER || strcmp(field, "totp") != 0))
                return bad(err, "has a step for no second factor");
        return 0;
}

/* With a private key, which is sealed, goes its public half: nobody here could find it again. With a password goes how
 * it is hashed. */
static int take_public(const pic__node *n, pic__op *op, pic_error **err)
{
        const char *field = pic__kinds[op->kind].fields[op->field].name;
        int key = (op->kind == PIC__CONNECTION || op->kind == PIC__PEER || op->kind == PIC__CELL) && op->text != NULL &&
                  strcmp(field, "private_key") == 0;
        int password = op->kind == PIC__USER && op->text != NULL && strcmp(field, "password") == 0;
        uint8_t bytes[32];
        pic__argon how;

        op->public_key = pic__node_str(n, "public_key", NULL);
        if ((op->public_key != NULL) != (key || password))
                return bad(err, key        ? "to set a private key has no public_key"
                                : password ? "to set a password has no public_key"
                                           : "has a public_key for no private one");
        if ((key && pic__key_decode(op->public_key, bytes) < 0) ||
            (password && pic__salt_parse(op->public_key, &how, NULL) < 0))
                return bad(err, "has a public_key that is none");
        return take_step(n, op, err);
}

/* A secret that was made with the wish is taken as it is: there is nothing in clear in it. */
static int check_field(const pic__op *op, const char *field, pic_error **err)
{
        int i = pic__field_find(op->kind, field);
        pic__val v = PIC__VAL_NONE;
        int r;

        if (i < 0 || op->wish != PIC__WISH_SET || op->text == NULL || !pic__wish_is_made(op->kind, i))
                return pic__wish_check(op->kind, field, op->text, err);
        if ((op->kind == PIC__PEER || op->kind == PIC__CELL) && pic__kinds[op->kind].fields[i].type == PIC__T_SECRET &&
            strlen(op->text) < SEALED_LEAST)
                return pic__fail_value(err, NULL, field, NULL, "must be sealed here");
        r = pic__field_parse(&pic__kinds[op->kind].fields[i], op->text, &v, err);
        pic__val_clear(&v);
        return r < 0 ? r : i;
}

static int take_field(const struct form *f, const pic__node *n, pic__op *op, pic_error **err)
{
        const char *field = pic__node_str(n, "field", NULL);
        int r;

        op->text = (f->has & HAS_VALUE) != 0 ? pic__node_str(n, "value", NULL) : NULL;
        if (field == NULL)
                return bad(err, "has no field");
        if ((f->has & HAS_VALUE) != 0 && op->text == NULL)
                return bad(err, "to set has no value");
        r = check_field(op, field, err);
        if (r >= 0 && op->wish == PIC__WISH_NEED && !pic__secret_is_given(op->kind, r))
                return bad(err, "needs a field that is no secret");
        if (r >= 0 && op->text != NULL && pic__secret_is_given(op->kind, r) && strlen(op->text) < SEALED_LEAST)
                r = pic__fail_value(err, NULL, pic__kinds[op->kind].fields[r].name, NULL, "must be sealed here");
        if (r < 0) {
                pic__auto_buf pic__buf owner = PIC__BUF_INIT;

                pic__buf_putf(&owner, "%s", pic__kinds[op->kind].name);
                if (op->name != NULL)
                        pic__buf_puts(&owner, " ");
                pic__buf_put_shown(&owner, op->name != NULL ? op->name : "", 70);
                pic__buf_puts(&owner, ": ");
                pic__prefix_all(err, pic__buf_str(&owner));
                return r;
        }
        op->field = r;
        op->if_none = pic__node_bool(n, "if_none", 0);
        return take_public(n, op, err);
}

static int take_numbers(struct reading *g, const struct form *f, const pic__node *n, pic__op *op, pic_error **err)
{
        int64_t document = 0, revision = 0;

        if ((f->has & HAS_DOCUMENT) != 0 && pic__node_get(n, "document") != NULL &&
            (pic__node_int(n, "document", &document) < 0 || document < 1 || document > 1000))
                return bad(err, "has a document that is no number from 1 to 1000");
        if (f->wish == PIC__WISH_PRUNE && document == 0)
                return bad(err, "to prune has no document");
        if ((f->has & HAS_REVISION) != 0 &&
            (pic__node_int(n, "revision", &revision) < 0 || revision < (f->wish == PIC__WISH_RETURN)))
                return bad(err, "has a revision that is none");
        if (document > 0)
                op->mark = g->documents + (unsigned)document;
        if (op->mark > g->highest)
                g->highest = op->mark;
        op->revision = revision;
        return 0;
}

/* A key that this do does not have would be passed over, and the wish be another one than was meant. */
static int check_keys(const struct form *f, const pic__node *n, pic_error **err)
{
        static const struct {
                const char *key;
                int has;
        } keys[] = { { "kind", HAS_KIND },         { "name", HAS_NAME },         { "field", HAS_FIELD },
                     { "value", HAS_VALUE },       { "public_key", HAS_VALUE },  { "if_none", HAS_VALUE },
                     { "document", HAS_DOCUMENT }, { "revision", HAS_REVISION }, { "step", HAS_VALUE } };
        const pic__node *child;
        size_t i;

        for (child = n->first; child != NULL; child = child->next) {
                pic__auto_buf pic__buf shown = PIC__BUF_INIT;

                if (strcmp(child->key, "do") == 0)
                        continue;
                for (i = 0; i < PIC__COUNT(keys); i++)
                        if ((f->has & keys[i].has) != 0 && strcmp(child->key, keys[i].key) == 0)
                                break;
                if (i < PIC__COUNT(keys))
                        continue;
                pic__buf_put_shown(&shown, child->key, 70);
                return pic__fail(err, PIC_SYNTAX, "a wish to %s has no '%s'", f->word, pic__buf_str(&shown));
        }
        return 0;
}

static int take_one(struct reading *g, const pic__node *n, pic_error **err)
{
        const struct form *f = n->type == PIC__N_MAP ? find_form(n) : NULL;
        pic__op op = { .kind = PIC__CELL, .file = g->file, .line = n->line, .column = n->column };
        int r = 0;

        if (f == NULL)
                return bad(err,
                           "must say what to do: add, have, set, unset, need, remove, rekey, prune, undo or return");
        op.wish = f->wish;
        r = check_keys(f, n, err);
        if (r == 0 && (f->has & HAS_KIND) != 0)
                r = take_kind(f, n, &op, err);
        if (r == 0 && op.name != NULL)
                r = pic__wish_check(op.kind, "name", op.name, err);
        if (r >= 0 && (f->has & HAS_FIELD) != 0)
                r = take_field(f, n, &op, err);
        if (r >= 0)
                r = take_numbers(g, f, n, &op, err);
        return r < 0 ? r : pic__wish_push(g->w, &op, err);
}

static int not_for(pic_revision theirs, pic_revision ours, pic_error **err)
{
        (void)pic__fail(err, PIC_CONFLICT, "these wishes are for revision %" PRId64 ", not for %" PRId64, theirs, ours);
        pic__hint(err, "Look at them again as the cell is now: make the plan anew.");
        return PIC_CONFLICT;
}

static int take_revision(pic__wishes *w, const pic__doc *doc, pic_error **err)
{
        const pic__node *n = pic__node_get(pic__doc_root(doc), "revision");
        int64_t revision;

        if (n == NULL || n->type == PIC__N_NULL)
                return 0;
        if (pic__node_int(pic__doc_root(doc), "revision", &revision) < 0 || revision < 1) {
                (void)pic__fail(err, PIC_SYNTAX, "revision: is no number of a revision");
                return pic__doc_place(doc, n, err);
        }
        if (w->if_revision > 0 && w->if_revision != revision)
                return not_for(revision, w->if_revision, err);
        w->if_revision = revision;
        return 0;
}

/* Beside the wishes a plan tells what they would do. A cell's "peers" here would be passed over. */
static int check_root(const pic__doc *doc, pic_error **err)
{
        static const char *const known[] = { "wishes", "revision", "changes", "steps", "meaning",
                                             "risk",   "session",  "secrets", "notes", "told" };
        const pic__node *child;
        size_t i;

        for (child = pic__doc_root(doc)->first; child != NULL; child = child->next) {
                pic__auto_buf pic__buf shown = PIC__BUF_INIT;

                for (i = 0; i < PIC__COUNT(known) && strcmp(child->key, known[i]) != 0; i++)
                        ;
                if (i < PIC__COUNT(known))
                        continue;
                pic__buf_put_shown(&shown, child->key, 70);
                (void)pic__fail(err, PIC_SYNTAX, "a document of wishes has no '%s'", pic__buf_str(&shown));
                return pic__doc_place_key(doc, child, err);
        }
        return 0;
}

int pic__wishes_read(pic__wishes *w, const pic__doc *doc, pic_error **err)
{
        struct reading g = { .w = w, .documents = w->documents, .highest = w->documents };
        const pic__node *list = pic__node_get(pic__doc_root(doc), "wishes"), *n;
        size_t errors = 0;
        int code;

        if (list->type != PIC__N_LIST) {
                (void)pic__fail(err, PIC_SYNTAX,
                                "wishes: must be a list; a plan of what separates the machine from the "
                                "wishes has none");
                return pic__doc_place(doc, list, err);
        }
        code = check_root(doc, err);
        if (code == 0)
                code = take_revision(w, doc, err);
        g.file = pic__arena_dup(&w->arena, pic__doc_name(doc), strlen(pic__doc_name(doc)));
        if (code < 0 || g.file == NULL)
                return code < 0 ? code : pic__nomem(err);
        for (n = list->first; n != NULL && errors < 100; n = n->next) {
                pic_error *one = NULL;
                int r = take_one(&g, n, &one);

                if (r == 0)
                        continue;
                pic__doc_place(doc, n, &one);
                pic__err_append(err, one);
                code = code < 0 ? code : r;
                errors++;
        }
        w->documents = g.highest;
        return code;
}
