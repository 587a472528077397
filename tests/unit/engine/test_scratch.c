/* Shows: a directory goes with its maker, also with one who was killed; what others have there stays. */
#include "engine/scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

static void comes_and_goes(void **state)
{
        char base[] = "/tmp/pic-scratches-XXXXXX", begin[64], other[96];
        pic__scratch a = PIC__SCRATCH_INIT, b = PIC__SCRATCH_INIT;
        struct stat st;

        (void)state;
        assert_non_null(mkdtemp(base));
        snprintf(begin, sizeof(begin), "%s/work-", base);
        snprintf(other, sizeof(other), "%s/work-other", base);
        assert_int_equal(mkdir(other, 0700), 0);
        snprintf(other, sizeof(other), "%s/work-other/file", base);
        assert_true(close(open(other, O_CREAT | O_WRONLY, 0600)) == 0);
        assert_int_equal(pic__scratch_make(begin, &a, NULL), 0);
        assert_int_equal(stat(a.path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0700);
        assert_int_equal(pic__scratch_make(begin, &b, NULL), 0); /* one at work is left alone */
        assert_int_equal(stat(a.path, &st), 0);
        assert_int_equal(close(a.mark), 0); /* as if it was killed */
        a.mark = -1;
        pic__scratch_free(&b);
        assert_int_equal(pic__scratch_make(begin, &b, NULL), 0);
        assert_int_equal(stat(a.path, &st), -1);
        pic__free(a.path);
        pic__scratch_unmark(b.path);
        assert_int_equal(pic__scratch_make(begin, &a, NULL), 0);
        assert_int_equal(stat(other, &st), 0);
        pic__scratch_free(&a);
        pic__scratch_free(&b);
        assert_int_equal(pic__scratch_make("/nowhere/at-all-", &a, NULL), PIC_IO);
        assert_int_equal(pic__scratch_anywhere(&a, NULL), 0);
        pic__scratch_free(&a);
        (void)nftw(base, fixture_rm, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(comes_and_goes) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
