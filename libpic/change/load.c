/* Owns: a document's wishes. Each wish keeps its place, so that a rule that is broken only at commit can
 * still point at the line. */
#include <string.h>

#include "change/secret.h"
#include "change/wish_json.h"
#include "codec/cellfile.h"

struct load {
        pic__wishes *w;
        const char *file;
        int prune;
};

static pic__op op_at(const struct load *l, enum pic__wish wish, enum pic__kind kind, const char *name,
                     const pic__node *at)
{
        return (pic__op){ .wish = wish,
                          .kind = kind,
                          .name = name,
                          .mark = l->w->documents,
                          .file = l->file,
                          .line = at->line,
                          .column = at->column };
}

static int on_section(enum pic__kind kind, const pic__node *at, void *data, pic_error **err)
{
        const struct load *l = data;
        pic__op op = op_at(l, PIC__WISH_PRUNE, kind, NULL, at);

        if (!l->prune || kind == PIC__CELL)
                return 0;
        return pic__wish_push(l->w, &op, err);
}

static int on_object(enum pic__kind kind, const char *name, const pic__node *at, void *data, pic_error **err)
{
        const struct load *l = data;
        pic__op op = op_at(l, PIC__WISH_HAVE, kind, name, at);
        pic__val v = PIC__VAL_NONE;
        int r;

        if (kind == PIC__CELL)
                return 0;
        op.line = at->key_line;
        op.column = at->key_column;
        r = pic__field_parse(&pic__kinds[kind].fields[pic__field_find(kind, "name")], name, &v, err);
        pic__val_clear(&v);
        if (r < 0) {
                pic__prefix_msg(err, "%s: ", pic__kinds[kind].name);
                return r;
        }
        return pic__wish_push(l->w, &op, err);
}

static int on_field(enum pic__kind kind, const char *name, const char *field, const char *text, const pic__node *at,
                    void *data, pic_error **err)
{
        const struct load *l = data;
        pic__op op = op_at(l, PIC__WISH_SET, kind, name, at);
        int given, r;

        op.field = pic__field_find(kind, field);
        op.text = text;
        given = text != NULL && text[0] != '\0' && pic__secret_is_given(kind, op.field);
        r = given ? pic__secret_push(l->w, &op, err) : pic__wish_check(kind, field, text, err);
        if (r < 0) {
                pic__auto_buf pic__buf owner = PIC__BUF_INIT;

                if (name != NULL) {
                        pic__buf_putf(&owner, "%s %s: ", pic__kinds[kind].name, name);
                        pic__prefix_all(err, pic__buf_str(&owner));
                }
                return r;
        }
        return given ? 0 : pic__wish_push(l->w, &op, err);
}

/* What a document says that there is, and does not hold. */
static int on_secret(enum pic__kind kind, const char *name, const char *field, const pic__node *at, void *data,
                     pic_error **err)
{
        const struct load *l = data;
        pic__op op = op_at(l, PIC__WISH_NEED, kind, name, at);

        op.field = pic__field_find(kind, field);
        if (op.field >= 0 && pic__secret_is_given(kind, op.field))
                return pic__wish_push(l->w, &op, err);
        return pic__fail_value(err, NULL, "secrets", field,
                               kind == PIC__CONNECTION ? "is no secret of a connection" : "is no secret of a domain");
}

static int parse(const char *text, size_t len, const char *name, pic__doc **ret, pic_error **err)
{
        size_t at = 0;

        if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark: some editors put one */
                text += 3;
                len -= 3;
        }
        while (at < len && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0')
                at++;
        if (at < len && text[at] == '{')
                return pic__doc_json(text, len, name, ret, err);
        return pic__doc_yaml(text, len, name, ret, err);
}

int pic__wishes_load(pic__wishes *w, const char *text, size_t len, const char *name, int prune, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        struct load l = { w, NULL, prune };
        const pic__cellfile_ops ops = {
                .section = on_section, .object = on_object, .field = on_field, .secret = on_secret, .data = &l
        };
        pic_revision revision = w->if_revision;
        unsigned documents = w->documents;
        size_t had;
        int r;

        r = parse(text, len, name != NULL ? name : "document", &doc, err);
        if (r < 0)
                return r;
        had = w->ops.count;
        if (pic__wishes_are(doc)) {
                r = prune ? pic__fail(err, PIC_INVALID,
                                      "%s: wishes say themselves what goes: there is nothing to prune",
                                      pic__doc_name(doc))
                          : pic__wishes_read(w, doc, err);
                if (r < 0) {
                        w->ops.count = had;
                        w->documents = documents;
                        w->if_revision = revision;
                }
                return r;
        }
        l.file = pic__arena_dup(&w->arena, pic__doc_name(doc), strlen(pic__doc_name(doc)));
        if (l.file == NULL)
                return pic__nomem(err);
        w->documents++;
        r = pic__cellfile_read(doc, &ops, err);
        if (r < 0)
                w->ops.count = had; /* a document that is wrong wishes nothing */
        return r;
}
