/* Owns: a whole cell as a document, YAML or JSON, in the order of the field tables and of creation. */
#include <string.h>

#include "codec/cellfile.h"
#include "codec/yaml_out.h"

/* Whether a document names this field: what a person can set and would want again on another machine. */
static int is_written(const pic_obj *o, const pic__field *f)
{
        if ((f->flags & (PIC__F_SYSTEM | PIC__F_SECRET)) != 0)
                return 0;
        if ((f->flags & PIC__F_NAME) != 0)
                return o->kind == PIC__CELL;
        /* A key pair that the cell made goes with its sealed half, which is in no document. */
        if (o->kind == PIC__PEER && strcmp(f->name, "public_key") == 0)
                return strcmp(pic__obj_text(o, "key_mode"), "client") == 0;
        return 1;
}

static int style_of(const pic__field *f)
{
        return f->type == PIC__T_TEXT || f->type == PIC__T_NAME || f->type == PIC__T_REF || f->type == PIC__T_DOMAIN ||
                               f->type == PIC__T_IFNAME || f->type == PIC__T_SERVER || f->type == PIC__T_KEY ||
                               f->type == PIC__T_DNS
                       ? PIC__YAML_TEXT
                       : PIC__YAML_VALUE;
}

static int write_list(const pic__field *f, const char *text, pic__buf *out, pic_error **err)
{
        size_t room = strlen(text) + 1;
        pic__auto_free char *item = pic__alloc(room);
        const char *at = text, *comma = "";

        if (item == NULL)
                return pic__nomem(err);
        pic__buf_putc(out, '[');
        while (pic__list_next(&at, item, room)) {
                pic__buf_puts(out, comma);
                pic__yaml_put(out, item, style_of(f));
                comma = ", ";
        }
        pic__buf_puts(out, "]\n");
        return 0;
}

/* A secret that a person gives, and that is there: its name is told, so that whoever reads the document knows what is
 * missing in it. */
static int is_hidden(const pic_obj *o, size_t field)
{
        return (o->kind == PIC__CONNECTION || o->kind == PIC__DOMAIN || o->kind == PIC__TARGET) &&
               o->vals[field].tag != PIC__V_NONE &&
               (pic__kinds[o->kind].fields[field].flags & (PIC__F_SYSTEM | PIC__F_SECRET)) == PIC__F_SECRET;
}

static void write_hidden(const pic_obj *o, const char *indent, pic__buf *out)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        int count = 0;
        size_t i;

        for (i = 0; i < k->count; i++) {
                if (!is_hidden(o, i))
                        continue;
                if (count++ == 0)
                        pic__buf_putf(out, "%ssecrets: [%s", indent, k->fields[i].name);
                else
                        pic__buf_putf(out, ", %s", k->fields[i].name);
        }
        if (count > 0)
                pic__buf_puts(out, "]\n");
}

/* The fields of an object, each on a line; 0 or how many. */
static int write_fields(const pic_obj *o, const char *indent, pic__buf *out, pic_error **err)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        int count = 0, r;
        size_t i;

        for (i = 0; i < k->count; i++) {
                const pic__field *f = &k->fields[i];
                const pic__val *v = pic__obj_val(o, (int)i);
                pic__auto_free char *text = NULL;

                if (v->tag == PIC__V_NONE || !is_written(o, f))
                        continue;
                text = pic__field_print(f, v);
                if (text == NULL)
                        return pic__nomem(err);
                if (count++ == 0)
                        pic__buf_putc(out, '\n');
                pic__buf_putf(out, "%s%s: ", indent, f->name);
                if ((f->flags & PIC__F_LIST) != 0) {
                        r = write_list(f, text, out, err);
                        if (r < 0)
                                return r;
                        continue;
                }
                pic__yaml_put(out, text, style_of(f));
                pic__buf_putc(out, '\n');
        }
        if (count == 0)
                pic__buf_puts(out, " {}\n");
        write_hidden(o, indent, out);
        return 0;
}

static int write_section(const pic__snap *s, enum pic__kind kind, pic__buf *out, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0;
        int r;

        pic__buf_putf(out, "%s:", pic__kinds[kind].plural);
        pic__buf_puts(out, pic__snap_count(s, kind) == 0 ? " {}\n" : "\n");
        while ((o = pic__snap_next(s, kind, &at)) != NULL) {
                pic__buf_puts(out, "  ");
                pic__yaml_put(out, pic__obj_name(o), PIC__YAML_TEXT);
                pic__buf_putc(out, ':');
                r = write_fields(o, "    ", out, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int pic__cellfile_write(const pic__snap *s, pic__buf *out, pic_error **err)
{
        const pic_obj *cell = pic__snap_cell(s);
        int kind, r = 0;

        if (cell != NULL) {
                pic__buf_puts(out, "cell:");
                r = write_fields(cell, "  ", out, err);
        }
        for (kind = PIC__CELL + 1; kind < PIC__KINDS && r == 0; kind++)
                r = write_section(s, (enum pic__kind)kind, out, err);
        if (r == 0 && out->failed)
                r = pic__nomem(err);
        return r;
}

static void json_hidden(const pic_obj *o, pic__json *out)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        int count = 0;
        size_t i;

        for (i = 0; i < k->count; i++) {
                if (!is_hidden(o, i))
                        continue;
                if (count++ == 0) {
                        pic__json_key(out, "secrets");
                        pic__json_open(out, '[');
                }
                pic__json_str(out, k->fields[i].name);
        }
        if (count > 0)
                pic__json_close(out, ']');
}

static void json_fields(const pic_obj *o, pic__json *out)
{
        const pic__kind_info *k = &pic__kinds[o->kind];
        size_t i;

        pic__json_open(out, '{');
        for (i = 0; i < k->count; i++) {
                if (o->vals[i].tag == PIC__V_NONE || !is_written(o, &k->fields[i]))
                        continue;
                pic__json_key(out, k->fields[i].name);
                pic__val_json(&k->fields[i], &o->vals[i], out);
        }
        json_hidden(o, out);
        pic__json_close(out, '}');
}

void pic__cellfile_write_json(const pic__snap *s, pic__json *out)
{
        const pic_obj *o = pic__snap_cell(s);
        int kind;

        pic__json_open(out, '{');
        if (o != NULL) {
                pic__json_key(out, "cell");
                json_fields(o, out);
        }
        for (kind = PIC__CELL + 1; kind < PIC__KINDS; kind++) {
                size_t at = 0;

                pic__json_key(out, pic__kinds[kind].plural);
                pic__json_open(out, '{');
                while ((o = pic__snap_next(s, (enum pic__kind)kind, &at)) != NULL) {
                        pic__json_key(out, pic__obj_name(o));
                        json_fields(o, out);
                }
                pic__json_close(out, '}');
        }
        pic__json_close(out, '}');
}
