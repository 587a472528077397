/* Shows: the version is the headers', and features can be asked for. */
#include "../../api/world.h"

static void version(void **state)
{
        char want[32];

        (void)state;
        snprintf(want, sizeof(want), "%d.%d.%d", PIC_VERSION_MAJOR, PIC_VERSION_MINOR, PIC_VERSION_PATCH);
        assert_string_equal(pic_version(), want);
        assert_string_equal(PIC_VERSION, want);
}

static void features(void **state)
{
        (void)state;
        assert_int_equal(pic_has_feature("world.fake"), 1);
        assert_int_equal(pic_has_feature("qr.png"), 1);
        assert_int_equal(pic_has_feature("teleport"), 0);
        assert_int_equal(pic_has_feature(NULL), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(version),
                cmocka_unit_test(features),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
