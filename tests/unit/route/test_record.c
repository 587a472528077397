/* backend/route/record.c: the file of former settings. */
#include "world.h"

#include "backend/route/record.h"

static void kept(void **state)
{
        pic__route *b = (pic__route *)backend();
        pic__formers all = PIC__VEC_INIT, again = PIC__VEC_INIT;

        (void)state;
        assert_int_equal(pic__formers_load(b->record_path, &all, NULL), 0);
        assert_int_equal(all.count, 0);
        assert_int_equal(pic__formers_put(&all, PIC__FORWARD4, "0", PIC__FORWARD4, NULL), 0);
        assert_int_equal(pic__formers_put(&all, "net.ipv4.conf.lan0.forwarding", "0", PIC__FORWARD4, NULL), 0);
        assert_int_equal(pic__formers_save(b, &all, NULL), 0);
        assert_int_equal(pic__formers_load(b->record_path, &again, NULL), 0);
        assert_int_equal(again.count, 2);
        assert_string_equal(again.at[1].key, "net.ipv4.conf.lan0.forwarding");
        assert_string_equal(pic__formers_find(&again, PIC__FORWARD4)->value, "0");
        assert_null(pic__formers_find(&again, "net.ipv4.conf.lan0.forwarding")); /* no item of its own */
        assert_null(pic__formers_find(&again, PIC__FORWARD6));
        all.count = 0;
        assert_int_equal(pic__formers_save(b, &all, NULL), 0);
        assert_int_not_equal(access(b->record_path, F_OK), 0);
        pic__formers_free(&all);
        pic__formers_free(&again);
        b->base.ops->free(&b->base);
}

static void too_long(void **state)
{
        pic__formers all = PIC__VEC_INIT;
        char key[120];

        (void)state;
        memset(key, 'x', sizeof(key));
        key[sizeof(key) - 1] = '\0';
        assert_int_equal(pic__formers_put(&all, key, "0", PIC__FORWARD4, NULL), PIC_UNSUPPORTED);
        assert_int_equal(pic__formers_put(&all, PIC__FORWARD4, key, PIC__FORWARD4, NULL), PIC_UNSUPPORTED);
        assert_int_equal(all.count, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(kept), TEST(too_long) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
