/* Shows: a backup is of one moment while others write, says so in the journal, and is never open unless that was said.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../api/world.h"

static pic_age_keys *locked(void)
{
        pic_age_keys *keys = NULL;

        assert_int_equal(pic_age_keys_new(&keys, NULL), 0);
        assert_int_equal(pic_age_keys_passphrase(keys, "correct staple of May", NULL), 0);
        return keys;
}

static int make(world *w, const pic_age_keys *keys, const char *path, uint32_t flags, pic_error **err)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *told = NULL;
        int r;

        o.output = path;
        o.flags = flags;
        o.work_factor = 2;
        r = pic_backup_create(w->ctx, keys, -1, &o, &told, err);
        if (r == 0)
                assert_non_null(strstr(pic_report_text(told), "\"name\":\"cell.db\""));
        pic_report_unref(told);
        return r;
}

static void arguments(void **state)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_age_keys *keys = locked();
        pic_report *told = NULL;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        refused(pic_backup_create(NULL, keys, 1, NULL, &told, &err), PIC_INVALID, "ctx");
        refused(pic_backup_create(w.ctx, keys, 1, NULL, NULL, &err), PIC_INVALID, "ret_report");
        refused(pic_backup_create(w.ctx, keys, -1, NULL, &told, &err), PIC_INVALID, "out_fd");
        refused(pic_backup_create(w.ctx, NULL, 1, NULL, &told, &err), PIC_INVALID, "keys");
        o.flags = PIC_BACKUP_PLAIN;
        refused(pic_backup_create(w.ctx, keys, 1, &o, &told, &err), PIC_INVALID, "keys");
        o.flags = PIC_BACKUP_PLAIN | PIC_BACKUP_ARMOR;
        refused(pic_backup_create(w.ctx, NULL, 1, &o, &told, &err), PIC_INVALID, "flags");
        o.flags = 64;
        refused(pic_backup_create(w.ctx, keys, 1, &o, &told, &err), PIC_INVALID, "flags");
        o.flags = 0;
        o.work_factor = 31;
        refused(pic_backup_create(w.ctx, keys, 1, &o, &told, &err), PIC_INVALID, "work_factor");
        refused(make(&w, keys, "/nowhere/at/all", 0, &err), PIC_NOTFOUND, "/nowhere");
        pic_age_keys_unref(keys);
        world_end(&w);
}

static void modes_and_rows(void **state)
{
        pic_age_keys *keys = locked();
        pic_error *err = NULL;
        pic_history *rows = NULL;
        char path[128];
        struct stat st;
        world w;

        (void)state;
        world_init(&w);
        snprintf(path, sizeof(path), "%s/backup", w.dir);
        ok(make(&w, keys, path, 0, &err));
        ok(make(&w, NULL, path, PIC_BACKUP_PLAIN, &err));
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        ok(pic_history_get(w.ctx, NULL, &rows, &err));
        assert_non_null(strstr(pic_event_text(pic_history_at(rows, 0)), "not encrypted"));
        assert_string_equal(pic_event_verb(pic_history_at(rows, 1)), "backup");
        pic_history_unref(rows);
        unlink(path);
        snprintf(path, sizeof(path), "%s/key", w.dir);
        unlink(path);
        refused(make(&w, keys, "/tmp/pic-never", 0, &err), PIC_NOTFOUND, "has no key");
        pic_age_keys_unref(keys);
        world_end(&w);
}

/* Another process adds devices all the time: each backup has a whole revision. */
static void while_written(void **state)
{
        pic_age_keys *keys = locked();
        pic_error *err = NULL;
        char path[128], name[32];
        world w;
        pid_t pid;
        int i, status;

        (void)state;
        world_init(&w);
        snprintf(path, sizeof(path), "%s/backup", w.dir);
        pid = fork();
        if (pid == 0) {
                pic_ctx *own = world_open(w.dir, "fake");
                world other = { .ctx = own };

                strcpy(other.dir, w.dir);
                for (i = 0; i < 60; i++) {
                        snprintf(name, sizeof(name), "p%d", i);
                        if (world_add(&other, "peer", name, NULL, NULL) < 0)
                                _exit(1);
                }
                _exit(0);
        }
        for (i = 0; i < 10; i++) {
                pic_report *told = NULL;
                int fd;

                ok(make(&w, keys, path, 0, &err));
                fd = open(path, O_RDONLY);
                ok(pic_backup_verify(keys, fd, NULL, &told, &err));
                close(fd);
                pic_report_unref(told);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        pic_age_keys_unref(keys);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(arguments), cmocka_unit_test(modes_and_rows),
                                            cmocka_unit_test(while_written) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
