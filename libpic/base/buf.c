/* Owns: growing text. Growth doubles; a text over PIC__BUF_MAX is a failure, not a larger text. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* realloc() would leave the old text behind. */
static char *move(const pic__buf *b, size_t room)
{
        char *moved = pic__alloc(room);

        if (moved == NULL || b->data == NULL)
                return moved;
        memcpy(moved, b->data, b->len);
        explicit_bzero(b->data, b->room);
        pic__free(b->data);
        return moved;
}

char *pic__buf_room(pic__buf *b, size_t len)
{
        size_t need = b->len + len + 1;
        size_t room = b->room != 0 ? b->room : 64;
        char *grown;

        if (b->failed)
                return NULL;
        if (len > PIC__BUF_MAX || need > PIC__BUF_MAX) {
                b->failed = 1;
                return NULL;
        }
        if (need <= b->room)
                return b->data + b->len;
        while (room < need)
                room *= 2;
        grown = b->secret ? move(b, room) : pic__realloc(b->data, room);
        if (grown == NULL) {
                b->failed = 1;
                return NULL;
        }
        b->data = grown;
        b->room = room;
        grown[b->len] = '\0'; /* who asks for room and has nothing to put there shows nobody what was there before */
        return grown + b->len;
}

void pic__buf_added(pic__buf *b, size_t len)
{
        b->len += len;
        b->data[b->len] = '\0';
}

void pic__buf_put(pic__buf *b, const void *data, size_t len)
{
        char *to = pic__buf_room(b, len);

        if (to == NULL)
                return;
        if (len > 0)
                memcpy(to, data, len);
        pic__buf_added(b, len);
}

void pic__buf_puts(pic__buf *b, const char *text)
{
        pic__buf_put(b, text, strlen(text));
}

void pic__buf_putc(pic__buf *b, char c)
{
        pic__buf_put(b, &c, 1);
}

static void put_again(pic__buf *b, size_t len, const char *fmt, va_list ap) PIC_PRINTF(3, 0);
static void put_again(pic__buf *b, size_t len, const char *fmt, va_list ap)
{
        char *to = pic__buf_room(b, len);

        if (to == NULL)
                return;
        (void)vsnprintf(to, len + 1, fmt, ap);
        pic__buf_added(b, len);
}

/* Most texts fit into the room that is there: then once is enough. */
void pic__buf_vputf(pic__buf *b, const char *fmt, va_list ap)
{
        size_t left = b->failed ? 0 : b->room - b->len;
        va_list again;
        int n;

        va_copy(again, ap);
        n = vsnprintf(left > 0 ? b->data + b->len : NULL, left, fmt, ap);
        if (n < 0) {
                b->failed = 1;
        } else if ((size_t)n < left) {
                b->len += (size_t)n;
        } else {
                if (left > 0) /* it was cut */
                        b->data[b->len] = '\0';
                put_again(b, (size_t)n, fmt, again);
        }
        va_end(again);
}

void pic__buf_putf(pic__buf *b, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        pic__buf_vputf(b, fmt, ap);
        va_end(ap);
}

/* C0, DEL, and C1 in two bytes: a terminal obeys all of them. */
static int is_control(const char *text, size_t len)
{
        const unsigned char *s = (const unsigned char *)text;

        return (len == 1 && (s[0] < 0x20 || s[0] == 0x7f)) || (len == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

void pic__buf_put_shown(pic__buf *b, const char *text, size_t max)
{
        size_t start = b->len;

        while (*text != '\0') {
                size_t n = pic__utf8_len(text);
                int hide = n == 0 || is_control(text, n);

                if (b->failed)
                        return;
                if (b->len - start + (hide ? 4 : n) > max) {
                        pic__buf_puts(b, "…");
                        return;
                }
                if (hide) { /* one byte; the second of a C1 control is malformed alone and goes the same way */
                        pic__buf_putf(b, "\\x%02x", (unsigned char)*text);
                        text++;
                } else {
                        pic__buf_put(b, text, n);
                        text += n;
                }
        }
}

void pic__buf_clear(pic__buf *b)
{
        b->len = 0;
        b->failed = 0;
        if (b->data != NULL)
                b->data[0] = '\0';
}

const char *pic__buf_str(const pic__buf *b)
{
        return b->data != NULL ? b->data : "";
}

char *pic__buf_steal(pic__buf *b)
{
        char *text = NULL;

        if (!b->failed && b->data == NULL)
                pic__buf_puts(b, "");
        if (!b->failed)
                text = pic__take(b->data);
        pic__buf_free(b);
        return text;
}

void pic__buf_free(pic__buf *b)
{
        pic__free(b->data);
        *b = (pic__buf){ .secret = b->secret };
}

void pic__buf_wipe(pic__buf *b)
{
        if (b->data != NULL)
                explicit_bzero(b->data, b->room);
        pic__buf_free(b);
}
