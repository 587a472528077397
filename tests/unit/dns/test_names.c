/* backend/dns/names.c: the picture of what unbound holds. */
#include "world.h"

static int set(pic__dns_names *n, const char *name, enum pic__dns_type type, const char *value)
{
        return pic__dns_names_set(n, name, strlen(name), type, value);
}

static const char *get(const pic__dns_names *n, const char *name, enum pic__dns_type type)
{
        return pic__dns_names_get(n, name, strlen(name), type);
}

static void come_and_go(void **state)
{
        pic__dns_names n = PIC__DNS_NAMES_INIT;

        (void)state;
        assert_null(get(&n, "a.", PIC__DNS_A));
        assert_int_equal(set(&n, "a.", PIC__DNS_A, NULL), 0);
        assert_int_equal(set(&n, "a.", PIC__DNS_A, "10.0.0.1"), 0);
        assert_int_equal(set(&n, "a.", PIC__DNS_AAAA, "fd00::1"), 0);
        assert_int_equal(set(&n, "a.", PIC__DNS_A, "10.0.0.2"), 0);
        assert_int_equal(n.records, 2);
        assert_string_equal(get(&n, "a.", PIC__DNS_A), "10.0.0.2");
        assert_string_equal(get(&n, "a.", PIC__DNS_AAAA), "fd00::1");
        assert_null(get(&n, "a.", PIC__DNS_PTR));
        assert_int_equal(set(&n, "a.", PIC__DNS_A, NULL), 0);
        assert_null(get(&n, "a.", PIC__DNS_A));
        assert_string_equal(get(&n, "a.", PIC__DNS_AAAA), "fd00::1");
        assert_int_equal(set(&n, "a.", PIC__DNS_AAAA, NULL), 0);
        assert_int_equal(n.records, 0);
        assert_int_equal(n.map.count, 0);
        assert_int_equal(set(&n, "*.a.", PIC__DNS_A, "10.0.0.1"), 0);
        assert_int_equal(set(&n, "*.a.", PIC__DNS_TXT, "\"x\""), 0);
        assert_int_equal(n.wild, 1);
        assert_int_equal(set(&n, "*.a.", PIC__DNS_A, NULL), 0);
        assert_int_equal(n.wild, 1);
        assert_int_equal(set(&n, "*.a.", PIC__DNS_TXT, NULL), 0);
        assert_int_equal(n.wild, 0);
        pic__dns_names_free(&n);
}

static int count(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        int *left = data;

        (void)name;
        (void)len;
        (void)type;
        (void)value;
        return --*left == 0 ? -7 : 0;
}

static void many(void **state)
{
        pic__dns_names a = PIC__DNS_NAMES_INIT, b = PIC__DNS_NAMES_INIT;
        char name[32], value[32];
        int i, left;

        (void)state;
        for (i = 0; i < 3000; i++) {
                snprintf(name, sizeof(name), "p%d.", i);
                snprintf(value, sizeof(value), "10.0.%d.%d", i / 256, i % 256);
                assert_int_equal(set(&a, name, PIC__DNS_A, value), 0);
                assert_int_equal(set(&b, name, PIC__DNS_A, value), 0);
        }
        assert_true(pic__dns_names_same(&a, &b));
        left = 3001;
        assert_int_equal(pic__dns_names_each(&a, NULL, 0, count, &left), 0);
        assert_int_equal(left, 1);
        assert_int_equal(pic__dns_names_each(&a, "p7.", 3, count, &left), -7);
        left = 5;
        assert_int_equal(pic__dns_names_each(&a, "q7.", 3, count, &left), 0);
        assert_int_equal(left, 5);
        assert_int_equal(set(&b, "p8.", PIC__DNS_A, "10.9.9.9"), 0);
        assert_false(pic__dns_names_same(&a, &b));
        assert_int_equal(set(&b, "p8.", PIC__DNS_A, NULL), 0);
        assert_false(pic__dns_names_same(&a, &b));
        assert_int_equal(set(&b, "p8.", PIC__DNS_PTR, "10.0.0.8"), 0);
        assert_false(pic__dns_names_same(&a, &b));
        pic__dns_names_free(&a);
        pic__dns_names_free(&b);
}

static void no_memory(void **state)
{
        pic__dns_names n = PIC__DNS_NAMES_INIT;
        unsigned long at;
        int r = -1;

        (void)state;
        for (at = 1; r < 0; at++) {
                pic__mem_fail_at(at);
                r = set(&n, "a.", PIC__DNS_A, "10.0.0.1");
                pic__mem_fail_at(0);
                assert_int_equal(n.records, r < 0 ? 0 : 1);
        }
        pic__mem_fail_at(1);
        assert_int_equal(set(&n, "a.", PIC__DNS_A, "10.0.0.2"), -1);
        pic__mem_fail_at(0);
        assert_string_equal(get(&n, "a.", PIC__DNS_A), "10.0.0.1");
        pic__dns_names_free(&n);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(come_and_go), cmocka_unit_test(many),
                                            cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
