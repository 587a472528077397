/* The name server's counts as the agent tells them, and names that it is to forget. */
#include "fixture.h"

#include "engine/dnsverbs.h"

static const char *forgot;

static int nobody(pic__backend *b, pic__json *out)
{
        (void)b, (void)out;
        return 0;
}

static int forget(pic__backend *b, const char *name, pic_error **err)
{
        (void)b;
        if (strcmp(name, "gone.") == 0)
                return pic__fail(err, PIC_NOTFOUND, "no name server runs");
        forgot = strcmp(name, ".") == 0 ? "everything" : strcmp(name, "nas.home.internal.") == 0 ? "nas" : "another";
        return 7;
}

static void told(void **state)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__backend_ops ops;
        pic__engine *e;
        cell c;

        (void)state;
        cell_make(&c);
        e = cell_open(&c);
        assert_int_equal(pic__engine_dns_stats(e, &j, NULL), 0); /* before the first look, too */
        assert_non_null(strstr(text.data, "\"answers\":true}"));
        ops = *e->backends[PIC__B_DNS]->ops;
        ops.counts = nobody;
        ops.flush = forget;
        e->backends[PIC__B_DNS]->ops = &ops;
        pic__buf_clear(&text);
        assert_int_equal(pic__engine_dns_stats(e, &j, NULL), 0);
        assert_non_null(strstr(text.data, "{\"answers\":false}"));
        pic__buf_clear(&text);
        assert_int_equal(pic__engine_dns_flush(e, NULL, &j, NULL), 0);
        assert_string_equal(forgot, "everything");
        assert_non_null(strstr(text.data, "{\"forgotten\":7}"));
        assert_int_equal(pic__engine_dns_flush(e, "nas", &j, NULL), 0);
        assert_string_equal(forgot, "nas");
        assert_int_equal(pic__engine_dns_flush(e, "a..b", &j, NULL), PIC_VALUE);
        assert_int_equal(pic__engine_dns_flush(e, "gone.", &j, NULL), PIC_NOTFOUND);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
