/* Owns: the making of a tree and its limits. Texts live in the document's arena. */
#include "codec/build.h"

#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

void pic__place_put(pic_error **err, const char *name, pic__place at)
{
        pic__detail(err, "file", name);
        if (at.line != 0) {
                pic__detail_int(err, "line", at.line);
                pic__detail_int(err, "column", at.column);
        }
}

int pic__build_fail(const pic__build *b, pic__place at, pic_error **err, const char *fmt, ...)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        va_list ap;
        int r;

        va_start(ap, fmt);
        pic__buf_vputf(&text, fmt, ap);
        va_end(ap);
        if (text.failed)
                return pic__nomem(err);
        if (at.line != 0)
                r = pic__fail(err, PIC_SYNTAX, "%s:%u:%u: %s", b->doc->name, at.line, at.column, pic__buf_str(&text));
        else
                r = pic__fail(err, PIC_SYNTAX, "%s: %s", b->doc->name, pic__buf_str(&text));
        pic__place_put(err, b->doc->name, at);
        return r;
}

int pic__build_start(pic__build *b, const char *name, size_t len, pic_error **err)
{
        memset(b, 0, sizeof(*b));
        b->doc = pic__alloc(sizeof(*b->doc));
        if (b->doc == NULL)
                return pic__nomem(err);
        b->doc->name = pic__arena_dup(&b->doc->arena, name, strlen(name));
        if (b->doc->name == NULL)
                return pic__nomem(err);
        if (len > PIC__DOC_TEXT)
                return pic__build_fail(b, (pic__place){ 0, 0 }, err, "the document is longer than %u MiB",
                                       (unsigned)(PIC__DOC_TEXT >> 20));
        return 0;
}

int pic__build_wants_key(const pic__build *b)
{
        return b->depth > 0 && b->level[b->depth - 1].node->type == PIC__N_MAP && b->key == NULL;
}

int pic__build_key(pic__build *b, const char *text, size_t len, pic__place at, pic_error **err)
{
        struct pic__build_level *top = &b->level[b->depth - 1];
        const pic__node *first = pic__map_get(&top->keys, text, len);

        if (memchr(text, '\0', len) != NULL)
                return pic__build_fail(b, at, err, "a key holds a NUL character");
        if (first != NULL) {
                pic__auto_buf pic__buf shown = PIC__BUF_INIT;

                pic__buf_put_shown(&shown, first->key, 100);
                return pic__build_fail(b, at, err, "the key '%s' is there already, in line %u", pic__buf_str(&shown),
                                       first->key_line);
        }
        b->key = pic__arena_dup(&b->doc->arena, text, len);
        if (b->key == NULL)
                return pic__nomem(err);
        b->key_place = at;
        return 0;
}

/* Hangs a new node into what is open. */
static int add(pic__build *b, enum pic__node_type type, pic__place at, pic__node **ret, pic_error **err)
{
        struct pic__build_level *top = b->depth > 0 ? &b->level[b->depth - 1] : NULL;
        pic__node *n;

        if (++b->doc->nodes > PIC__DOC_NODES)
                return pic__build_fail(b, at, err, "the document has more than %d values", PIC__DOC_NODES);
        n = pic__arena_alloc(&b->doc->arena, sizeof(*n));
        if (n == NULL)
                return pic__nomem(err);
        n->type = type;
        n->line = at.line;
        n->column = at.column;
        if (b->key != NULL) {
                n->key = pic__take(b->key);
                n->key_line = b->key_place.line;
                n->key_column = b->key_place.column;
                if (pic__map_set(&top->keys, n->key, strlen(n->key), n) < 0)
                        return pic__nomem(err);
        }
        if (top == NULL) {
                b->doc->root = n;
        } else {
                if (top->last != NULL)
                        top->last->next = n;
                else
                        top->node->first = n;
                top->last = n;
                top->node->count++;
        }
        *ret = n;
        return 0;
}

int pic__build_scalar(pic__build *b, const char *text, size_t len, int quoted, pic__place at, pic_error **err)
{
        pic__node *n;
        int r;

        if (memchr(text, '\0', len) != NULL)
                return pic__build_fail(b, at, err, "a value holds a NUL character");
        r = add(b, PIC__N_SCALAR, at, &n, err);
        if (r < 0)
                return r;
        n->quoted = quoted;
        n->text = pic__arena_dup(&b->doc->arena, text, len);
        return n->text != NULL ? 0 : pic__nomem(err);
}

int pic__build_null(pic__build *b, pic__place at, pic_error **err)
{
        pic__node *n;

        return add(b, PIC__N_NULL, at, &n, err);
}

int pic__build_open(pic__build *b, enum pic__node_type type, pic__place at, pic_error **err)
{
        pic__node *n;
        int r;

        if (b->depth == PIC__DOC_DEPTH)
                return pic__build_fail(b, at, err, "deeper than %d levels", PIC__DOC_DEPTH);
        r = add(b, type, at, &n, err);
        if (r < 0)
                return r;
        b->level[b->depth++] = (struct pic__build_level){ .node = n };
        return 0;
}

void pic__build_close(pic__build *b)
{
        pic__map_free(&b->level[--b->depth].keys);
}

int pic__build_finish(pic__build *b, pic__doc **ret, pic_error **err)
{
        if (b->doc->root == NULL)
                return pic__build_fail(b, (pic__place){ 1, 1 }, err, "the document is empty");
        *ret = pic__take(b->doc);
        return 0;
}

void pic__build_free(pic__build *b)
{
        while (b->depth > 0)
                pic__build_close(b);
        b->doc = pic__doc_unref(b->doc);
}

pic__place pic__place_of(const char *text, size_t len, size_t offset)
{
        pic__place at = { 1, 1 };
        size_t i;

        for (i = 0; i < offset && i < len; i++) {
                if (text[i] == '\n') {
                        at.line++;
                        at.column = 1;
                } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
                        at.column++;
                }
        }
        return at;
}

int pic__build_check_text(const pic__build *b, const char *text, size_t len, pic_error **err)
{
        size_t good = pic__utf8_span(text, len);

        if (good == len)
                return 0;
        return pic__build_fail(b, pic__place_of(text, len, good), err,
                               text[good] == '\0' ? "a NUL byte" : "not valid UTF-8");
}
