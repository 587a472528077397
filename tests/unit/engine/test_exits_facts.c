/* What is known of exits: as text, as a file, told to a snapshot. */
#include "fixture.h"

#include "engine/exits_facts.h"

static pic__exits_known *known(void)
{
        static pic__exits_known k;

        pic__exits_known_clear(&k);
        return &k;
}

static void test_text(void **state)
{
        static const char text[] = "1 7 up - 203.0.113.7:51820,[2001:db8::7]:51820\n"
                                   "2 8 down - -\n"
                                   "9 12 up 2 -\n"
                                   "255 9000000000 down 0 203.0.113.9:1194/udp\n";
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__exits_known again = { .id = { 0 } }, *k = known();

        (void)state;
        assert_int_equal(pic__exits_known_parse(k, text, NULL), 0);
        assert_true(k->id[1] == 7 && k->id[255] == 9000000000 && k->id[3] == 0);
        assert_true(!k->facts.at[1].down && !k->facts.at[1].judged && k->facts.at[2].down);
        assert_true(k->facts.at[9].judged && k->facts.at[9].active == 2 && k->facts.at[255].judged);
        assert_string_equal(k->facts.at[255].remote, "203.0.113.9:1194/udp");
        assert_null(k->facts.at[2].remote);
        pic__exits_known_print(k, &out);
        assert_string_equal(pic__buf_str(&out), text);
        assert_false(pic__exits_known_same(k, &again));
        assert_int_equal(pic__exits_known_parse(&again, text, NULL), 0);
        assert_true(pic__exits_known_same(k, &again));
        assert_int_equal(pic__exits_known_parse(&again, "", NULL), 0);
        assert_int_equal(again.id[1], 0);
        pic__exits_known_clear(k);
        pic__exits_known_clear(&again);
}

static void test_bad_text(void **state)
{
        static const char *const bad[] = { "1 7 up - -",
                                           "0 7 up - -\n",
                                           "256 7 up - -\n",
                                           "1 0 up - -\n",
                                           "1 -7 up - -\n",
                                           "1 7 maybe - -\n",
                                           "1 7 up 256 -\n",
                                           "1 7 up x -\n",
                                           "1 7 up - \n",
                                           "1 7 up -\n",
                                           "1 7 up - - -\n",
                                           "1 7 up - a;b\n",
                                           "1 7 up - -\n1 8 up - -\n",
                                           "\n",
                                           "x\n" };
        pic__exits_known *k = known();
        char longer[3000];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                pic__auto_err pic_error *err = NULL;

                assert_int_equal(pic__exits_known_parse(k, bad[i], &err), PIC_CORRUPT);
                assert_true(k->id[1] == 0);
        }
        memset(longer, '1', sizeof(longer));
        memcpy(longer, "1 7 up - ", 9);
        strcpy(longer + sizeof(longer) - 2, "\n");
        assert_int_equal(pic__exits_known_parse(k, longer, NULL), PIC_CORRUPT);
}

static void test_file(void **state)
{
        pic__exits_known *k = known(), again = { .id = { 0 } };
        char dir[64], path[128];

        (void)state;
        fixture_dir(dir, sizeof(dir));
        assert_int_equal(pic__exits_known_parse(k, "1 7 down - 203.0.113.7:1\n", NULL), 0);
        assert_int_equal(pic__exits_known_read(dir, k, NULL), 0); /* none: nothing is known */
        assert_int_equal(k->id[1], 0);
        assert_int_equal(pic__exits_known_parse(k, "1 7 down - 203.0.113.7:1\n", NULL), 0);
        assert_int_equal(pic__exits_known_write(dir, k, NULL), 0);
        assert_int_equal(pic__exits_known_read(dir, &again, NULL), 0);
        assert_true(pic__exits_known_same(k, &again));
        snprintf(path, sizeof(path), "%s/exits.facts", dir);
        assert_int_equal(pic__file_write(path, "nonsense", 8, 0644, NULL), 0);
        assert_int_equal(pic__exits_known_read(dir, &again, NULL), PIC_CORRUPT);
        pic__exits_known_forget(dir);
        assert_int_equal(pic__file_exists(path), 0);
        pic__exits_known_clear(k);
        pic__exits_known_clear(&again);
        fixture_drop(dir);
}

static void put(pic__snap *s, pic_id id, const char *name, const char *slot)
{
        const char *const fields[] = { "name", name, "type", "wireguard", "slot", slot };
        pic_obj *o = NULL;
        size_t i;

        assert_int_equal(pic__obj_new(PIC__CONNECTION, &o, NULL), 0);
        o->id = id;
        for (i = 0; i < PIC__COUNT(fields); i += 2)
                assert_int_equal(pic__obj_set(o, fields[i], fields[i + 1], 1, NULL), 0);
        assert_int_equal(pic__snap_put(s, o, NULL), 0);
        pic__obj_unref(o);
}

/* Of whom nothing is known, or whose slot was another's, the snapshot is told nothing. */
static void test_tell(void **state)
{
        pic__exits_known *k = known();
        pic__snap *s = NULL;
        unsigned long n;
        int r;

        (void)state;
        assert_int_equal(pic__snap_new(&s, NULL), 0);
        put(s, 7, "a", "1");
        put(s, 9, "b", "2");
        put(s, 10, "c", "3");
        assert_int_equal(pic__exits_known_parse(k, "1 7 down - 203.0.113.7:1\n2 8 down - 203.0.113.8:1\n", NULL), 0);
        assert_int_equal(pic__exits_known_tell(k, s, NULL), 0);
        assert_true(pic__snap_exits(s)->at[1].down && !pic__snap_exits(s)->at[2].down);
        assert_string_equal(pic__snap_exits(s)->at[1].remote, "203.0.113.7:1");
        assert_null(pic__snap_exits(s)->at[2].remote);
        assert_string_equal(k->facts.at[1].remote, "203.0.113.7:1");
        for (n = 1;; n++) {
                pic__mem_fail_at(n);
                r = pic__exits_known_tell(k, s, NULL);
                if (pic__mem_fail_at(0) < n)
                        break;
                assert_int_equal(r, PIC_NOMEM);
                assert_true(pic__snap_exits(s)->at[1].down); /* as it was */
        }
        assert_int_equal(r, 0);
        pic__exits_known_clear(k);
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_text),
                cmocka_unit_test(test_bad_text),
                cmocka_unit_test(test_file),
                cmocka_unit_test(test_tell),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
