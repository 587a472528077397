/* Owns: references between objects: REF lists and the peer:, group: and service: of grants and rules. Names in
 * references are lower case. */
#include <string.h>

#include "model/obj.h"
#include "model/text.h"

#define ITEM 320 /* longer than any item of a list, and than a rule of an assertion */

int pic__list_has(const char *list, const char *item)
{
        char one[ITEM];

        while (pic__list_next(&list, one, sizeof(one)))
                if (pic__same_name(one, item))
                        return 1;
        return 0;
}

/* A name inside an item. */
struct ref {
        enum pic__kind kind;
        size_t at;
        size_t len;
};

/* "peer:NAME", "group:NAME", "service:NAME" at a place of the item, up to a blank. */
static size_t word_ref(const char *item, size_t at, struct ref *ret)
{
        static const struct {
                const char *word;
                enum pic__kind kind;
        } words[] = { { "peer:", PIC__PEER },
                      { "group:", PIC__GROUP },
                      { "service:", PIC__SERVICE },
                      { "via ", PIC__CONNECTION } };
        size_t i;

        for (i = 0; i < PIC__COUNT(words); i++) {
                size_t len = strlen(words[i].word);

                if (strncmp(item + at, words[i].word, len) != 0)
                        continue;
                *ret = (struct ref){ words[i].kind, at + len, strcspn(item + at + len, " ") };
                return 1;
        }
        return 0;
}

/* What an item of this field points at; how many. Canonical text: a rule is "never FROM -> TO",
 * and perhaps " via NAME". */
static size_t refs_in(const pic__field *f, const char *item, struct ref ret[3])
{
        const char *arrow;
        size_t n;

        if (f->type == PIC__T_REF && f->choices != NULL && pic__same_name(item, f->choices))
                return 0;
        if (f->type == PIC__T_REF) {
                ret[0] = (struct ref){ f->ref, 0, strlen(item) };
                return 1;
        }
        if (f->type == PIC__T_GRANT)
                return word_ref(item, 0, &ret[0]);
        arrow = f->type == PIC__T_RULE ? strstr(item, " -> ") : NULL;
        if (arrow == NULL)
                return 0;
        n = word_ref(item, strcspn(item, " ") + 1, &ret[0]);
        n += word_ref(item, (size_t)(arrow - item) + 4, &ret[n]);
        arrow = strstr(arrow, " via ");
        if (arrow != NULL && strcmp(arrow, " via direct") != 0)
                n += word_ref(item, (size_t)(arrow - item) + 1, &ret[n]);
        return n;
}

static int tell(const pic__field *f, const char *item,
                int (*fn)(enum pic__kind kind, const char *name, const char *field, void *data), void *data)
{
        struct ref refs[3];
        size_t count = refs_in(f, item, refs), i;
        char name[ITEM];

        for (i = 0; i < count; i++) {
                int r;

                memcpy(name, item + refs[i].at, refs[i].len);
                name[refs[i].len] = '\0';
                r = fn(refs[i].kind, name, f->name, data);
                if (r != 0)
                        return r;
        }
        return 0;
}

int pic__obj_refs(const pic_obj *o, int (*fn)(enum pic__kind kind, const char *name, const char *field, void *data),
                  void *data)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;

        for (i = 0; i < k->count; i++) {
                const char *at = o->vals[i].tag == PIC__V_TEXT ? o->vals[i].s : "";
                char item[ITEM];

                if (!pic__field_refers(&k->fields[i]))
                        continue;
                while (pic__list_next(&at, item, sizeof(item))) {
                        int r = tell(&k->fields[i], item, fn, data);

                        if (r != 0)
                                return r;
                }
        }
        return 0;
}

/* One item with the name replaced; returns whether it was there. */
static int replace_in(const pic__field *f, const char *item, enum pic__kind kind, const char *from, const char *to,
                      pic__buf *out)
{
        struct ref refs[3];
        size_t count = refs_in(f, item, refs), done = 0, i;
        char name[ITEM];
        int any = 0;

        for (i = 0; i < count; i++) {
                memcpy(name, item + refs[i].at, refs[i].len);
                name[refs[i].len] = '\0';
                if (refs[i].kind != kind || !pic__same_name(name, from))
                        continue;
                pic__buf_put(out, item + done, refs[i].at - done);
                pic__buf_puts(out, to);
                done = refs[i].at + refs[i].len;
                any = 1;
        }
        pic__buf_puts(out, item + done);
        return any;
}

/* The field's text with the name replaced; returns whether it was there. */
static int replaced(const pic__field *f, const char *at, enum pic__kind kind, const char *from, const char *to,
                    pic__buf *out)
{
        char item[ITEM];
        int any = 0;

        while (pic__list_next(&at, item, sizeof(item))) {
                if (out->len > 0)
                        pic__buf_putc(out, ',');
                any |= replace_in(f, item, kind, from, to, out);
        }
        return any;
}

int pic__obj_rename_ref(pic_obj *o, enum pic__kind kind, const char *from, const char *to, int *ret_changed,
                        pic_error **err)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;

        *ret_changed = 0;
        for (i = 0; i < k->count; i++) {
                pic__auto_buf pic__buf text = PIC__BUF_INIT;
                int r;

                if (o->vals[i].tag != PIC__V_TEXT || !pic__field_refers(&k->fields[i]) ||
                    !replaced(&k->fields[i], o->vals[i].s, kind, from, to, &text))
                        continue;
                if (text.failed)
                        return pic__nomem(err);
                r = pic__obj_set(o, k->fields[i].name, pic__buf_str(&text), 1, err);
                if (r < 0)
                        return r;
                *ret_changed = 1;
        }
        return 0;
}
