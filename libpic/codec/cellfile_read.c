/* Owns: from a document to wishes. The shape is checked here, the values by whoever takes the wishes. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "codec/cellfile.h"
#include "model/near.h"
#include "model/record.h"
#include "model/text.h"

struct reader {
        const pic__doc *doc;
        const pic__cellfile_ops *ops;
        pic_error *all;
        size_t count;
};

/* Takes an error, with its followers, into the collection. */
static void collect(struct reader *r, pic_error *err)
{
        size_t count = pic__err_count(err);

        if (r->count < PIC__CELLFILE_ERRORS)
                pic__err_append(&r->all, err);
        else
                pic_error_free(err);
        r->count += count;
}

/* Enough is told already: making another error would be for nothing. */
static int is_full(const struct reader *r)
{
        return r->count >= PIC__CELLFILE_ERRORS;
}

/* Gives each of several errors the same place. */
static void place_all(const struct reader *r, const pic__node *n, pic_error **err)
{
        pic_error *rest = pic__take(*err);

        while (rest != NULL) {
                pic_error *next = pic__err_split(rest);

                pic__doc_place(r->doc, n, &rest);
                pic__err_append(err, rest);
                rest = next;
        }
}

/* `field` NULL: it is about no field. */
static void shape_error(struct reader *r, const char *field, const pic__node *n, const char *what)
{
        pic_error *err = NULL;

        if (field != NULL)
                pic__fail(&err, PIC_SYNTAX, "%s: %s", field, what);
        else
                pic__fail(&err, PIC_SYNTAX, "%s", what);
        pic__detail(&err, "field", field);
        pic__detail(&err, "rule", what);
        pic__doc_place(r->doc, n, &err);
        collect(r, err);
}

/* The parser refuses a key that is there twice; here it is the same thing in other letters ("anna" and "Anna"). */
static void twice(struct reader *r, const char *field, const pic__node *n, const pic__node *first)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT, before = PIC__BUF_INIT;
        pic_error *err = NULL;

        pic__buf_put_shown(&shown, n->key, 64);
        pic__buf_put_shown(&before, first->key, 64);
        pic__fail(&err, PIC_SYNTAX, "the key '%s' is there already, in line %u, as '%s'", pic__buf_str(&shown),
                  first->key_line, pic__buf_str(&before));
        pic__detail(&err, "field", field);
        pic__detail(&err, "rule", "must be there once");
        pic__doc_place_key(r->doc, n, &err);
        collect(r, err);
}

/* Key of a section: what one thing is called for the cell, the plural for the rest. */
static const char *section_name(enum pic__kind kind)
{
        return kind == PIC__CELL ? pic__kinds[kind].name : pic__kinds[kind].plural;
}

/* Each item by its own rule, so that what is wrong with it has its place. 0, or -1 when it was (reported). */
static int check_item(struct reader *r, enum pic__kind kind, const char *name, const pic__field *f,
                      const pic__node *item)
{
        pic__auto_buf pic__buf owner = PIC__BUF_INIT;
        pic__val v = PIC__VAL_NONE;
        pic_error *err = NULL;

        if (item->type != PIC__N_SCALAR || strchr(item->text, ',') != NULL || item->text[0] == '\0') {
                shape_error(r, f->name, item, "an item of a list must be a text without a comma");
                return -1;
        }
        if (pic__field_parse(f, item->text, &v, &err) == 0) {
                pic__val_clear(&v);
                return 0;
        }
        if (name != NULL) {
                pic__buf_putf(&owner, "%s %s: ", pic__kinds[kind].name, name);
                pic__prefix_all(&err, pic__buf_str(&owner));
        }
        pic__doc_place(r->doc, item, &err);
        collect(r, err);
        return -1;
}

/* A list as text. 0, or -1 when something is wrong with it (reported). */
static int join(struct reader *r, enum pic__kind kind, const char *name, const pic__field *f, const pic__node *list,
                pic__buf *out)
{
        const pic__node *item;
        const char *why;
        int bad = 0;

        for (item = list->first; item != NULL; item = item->next) {
                bad |= check_item(r, kind, name, f, item);
                if (bad)
                        continue;
                if (out->len > 0)
                        pic__buf_putc(out, ',');
                if (f->type == PIC__T_DNS) /* a text may have commas, unless it is in quotes */
                        (void)pic__rdata_parse(f->choices, item->text, out, &why);
                else
                        pic__buf_puts(out, item->text);
        }
        return bad;
}

static void unknown_field(struct reader *r, enum pic__kind kind, const pic__node *n)
{
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;
        pic__near near = PIC__NEAR(n->key);
        pic_error *err = NULL;
        size_t i;

        if (is_full(r))
                return;
        for (i = 0; i < pic__kinds[kind].count; i++)
                pic__near_try(&near, pic__kinds[kind].fields[i].name);
        pic__buf_put_shown(&shown, n->key, 64);
        pic__fail(&err, PIC_NOTFOUND, "a %s has no field '%s'", pic__kinds[kind].name, pic__buf_str(&shown));
        pic__detail(&err, "field", pic__buf_str(&shown));
        pic__near_hint(&near, NULL, &err);
        pic__doc_place_key(r->doc, n, &err);
        collect(r, err);
}

/* "secrets: [private_key]" of a connection. */
static void read_secrets(struct reader *r, enum pic__kind kind, const char *name, const pic__node *list)
{
        const pic__node *n;

        if (list->type != PIC__N_LIST && list->type != PIC__N_NULL) {
                shape_error(r, "secrets", list, "a list of names of fields is expected here");
                return;
        }
        for (n = list->first; n != NULL && !is_full(r); n = n->next) {
                pic_error *err = NULL;

                if (n->type != PIC__N_SCALAR)
                        shape_error(r, "secrets", n, "the name of a field is expected here");
                else if (r->ops->secret != NULL && r->ops->secret(kind, name, n->text, n, r->ops->data, &err) < 0)
                        place_all(r, n, &err);
                if (err != NULL)
                        collect(r, err);
        }
}

static void read_field(struct reader *r, enum pic__kind kind, const char *name, const pic__node *n)
{
        pic__auto_buf pic__buf list = PIC__BUF_INIT;
        int i = pic__field_find(kind, n->key);
        const char *text = n->type == PIC__N_SCALAR ? n->text : NULL;
        const pic__field *f;
        pic_error *err = NULL;

        if (i < 0) {
                unknown_field(r, kind, n);
                return;
        }
        f = &pic__kinds[kind].fields[i];
        if (kind != PIC__CELL && (f->flags & PIC__F_NAME) != 0) {
                shape_error(r, f->name, n, "the name is the key above: it cannot be a field too");
                return;
        }
        if (n->type == PIC__N_MAP || (n->type == PIC__N_LIST && (f->flags & PIC__F_LIST) == 0)) {
                shape_error(r, f->name, n,
                            (f->flags & PIC__F_LIST) != 0 ? "a list or a text is expected here"
                                                          : "a text is expected here");
                return;
        }
        if (n->type == PIC__N_LIST) {
                if (join(r, kind, name, f, n, &list) < 0)
                        return;
                text = pic__buf_str(&list);
        }
        if (list.failed)
                pic__nomem(&err);
        else if (r->ops->field(kind, name, f->name, text, n, r->ops->data, &err) < 0)
                place_all(r, n, &err);
        if (err != NULL)
                collect(r, err);
}

static void read_object(struct reader *r, enum pic__kind kind, const char *name, const pic__node *n)
{
        const pic__node *field, *seen[PIC__FIELDS_MAX] = { NULL }; /* the first node of each field */
        pic_error *err = NULL;

        if (n->type != PIC__N_MAP && n->type != PIC__N_NULL) {
                shape_error(r, NULL, n, "a map of fields is expected here");
                return;
        }
        if (r->ops->object(kind, name, n, r->ops->data, &err) < 0) {
                pic__doc_place_key(r->doc, n, &err);
                collect(r, err);
                return;
        }
        for (field = n->first; field != NULL; field = field->next) {
                int i = pic__field_find(kind, field->key);

                if (i >= 0 && seen[i] != NULL) { /* "key_mode" and "key-mode" */
                        twice(r, pic__kinds[kind].fields[i].name, field, seen[i]);
                        continue;
                }
                if (i >= 0)
                        seen[i] = field;
                if ((kind == PIC__CONNECTION || kind == PIC__DOMAIN || kind == PIC__TARGET) &&
                    strcmp(field->key, "secrets") == 0)
                        read_secrets(r, kind, name, field);
                else
                        read_field(r, kind, name, field);
        }
}

static void read_objects(struct reader *r, enum pic__kind kind, const pic__node *section)
{
        PIC__AUTO(pic__map_free) pic__map names = PIC__MAP_INIT;
        PIC__AUTO(pic__arena_free) pic__arena arena = PIC__ARENA_INIT;
        const pic__node *object;
        pic_error *err = NULL;

        for (object = section->first; object != NULL; object = object->next) {
                size_t len = strlen(object->key);
                char *folded = pic__arena_dup(&arena, object->key, len);
                const pic__node *first;

                if (folded != NULL)
                        pic__fold(object->key, folded, len + 1);
                first = folded != NULL ? pic__map_get(&names, folded, len) : NULL;
                if (first != NULL) {
                        twice(r, "name", object, first);
                        continue;
                }
                if (folded == NULL || pic__map_set(&names, folded, len, (void *)(uintptr_t)object) < 0) {
                        pic__nomem(&err);
                        collect(r, err);
                        return;
                }
                read_object(r, kind, object->key, object);
        }
}

static void read_section(struct reader *r, enum pic__kind kind, const pic__node *n)
{
        pic_error *err = NULL;

        if (n->type != PIC__N_MAP && n->type != PIC__N_NULL) {
                shape_error(r, NULL, n, "a map is expected here");
                return;
        }
        if (r->ops->section != NULL && r->ops->section(kind, n, r->ops->data, &err) < 0) {
                pic__doc_place_key(r->doc, n, &err);
                collect(r, err);
                return;
        }
        if (kind == PIC__CELL) {
                read_object(r, kind, NULL, n);
                return;
        }
        read_objects(r, kind, n);
}

static void check_sections(struct reader *r, const pic__node *root)
{
        const pic__node *n;

        for (n = root->first; n != NULL && !is_full(r); n = n->next) {
                pic__auto_buf pic__buf shown = PIC__BUF_INIT;
                pic__near near = PIC__NEAR(n->key);
                pic_error *err = NULL;
                int kind, known = 0;

                for (kind = 0; kind < PIC__KINDS; kind++) {
                        pic__near_try(&near, section_name((enum pic__kind)kind));
                        known |= strcmp(n->key, section_name((enum pic__kind)kind)) == 0;
                }
                if (known)
                        continue;
                pic__buf_put_shown(&shown, n->key, 64);
                pic__fail(&err, PIC_SYNTAX, "a document has no section '%s'", pic__buf_str(&shown));
                pic__near_hint(&near, "a document has the sections cell, groups, peers, assertions and connections",
                               &err);
                pic__doc_place_key(r->doc, n, &err);
                collect(r, err);
        }
}

int pic__cellfile_read(const pic__doc *doc, const pic__cellfile_ops *ops, pic_error **err)
{
        const pic__node *root = pic__doc_root(doc);
        struct reader r = { doc, ops, NULL, 0 };
        int kind, code;

        if (root->type != PIC__N_MAP) {
                shape_error(&r, NULL, root, "a map with cell, groups, peers, assertions and connections is expected");
        } else {
                check_sections(&r, root);
                for (kind = 0; kind < PIC__KINDS; kind++) {
                        const pic__node *n = pic__node_get(root, section_name((enum pic__kind)kind));

                        if (n != NULL)
                                read_section(&r, (enum pic__kind)kind, n);
                }
        }
        code = pic_error_code(r.all);
        if (err != NULL && r.all != NULL)
                pic__err_append(err, r.all);
        else
                pic_error_free(r.all);
        return code;
}
