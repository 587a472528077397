/* backend/ntp/ntp.c: news, the clock, what doctor says. */
#include "world.h"

#include <pic/log.h>

static char found[1024];

static void note(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)data;
        assert_int_equal(PIC__LEVEL_OF(level), PIC_LOG_WARNING);
        assert_string_equal(area, "ntp");
        assert_true(fix != NULL && fix[0] != '\0');
        snprintf(found, sizeof(found), "%s", what);
}

static const char *doctor(pic__backend *b)
{
        found[0] = '\0';
        b->ops->doctor(b, note, NULL);
        return found;
}

static void tells(void **state)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__clock_fact fact;
        pic__backend *b = backend();

        (void)state;
        assert_int_equal(b->ops->clock(b, &fact), 0);
        assert_string_equal(doctor(b), "");                 /* nobody wished one */
        assert_int_equal(b->ops->news(b, &items, NULL), 1); /* nobody looked yet */
        assert_int_equal(b->ops->news(b, &items, NULL), 0);
        must(b, NULL, VALUE);
        assert_int_equal(b->ops->news(b, &items, NULL), 0); /* our own doing */
        assert_int_equal(items.count, 0);
        assert_int_equal(b->ops->clock(b, &fact), 1);
        assert_false(fact.follows);
        assert_int_equal(fact.stratum, 10);
        assert_int_equal(fact.pid, pid_of(b));
        assert_string_equal(fact.reference, "this machine's clock");
        assert_string_equal(doctor(b), "");
        kill(pid_of(b), SIGKILL);
        usleep(50000);
        assert_int_equal(b->ops->news(b, &items, NULL), 1);
        assert_int_equal(items.count, 0);
        b->ops->free(b);
}

static void troubles(void **state)
{
        pic__backend *b = backend();
        pic__item bad = { .kind = PIC__I_DNS_SERVER, .key = "main", .value = VALUE },
                  other = { .kind = SERVER, .key = "second", .value = VALUE };
        pic__step steps[] = { { PIC__ADD, PIC__I_DNS_SERVER, NULL, &bad }, { PIC__ADD, SERVER, NULL, &other } };
        size_t done = 9;

        (void)state;
        assert_int_equal(b->ops->apply(b, &steps[0], 1, &done, NULL), PIC_INVALID);
        assert_int_equal(done, 0);
        assert_int_equal(b->ops->apply(b, &steps[1], 1, &done, NULL), PIC_INVALID);
        assert_int_equal(step(b, NULL, "listen=nowhere", NULL), PIC_INVALID);
        assert_non_null(strstr(doctor(b), "no time server"));
        must(b, NULL, VALUE);
        assert_string_equal(doctor(b), "");
        kill(pid_of(b), SIGSTOP);
        assert_non_null(strstr(doctor(b), "does not answer"));
        b->ops->free(b);
}

static void opens(void **state)
{
        const pic__ntp_opts bad = { .run_dir = "run", .log_dir = "/tmp" };
        pic__backend *b = NULL;

        (void)state;
        assert_int_equal(pic__ntp_new(&bad, &b, NULL), PIC_INVALID);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(tells), TEST(troubles), cmocka_unit_test(opens) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
