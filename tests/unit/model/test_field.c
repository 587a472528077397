/* Shows: finding kinds and fields, values, printing, rules in words. */
#include "help.h"

static void finding(void **state)
{
        (void)state;
        assert_int_equal(pic__kind_find("cell"), PIC__CELL);
        assert_int_equal(pic__kind_find("group"), PIC__GROUP);
        assert_int_equal(pic__kind_find("peer"), PIC__PEER);
        assert_int_equal(pic__kind_find("peers"), -1);
        assert_int_equal(pic__kind_find(""), -1);
        assert_int_equal(pic__field_find(PIC__CELL, "name"), 0);
        assert_true(pic__field_find(PIC__CELL, "listen_port") > 0);
        assert_int_equal(pic__field_find(PIC__CELL, "listen-port"), pic__field_find(PIC__CELL, "listen_port"));
        assert_int_equal(pic__field_find(PIC__CELL, "listen"), -1);
        assert_int_equal(pic__field_find(PIC__CELL, "listen_ports"), -1);
        assert_int_equal(pic__field_find(PIC__CELL, ""), -1);
        assert_int_equal(pic__field_find(PIC__CELL, "Name"), -1);
}

static void values(void **state)
{
        pic__val none = PIC__VAL_NONE, five = { PIC__V_INT, { .i = 5 } }, zero = { PIC__V_INT, { .i = 0 } };
        pic__val text = { PIC__V_TEXT, { .s = NULL } }, copy = PIC__VAL_NONE;

        (void)state;
        text.s = pic__strdup("x");
        assert_true(pic__val_equal(&none, &none));
        assert_false(pic__val_equal(&none, &zero));
        assert_false(pic__val_equal(&five, &zero));
        assert_false(pic__val_equal(&five, &text));
        assert_int_equal(pic__val_copy(&text, &copy), 0);
        assert_true(pic__val_equal(&text, &copy));
        assert_ptr_not_equal(text.s, copy.s);
        copy.s[0] = 'y';
        assert_false(pic__val_equal(&text, &copy));
        pic__val_clear(&copy);
        assert_int_equal(copy.tag, PIC__V_NONE);
        pic__mem_fail_at(1);
        assert_int_equal(pic__val_copy(&text, &copy), -1);
        assert_int_equal(copy.tag, PIC__V_NONE);
        assert_int_equal(pic__val_copy(&five, &copy), 0);
        assert_int_equal(copy.i, 5);
        pic__val_clear(&text);
}

static const pic__field *field(enum pic__kind kind, const char *name)
{
        return &pic__kinds[kind].fields[pic__field_find(kind, name)];
}

static void shows(const pic__field *f, pic__val v, const char *want)
{
        pic__auto_free char *text = pic__field_print(f, &v);

        assert_string_equal(text, want);
}

static void printing(void **state)
{
        pic__val none = PIC__VAL_NONE;

        (void)state;
        shows(field(PIC__CELL, "mtu"), (pic__val){ PIC__V_INT, { .i = 1420 } }, "1420");
        shows(field(PIC__PEER, "enabled"), (pic__val){ PIC__V_INT, { .i = 0 } }, "false");
        shows(field(PIC__PEER, "enabled"), (pic__val){ PIC__V_INT, { .i = 1 } }, "true");
        shows(field(PIC__PEER, "expires"), (pic__val){ PIC__V_INT, { .i = 1801440000000000 } }, "2027-02-01T00:00:00Z");
        assert_null(pic__field_print(field(PIC__CELL, "mtu"), &none));
}

static void rule_is(const pic__field *f, const char *want)
{
        char text[256];

        pic__field_rule(f, text, sizeof(text));
        assert_string_equal(text, want);
}

static void rules(void **state)
{
        char small[12];

        (void)state;
        rule_is(field(PIC__PEER, "tunnel"), "one of full, split");
        rule_is(field(PIC__CELL, "listen_port"), "a whole number from 1 to 65535");
        rule_is(field(PIC__CELL, "net4"), "an IPv4 network ADDRESS/LENGTH with a length from 8 to 30");
        rule_is(field(PIC__CELL, "net6"), "an IPv6 network ADDRESS/LENGTH with a length from 8 to 126");
        rule_is(field(PIC__PEER, "groups"), "up to 64 items with commas between, each the name of a group");
        rule_is(field(PIC__PEER, "note"), "printable text of 0 to 500 bytes");
        rule_is(field(PIC__CELL, "name"), "a name without dots: 1 to 63 letters, digits, '_' or '-'");
        rule_is(field(PIC__PEER, "enabled"), "true or false");
        pic__field_rule(field(PIC__PEER, "tunnel"), small, sizeof(small));
        assert_string_equal(small, "one of full");
        pic__field_rule(field(PIC__PEER, "tunnel"), small, 0);
}

RUN(T(finding), T(values), T(printing), T(rules))
