/* Shows: which networks count, that a set of them is in order and has each once, and its text. */
#include "help.h"
#include "model/attached.h"

static pic__prefix net(const char *text)
{
        pic__prefix p;

        assert_int_equal(pic__prefix_parse(text, &p) == -1, 0);
        return p;
}

static void judge(void **state)
{
        static const struct {
                const char *net;
                int is;
        } all[] = {
                { "198.51.100.0/24", PIC__ATTACHED_COUNTS }, { "203.0.113.7/32", PIC__ATTACHED_COUNTS },
                { "44.0.0.0/8", PIC__ATTACHED_COUNTS },      { "44.0.0.0/7", PIC__ATTACHED_WIDE },
                { "0.0.0.0/0", PIC__ATTACHED_WIDE },         { "128.0.0.0/1", PIC__ATTACHED_WIDE },
                { "100.64.0.0/10", PIC__ATTACHED_COUNTS },   { "192.168.1.0/24", PIC__ATTACHED_PLAIN },
                { "10.0.0.0/8", PIC__ATTACHED_PLAIN },       { "172.16.0.0/12", PIC__ATTACHED_PLAIN },
                { "172.0.0.0/11", PIC__ATTACHED_COUNTS },    { "169.254.0.0/16", PIC__ATTACHED_PLAIN },
                { "127.0.0.0/8", PIC__ATTACHED_PLAIN },      { "224.0.0.0/8", PIC__ATTACHED_PLAIN },
                { "2001:db8::/32", PIC__ATTACHED_COUNTS },   { "2001:db8:1:2::/64", PIC__ATTACHED_COUNTS },
                { "2001:db8::1/128", PIC__ATTACHED_COUNTS }, { "2002::/16", PIC__ATTACHED_WIDE },
                { "2000::/3", PIC__ATTACHED_WIDE },          { "::/0", PIC__ATTACHED_WIDE },
                { "fd00:1::/64", PIC__ATTACHED_PLAIN },      { "fe80::/64", PIC__ATTACHED_PLAIN },
                { "ff00::/32", PIC__ATTACHED_PLAIN },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__prefix p = net(all[i].net);

                if (pic__attached_judge(&p) != all[i].is)
                        fail_msg("%s is %d", all[i].net, pic__attached_judge(&p));
        }
}

static void set(void **state)
{
        static const char *const nets[] = { "2001:db8:1::/64", "198.51.100.0/24", "192.168.1.0/24", "0.0.0.0/0",
                                            "198.51.100.0/25", "198.51.100.0/24", "8.8.8.0/24" };
        pic__auto_attached pic__attached a = PIC__VEC_INIT, b = PIC__VEC_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__prefix bits = net("8.8.8.8/24");
        pic__addr addr;
        size_t i;

        (void)state;
        assert_true(pic__attached_same(&a, &b));
        for (i = 0; i < PIC__COUNT(nets); i++)
                assert_int_equal(pic__attached_add(&a, net(nets[i])), 0);
        assert_int_equal(pic__attached_add(&a, bits), 0);
        pic__attached_print(&a, &text);
        assert_string_equal(pic__buf_str(&text), "8.8.8.0/24\n198.51.100.0/24\n198.51.100.0/25\n2001:db8:1::/64\n");
        assert_int_equal(pic__attached_parse(&b, pic__buf_str(&text), NULL), 0);
        assert_true(pic__attached_same(&a, &b));
        b.count--;
        assert_false(pic__attached_same(&a, &b));
        assert_int_equal(pic__addr_parse("198.51.100.7", &addr), 0);
        assert_int_equal(pic__attached_find(&a, &addr)->len, 24);
        assert_int_equal(pic__addr_parse("198.51.101.7", &addr), 0);
        assert_null(pic__attached_find(&a, &addr));
        assert_int_equal(pic__attached_parse(&b, "198.51.100.0/24\nnonsense\n", NULL), PIC_CORRUPT);
        assert_int_equal(pic__attached_parse(&b, "198.51.100.1/24\n", NULL), PIC_CORRUPT);
        assert_int_equal(
                pic__attached_parse(&b, "2001:0db8:0001:0002:0003:0004:0005:0006:0007:0008:0009:000a:000b/64", NULL),
                PIC_CORRUPT);
}

static void no_memory(void **state)
{
        pic__auto_attached pic__attached a = PIC__VEC_INIT;

        (void)state;
        pic__mem_fail_at(1);
        assert_int_equal(pic__attached_add(&a, net("8.8.8.0/24")), -1);
        pic__mem_fail_at(0);
        assert_int_equal(a.count, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(judge), cmocka_unit_test(set),
                                            cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
