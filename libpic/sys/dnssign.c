/* Owns: reading the times of signatures. The name server says that an answer is bogus, and not why (its extended errors
 * are off, backend/dns/README.md): asked for it unchecked, it gives the signatures too. */
#include "sys/dnssign.h"

#define HEAD 12
#define RRSIG 46
#define TIMES 8 /* in a signature: type, algorithm, labels, TTL; then until when and from when on */

struct cursor {
        const uint8_t *m;
        size_t len, at;
};

struct seen {
        unsigned records, signatures, expired, early;
};

static unsigned two(const uint8_t *p)
{
        return (unsigned)p[0] << 8 | p[1];
}

static uint32_t four(const uint8_t *p)
{
        return (uint32_t)two(p) << 16 | two(p + 2);
}

/* 0, or -1: there is not as much. */
static int pass(struct cursor *c, size_t n)
{
        if (c->len - c->at < n)
                return -1;
        c->at += n;
        return 0;
}

static int pass_name(struct cursor *c)
{
        while (c->at < c->len) {
                unsigned n = c->m[c->at];

                if (n >= 0xc0)
                        return pass(c, 2);
                if (n > 63 || pass(c, 1 + n) < 0)
                        return -1;
                if (n == 0)
                        return 0;
        }
        return -1;
}

/* Times go round (RFC 1982): what is less than 68 years ahead is ahead. */
static void see_signature(const uint8_t *data, int64_t now, struct seen *s)
{
        uint32_t t = (uint32_t)now;

        s->signatures++;
        s->expired += (int32_t)(four(data + TIMES) - t) < 0 ? 1 : 0;
        s->early += (int32_t)(four(data + TIMES + 4) - t) > 0 ? 1 : 0;
}

static int pass_record(struct cursor *c, int64_t now, struct seen *s)
{
        const uint8_t *head;
        size_t len;

        if (pass_name(c) < 0)
                return -1;
        head = c->m + c->at;
        if (pass(c, 10) < 0)
                return -1;
        len = two(head + 8);
        if (pass(c, len) < 0)
                return -1;
        if (two(head) != RRSIG)
                s->records++;
        else if (len >= TIMES + 8)
                see_signature(head + 10, now, s);
        return 0;
}

int pic__dnssign_judge(const uint8_t *m, size_t len, int64_t now)
{
        struct cursor c = { m, len, HEAD };
        struct seen s = { 0, 0, 0, 0 };
        unsigned questions, answers, i;

        if (len < HEAD)
                return -1;
        questions = two(m + 4);
        answers = two(m + 6);
        for (i = 0; i < questions; i++)
                if (pass_name(&c) < 0 || pass(&c, 4) < 0)
                        return -1;
        for (i = 0; i < answers; i++)
                if (pass_record(&c, now, &s) < 0)
                        return -1;
        if (s.records == 0)
                return -1;
        if (s.signatures == 0)
                return 10;
        if (s.expired == s.signatures)
                return 7;
        return s.early == s.signatures ? 8 : 6;
}
