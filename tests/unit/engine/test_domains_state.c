/* Shows: how long is waited after which failure; what is known outlives a restart, and a damaged file is forgotten. */
#include "fixture.h"

#include "engine/domains_i.h"

static void patience(void **state)
{
        pic_time minute = 60 * PIC__SECOND;

        (void)state;
        assert_int_equal(pic__told_patience(1, PIC_BACKEND) / minute, 5);
        assert_int_equal(pic__told_patience(2, PIC_BACKEND) / minute, 10);
        assert_int_equal(pic__told_patience(5, PIC_TIMEOUT) / minute, 80);
        assert_int_equal(pic__told_patience(1000, PIC_NOTFOUND) / minute, 360);
        assert_int_equal(pic__told_patience(1, PIC_DENIED) / minute, 1440);
}

static void there_and_back(void **state)
{
        pic__told at[PIC__DOMAINS_MAX] = { { .name = "" } }, back[PIC__DOMAINS_MAX] = { { .name = "" } };
        char dir[64], path[128];

        (void)state;
        fixture_dir(dir, sizeof(dir));
        assert_true(pic__domains_load(dir, back) < 0);
        snprintf(at[2].name, sizeof(at[2].name), "home.example.org");
        snprintf(at[2].ip4, sizeof(at[2].ip4), "198.51.100.7");
        at[2].at = 5;
        at[2].next = NOW;
        at[2].failures = 3;
        at[2].code = PIC_DENIED;
        at[2].revision = 77;
        at[2].said = pic__strdup("bad = auth\n%");
        at[2].error = pic__strdup("no");
        assert_int_equal(pic__domains_save(dir, at, NULL), 0);
        assert_int_equal(pic__domains_load(dir, back), 0);
        assert_string_equal(back[0].name, "home.example.org");
        assert_string_equal(back[0].ip4, "198.51.100.7");
        assert_string_equal(back[0].said, "bad = auth\n%");
        assert_null(back[0].hint);
        assert_true(back[0].at == 5 && back[0].next == NOW && back[0].failures == 3 && back[0].code == PIC_DENIED &&
                    back[0].revision == 77);
        assert_string_equal(back[1].name, "");
        pic__told_clear(&back[0]);
        snprintf(path, sizeof(path), "%s/" PIC__DOMAINS_FILE, dir);
        assert_int_equal(pic__file_write(path, "name=%zz\nat=5\n\nname=a.b next=x\n", 31, 0600, NULL), 0);
        assert_int_equal(pic__domains_load(dir, back), 0);
        assert_string_equal(back[0].name, "a.b");
        assert_int_equal(back[0].next, 0);
        pic__told_clear(&back[0]);
        pic__told_clear(&at[2]);
        fixture_drop(dir);
}

static void states(void **state)
{
        pic_obj *o = NULL;
        pic__told t = { .name = "home.example.org" };

        (void)state;
        assert_int_equal(pic__obj_new(PIC__DOMAIN, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "mode", "http01", 0, NULL), 0);
        assert_string_equal(pic__told_state(o, NULL), "off");
        assert_int_equal(pic__obj_set(o, "mode", "exec", 0, NULL), 0);
        assert_string_equal(pic__told_state(o, &t), "waiting");
        t.tried = 1;
        assert_string_equal(pic__told_state(o, &t), "published");
        t.code = PIC_DENIED;
        assert_string_equal(pic__told_state(o, &t), "refused");
        t.code = PIC_NOTFOUND;
        assert_string_equal(pic__told_state(o, &t), "unregistered");
        t.code = PIC_BACKEND;
        assert_string_equal(pic__told_state(o, &t), "failed");
        pic__obj_unref(o);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(patience), cmocka_unit_test(there_and_back),
                                            cmocka_unit_test(states) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
