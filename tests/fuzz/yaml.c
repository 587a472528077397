/* Any bytes as YAML: no crash, an error has a place; what is a cell is written and read again, and then written the
 * same. */
#include "fuzz.h"

#include "codec/cellfile.h"

struct build {
        pic__snap *snap;
        pic_obj *now;
        pic_id id;
};

static void flush(struct build *b)
{
        if (b->now != NULL && pic__obj_has(b->now, "name"))
                must(pic__snap_put(b->snap, b->now, NULL) == 0);
        b->now = pic__obj_unref(b->now);
}

static int on_object(enum pic__kind kind, const char *name, const pic__node *at, void *data, pic_error **err)
{
        struct build *b = data;

        must(at != NULL);
        flush(b);
        must(pic__obj_new(kind, &b->now, NULL) == 0);
        b->now->id = ++b->id;
        return name != NULL ? pic__obj_set(b->now, "name", name, 0, err) : 0;
}

static int on_field(enum pic__kind kind, const char *name, const char *field, const char *text, const pic__node *at,
                    void *data, pic_error **err)
{
        struct build *b = data;

        (void)name;
        must(at->line > 0 && at->column > 0);
        /* A secret that is given is not written again, only its name. */
        if ((pic__kinds[kind].fields[pic__field_find(kind, field)].flags & PIC__F_SECRET) != 0)
                return 0;
        return pic__obj_set(b->now, field, text, 0, err);
}

static int on_secret(enum pic__kind kind, const char *name, const char *field, const pic__node *at, void *data,
                     pic_error **err)
{
        (void)name;
        (void)data;
        must(kind == PIC__CONNECTION && field != NULL && at->line > 0);
        return pic__field_find(kind, field) < 0 ? pic__fail(err, PIC_VALUE, "secrets: no field") : 0;
}

/* 1 when it is a cell; then its canonical form is in `out`. */
static int load(const char *text, size_t len, pic__buf *out)
{
        struct build b = { NULL, NULL, 0 };
        const pic__cellfile_ops ops = { .object = on_object, .field = on_field, .secret = on_secret, .data = &b };
        pic_error *err = NULL;
        pic__doc *d = NULL;
        int r;

        r = pic__doc_yaml(text, len, "f", &d, &err);
        must(r == 0 || (r == PIC_SYNTAX && strncmp(pic_error_message(err), "f:", 2) == 0));
        if (r == 0) {
                must(pic__snap_new(&b.snap, NULL) == 0);
                r = pic__cellfile_read(d, &ops, &err);
                must(r == pic_error_code(err));
                flush(&b);
                if (r == 0)
                        must(pic__cellfile_write(b.snap, out, NULL) == 0);
                pic__snap_unref(b.snap);
        }
        pic_error_free(err);
        pic__doc_unref(d);
        return r == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;

        if (load((const char *)data, size, &one)) {
                must(load(pic__buf_str(&one), one.len, &two));
                must(strcmp(pic__buf_str(&one), pic__buf_str(&two)) == 0);
        }
        pic__buf_free(&one);
        pic__buf_free(&two);
        return 0;
}
