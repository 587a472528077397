/* Shows: lists in canonical form, empty texts, and errors that name field, value and rule. */
#include "help.h"

static const pic__field *field(enum pic__kind kind, const char *name)
{
        return &pic__kinds[kind].fields[pic__field_find(kind, name)];
}

static void takes(const pic__field *f, const char *text, const char *want)
{
        pic__val v = PIC__VAL_NONE;
        pic__auto_free char *out = NULL;
        pic_error *err = NULL;

        if (pic__field_parse(f, text, &v, &err) != 0)
                fail_msg("'%s': %s", text, pic_error_message(err));
        out = pic__field_print(f, &v);
        pic__val_clear(&v);
        if (want == NULL)
                assert_null(out);
        else
                assert_string_equal(out, want);
}

static void refuses(const pic__field *f, const char *text, const char *value, const char *rule)
{
        pic__val v = PIC__VAL_NONE;
        pic__auto_err pic_error *err = NULL;

        assert_int_equal(pic__field_parse(f, text, &v, &err), PIC_VALUE);
        assert_int_equal(pic_error_code(err), PIC_VALUE);
        assert_int_equal(v.tag, PIC__V_NONE);
        assert_string_equal(pic_error_detail(err, "field"), f->name);
        if (value == NULL)
                assert_null(pic_error_detail(err, "value"));
        else
                assert_string_equal(pic_error_detail(err, "value"), value);
        if (strstr(pic_error_detail(err, "rule"), rule) == NULL)
                fail_msg("rule is '%s'", pic_error_detail(err, "rule"));
        assert_int_equal(pic__field_parse(f, text, &v, NULL), PIC_VALUE);
}

static void lists(void **state)
{
        const pic__field *access = field(PIC__PEER, "access"), *groups = field(PIC__PEER, "groups");
        const pic__field *subnets = field(PIC__PEER, "subnets"), *upstreams = field(PIC__CELL, "upstreams");

        (void)state;
        takes(access, "", "");
        takes(access, " \t\n", "");
        takes(access, "lan", "lan");
        takes(access, " peer:Bob , lan,internet,lan", "internet,lan,peer:bob");
        takes(access, "192.168.1.10:tcp/445,[fd00::5]:udp/53,10.0.0.1,10.0.0.0/8",
              "10.0.0.0/8,10.0.0.1,192.168.1.10:tcp/445,[fd00::5]:udp/53");
        takes(groups, "kids,Adults,kids,KIDS", "adults,kids");
        takes(subnets, "192.168.9.0/24,10.0.0.0/8,192.168.9.0/24", "192.168.9.0/24,10.0.0.0/8");
        takes(upstreams, "9.9.9.9, 1.1.1.1", "9.9.9.9,1.1.1.1");
        refuses(access, "lan,", "", "empty item");
        refuses(access, ",lan", "", "empty item");
        refuses(access, "lan, ,internet", "", "empty item");
        refuses(access, "lan,wan", "wan", "must be internet");
        refuses(subnets, "10.0.0.0/8,10.1.2.3/16", "10.1.2.3/16", "did you mean 10.1.0.0/16?");
        refuses(upstreams, "x", "x", "must be ADDRESS[@PORT][#TLSNAME]");
}

static void limits(void **state)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        const pic__field *groups = field(PIC__PEER, "groups");
        pic__val v = PIC__VAL_NONE;
        int i;

        (void)state;
        for (i = 0; i < 64; i++)
                pic__buf_putf(&b, "%sg%d", i > 0 ? "," : "", i);
        assert_int_equal(pic__field_parse(groups, pic__buf_str(&b), &v, NULL), 0);
        pic__val_clear(&v);
        pic__buf_puts(&b, ",g1,g2"); /* again: no more than before */
        assert_int_equal(pic__field_parse(groups, pic__buf_str(&b), &v, NULL), 0);
        pic__val_clear(&v);
        pic__buf_puts(&b, ",g64");
        refuses(groups, pic__buf_str(&b), "g64", "is one too many: up to 64 items");
}

/* Of a list all that is wrong is told at once, but not for ever. */
static void all_items(void **state)
{
        static const char *const values[] = { "wan", "10.1.2.3/16", "x" };
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        const pic__field *access = field(PIC__PEER, "access");
        pic__val v = PIC__VAL_NONE;
        pic_error *err = NULL;
        const pic_error *e;
        int i;

        (void)state;
        assert_int_equal(pic__field_parse(access, "wan,lan,10.1.2.3/16,x", &v, &err), PIC_VALUE);
        for (i = 0, e = err; i < 3; i++, e = pic_error_next(e))
                assert_string_equal(pic_error_detail(e, "value"), values[i]);
        assert_null(e);
        pic_error_free(err);
        err = NULL;
        for (i = 0; i < 1000; i++)
                pic__buf_puts(&b, "x,");
        assert_int_equal(pic__field_parse(access, pic__buf_str(&b), &v, &err), PIC_VALUE);
        assert_int_equal(pic__err_count(err), 20);
        pic_error_free(err);
        err = NULL;
        pic__buf_clear(&b);
        for (i = 0; i < 300; i++)
                pic__buf_putf(&b, "%s10.0.%d.0/24", i > 0 ? "," : "", i % 256);
        pic__buf_puts(&b, ",10.1.0.1,10.1.0.2,10.1.0.3");
        assert_int_equal(pic__field_parse(access, pic__buf_str(&b), &v, &err), PIC_VALUE);
        assert_int_equal(pic__err_count(err), 1); /* of those that are too many the first */
        assert_string_equal(pic_error_detail(err, "value"), "10.1.0.1");
        pic_error_free(err);
}

static void single(void **state)
{
        (void)state;
        takes(field(PIC__CELL, "mtu"), "1280", "1280");
        takes(field(PIC__CELL, "mtu"), "", NULL);
        takes(field(PIC__PEER, "note"), "", NULL);
        takes(field(PIC__PEER, "note"), " two  words ", " two  words ");
        refuses(field(PIC__CELL, "net4"), "", NULL, "must not be empty");
        refuses(field(PIC__CELL, "name"), "", NULL, "must not be empty");
        refuses(field(PIC__CELL, "mtu"), "70000", "70000", "must be a whole number from 1280 to 9000");
        refuses(field(PIC__PEER, "tunnel"), "half", "half", "must be one of full, split");
        refuses(field(PIC__PEER, "note"), "a\tb", "a\\x09b", "printable");
        refuses(field(PIC__PEER, "private_key"), "top secret", NULL, "sealed bytes"); /* never repeated */
}

static int parse_all(void *data)
{
        static const struct {
                enum pic__kind kind;
                const char *field, *text;
        } cases[] = { { PIC__PEER, "access", "lan,internet,10.0.0.0/8" },
                      { PIC__PEER, "groups", "a,b,c" },
                      { PIC__PEER, "access", "" },
                      { PIC__CELL, "domain", "internal" },
                      { PIC__CELL, "upstreams", "9.9.9.9,1.1.1.1" } };
        size_t i;

        (void)data;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                pic__val v = PIC__VAL_NONE;
                int r = pic__field_parse(field(cases[i].kind, cases[i].field), cases[i].text, &v, NULL);

                pic__val_clear(&v);
                if (r != 0)
                        return r;
        }
        return 0;
}

static void memory(void **state)
{
        (void)state;
        out_of_memory(parse_all, NULL);
}

/* The order in which grants are written does not matter. */
static void order_does_not_matter(void **state)
{
        static const char *const grants[] = {
                "internet",  "lan",        "peers",      "peer:a",         "peer:b",           "group:a",
                "service:x", "10.0.0.0/8", "10.0.0.0/9", "10.0.0.0/8:tcp", "10.0.0.0/8:tcp/1", "10.0.0.0/8:tcp/1-2",
                "[fd00::]/8"
        };
        pic__auto_free char *first = NULL;
        int round;

        (void)state;
        for (round = 0; round < 200; round++) {
                const char *mixed[PIC__COUNT(grants)];
                pic__auto_buf pic__buf b = PIC__BUF_INIT;
                pic__val v = PIC__VAL_NONE;
                size_t i;

                memcpy(mixed, grants, sizeof(mixed));
                for (i = PIC__COUNT(mixed) - 1; i > 0; i--) {
                        size_t k = rnd() % (i + 1);
                        const char *t = mixed[i];

                        mixed[i] = mixed[k];
                        mixed[k] = t;
                }
                for (i = 0; i < PIC__COUNT(mixed); i++)
                        pic__buf_putf(&b, "%s%s", i > 0 ? "," : "", mixed[i]);
                assert_int_equal(pic__field_parse(field(PIC__PEER, "access"), pic__buf_str(&b), &v, NULL), 0);
                if (first == NULL)
                        first = pic__strdup(v.s);
                assert_string_equal(v.s, first);
                pic__val_clear(&v);
        }
}

RUN(T(lists), T(limits), T(all_items), T(single), T(memory), T(order_does_not_matter))
