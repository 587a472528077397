/* Shows: the error object: code, message, hint, details, causes, followers; and that reporting an error never fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static void nothing(void **state)
{
        (void)state;
        assert_int_equal(pic_error_code(NULL), PIC_OK);
        assert_string_equal(pic_error_message(NULL), "");
        assert_null(pic_error_hint(NULL));
        assert_null(pic_error_detail(NULL, "field"));
        assert_null(pic_error_cause(NULL));
        assert_null(pic_error_next(NULL));
        pic_error_free(NULL);
        assert_int_equal(pic__err_count(NULL), 0);
        pic__err_each(NULL, NULL, NULL);
}

static void codes(void **state)
{
        static const struct {
                int value;
                const char *name;
        } promised[] = {
                /* numbers are a promise: this list is written out on purpose */
                { 0, "OK" },        { -1, "INVALID" },     { -2, "NOMEM" },    { -3, "NOTFOUND" },
                { -4, "EXISTS" },   { -5, "BADSTATE" },    { -6, "STALE" },    { -7, "BUSY" },
                { -8, "DENIED" },   { -9, "UNSUPPORTED" }, { -10, "SYNTAX" },  { -11, "CONFLICT" },
                { -12, "BACKEND" }, { -13, "CANCELED" },   { -14, "TIMEOUT" }, { -15, "ROLLEDBACK" },
                { -16, "BROKEN" },  { -17, "VALUE" },      { -18, "INUSE" },   { -19, "IO" },
                { -20, "CORRUPT" }, { -21, "NOAGENT" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
                assert_string_equal(pic_code_name(promised[i].value), promised[i].name);
                assert_true(strlen(pic_code_text(promised[i].value)) > 3);
        }
        assert_string_equal(pic_code_name(1), "UNKNOWN");
        assert_string_equal(pic_code_name(-22), "UNKNOWN");
        assert_non_null(pic_code_text(99));
}

static void fails(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__fail(NULL, PIC_BUSY, "x %d", 1), PIC_BUSY);
        assert_int_equal(pic__fail(&err, PIC_BUSY, "lock %d", 1), PIC_BUSY);
        assert_int_equal(pic_error_code(err), PIC_BUSY);
        assert_string_equal(pic_error_message(err), "lock 1");
        assert_null(pic_error_hint(err));
        pic__hint(&err, "wait %d s", 3);
        pic__hint(&err, "wait %d s", 4);
        assert_string_equal(pic_error_hint(err), "wait 4 s");
        pic__detail(&err, "object", "peer anna");
        pic__detail(&err, "none", NULL);
        pic__detail_int(&err, "line", 12);
        assert_string_equal(pic_error_detail(err, "object"), "peer anna");
        assert_string_equal(pic_error_detail(err, "line"), "12");
        assert_null(pic_error_detail(err, "none"));
        assert_null(pic_error_detail(err, NULL));
        assert_int_equal(pic__fail(&err, PIC_IO, "another"), PIC_IO); /* replaces */
        assert_null(pic_error_hint(err));
        pic_error_free(err);
}

/* What a daemon said goes into messages. */
static void one_line(void **state)
{
        pic_error *err = NULL;

        (void)state;
        pic__fail(&err, PIC_BACKEND, "it says: %s", "two\nlines\x1b[31m \xff ü");
        assert_string_equal(pic_error_message(err), "it says: two\\x0alines\\x1b[31m \\xff ü");
        pic__hint(&err, "do\tthis");
        assert_string_equal(pic_error_hint(err), "do\\x09this");
        pic__wrap(&err, "b\r");
        pic__prefix_msg(&err, "a\n");
        assert_string_equal(pic_error_message(err), "a\\x0ab\\x0d");
        pic_error_free(err);
        assert_string_equal(pic__errno_text(ENODEV), "No such device");
        assert_string_equal(pic__errno_text(4000), "unknown error");
}

static void values(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__fail_value(&err, "peer 'anna'", "mtu", "12\n", "is too small"), PIC_VALUE);
        assert_string_equal(pic_error_message(err), "peer 'anna': mtu: '12\\x0a' is too small");
        assert_string_equal(pic_error_detail(err, "object"), "peer 'anna'");
        assert_string_equal(pic_error_detail(err, "field"), "mtu");
        assert_string_equal(pic_error_detail(err, "value"), "12\\x0a");
        assert_string_equal(pic_error_detail(err, "rule"), "is too small");
        assert_int_equal(pic__fail_value(&err, NULL, "mtu", NULL, "must be set"), PIC_VALUE);
        assert_string_equal(pic_error_message(err), "mtu: must be set");
        assert_null(pic_error_detail(err, "value"));
        pic_error_free(err);
        assert_int_equal(pic__fail_value(NULL, NULL, "mtu", "x", "r"), PIC_VALUE);
}

static void errnos(void **state)
{
        static const int pairs[][2] = { { EACCES, PIC_DENIED }, { EPERM, PIC_DENIED }, { ENOENT, PIC_NOTFOUND },
                                        { ENOMEM, PIC_NOMEM },  { EIO, PIC_IO },       { ENOSPC, PIC_IO },
                                        { EROFS, PIC_IO } };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
                pic_error *err = NULL;

                assert_int_equal(pic__fail_errno(&err, pairs[i][0], "file '%s'", "x"), pairs[i][1]);
                assert_int_equal(pic_error_code(err), pairs[i][1]);
                assert_int_equal(pic_error_hint(err) != NULL, pairs[i][1] == PIC_IO); /* of a disk that fails */
                pic_error_free(err);
        }
        assert_int_equal(pic__fail_errno(NULL, EACCES, "x"), PIC_DENIED);
}

static void causes(void **state)
{
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__wrap(NULL, "x"), PIC_INVALID);
        assert_int_equal(pic__wrap(&err, "x"), PIC_INVALID);
        assert_int_equal(pic__prefix_msg(NULL, "x"), PIC_INVALID);
        assert_int_equal(pic__prefix_msg(&err, "x"), PIC_INVALID);
        pic__fail(&err, PIC_BACKEND, "inner");
        pic__hint(&err, "do this");
        pic__detail(&err, "extack", "no");
        assert_int_equal(pic__wrap(&err, "outer %d", 1), PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "outer 1");
        assert_string_equal(pic_error_message(pic_error_cause(err)), "inner");
        assert_string_equal(pic_error_hint(err), "do this");
        assert_string_equal(pic_error_detail(err, "extack"), "no");
        assert_int_equal(pic__prefix_msg(&err, "a:%d: ", 3), PIC_BACKEND);
        assert_string_equal(pic_error_message(err), "a:3: outer 1");
        assert_string_equal(pic_error_message(pic_error_cause(err)), "inner");
        assert_int_equal(pic__wrap_code(&err, PIC_ROLLEDBACK, "step %d", 4), PIC_ROLLEDBACK);
        assert_int_equal(pic_error_code(err), PIC_ROLLEDBACK);
        assert_int_equal(pic_error_code(pic_error_cause(err)), PIC_BACKEND);
        assert_int_equal(pic__wrap_code(NULL, PIC_ROLLEDBACK, "x"), PIC_ROLLEDBACK);
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__wrap_code(&err, PIC_ROLLEDBACK, "x"), PIC_ROLLEDBACK);
        assert_null(err);
        pic__nomem(&err);
        assert_int_equal(pic__wrap_code(&err, PIC_ROLLEDBACK, "x"), PIC_NOMEM);
}

static void followers(void **state)
{
        pic_error *list = NULL, *one = NULL, *two = NULL, *oom = NULL;

        (void)state;
        pic__fail(&one, PIC_VALUE, "one");
        pic__fail(&two, PIC_VALUE, "two");
        pic__err_append(&list, one);
        pic__err_append(&list, two);
        assert_int_equal(pic__err_count(list), 2);
        assert_string_equal(pic_error_message(pic_error_next(list)), "two");
        assert_null(pic__err_split(NULL));
        two = pic__err_split(list);
        assert_int_equal(pic__err_count(list), 1);
        assert_string_equal(pic_error_message(two), "two");
        pic__err_append(&list, two);
        pic__wrap(&list, "all of it");
        assert_int_equal(pic__err_count(list), 2); /* a wrapped error keeps its followers */
        one = NULL;
        pic__fail(&one, PIC_VALUE, "no list to go to");
        pic__err_append(NULL, one);
        pic__nomem(&oom);
        pic__err_append(&list, oom);
        assert_int_equal(pic_error_code(list), PIC_NOMEM);
        assert_null(pic__err_split(list));
        one = NULL;
        pic__fail(&one, PIC_VALUE, "after that");
        pic__err_append(&list, one);
        assert_int_equal(pic__err_count(list), 1);
        assert_int_equal(pic__wrap(&list, "x"), PIC_NOMEM);
        assert_int_equal(pic__prefix_msg(&list, "x"), PIC_NOMEM);
        pic__hint(&list, "x");
        pic__detail(&list, "a", "b");
        assert_null(pic_error_hint(list));
        pic_error_free(list);
}

static void count_one(const char *key, const char *value, void *data)
{
        assert_non_null(key);
        assert_non_null(value);
        ++*(int *)data;
}

static void rebuilt(void **state)
{
        static const char *const details[] = { "field", "mtu", "rule", "too small", NULL };
        pic_error *err = NULL;
        int n = 0;

        (void)state;
        assert_int_equal(pic__err_make(&err, PIC_VALUE, "m", "h", details), PIC_VALUE);
        assert_string_equal(pic_error_message(err), "m");
        assert_string_equal(pic_error_hint(err), "h");
        assert_string_equal(pic_error_detail(err, "rule"), "too small");
        pic__err_each(err, count_one, &n);
        assert_int_equal(n, 2);
        assert_int_equal(pic__err_make(&err, PIC_BUSY, NULL, NULL, NULL), PIC_BUSY);
        assert_string_equal(pic_error_message(err), pic_code_text(PIC_BUSY));
        assert_int_equal(pic__err_make(&err, PIC_NOMEM, "x", "y", details), PIC_NOMEM);
        assert_int_equal(pic_error_code(err), PIC_NOMEM);
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__fail(&err, PIC_NOMEM, "x"), PIC_NOMEM);
        assert_string_equal(pic_error_message(err), "out of memory");
        pic_error_free(err);
        assert_int_equal(pic__nomem(NULL), PIC_NOMEM);
}

static int make_everything(pic_error **err)
{
        int r = pic__fail_value(err, "peer 'a'", "mtu", "1", "too small");

        pic__hint(err, "try %d", 1280);
        pic__detail_int(err, "line", 3);
        pic__wrap(err, "outer");
        pic__prefix_msg(err, "f:1: ");
        return r;
}

/* Whatever allocation fails: there is an error with a code that agrees with the answer, and no leak. */
static void out_of_memory(void **state)
{
        unsigned long n, made;

        (void)state;
        for (n = 1; n < 200; n++) {
                pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = make_everything(&err);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_VALUE || r == PIC_NOMEM);
                assert_int_equal(pic_error_code(err), r);
                assert_non_null(pic_error_message(err));
                pic_error_free(err);
                if (made < n)
                        return;
        }
        fail();
}

static void prefix_all(void **state)
{
        pic_error *list = NULL, *more = NULL;

        (void)state;
        assert_int_equal(pic__prefix_all(NULL, "x: "), 0);
        assert_int_equal(pic__prefix_all(&list, "x: "), 0);
        assert_null(list);
        pic__fail(&list, PIC_VALUE, "one");
        pic__fail(&more, PIC_EXISTS, "two");
        pic__err_append(&list, more);
        assert_int_equal(pic__prefix_all(&list, "peer anna: "), PIC_VALUE);
        assert_string_equal(pic_error_message(list), "peer anna: one");
        assert_string_equal(pic_error_message(pic_error_next(list)), "peer anna: two");
        pic_error_free(list);
        list = NULL;
        pic__nomem(&list);
        assert_int_equal(pic__prefix_all(&list, "x: "), PIC_NOMEM);
        pic_error_free(list);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing),    cmocka_unit_test(codes),         cmocka_unit_test(fails),
                cmocka_unit_test(one_line),   cmocka_unit_test(values),        cmocka_unit_test(errnos),
                cmocka_unit_test(causes),     cmocka_unit_test(followers),     cmocka_unit_test(rebuilt),
                cmocka_unit_test(prefix_all), cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
