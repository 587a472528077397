/* Owns: references between objects: REF lists and the peer: and group: of grants. Names in references are lower case.
 */
#include <string.h>

#include "model/obj.h"
#include "model/text.h"

#define ITEM 160

int pic__list_has(const char *list, const char *item)
{
        char one[ITEM];

        while (pic__list_next(&list, one, sizeof(one)))
                if (pic__same_name(one, item))
                        return 1;
        return 0;
}

/* What an item of this field points at: the kind, with *ret_name inside `item`; -1 when it is no reference. */
static int points_at(const pic__field *f, const char *item, const char **ret_name)
{
        *ret_name = item;
        if (f->type == PIC__T_REF)
                return (int)f->ref;
        if (f->type != PIC__T_GRANT)
                return -1;
        if (strncmp(item, "peer:", 5) == 0) {
                *ret_name = item + 5;
                return PIC__PEER;
        }
        if (strncmp(item, "group:", 6) == 0) {
                *ret_name = item + 6;
                return PIC__GROUP;
        }
        return -1;
}

int pic__obj_refs(const pic_obj *o, int (*fn)(enum pic__kind kind, const char *name, const char *field, void *data),
                  void *data)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;

        for (i = 0; i < k->count; i++) {
                const char *at = o->vals[i].tag == PIC__V_TEXT ? o->vals[i].s : "";
                char item[ITEM];
                const char *name;

                if (k->fields[i].type != PIC__T_REF && k->fields[i].type != PIC__T_GRANT)
                        continue;
                while (pic__list_next(&at, item, sizeof(item))) {
                        int to = points_at(&k->fields[i], item, &name), r;

                        r = to >= 0 ? fn((enum pic__kind)to, name, k->fields[i].name, data) : 0;
                        if (r != 0)
                                return r;
                }
        }
        return 0;
}

/* The field's text with the name replaced; returns whether it was there. */
static int replaced(const pic__field *f, const char *at, enum pic__kind kind, const char *from, const char *to,
                    pic__buf *out)
{
        char item[ITEM];
        const char *name;
        int any = 0;

        while (pic__list_next(&at, item, sizeof(item))) {
                int hit = points_at(f, item, &name) == (int)kind && pic__same_name(name, from);

                if (out->len > 0)
                        pic__buf_putc(out, ',');
                pic__buf_put(out, item, hit ? (size_t)(name - item) : strlen(item));
                if (hit)
                        pic__buf_puts(out, to);
                any |= hit;
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

                if (o->vals[i].tag != PIC__V_TEXT || !replaced(&k->fields[i], o->vals[i].s, kind, from, to, &text))
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
