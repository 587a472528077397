/* Making, opening, checking; files that are damaged, absent or not to be had. */
#include "help.h"

#include <fcntl.h>
#include <sys/stat.h>

static char *path_of(const char *name)
{
        static char path[128];

        snprintf(path, sizeof(path), "%s/%s", test_dir, name);
        return path;
}

static int left_over(void)
{
        char cmd[160];

        snprintf(cmd, sizeof(cmd), "ls '%s' | grep -q new", test_dir);
        return system(cmd) == 0;
}

static void create_and_open(void **state)
{
        pic__store *st = new_store(), *two = NULL;
        uint8_t key[32] = { 0 };
        pic_error *e = NULL;
        pic_revision rev = -1;

        (void)state;
        assert_int_equal(left_over(), 0);
        needs(pic__store_seal_key(st, key, &err));
        assert_memory_equal(key, test_seal, 32);
        needs(pic__store_revision(st, &rev, &err));
        assert_int_equal(rev, 0);
        refused(PIC_EXISTS, pic__store_create(test_dir, test_seal, &test_clock, &two, &err), &e);
        assert_non_null(pic_error_hint(e));
        pic_error_free(e);
        pic__store_unref(st);
        st = open_store();
        needs(pic__store_check(st, &err));
        assert_int_equal(pic__store_check_for(st, 1000, NULL), 0);
        assert_true(pic__store_check_for(st, 0, NULL) >= 0); /* out of time is no damage */
        needs(pic__db_exec(st->db, "DELETE FROM meta WHERE key = 'seal_key'", &err));
        refused(PIC_CORRUPT, pic__store_seal_key(st, key, &err), NULL);
        pic__store_unref(st);
        assert_null(pic__store_unref(NULL));
}

static void absent(void **state)
{
        pic__store *st = NULL;
        pic_error *e = NULL;

        (void)state;
        refused(PIC_NOTFOUND, pic__store_open(test_dir, 100, &test_clock, &st, &err), &e);
        assert_non_null(strstr(pic_error_hint(e), "pic init"));
        pic_error_free(e);
        refused(PIC_NOTFOUND, pic__store_open("/nowhere/at/all", 100, &test_clock, &st, &err), NULL);
        refused(PIC_NOTFOUND, pic__store_create("/nowhere/at/all", test_seal, &test_clock, &st, &err), NULL);
}

/* A file of the same name made by something else, an empty one, a cut one. */
static void strange_files(void **state)
{
        static const char text[] = "This is a diary, not a database. Dear diary, today it rained, and then it rained "
                                   "again, for forty days "
                                   "and as many nights, so nobody came to visit the cell.";
        pic__store *st = NULL;
        pic_error *e = NULL;
        int fd = open(path_of("cell.db"), O_CREAT | O_WRONLY, 0600);

        (void)state;
        refused(PIC_CORRUPT, pic__store_open(test_dir, 100, &test_clock, &st, &err), NULL);
        assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
        close(fd);
        refused(PIC_CORRUPT, pic__store_open(test_dir, 100, &test_clock, &st, &err), &e);
        assert_non_null(strstr(pic_error_hint(e), "backup"));
        pic_error_free(e);
        unlink(path_of("cell.db"));
        assert_int_equal(mkdir(path_of("cell.db"), 0700), 0);
        assert_true(pic__store_open(test_dir, 100, &test_clock, &st, NULL) < 0);
        rmdir(path_of("cell.db"));
        st = new_store();
        pic__store_unref(st);
        assert_int_equal(truncate(path_of("cell.db"), 4096 * 3), 0);
        st = NULL;
        if (pic__store_open(test_dir, 100, &test_clock, &st, NULL) == 0) {
                refused(PIC_CORRUPT, pic__store_check(st, &err), NULL);
                pic__store_unref(st);
        }
}

/* Damage inside: each page but the first is overwritten in turn. Nothing crashes, and the check always finds it. */
static void damaged_pages(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        struct stat info;
        char junk[4096], keep[4096];
        off_t at;
        int i, fd;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        for (i = 0; i < 50; i++) {
                char name[16];

                snprintf(name, sizeof(name), "p%d", i);
                put_obj(t, obj(PIC__PEER, "name", name, NULL));
        }
        commit(t);
        pic__store_unref(st);
        memset(junk, 0x5a, sizeof(junk));
        fd = open(path_of("cell.db"), O_RDWR);
        assert_int_equal(fstat(fd, &info), 0);
        for (at = 4096; at < info.st_size; at += 4096) {
                pic__snap *s = NULL;
                int r;

                assert_int_equal(pread(fd, keep, 4096, at), 4096);
                assert_int_equal(pwrite(fd, junk, 4096, at), 4096);
                st = NULL;
                r = pic__store_open(test_dir, 100, &test_clock, &st, NULL);
                if (r == 0) {
                        pic_error *e = NULL;

                        needs(pic__snap_new(&s, &err));
                        r = pic__store_load(st, s, NULL, NULL);
                        assert_true(r == 0 || r == PIC_CORRUPT);
                        pic__snap_unref(s);
                        refused(PIC_CORRUPT, pic__store_check(st, &err), &e);
                        assert_non_null(pic_error_hint(e));
                        pic_error_free(e);
                        pic__store_unref(st);
                } else
                        assert_int_equal(r, PIC_CORRUPT);
                assert_int_equal(pwrite(fd, keep, 4096, at), 4096);
        }
        close(fd);
        st = open_store();
        needs(pic__store_check(st, &err));
        pic__store_unref(st);
}

/* Values that no parser would have let in. */
static void wrong_values(void **state)
{
        static const char *const sql[] = {
                "UPDATE peer SET address4 = '10.01.0.2'",
                "UPDATE peer SET access = 'lan,internet'",
                "UPDATE peer SET name = 'an na'",
                "UPDATE peer SET address6 = 'fd00:0::1'",
                "PRAGMA foreign_keys=OFF; INSERT INTO ref (from_kind, from_id, field, to_peer) VALUES ('peer', 1, "
                "'access', 99);"
                "PRAGMA foreign_keys=ON",
        };
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        size_t i;

        (void)state;
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__PEER, "name", "anna", NULL));
        commit(t);
        for (i = 0; i < PIC__COUNT(sql); i++) {
                pic_error *e = NULL;

                needs(pic__store_check(st, &err));
                needs(pic__db_exec(st->db, sql[i], &err));
                refused(PIC_CORRUPT, pic__store_check(st, &err), &e);
                pic_error_free(e);
                needs(pic__db_exec(st->db,
                                   "UPDATE peer SET address4 = NULL, address6 = NULL, access = NULL, name = 'anna';"
                                   "DELETE FROM ref",
                                   &err));
        }
        pic__store_unref(st);
}

static void out_of_memory(void **state)
{
        unsigned long n, made = 0;

        (void)state;
        for (n = 1; n == 1 || made >= n - 1; n++) {
                pic__store *st = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__store_create(test_dir, test_seal, &test_clock, &st, NULL);
                made = pic__mem_fail_at(0);
                assert_true(r == PIC_NOMEM || r == 0);
                assert_int_equal(left_over(), 0);
                if (r == 0) {
                        pic__mem_fail_at(n);
                        r = pic__store_check(st, NULL);
                        pic__mem_fail_at(0);
                        assert_true(r == PIC_NOMEM || r == 0);
                }
                pic__store_unref(st);
                unlink(path_of("cell.db"));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(create_and_open), STORE_TEST(absent),       STORE_TEST(strange_files),
                STORE_TEST(damaged_pages),   STORE_TEST(wrong_values), STORE_TEST(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
