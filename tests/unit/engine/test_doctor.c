/* What doctor finds, and in which order. */
#include "fixture.h"

#include <sched.h>

#include "codec/doc.h"
#include "codec/json_in.h"

static pic__doc *doctor(pic__engine *e)
{
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__doc *doc = NULL;

        assert_int_equal(pic__engine_doctor(e, &j, NULL), 0);
        assert_int_equal(pic__doc_json(text.data, text.len, "doctor", &doc, NULL), 0);
        pic__buf_free(&text);
        return doc;
}

/* The level of the finding of that area whose text has `part`; NULL: none. Checks the order by the way. */
static const char *level_of(const pic__doc *d, const char *area, const char *part, char level[16])
{
        static const char order[] = "error warning info debug";
        const char *last = order, *found = NULL;
        const pic__node *n;

        for (n = pic__doc_root(d)->first; n != NULL; n = n->next) {
                const char *now = strstr(order, pic__node_str(n, "level", "?"));

                assert_non_null(now);
                assert_true(now >= last);
                last = now;
                if (strcmp(pic__node_str(n, "area", ""), area) == 0 &&
                    strstr(pic__node_str(n, "what", ""), part) != NULL) {
                        snprintf(level, 16, "%s", pic__node_str(n, "level", ""));
                        found = level;
                }
        }
        return found;
}

static void test_well(void **state)
{
        cell c;
        pic__engine *e;
        pic__doc *d;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        d = doctor(e);
        assert_int_equal(pic__doc_root(d)->count, 0);
        pic__doc_unref(d);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void say(pic__backend *b, pic__finding_fn fn, void *data)
{
        fn(PIC_LOG_INFO, pic__backend_names[b->id], "just so you know", NULL, data);
        fn(PIC_LOG_INFO, pic__backend_names[b->id], "just so you know", NULL, data); /* seen in two places */
}

static int times(const pic__doc *d, const char *part)
{
        const pic__node *n;
        int count = 0;

        for (n = pic__doc_root(d)->first; n != NULL; n = n->next)
                count += strstr(pic__node_str(n, "what", ""), part) != NULL;
        return count;
}

static void test_trouble(void **state)
{
        pic__backend_ops ops;
        const pic__backend_ops *real;
        char path[128], level[16];
        cell c;
        pic__engine *e;
        pic__doc *d;

        (void)state;
        cell_make(&c);
        cell_set(&c, PIC__CELL, "home", (const char *const[]){ "endpoint", NULL, NULL });
        snprintf(path, sizeof(path), "%s/key", c.dir);
        assert_int_equal(chmod(path, 0644), 0);
        assert_int_equal(chmod(c.dir, 0755), 0);
        e = cell_open(&c);
        pic__fake_fail_at(e->backends[PIC__B_NFT], 1);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), PIC_BACKEND);
        real = e->backends[PIC__B_DNS]->ops;
        ops = *real;
        ops.doctor = say;
        e->backends[PIC__B_DNS]->ops = &ops;
        d = doctor(e);
        assert_string_equal(level_of(d, "engine", "told to fail", level), "error");
        assert_string_equal(level_of(d, "key", "read by others", level), "error");
        assert_string_equal(level_of(d, "store", "open to everybody", level), "warning");
        assert_string_equal(level_of(d, "cell", "no endpoint", level), "warning");
        assert_string_equal(level_of(d, "dns", "just so", level), "info");
        assert_int_equal(times(d, "just so"), 1); /* said once */
        pic__doc_unref(d);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        cell_add_peer(&c, "anna", NULL);
        d = doctor(e);
        assert_null(level_of(d, "engine", "told to fail", level));
        assert_string_equal(level_of(d, "engine", "not applied", level), "warning");
        pic__doc_unref(d);
        e->backends[PIC__B_DNS]->ops = real;
        pic__engine_unref(e);
        cell_drop(&c);
}

/* On a real host: a network that is used already is found; without the right to change networks that is said. */
static void test_host(void **state)
{
        char level[16];
        cell c;
        pic__engine *e;
        pic__doc *d;

        (void)state;
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                print_message("skipped: needs root for a network namespace\n");
                skip();
        }
        assert_int_equal(system("ip link add other type veth peer name another && ip link set another up && ip link "
                                "set other up && ip addr add 10.77.5.1/24 dev other"),
                         0);
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        e->fake = 0;
        d = doctor(e);
        assert_string_equal(level_of(d, "route", "10.77.5.", level), "error");
        assert_int_equal(times(d, "10.77.5."), 1); /* the address and the route to it are one thing */
        assert_null(level_of(d, "agent", "CAP_NET_ADMIN", level));
        pic__doc_unref(d);
        e->fake = 1;
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_no_memory(void **state)
{
        unsigned long n;
        cell c;
        pic__engine *e;
        int r = PIC_NOMEM;

        (void)state;
        cell_make(&c);
        cell_set(&c, PIC__CELL, "home", (const char *const[]){ "endpoint", NULL, NULL });
        e = cell_open(&c);
        for (n = 1; n < 400; n++) {
                pic__buf text = PIC__BUF_INIT;
                pic__json j = PIC__JSON(&text);

                pic__mem_fail_at(n);
                r = pic__engine_doctor(e, &j, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM); /* what it could not look at is a finding */
                pic__buf_free(&text);
        }
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_well),
                cmocka_unit_test(test_trouble),
                cmocka_unit_test(test_host),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
