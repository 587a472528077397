/* Block lists as anybody publishes them; the files of the filter with flipped bytes; what devices send to it. */
#include "fuzz.h"

#include "base/vec.h"
#include "sieve/msg.h"
#include "sieve/parse.h"
#include "sieve/rules.h"

typedef PIC__VEC(uint64_t) numbers;

static int hear(uint64_t key, void *data)
{
        return pic__vec_push((numbers *)data, key);
}

static void parse(const uint8_t *data, size_t size, size_t piece, enum pic__sieve_format format, numbers *heard,
                  pic__sieve_parse *p)
{
        size_t at;

        memset(p, 0, sizeof(*p));
        p->format = format;
        p->found = hear;
        p->data = heard;
        for (at = 0; at < size; at += piece)
                pic__sieve_parse_feed(p, (const char *)data + at, size - at < piece ? size - at : piece);
        pic__sieve_parse_end(p);
        must(p->names == heard->count && p->faults <= p->skipped && p->ended == 0);
}

/* In pieces of any size it is the same; and what is in the list is in the table. */
static void lists(const uint8_t *data, size_t size, unsigned how)
{
        enum pic__sieve_format format = (enum pic__sieve_format)(how % PIC__SIEVE_FORMATS);
        numbers one = PIC__VEC_INIT, two = PIC__VEC_INIT;
        pic__buf out = PIC__BUF_INIT;
        pic__sieve_parse p, q;
        pic__sieve_table t;
        size_t i;

        parse(data, size, 4096, format, &one, &p);
        parse(data, size, 1 + how % 13, format, &two, &q);
        must(p.names == q.names && p.lines == q.lines && p.skipped == q.skipped);
        if (one.count > 0) {
                pic__sieve_keys keys = { one.at, pic__sieve_keys_sort(one.at, one.count), 1 };

                must(pic__sieve_table_make(&keys, 1, &out) == 0 && pic__sieve_table_read(out.data, out.len, &t) == 0);
                for (i = 0; i < keys.count; i++) {
                        pic__sieve_name n = { .at = { one.at[i] & ~(uint64_t)PIC__SIEVE_HOW }, .count = 1 };

                        must(pic__sieve_table_find(&t, &n) == ((one.at[i] & PIC__SIEVE_SELF) != 0));
                }
        }
        pic__vec_free(&one);
        pic__vec_free(&two);
        pic__buf_free(&out);
}

static void tables(const uint8_t *data, size_t size)
{
        void *bytes = bytes_of(data, size);
        pic__sieve_name n = { .at = { 0x123456789abcdef0u, 4, 0xfffffffffffffffcu }, .count = 3 };
        pic__sieve_keys keys;
        pic__sieve_table t;

        if (pic__sieve_table_read(bytes, size, &t) == 0)
                (void)pic__sieve_table_find(&t, &n);
        (void)pic__sieve_keys_read(bytes, size, &keys);
        free(bytes);
}

static void rules(const uint8_t *data, size_t size)
{
        static const uint32_t ids[] = { 1, 3 };
        static const uint8_t place[16] = { 10, 1, 0, 2 };
        char *text = text_of(data, size);
        pic__sieve_rules *r = pic__sieve_rules_read(text, size, ids, 2);
        pic__sieve_name n = { .at = { 4 }, .count = 1 };

        if (r != NULL) {
                must(pic__sieve_rules_of(r, place, 4) < 4 && pic__sieve_rules_of(r, place, 16) < 4);
                must(pic__sieve_rules_left(r, &n, 3) <= 3);
                must(pic__sieve_rules_hide(r, place, 4, &n, 255) < 2 * PIC__SIEVE_AS_NONE);
        }
        pic__sieve_rules_free(r);
        free(text);
}

/* What is done to a question is taken back by doing it again, also where an answer was cut. */
static void hidden(uint8_t *m, size_t size, unsigned how)
{
        uint8_t *before = bytes_of(m, size);

        pic__sieve_hide(m, size, how);
        pic__sieve_hide(m, size, how);
        must(size == 0 || memcmp(before, m, size) == 0);
        free(before);
}

static void questions(const uint8_t *data, size_t size)
{
        uint8_t *m = bytes_of(data, size), out[PIC__SIEVE_ANSWER];
        pic__sieve_question q, again;
        int code = pic__sieve_ask_read(m, size, &q);

        must(code >= -1 && code <= PIC__SIEVE_NOTIMP);
        if (code >= 0) {
                size_t n = pic__sieve_answer(m, &q, code == 0 ? PIC__SIEVE_NXDOMAIN : code, code == 0 ? "a list" : NULL,
                                             out);

                must(q.end <= size && n >= q.end && n <= sizeof(out));
                must(pic__sieve_ask_read(out, n, &again) == -1); /* an answer is no question */
                must(pic__sieve_about(out, n, q.name.count > 0 ? pic__sieve_number(&q.name) : 0));
        }
        (void)pic__sieve_about(m, size, 4);
        hidden(m, size, 1);
        hidden(m, size, 3);
        hidden(m, size, PIC__SIEVE_AS_TYPE);
        if (code >= 0) /* in an answer it is more */
                hidden(m, size, 2 + PIC__SIEVE_AS_NONE);
        free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size < 1)
                return 0;
        switch (data[0] & 3) {
        case 0: lists(data + 1, size - 1, data[0] >> 2); break;
        case 1: tables(data + 1, size - 1); break;
        case 2: rules(data + 1, size - 1); break;
        default: questions(data + 1, size - 1); break;
        }
        return 0;
}
