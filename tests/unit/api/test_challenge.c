/* Shows: a challenge counts once, for a while, for what it was made for and for who has its state; and that there is
 * a bound to what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/challenge.h"

static const pic__challenge_for login = { 0, "http://localhost:3000" };

static void once(void **state)
{
        const pic__challenge_for other_page = { 0, "http://localhost:3001" }, session = { 7, "http://localhost:3000" };
        char st[PIC__CHALLENGE_STATE], text[PIC__CHALLENGE_TEXT], st2[PIC__CHALLENGE_STATE], text2[PIC__CHALLENGE_TEXT];
        pic__challenges *c = NULL, *d = NULL;
        pic_time now = 1000;

        (void)state;
        assert_int_equal(pic__challenges_new(&c, NULL), 0);
        assert_int_equal(pic__challenges_new(&d, NULL), 0);
        pic__challenge_new(c, &login, now, st, text);
        pic__challenge_new(c, &login, now, st2, text2);
        assert_int_equal(strlen(st), PIC__CHALLENGE_STATE - 1);
        assert_int_equal(strlen(text), PIC__CHALLENGE_TEXT - 1);
        assert_string_not_equal(text, text2);
        assert_int_equal(pic__challenge_take(c, &login, now, st, text2, NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(c, &other_page, now, st, text, NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(c, &session, now, st, text, NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(d, &login, now, st, text, NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(c, &login, now, "", text, NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(c, &login, now, st, "", NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(c, &login, now, text, text, NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(c, &login, now, st, text, NULL), 0);
        assert_int_equal(pic__challenge_take(c, &login, now, st, text, NULL), PIC_DENIED);
        now += PIC__CHALLENGE_LIFE - 1;
        assert_int_equal(pic__challenge_take(c, &login, now, st2, text2, NULL), 0);
        assert_int_equal(pic__challenge_take(c, &login, now, st, text, NULL), PIC_DENIED);
        now++;
        assert_int_equal(pic__challenge_take(c, &login, now, st2, text2, NULL), PIC_DENIED);
        pic__challenge_new(c, &session, now, st, text);
        assert_int_equal(pic__challenge_take(c, &login, now, st, text, NULL), PIC_DENIED);
        assert_int_equal(pic__challenge_take(c, &session, now, st, text, NULL), 0);
        pic__challenges_free(c);
        pic__challenges_free(d);
}

/* Its own time of end is part of it: nobody can move that. */
static void moved(void **state)
{
        char st[PIC__CHALLENGE_STATE], text[PIC__CHALLENGE_TEXT];
        pic__challenges *c = NULL;
        size_t i;

        (void)state;
        assert_int_equal(pic__challenges_new(&c, NULL), 0);
        pic__challenge_new(c, &login, 0, st, text);
        for (i = 0; i < PIC__CHALLENGE_STATE - 1; i++) {
                char was = st[i];

                st[i] = was == 'A' ? 'B' : 'A';
                assert_int_equal(pic__challenge_take(c, &login, 0, st, text, NULL), PIC_DENIED);
                st[i] = was;
        }
        assert_int_equal(pic__challenge_take(c, &login, 0, st, text, NULL), 0);
        pic__challenges_free(c);
}

static void full(void **state)
{
        char st[PIC__CHALLENGE_STATE], text[PIC__CHALLENGE_TEXT];
        pic__challenges *c = NULL;
        int i, r = 0;

        (void)state;
        assert_int_equal(pic__challenges_new(&c, NULL), 0);
        for (i = 0; r == 0; i++) {
                pic__challenge_new(c, &login, 5, st, text);
                r = pic__challenge_take(c, &login, 5, st, text, NULL);
        }
        assert_int_equal(r, PIC_BUSY);
        assert_int_equal(i, 4097);
        pic__challenge_new(c, &login, 6 + PIC__CHALLENGE_LIFE, st, text);
        assert_int_equal(pic__challenge_take(c, &login, 6 + PIC__CHALLENGE_LIFE, st, text, NULL), 0);
        pic__challenges_free(c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(once), cmocka_unit_test(moved), cmocka_unit_test(full) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
