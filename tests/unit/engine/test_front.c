/* Shows: the front proxy's secret is a new one each time, in a file that only the cell's group may read; the one before
 * is good until the next. */
#include "fixture.h"

#include "engine/front.h"

static void made(void **state)
{
        char dir[64], path[80], text[64] = { 0 };
        struct stat st;
        FILE *in;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        assert_int_equal(pic__front_is(dir, ""), 0);
        assert_int_equal(pic__front_make(dir, geteuid(), NULL), 0);
        snprintf(path, sizeof(path), "%s/front", dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0640);
        assert_int_equal(st.st_size, 22);
        in = fopen(path, "r");
        assert_int_equal(fread(text, 1, sizeof(text), in), 22);
        fclose(in);
        assert_int_equal(pic__front_is(dir, text), 1);
        assert_int_equal(pic__front_is(dir, ""), 0);
        text[21] ^= 1;
        assert_int_equal(pic__front_is(dir, text), 0);
        text[21] ^= 1;
        assert_int_equal(pic__front_make(dir, geteuid(), NULL), 0);
        assert_int_equal(pic__front_is(dir, text), 1); /* connections that stay have it until the next start */
        assert_int_equal(pic__front_make(dir, geteuid(), NULL), 0);
        assert_int_equal(pic__front_is(dir, text), 0);
        fixture_drop(dir);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(made) };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
