/* Shows: a plan says in words whose packets take another way, once for all of whom the same is true; and nothing of who
 * cannot leave, or of a connection that is called otherwise. */
#include "plan/meaning.h"
#include "sample.h"

static pic__snap *house(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32");
        sample_put(s, PIC__CONNECTION, 2, "name=never type=block slot=2");
        sample_put(s, PIC__GROUP, 5, "name=kids access=internet");
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 access=internet");
        sample_put(s, PIC__PEER, 21, "name=bert address4=10.1.0.3 groups=kids");
        sample_put(s, PIC__PEER, 22, "name=carl address4=10.1.0.4 groups=kids exit=far");
        sample_put(s, PIC__PEER, 23, "name=nas address4=10.1.0.5 access=lan");
        return s;
}

/* What one change means: its lines, one below the other. */
static const char *means(enum pic__kind kind, pic_id id, const char *fields)
{
        static char all[1000];
        SNAP_AUTO s = house();
        PIC__AUTO(pic__meaning_unref_p) pic__meaning *m = NULL;
        OBJ_AUTO after = fields != NULL ? sample_obj(kind, id, fields) : NULL;
        OBJ_AUTO before = pic__obj_ref(pic__snap_get(s, kind, id));
        pic__change change = { kind, id, before, after };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;

        assert_int_equal(pic__meaning_new(&m, NULL), 0);
        assert_int_equal(pic__meaning_before(m, s, &change, 1, NULL), 0);
        if (after != NULL)
                assert_int_equal(pic__snap_put(s, after, NULL), 0);
        else
                pic__snap_drop(s, kind, id);
        assert_int_equal(pic__meaning_after(m, s, NULL), 0);
        for (i = 0; i < pic__meaning_count(m); i++) {
                pic__auto_buf pic__buf json = PIC__BUF_INIT;
                pic__json j = PIC__JSON(&json);

                pic__meaning_text(m, i, &text);
                pic__buf_putc(&text, '\n');
                pic__meaning_json(m, i, &j);
                assert_non_null(strstr(pic__buf_str(&json), "\"text\""));
        }
        snprintf(all, sizeof(all), "%s", pic__buf_str(&text));
        return all;
}

static void one_device(void **state)
{
        (void)state;
        assert_string_equal(means(PIC__PEER, 20, "name=anna address4=10.1.0.2 access=internet exit=far"),
                            "anna leaves by far instead of directly\n");
        assert_string_equal(means(PIC__PEER, 22, "name=carl address4=10.1.0.4 groups=kids"),
                            "carl leaves directly instead of by far\n");
        assert_string_equal(means(PIC__PEER, 22, "name=carl address4=10.1.0.4 groups=kids exit=never"),
                            "carl is cut off from the internet: never carries nothing\n");
        assert_string_equal(means(PIC__PEER, 23, "name=nas address4=10.1.0.5 access=lan exit=far"), "");
        assert_non_null(strstr(means(PIC__PEER, 30, "name=dora address4=10.1.0.9 access=internet exit=far"),
                               "dora leaves by far\n"));
        assert_null(strstr(means(PIC__PEER, 30, "name=dora address4=10.1.0.9 access=internet"), "leaves"));
}

/* Who is let out while the exit is down: the one change that opens something. */
static void open_or_closed(void **state)
{
        (void)state;
        assert_string_equal(means(PIC__PEER, 22, "name=carl address4=10.1.0.4 groups=kids exit=far failopen=yes"),
                            "carl is let out directly while far is down\n");
        assert_string_equal(means(PIC__PEER, 20, "name=anna address4=10.1.0.2 access=internet exit=far failopen=yes"),
                            "anna leaves by far instead of directly, and directly while that is down\n");
        assert_string_equal(
                means(PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32 failopen=yes"),
                "carl is let out directly while far is down\n");
}

static void many(void **state)
{
        (void)state;
        assert_string_equal(means(PIC__GROUP, 5, "name=kids access=internet exit=never"),
                            "bert is cut off from the internet: never carries nothing\n");
        assert_string_equal(means(PIC__CELL, 1, SAMPLE_CELL " exit=far"),
                            "anna and bert leave by far instead of directly\n");
        assert_string_equal(
                means(PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32 enabled=no"),
                "carl is cut off from the internet: far carries nothing\n");
        assert_string_equal(means(PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32 mtu=1280"),
                            "");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(one_device), cmocka_unit_test(open_or_closed),
                                            cmocka_unit_test(many) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
