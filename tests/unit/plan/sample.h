/* Small worlds for the tests of plan: objects from "field=value" texts, snapshots, bags as text. */
#ifndef PIC_TESTS_PLAN_SAMPLE_H
#define PIC_TESTS_PLAN_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/key.h"
#include "model/snap.h"
#include "plan/derive.h"

#define OBJ_AUTO PIC__AUTO(pic__obj_unref_p) pic_obj *
#define SNAP_AUTO PIC__AUTO(pic__snap_unref_p) pic__snap *

static inline void sample_set(pic_obj *o, const char *field, const char *value)
{
        pic_error *err = NULL;

        if (pic__obj_set(o, field, value, 1, &err) < 0)
                fail_msg("%s=%s: %s", field, value, pic_error_message(err));
}

/* Of what is random: how many are tried. A sanitizer makes each ten times as slow: every fifth. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SAMPLE_ROUNDS(n) ((n) / 5)
#else
#define SAMPLE_ROUNDS(n) (n)
#endif

/* "name=anna address4=10.1.0.2 access=internet,lan", separated by spaces */
static inline pic_obj *sample_obj(enum pic__kind kind, pic_id id, const char *fields)
{
        pic_obj *o = NULL;
        char text[1024], *field, *save = NULL;

        assert_int_equal(pic__obj_new(kind, &o, NULL), 0);
        o->id = id;
        snprintf(text, sizeof(text), "%s", fields);
        for (field = strtok_r(text, " ", &save); field != NULL; field = strtok_r(NULL, " ", &save)) {
                char *value = strchr(field, '=');

                assert_non_null(value);
                *value++ = '\0';
                sample_set(o, field, value);
        }
        return o;
}

/* A key that nobody has, one for each number. */
static inline const char *sample_key(uint64_t n, char text[PIC__KEY_TEXT])
{
        uint8_t key[32] = { 0 };
        int i;

        for (i = 0; i < 32; i++) {
                n = n * 6364136223846793005u + 1442695040888963407u;
                key[i] = (uint8_t)(n >> 40);
        }
        pic__key_encode(key, text);
        return text;
}

static inline void sample_put(pic__snap *s, enum pic__kind kind, pic_id id, const char *fields)
{
        OBJ_AUTO o = sample_obj(kind, id, fields);
        pic_error *err = NULL;
        char key[PIC__KEY_TEXT];

        if (kind == PIC__PEER && !pic__obj_has(o, "public_key"))
                sample_set(o, "public_key", sample_key((uint64_t)id, key));
        if (pic__snap_put(s, o, &err) < 0)
                fail_msg("put %s: %s", fields, pic_error_message(err));
}

#define SAMPLE_CELL                                                                                            \
        "name=home domain=internal net4=10.1.0.0/16 net6=fd12:3456:789a::/48 endpoint=cell.example.org:51820 " \
        "public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw= "                                             \
        "private_key=c2VhbGVkIHNlYWxlZCBzZWFsZWQgc2VhbGVkIHNlYWxlZCBzZWFsZWQ="

static inline pic__snap *sample_snap(void)
{
        pic__snap *s = NULL;

        assert_int_equal(pic__snap_new(&s, NULL), 0);
        sample_put(s, PIC__CELL, 1, SAMPLE_CELL);
        return s;
}

/* The networks that the machine is attached to, one a line. */
static inline void sample_attach(pic__snap *s, const char *nets)
{
        pic__auto_attached pic__attached a = PIC__VEC_INIT;

        assert_int_equal(pic__attached_parse(&a, nets, NULL), 0);
        pic__snap_attach(s, &a);
}

/* The year 2027. */
#define SAMPLE_NOW (1800000000 * (pic_time)1000000)

static inline void sample_now(pic__snap *s, pic_time now)
{
        pic_id *ids = NULL;
        size_t count = 0;

        assert_int_equal(pic__snap_now(s, now, &ids, &count, NULL), 0);
        pic__free(ids);
}

static inline void sample_derive(const pic__snap *s, pic__items *bag)
{
        pic_error *err = NULL;

        if (pic__derive_all(s, NULL, bag, &err) < 0)
                fail_msg("derive: %s", pic_error_message(err));
        pic__items_sort(bag);
}

static inline const char *sample_value(const pic__items *bag, enum pic__item_kind kind, const char *key)
{
        const pic__item *item = pic__items_find(bag, kind, key);

        return item != NULL ? item->value : NULL;
}

static inline size_t sample_count(const pic__items *bag, enum pic__item_kind kind)
{
        size_t i, n = 0;

        for (i = 0; i < bag->count; i++)
                n += bag->at[i].kind == kind;
        return n;
}

/* "nft.peer4 | 10.1.0.2 | 0x00230000 | peer anna": one line an item */
static inline void sample_print(const pic__items *bag, pic__buf *out)
{
        size_t i;

        for (i = 0; i < bag->count; i++) {
                const pic__item *item = &bag->at[i];

                pic__buf_putf(out, "%s | %s | %s | %s%s\n", pic__item_kinds[item->kind].name, item->key, item->value,
                              item->why != NULL ? item->why : "-", item->secret != NULL ? " | (secret)" : "");
        }
}

/* Against tests/golden/plan/<name>.txt; PIC_TEST_REGENERATE=1 writes it. */
static inline void sample_golden(const char *name, const pic__buf *text)
{
        char path[512];
        pic__auto_buf pic__buf want = PIC__BUF_INIT;
        FILE *f;
        int c;

        snprintf(path, sizeof(path), "%s/golden/plan/%s.txt", PIC_TEST_DATA, name);
        if (getenv("PIC_TEST_REGENERATE") != NULL) {
                f = fopen(path, "w");
                assert_non_null(f);
                assert_int_equal(fwrite(text->data, 1, text->len, f), text->len);
                assert_int_equal(fclose(f), 0);
                return;
        }
        f = fopen(path, "r");
        if (f == NULL)
                fail_msg("%s is missing: PIC_TEST_REGENERATE=1 makes it", path);
        while ((c = fgetc(f)) != EOF)
                pic__buf_putc(&want, (char)c);
        fclose(f);
        assert_string_equal(pic__buf_str(text), pic__buf_str(&want));
}

/* Random numbers that are the same each time. */
static inline uint64_t sample_random(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

/* Runs `fn` with the first, second, … allocation failing until it makes fewer. It answers 0 or PIC_NOMEM and leaves
 * nothing behind. */
static inline void sample_nomem(int (*fn)(void *data), void *data)
{
        unsigned long n = 0, made;
        int r;

        do {
                (void)pic__mem_fail_at(++n);
                r = fn(data);
                made = pic__mem_fail_at(0);
                if (r != 0)
                        assert_int_equal(r, PIC_NOMEM);
        } while (made >= n);
        assert_int_equal(r, 0);
        assert_true(n > 1);
}

#endif
