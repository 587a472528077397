/* Owns: from a person's text to a field's value: one item, or a list of them, and the error that says what is wrong. */
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "model/field.h"
#include "model/grant.h"
#include "model/parse.h"
#include "model/record.h"
#include "model/text.h"

#define WRONG_ITEMS 20 /* of one list are told */

/* One item of a list while it is parsed. */
struct item {
        char *text; /* canonical */
        pic__grant grant;
};

typedef PIC__VEC(struct item) items_vec;

static void free_items(items_vec *v)
{
        size_t i;

        for (i = 0; i < v->count; i++)
                pic__free(v->at[i].text);
        pic__vec_free(v);
}

static int refuse(const pic__field *f, const char *value, const char *rule, pic_error **err)
{
        return pic__fail_value(err, NULL, f->name, (f->flags & PIC__F_SECRET) != 0 ? NULL : value, rule);
}

/* The error of one item. `rule` empty: the field's general rule, in words. */
static int refuse_item(const pic__field *f, const char *value, const char *rule, pic_error **err)
{
        char text[PIC__RULE_TEXT + 16] = "must be ";
        pic__field one = *f;

        if (rule[0] != '\0')
                return refuse(f, value, rule, err);
        if ((one.flags & PIC__F_LIST) != 0 && one.type == PIC__T_TEXT)
                one.max = PIC__ITEM_MAX;
        one.flags &= ~(unsigned)PIC__F_LIST;
        pic__field_rule(&one, text + strlen(text), PIC__RULE_TEXT);
        return refuse(f, value, text, err);
}

static int parse_one(const pic__field *f, const char *text, pic__val *ret, pic_error **err)
{
        char rule[PIC__RULE_TEXT] = "";
        int r = pic__parse_table[f->type](f, text, ret, rule);

        if (r == PIC_NOMEM)
                return pic__nomem(err);
        return r < 0 ? refuse_item(f, text, rule, err) : 0;
}

/* Order of a list: grants by kind and address, names by letters, others as they were written. */
static int item_cmp(const pic__field *f, const struct item *a, const struct item *b)
{
        if (f->type == PIC__T_GRANT)
                return pic__grant_cmp(&a->grant, &b->grant);
        return strcmp(a->text, b->text);
}

/* Puts an item (taken) where it belongs, unless it is there already. */
static int place(const pic__field *f, items_vec *v, struct item new, pic_error **err)
{
        int sorted = f->type == PIC__T_GRANT || (f->type == PIC__T_REF && (f->flags & PIC__F_ORDERED) == 0);
        size_t i, at = v->count;

        for (i = v->count; i > 0; i--) {
                int c = item_cmp(f, &new, &v->at[i - 1]);

                if (c == 0) {
                        pic__free(new.text);
                        return 0;
                }
                if (sorted && c < 0)
                        at = i - 1;
        }
        if (v->count >= (size_t)f->max) {
                char rule[PIC__RULE_TEXT + 32] = "is one too many: ";
                int r;

                pic__field_rule(f, rule + strlen(rule), PIC__RULE_TEXT);
                r = refuse(f, new.text, rule, err);
                pic__free(new.text);
                return r;
        }
        if (pic__vec_push(v, new) < 0) {
                pic__free(new.text);
                return pic__nomem(err);
        }
        memmove(v->at + at + 1, v->at + at, (v->count - 1 - at) * sizeof(new));
        v->at[at] = new;
        return 0;
}

/* One item between commas: trimmed, parsed, placed. */
static int add_item(const pic__field *f, items_vec *v, const char *start, const char *end, pic_error **err)
{
        pic__auto_free char *text = NULL;
        struct item new = { 0 };
        pic__val val = PIC__VAL_NONE;
        const char *rule;
        int r;

        while (start < end && pic__is_space(*start))
                start++;
        while (end > start && pic__is_space(end[-1]))
                end--;
        if (start == end)
                return refuse(f, "", "has an empty item: two commas in a row, or one at an end", err);
        text = pic__strndup(start, (size_t)(end - start));
        if (text == NULL)
                return pic__nomem(err);
        r = parse_one(f, text, &val, err);
        if (r < 0)
                return r;
        new.text = val.s; /* types that may be in a list are all kept as text */
        if (f->type == PIC__T_GRANT)
                (void)pic__grant_parse(new.text, &new.grant, &rule);
        return place(f, v, new, err);
}

static int join(const items_vec *v, pic__val *ret, pic_error **err)
{
        pic__buf b = PIC__BUF_INIT;
        size_t i;
        char *text;

        for (i = 0; i < v->count; i++) {
                if (i > 0)
                        pic__buf_putc(&b, ',');
                pic__buf_puts(&b, v->at[i].text);
        }
        text = pic__buf_steal(&b);
        if (text == NULL)
                return pic__nomem(err);
        ret->tag = PIC__V_TEXT;
        ret->s = text;
        return 0;
}

/* All that is wrong is told, each item for itself; of those that are too many only the first. */
static int parse_list(const pic__field *f, const char *text, pic__val *ret, pic_error **err)
{
        PIC__AUTO(free_items) items_vec v = PIC__VEC_INIT;
        pic__auto_err pic_error *list = NULL;
        size_t wrong = 0;
        const char *end;
        int code;

        if (text[strspn(text, " \t\n\v\f\r")] == '\0')
                return join(&v, ret, err);
        do {
                pic_error *bad = NULL;

                end = f->type == PIC__T_DNS ? pic__rdata_end(f->choices, text) : text + strcspn(text, ",");
                if (add_item(f, &v, text, end, &bad) < 0)
                        pic__err_append(&list, bad);
                wrong += bad != NULL;
                text = end + 1;
        } while (*end == ',' && wrong < WRONG_ITEMS && !(wrong > 0 && v.count == (size_t)f->max));
        if (list == NULL)
                return join(&v, ret, err);
        code = pic_error_code(list);
        if (err != NULL)
                *err = pic__take(list);
        return code;
}

int pic__field_parse(const pic__field *f, const char *text, pic__val *ret, pic_error **err)
{
        pic__val v = PIC__VAL_NONE;
        int r;

        if ((f->flags & PIC__F_LIST) != 0)
                r = parse_list(f, text, &v, err);
        else if (text[0] == '\0' && (f->flags & PIC__F_REQUIRED) != 0)
                r = refuse(f, NULL, "must not be empty", err);
        else if (text[0] == '\0')
                r = 0;
        else
                r = parse_one(f, text, &v, err);
        if (r == PIC_VALUE && f->hint != NULL)
                pic__hint(err, "%s", f->hint);
        if (r == 0)
                *ret = v;
        return r;
}
