/* backend/front/front.c: news, what doctor says, a death. */
#include "world.h"

#include <poll.h>

#include <pic/log.h>

static char found[1024];

static void note(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)data;
        assert_int_equal(PIC__LEVEL_OF(level), PIC_LOG_WARNING);
        assert_string_equal(area, "front");
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
        pic__backend *b = backend();
        pic__front_fact fact;
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

        (void)state;
        b->ops->front(b, &fact);
        assert_false(fact.serving);
        assert_string_equal(doctor(b), "");                 /* nobody wished one */
        assert_int_equal(b->ops->news(b, &items, NULL), 1); /* nobody looked yet */
        assert_int_equal(b->ops->news(b, &items, NULL), 0);
        must(b, SERVER, "main", NULL, VALUE);
        must(b, PEER, "10.1.0.2", NULL, "anna");
        assert_int_equal(b->ops->news(b, &items, NULL), 0); /* our own doing */
        assert_int_equal(items.count, 0);
        b->ops->front(b, &fact);
        assert_true(fact.serving && fact.pid == pid_of(b) && fact.until == 0);
        assert_string_equal(doctor(b), "");
        kill(pid_of(b), SIGKILL);
        assert_int_equal(poll(&p, 1, 1000), 1);
        assert_int_equal(b->ops->drain(b), 1);
        assert_int_equal(b->ops->news(b, &items, NULL), 1);
        assert_int_equal(items.count, 0);
        b->ops->free(b);
}

static void troubles(void **state)
{
        pic__backend *b = backend();
        pic__item bad = { .kind = PIC__I_DNS_SERVER, .key = "main", .value = VALUE };
        pic__step wrong = { PIC__ADD, PIC__I_DNS_SERVER, NULL, &bad };
        size_t done = 9;

        (void)state;
        assert_int_equal(step_of(b, SERVER, "second", NULL, VALUE, NULL), PIC_INVALID);
        assert_int_equal(step_of(b, SERVER, "main", NULL, "listen=nowhere", NULL), PIC_INVALID);
        assert_non_null(strstr(doctor(b), "no front"));
        must(b, SERVER, "main", NULL, VALUE);
        assert_int_equal(b->ops->apply(b, &wrong, 1, &done, NULL), PIC_INVALID);
        assert_int_equal(done, 0);
        assert_string_equal(doctor(b), "");
        hold(b);
        assert_non_null(strstr(doctor(b), "does not answer"));
        assert_string_equal(seen(b), "");
        b->ops->free(b);
}

static void opens(void **state)
{
        const pic__front_opts bad = { .run_dir = "run", .log_dir = "/tmp", .secret_file = "/tmp/none" };
        pic__backend *b = NULL;

        (void)state;
        assert_int_equal(pic__front_new(&bad, &b, NULL), PIC_INVALID);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(tells), TEST(troubles), cmocka_unit_test(opens) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
