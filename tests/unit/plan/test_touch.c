/* Shows: which peers changes touch, and that a snapshot can be told of changes that exchange names and addresses. */
#include "plan/touch.h"
#include "sample.h"

static pic__snap *world(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__GROUP, 50, "name=kids access=lan");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=kids");
        sample_put(s, PIC__PEER, 21, "name=b address4=10.1.0.3 groups=kids expires=2030-01-01");
        sample_put(s, PIC__PEER, 22, "name=c address4=10.1.0.4");
        sample_now(s, SAMPLE_NOW);
        return s;
}

static void expect(const pic__snap *s, const pic__change *changes, size_t count, pic_time now, const char *want)
{
        pic__touches touched = PIC__VEC_INIT;
        char got[200] = "";
        size_t i;

        assert_int_equal(pic__touch_find(s, changes, count, now, &touched), 0);
        for (i = 0; i < touched.count; i++)
                snprintf(got + strlen(got), sizeof(got) - strlen(got), "%d%s ", (int)touched.at[i].id,
                         touched.at[i].whole ? "" : "c");
        assert_string_equal(got, want);
        pic__vec_free(&touched);
}

static void touched(void **state)
{
        SNAP_AUTO s = world();
        OBJ_AUTO group = sample_obj(PIC__GROUP, 50, "name=kids access=internet");
        OBJ_AUTO c = sample_obj(PIC__PEER, 22, "name=c address4=10.1.0.4 note=x");
        OBJ_AUTO a = sample_obj(PIC__PEER, 20, "name=a address4=10.1.0.2");
        const pic__change changes[] = { { PIC__PEER, 22, pic__snap_get(s, PIC__PEER, 22), c },
                                        { PIC__GROUP, 50, pic__snap_get(s, PIC__GROUP, 50), group },
                                        { PIC__PEER, 20, pic__snap_get(s, PIC__PEER, 20), a } };

        (void)state;
        expect(s, changes, 0, SAMPLE_NOW, "");
        expect(s, changes, 1, SAMPLE_NOW, "22 ");
        expect(s, changes, 2, SAMPLE_NOW, "20c 21c 22 ");
        expect(s, changes, 3, SAMPLE_NOW, "20 21c 22 ");
        expect(s, changes, 0, SAMPLE_NOW + 200 * (pic_time)86400000000 * 10, "21 "); /* its time comes */
}

/* Two groups and two peers exchange their names, the peers their addresses too; one of them goes. */
static void told(void **state)
{
        SNAP_AUTO s = world();
        OBJ_AUTO a = sample_obj(PIC__PEER, 20, "name=b address4=10.1.0.3 groups=others");
        OBJ_AUTO b = sample_obj(PIC__PEER, 21, "name=a address4=10.1.0.2");
        OBJ_AUTO group = sample_obj(PIC__GROUP, 51, "name=others access=internet");
        const pic__change changes[] = { { PIC__PEER, 20, NULL, a },
                                        { PIC__PEER, 21, NULL, b },
                                        { PIC__GROUP, 51, NULL, group },
                                        { PIC__PEER, 22, NULL, NULL } };
        pic__addr at;

        (void)state;
        assert_int_equal(pic__changes_tell(s, changes, 4, NULL), 0);
        assert_int_equal(pic__snap_named(s, PIC__PEER, "a")->id, 21);
        assert_int_equal(pic__addr_parse("10.1.0.3", &at), 0);
        assert_int_equal(pic__snap_by_addr(s, &at)->id, 20);
        assert_string_equal(pic__snap_class(s, a)->rights, "internet");
        assert_null(pic__snap_get(s, PIC__PEER, 22));
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(touched), cmocka_unit_test(told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
