/* Owns: the bytes of a probe's question and answer. What comes back was made by somebody far away: every length is
 * looked at before it is believed, and names are only stepped over, never followed. */
#include "engine/exits_query.h"

#include <string.h>

#include "model/net.h"

#define HEADER 12
#define LABEL_MAX 63
#define NAME_MAX_BYTES 255
#define POINTER 0xc0

static uint16_t get16(const uint8_t *at)
{
        return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t value)
{
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
}

/* The name in wire form; its length, 0 when it is none. */
static size_t put_name(const char *name, uint8_t *out)
{
        size_t n = 0;

        if (strcmp(name, ".") == 0)
                name++;
        while (*name != '\0') {
                size_t label = strcspn(name, ".");

                if (label == 0 || label > LABEL_MAX || n + label + 2 > NAME_MAX_BYTES)
                        return 0;
                out[n] = (uint8_t)label;
                memcpy(out + n + 1, name, label);
                n += label + 1;
                name += label;
                if (*name == '.' && *++name == '\0')
                        return 0;
        }
        out[n] = 0;
        return n + 1;
}

/* Behind the header: name, type, class. */
static size_t put_question(const pic__question *q, uint8_t *out)
{
        size_t n = put_name(q->name, out);

        if (n == 0)
                return 0;
        put16(out + n, q->type);
        put16(out + n + 2, q->class_);
        return n + 4;
}

size_t pic__query_write(const pic__question *q, uint16_t id, uint8_t out[PIC__QUERY_MAX])
{
        size_t n = put_question(q, out + HEADER);

        if (n == 0)
                return 0;
        memset(out, 0, HEADER);
        put16(out, id);
        out[2] = 0x01; /* recursion desired */
        put16(out + 4, 1);
        return HEADER + n;
}

int pic__query_id(const uint8_t *msg, size_t len)
{
        return len >= HEADER ? get16(msg) : -1;
}

/* Letters may come back in another case. */
static int same_question(const uint8_t *a, const uint8_t *b, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++) {
                uint8_t x = a[i], y = b[i];

                x = x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
                y = y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
                if (x != y)
                        return 0;
        }
        return 1;
}

/* Past a name; 0 when it runs out. */
static size_t skip_name(const uint8_t *msg, size_t len, size_t at)
{
        while (at < len) {
                if ((msg[at] & POINTER) == POINTER)
                        return at + 2 <= len ? at + 2 : 0;
                if (msg[at] > LABEL_MAX)
                        return 0;
                if (msg[at] == 0)
                        return at + 1;
                at += (size_t)msg[at] + 1;
        }
        return 0;
}

static void put_address(const uint8_t *data, size_t len, char *text)
{
        pic__addr a = { .family = len == 4 ? 4 : 6, .bytes = { 0 } };

        if (len != 4 && len != 16)
                return;
        memcpy(a.bytes, data, len);
        (void)pic__addr_print(&a, text);
}

/* The first string of a TXT. */
static void put_txt(const uint8_t *data, size_t len, char *text)
{
        size_t i, n = len > 0 ? data[0] : 0;

        if (n + 1 > len)
                n = 0;
        for (i = 0; i < n; i++)
                text[i] = data[i + 1] > ' ' && data[i + 1] < 0x7f ? (char)data[i + 1] : '?';
        text[n] = '\0';
}

/* The first record of the type asked for, among `count` from `at` on. */
static void find_record(const pic__question *q, const uint8_t *msg, size_t len, size_t at, char *text)
{
        unsigned count = get16(msg + 6);

        while (count-- > 0) {
                size_t size;

                at = skip_name(msg, len, at);
                if (at == 0 || len - at < 10)
                        return;
                size = get16(msg + at + 8);
                if (len - at - 10 < size)
                        return;
                if (get16(msg + at) == q->type) {
                        if (q->type == PIC__QUERY_TXT)
                                put_txt(msg + at + 10, size, text);
                        else
                                put_address(msg + at + 10, size, text);
                        return;
                }
                at += 10 + size;
        }
}

int pic__query_read(const pic__question *q, const uint8_t *msg, size_t len, char text[PIC__QUERY_TEXT])
{
        uint8_t asked[PIC__QUERY_MAX];
        size_t n = put_question(q, asked);
        int code;

        if (text != NULL)
                text[0] = '\0';
        if (len < HEADER || (msg[2] & 0x80) == 0)
                return -1;
        code = msg[3] & 0x0f;
        if (get16(msg + 4) == 0 && code != 0)
                return code; /* who cannot read a question does not repeat it */
        if (get16(msg + 4) != 1 || n == 0 || len - HEADER < n || !same_question(asked, msg + HEADER, n))
                return -1;
        if (text != NULL)
                find_record(q, msg, len, HEADER + n, text);
        return code;
}
