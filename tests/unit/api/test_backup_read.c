/* Shows: what is in a backup is told without trusting it, and one member comes out. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../api/world.h"

static pic_age_keys *keys;
static world w;
static char file[128];

static int setup(void **state)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *told = NULL;
        pic_error *err = NULL;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_age_keys_new(&keys, &err));
        ok(pic_age_keys_passphrase(keys, "correct staple of May", &err));
        snprintf(file, sizeof(file), "%s.backup", w.dir);
        o.output = file;
        o.work_factor = 2;
        ok(pic_backup_create(w.ctx, keys, -1, &o, &told, &err));
        pic_report_unref(told);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        pic_age_keys_unref(keys);
        unlink(file);
        world_end(&w);
        return 0;
}

static int with_file(int (*what)(int fd, pic_error **err), pic_error **err)
{
        int fd = open(file, O_RDONLY), r = what(fd, err);

        close(fd);
        return r;
}

static int show(int fd, pic_error **err)
{
        pic_report *told = NULL;
        int r = pic_backup_show(keys, fd, NULL, &told, err);

        if (r == 0)
                assert_non_null(strstr(pic_report_text(told), "\"revision\":2"));
        pic_report_unref(told);
        return r;
}

static int verify(int fd, pic_error **err)
{
        pic_report *told = NULL;
        int r = pic_backup_verify(keys, fd, NULL, &told, err);

        pic_report_unref(told);
        return r;
}

static const char *member = "key";
static int extract(int fd, pic_error **err)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        char path[160];
        int r;

        snprintf(path, sizeof(path), "%s.out", file);
        o.output = path;
        r = pic_backup_extract(keys, fd, member, -1, &o, err);
        assert_int_equal(access(path, F_OK) == 0, r == 0);
        unlink(path);
        return r;
}

static int no_keys(int fd, pic_error **err)
{
        pic_report *told = NULL;

        return pic_backup_show(NULL, fd, NULL, &told, err);
}

static int to_nowhere(int fd, pic_error **err)
{
        return pic_backup_extract(keys, fd, "key", -1, NULL, err);
}

static void reading(void **state)
{
        pic_error *err = NULL;

        (void)state;
        ok(with_file(show, &err));
        ok(with_file(verify, &err));
        ok(with_file(extract, &err));
        member = "nothing";
        refused(with_file(extract, &err), PIC_NOTFOUND, "'nothing'");
        member = "key";
        refused(with_file(no_keys, &err), PIC_DENIED, "encrypted");
        refused(with_file(to_nowhere, &err), PIC_INVALID, "out_fd");
        refused(pic_backup_show(keys, 999, NULL, NULL, &err), PIC_INVALID, "ret_report");
        refused(pic_backup_verify(keys, 0, NULL, NULL, &err), PIC_INVALID, "ret_report");
        refused(pic_backup_extract(keys, 0, NULL, 1, NULL, &err), PIC_INVALID, "member");
}

static void cut_off(void **state)
{
        pic_error *err = NULL;
        struct stat st;

        (void)state;
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(truncate(file, st.st_size - 1), 0);
        refused(with_file(verify, &err), PIC_CORRUPT, "");
        refused(with_file(extract, &err), PIC_CORRUPT, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(reading, setup, teardown),
                                            cmocka_unit_test_setup_teardown(cut_off, setup, teardown) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
