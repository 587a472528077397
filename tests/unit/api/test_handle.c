/* Shows: options structs older and newer than the library are read as far as they go; a wrong handle is seen. */
#include "../../api/world.h"
#include "api/api.h"

struct known {
        size_t size;
        const char *a;
        int32_t b;
        int32_t pad;
};

static void by_size(void **state)
{
        struct {
                size_t size;
                const char *a;
        } older = { sizeof(older), "x" };
        struct {
                struct known k;
                uint64_t more;
        } newer = { { sizeof(newer), "y", 7, 0 }, 0 };
        struct known k;
        pic_error *err = NULL;

        (void)state;
        k.a = "dirty";
        ok(pic__api_opts(NULL, &k, sizeof(k), "call", &err));
        assert_null(k.a);
        ok(pic__api_opts(&older, &k, sizeof(k), "call", &err));
        assert_string_equal(k.a, "x");
        assert_int_equal(k.b, 0);
        ok(pic__api_opts(&newer, &k, sizeof(k), "call", &err));
        assert_string_equal(k.a, "y");
        assert_int_equal(k.b, 7);
        newer.more = 1;
        refused(pic__api_opts(&newer, &k, sizeof(k), "call", &err), PIC_INVALID, "does not know");
        newer.k.size = 0;
        refused(pic__api_opts(&newer, &k, sizeof(k), "call", &err), PIC_INVALID, "size is not set");
}

static void magic(void **state)
{
        pic__handle h = { PIC__MAGIC_EDIT, 1 };

        (void)state;
        assert_true(pic__api_is(&h, PIC__MAGIC_EDIT));
        assert_false(pic__api_is(&h, PIC__MAGIC_PLAN));
        assert_false(pic__api_is(NULL, PIC__MAGIC_PLAN));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(by_size),
                cmocka_unit_test(magic),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
