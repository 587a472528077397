/* What the tests of households share: keys in few words, and what is told as lines. */
#ifndef TEST_HOUSEHOLD_HELP_H
#define TEST_HOUSEHOLD_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "household/household.h"
#include "household/report.h"
#include "model/key.h"
#include "sys/crypto.h"

#define NOW ((int64_t)1800000000 * 1000000) /* 2027-01-15 */

static pic__household h;

static inline int begin(void **state)
{
        (void)state;
        pic__household_init(&h, NOW);
        return pic__crypto_start(NULL);
}

static inline int end(void **state)
{
        (void)state;
        assert_int_equal(h.failed, 0);
        pic__household_free(&h);
        return 0;
}

/* Private key number n, and its public half. Each call has a place of its own, for a few calls. */
static inline const char *key(uint8_t n)
{
        static char texts[16][PIC__KEY_TEXT];
        static size_t at;
        uint8_t bytes[32] = { 8 };

        bytes[1] = n;
        bytes[31] = 64;
        at = (at + 1) % 16;
        pic__key_encode(bytes, texts[at]);
        return texts[at];
}

static inline const char *pub(uint8_t n)
{
        static char texts[16][PIC__KEY_TEXT];
        static size_t at;
        uint8_t bytes[32] = { 8 }, public_key[32];

        bytes[1] = n;
        bytes[31] = 64;
        pic__wg_public(bytes, public_key);
        at = (at + 1) % 16;
        pic__key_encode(public_key, texts[at]);
        return texts[at];
}

/* "file:line: device: message" begins with `text`: told, and as this. */
static inline int told(enum pic__tale tale, const char *text)
{
        char line[1400];
        size_t i;

        for (i = 0; i < h.findings.count; i++) {
                const pic__finding *f = &h.findings.at[i];

                snprintf(line, sizeof(line), "%s:%u: %s: %s", f->at.file != NULL ? f->at.file : "", f->at.line,
                         f->device != NULL ? f->device : "", f->message);
                if (f->tale == tale && strncmp(line, text, strlen(text)) == 0)
                        return 1;
        }
        return 0;
}

static inline void print_all(void)
{
        size_t i;

        for (i = 0; i < h.findings.count; i++)
                print_message("%s %s:%u: %s: %s\n", pic__tale_word(h.findings.at[i].tale),
                              h.findings.at[i].at.file != NULL ? h.findings.at[i].at.file : "",
                              h.findings.at[i].at.line, h.findings.at[i].device != NULL ? h.findings.at[i].device : "",
                              h.findings.at[i].message);
}

#define assert_told(tale, text)                           \
        do {                                              \
                if (!told(PIC__TALE_##tale, text)) {      \
                        print_all();                      \
                        fail_msg("not told: %s", (text)); \
                }                                         \
        } while (0)

static inline pic__device *dev(size_t i)
{
        assert_true(i < h.devices.count);
        return h.devices.at[i];
}

static inline void is(const char *a, const char *b)
{
        if (b == NULL)
                assert_null(a);
        else
                assert_string_equal(a != NULL ? a : "(nothing)", b);
}

static inline void is_address(const pic__addr *a, const char *want)
{
        char text[PIC__ADDR_TEXT];

        if (want == NULL)
                assert_int_equal(a->family, 0);
        else
                assert_string_equal(a->family != 0 ? pic__addr_print(a, text) : "(none)", want);
}

/* No message, hint or name holds it. */
static inline void untold(const char *secret)
{
        size_t i;

        for (i = 0; i < h.findings.count; i++) {
                assert_null(strstr(h.findings.at[i].message, secret));
                if (h.findings.at[i].device != NULL)
                        assert_null(strstr(h.findings.at[i].device, secret));
        }
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

#endif
