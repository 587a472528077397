/* Owns: reading questions, writing refusals. A blocked name "is not there" (NXDOMAIN), for all types at once: an
 * address that leads nowhere would not be nowhere, 0.0.0.0 is the asking machine itself for most programs. */
#include "sieve/msg.h"

#include <stdio.h>
#include <string.h>

#include "sieve/view.h"

#define HEAD 12
#define TYPE_OPT 41
#define TYPE_SOA 6
#define SIZE 1232     /* of answers over UDP, as we say */
#define EXPLAINED 15  /* the option, and "Blocked" in it has the same number */
#define RECORDS_MAX 4 /* looked through for the one that says EDNS */

static unsigned two(const uint8_t *m)
{
        return (unsigned)m[0] << 8 | m[1];
}

static void put_two(uint8_t *m, unsigned v)
{
        m[0] = (uint8_t)(v >> 8);
        m[1] = (uint8_t)v;
}

/* Behind a name that may be compressed; 0: it is none. */
static size_t pass_name(const uint8_t *m, size_t len, size_t at)
{
        while (at < len && m[at] != 0) {
                if (m[at] >= 0xc0)
                        return at + 2 <= len ? at + 2 : 0;
                if (m[at] > 63)
                        return 0;
                at += 1u + m[at];
        }
        return at < len ? at + 1 : 0;
}

static void find_edns(const uint8_t *m, size_t len, pic__sieve_question *q)
{
        unsigned records = two(m + 6) + two(m + 8) + two(m + 10), i;
        size_t at = q->end;

        for (i = 0; i < records && i < RECORDS_MAX; i++) {
                at = pass_name(m, len, at);
                if (at == 0 || at + 10 > len)
                        return;
                if (two(m + at) == TYPE_OPT) {
                        q->edns = 1;
                        q->dnssec = (m[at + 6] & 0x80) != 0;
                        return;
                }
                at += 10 + two(m + at + 8);
        }
}

int pic__sieve_ask_read(const uint8_t *m, size_t len, pic__sieve_question *ret)
{
        size_t end;

        ret->end = HEAD;
        ret->edns = ret->dnssec = 0;
        ret->type = ret->hide = 0;
        ret->name.count = 0;
        if (len < HEAD || (m[2] & 0x80) != 0)
                return -1;
        if ((m[2] & 0x78) != 0)
                return PIC__SIEVE_NOTIMP;
        end = two(m + 4) == 1 ? pic__sieve_name_wire(m, len, HEAD, &ret->name) : 0;
        if (end == 0 || end + 4 > len)
                return PIC__SIEVE_FORMERR;
        ret->end = end + 4;
        ret->type = two(m + end);
        find_edns(m, len, ret);
        return PIC__SIEVE_OK;
}

void pic__sieve_ask_text(const uint8_t *m, const pic__sieve_question *q, char *to, size_t size)
{
        size_t at = HEAD, used = 0;
        unsigned i;

        to[0] = '\0';
        while (at + 4 < q->end && m[at] != 0 && m[at] <= 63) {
                for (i = 1; i <= m[at] && used + 6 < size; i++) {
                        unsigned c = m[at + i];

                        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '_')
                                to[used++] = (char)c;
                        else
                                used += (size_t)snprintf(to + used, size - used, "\\%03u", c);
                }
                used += (size_t)snprintf(to + used, size - used, ".");
                at += 1u + m[at];
                if (used + 6 >= size)
                        return;
        }
        if (used == 0)
                snprintf(to, size, ".");
}

static size_t put_soa(uint8_t *at)
{
        static const char names[] = "\7blocked\7invalid\0\6nobody\7invalid"; /* each with its end */
        static const uint32_t numbers[] = { 1, 3600, 600, 604800, PIC__SIEVE_TTL };
        size_t n = 12, i;

        put_two(at, 0xc000 | HEAD); /* the name that was asked for */
        put_two(at + 2, TYPE_SOA);
        put_two(at + 4, 1);
        put_two(at + 6, 0);
        put_two(at + 8, PIC__SIEVE_TTL);
        memcpy(at + n, names, sizeof(names));
        n += sizeof(names);
        for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++, n += 4) {
                put_two(at + n, numbers[i] >> 16);
                put_two(at + n + 2, numbers[i] & 0xffff);
        }
        put_two(at + 10, (unsigned)(n - 12));
        return n;
}

static size_t put_opt(uint8_t *at, int dnssec, const char *said)
{
        size_t text = said != NULL ? strnlen(said, 64) : 0, n = 11;

        memset(at, 0, 11);
        put_two(at + 1, TYPE_OPT);
        put_two(at + 3, SIZE);
        at[7] = dnssec ? 0x80 : 0;
        if (said != NULL) {
                put_two(at + 9, (unsigned)(6 + text));
                put_two(at + 11, EXPLAINED);
                put_two(at + 13, (unsigned)(2 + text));
                put_two(at + 15, EXPLAINED);
                memcpy(at + 17, said, text);
                n += 6 + text;
        }
        return n;
}

size_t pic__sieve_answer(const uint8_t *m, const pic__sieve_question *q, int code, const char *said,
                         uint8_t out[PIC__SIEVE_ANSWER])
{
        size_t n = q->end;

        memcpy(out, m, n);
        out[2] = (uint8_t)(0x80 | (m[2] & 0x79)); /* an answer; what kind was asked, whether by recursion */
        out[3] = (uint8_t)(0x80 | (m[3] & 0x10) | code);
        put_two(out + 4, n > HEAD);
        memset(out + 6, 0, 6);
        if (said != NULL && n > HEAD) {
                put_two(out + 8, 1);
                n += put_soa(out + n);
        }
        if (q->edns) {
                put_two(out + 10, 1);
                n += put_opt(out + n, q->dnssec, said);
        }
        return n;
}

int pic__sieve_about(const uint8_t *m, size_t len, uint64_t number)
{
        pic__sieve_name n;

        if (len < HEAD || (m[2] & 0x80) == 0)
                return 0;
        if (two(m + 4) == 0)
                return 1;
        return pic__sieve_name_wire(m, len, HEAD, &n) != 0 && (n.count == 0 ? 0 : pic__sieve_number(&n)) == number;
}

static void hide_type(uint8_t *m, size_t len, size_t at)
{
        while (at < len && m[at] != 0 && m[at] <= 63)
                at += 1u + m[at];
        if (at + 1 < len && m[at] == 0)
                m[at + 1] ^= 0xff; /* types from 65280 on are nobody's */
}

/* An answer: there is such a name, but nothing of this type. */
static int has_nothing(const uint8_t *m)
{
        return (m[2] & 0x80) != 0 && (m[3] & 0x0f) == 0 && two(m + 6) == 0;
}

void pic__sieve_hide(uint8_t *m, size_t len, unsigned how)
{
        unsigned labels = how != PIC__SIEVE_AS_TYPE ? how & ~(unsigned)PIC__SIEVE_AS_NONE : 0;
        size_t at = HEAD, i;

        if (how == 0 || len < HEAD || two(m + 4) == 0)
                return;
        for (; at < len && m[at] != 0 && m[at] <= 63 && labels > 0; labels--) {
                for (i = at + 1; i <= at + m[at] && i < len; i++)
                        m[i] ^= 0x80;
                at += 1u + m[at];
        }
        if (how >= PIC__SIEVE_AS_TYPE)
                hide_type(m, len, at);
        if (how >= PIC__SIEVE_AS_NONE && has_nothing(m))
                m[3] |= PIC__SIEVE_NXDOMAIN;
}

size_t pic__sieve_proxy(int udp, size_t size, const uint8_t *from, const uint8_t *to, const uint16_t ports[2],
                        uint8_t out[PIC__SIEVE_PROXY])
{
        static const uint8_t sign[12] = "\r\n\r\n\0\r\nQUIT\n";

        memcpy(out, sign, sizeof(sign));
        out[12] = 0x21;
        out[13] = (uint8_t)((size == 4 ? 0x10 : 0x20) | (udp ? 2 : 1));
        put_two(out + 14, (unsigned)(2 * size + 4));
        memcpy(out + 16, from, size);
        memcpy(out + 16 + size, to, size);
        memcpy(out + 16 + 2 * size, ports, 4);
        return 16 + 2 * size + 4;
}
