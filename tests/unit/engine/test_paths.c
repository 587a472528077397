/* Where things are. */
#include "fixture.h"

static void expect(char *got, const char *wanted)
{
        assert_string_equal(got, wanted);
        pic__free(got);
}

static void test_paths(void **state)
{
        cell c;

        (void)state;
        expect(pic__run_dir("/var/lib/pic"), "/run/pic");
        expect(pic__run_dir("/var/lib/pic//"), "/run/pic");
        expect(pic__run_dir("/var/lib/picture"), "/var/lib/picture/run");
        expect(pic__run_dir("/var/lib/pi"), "/var/lib/pi/run");
        expect(pic__run_dir("/srv/home"), "/srv/home/run");
        expect(pic__log_dir("/var/lib/pic"), "/var/lib/pic/log");
        expect(pic__socket_path("/run/pic"), "/run/pic/agent.sock");
        pic__mem_fail_at(1);
        assert_null(pic__run_dir("/var/lib/pic"));
        pic__mem_fail_at(1);
        assert_int_equal(pic__cell_there("/", NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
        assert_int_equal(pic__cell_there("/nowhere", NULL), PIC_NOTFOUND);
        cell_make(&c);
        assert_int_equal(pic__cell_there(c.dir, NULL), 0);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_paths) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
