/* Shows: an ordered exchange is done once, whole, before an agent starts; a broken, forged or vanished one changes
 * nothing and waits for nobody; who has the cell open is waited for, and in the end believed. */
#include "engine/ordered.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <time.h>

#include <pic/backup.h>

#include "engine/exchange.h"
#include "engine/lockfile.h"
#include "engine/stage.h"
#include "fixture.h"

/* How many names in a directory begin so. */
static int count(const char *dir, const char *begin)
{
        DIR *d = opendir(dir);
        struct dirent *e;
        int n = 0;

        assert_non_null(d);
        while ((e = readdir(d)) != NULL)
                n += strncmp(e->d_name, begin, strlen(begin)) == 0;
        closedir(d);
        return n;
}

static int beside(const cell *c)
{
        return count("/tmp", c->dir + 5);
}

/* What lies there is another cell, as a backup's files are: written by name into a directory with a mark. */
static void order(const cell *c, char name[128])
{
        static const char *const files[] = { "cell.db", "key" };
        PIC__AUTO(pic__scratch_free) pic__scratch s = PIC__SCRATCH_INIT;
        char begin[128];
        size_t i;
        cell other;

        cell_make(&other);
        snprintf(begin, sizeof(begin), "%s/" PIC__ORDERED_STAGE, c->dir);
        assert_int_equal(pic__scratch_make(begin, &s, NULL), 0);
        snprintf(name, 128, "%s", s.path);
        for (i = 0; i < 2; i++) {
                char from[128], to[192];

                snprintf(from, sizeof(from), "%s/%s", other.dir, files[i]);
                snprintf(to, sizeof(to), "%s/%s", s.path, files[i]);
                assert_int_equal(rename(from, to), 0);
        }
        assert_int_equal(pic__ordered_put(c->dir, &s, NULL), 0);
        assert_null(s.path);
        cell_drop(&other);
}

static int carry_out(const cell *c, unsigned patience, char **former, pic_error **err)
{
        char run[128];
        const pic__ordered_opts o = { .dir = c->dir, .run_dir = run, .clock = &c->clock, .patience_ms = patience };

        snprintf(run, sizeof(run), "%s/run", c->dir);
        return pic__ordered_do(&o, former, err);
}

static ino_t inode(const char *dir)
{
        struct stat st;

        assert_int_equal(stat(dir, &st), 0);
        return st.st_ino;
}

static void done_once(void **state)
{
        pic__auto_free char *former = NULL;
        char staged[128];
        ino_t old, new;
        cell c;

        (void)state;
        cell_make(&c);
        assert_int_equal(carry_out(&c, 0, &former, NULL), 0); /* nothing was ordered */
        order(&c, staged);
        assert_true(pic__ordered_there(c.dir));
        old = inode(c.dir);
        new = inode(staged);
        assert_int_equal(carry_out(&c, 0, &former, NULL), 1);
        assert_non_null(former);
        assert_true(inode(c.dir) == new &&inode(former) == old);
        assert_true(!pic__ordered_there(c.dir) && !pic__ordered_there(former));
        assert_int_equal(count(c.dir, PIC__SCRATCH_MARK), 0);
        assert_int_equal(carry_out(&c, 0, &former, NULL), 0);
        fixture_drop(former);
        cell_drop(&c);
}

static void one_at_a_time(void **state)
{
        PIC__AUTO(pic__scratch_free) pic__scratch s = PIC__SCRATCH_INIT;
        pic__auto_free char *former = NULL;
        char staged[128], run[128], begin[128];
        int lock = -1;
        cell c;

        (void)state;
        cell_make(&c);
        order(&c, staged);
        snprintf(begin, sizeof(begin), "%s/other-", c.dir);
        assert_int_equal(pic__scratch_make(begin, &s, NULL), 0);
        assert_int_equal(pic__ordered_put(c.dir, &s, NULL), PIC_BUSY);
        snprintf(run, sizeof(run), "%s/run", c.dir);
        assert_int_equal(pic__dir_make(run, 0700, NULL), 0);
        assert_int_equal(pic__lock_take(run, PIC__AGENT_LOCK, 0, "me", &lock, NULL), 0);
        assert_int_equal(carry_out(&c, 0, &former, NULL), PIC_BUSY); /* an agent runs: it waits on */
        assert_true(pic__ordered_there(c.dir));
        close(lock);
        pic__ordered_drop(c.dir); /* taken back: nothing of it is left */
        assert_true(!pic__ordered_there(c.dir));
        assert_int_equal(count(c.dir, PIC__ORDERED_STAGE), 0);
        cell_drop(&c);
}

/* The last row of the journal says what became of it. */
static void untouched(const cell *c, ino_t old, const char *words)
{
        pic__auto_err pic_error *err = NULL;
        pic__auto_free char *former = NULL;

        assert_true(carry_out(c, 0, &former, &err) < 0);
        assert_null(former);
        if (strstr(pic_error_message(err), words) == NULL)
                fail_msg("%s", pic_error_message(err));
        assert_true(inode(c->dir) == old && !pic__ordered_there(c->dir));
        assert_int_equal(beside(c), 1);
        assert_int_equal(pic__cell_there(c->dir, NULL), 0);
}

static void broken(void **state)
{
        char staged[128], path[192];
        cell c;

        (void)state;
        cell_make(&c);
        order(&c, staged);
        snprintf(path, sizeof(path), "%s/key", staged);
        assert_int_equal(unlink(path), 0);
        untouched(&c, inode(c.dir), "it has no key");
        assert_int_equal(count(c.dir, PIC__ORDERED_STAGE), 0);
        order(&c, staged);
        pic__stage_remove(staged); /* as after a kill between its move and the exchange */
        untouched(&c, inode(c.dir), "");
        cell_drop(&c);
}

/* Whoever may write into the directory cannot have something else taken for a staging, or removed as one. */
static void forged(void **state)
{
        static const char *const names[] = { "/tmp", "..", ".ordered-/../..", "key", "" };
        char link[128];
        size_t i;
        cell c;

        (void)state;
        cell_make(&c);
        snprintf(link, sizeof(link), "%s/" PIC_BACKUP_ORDERED, c.dir);
        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (names[i][0] != '\0')
                        assert_int_equal(symlink(names[i], link), 0);
                else
                        assert_int_equal(pic__file_write(link, "x", 1, 0600, NULL), 0);
                untouched(&c, inode(c.dir), "cannot be read");
        }
        cell_drop(&c);
}

/* Links in what was staged, which the store would follow: what they lead to is as it was. */
static void planted(void **state)
{
        static const char *const names[] = { "cell.db-wal", "cell.db-shm", "cell.db-journal", "blocks", "more" };
        char staged[128], path[192], other[] = "/tmp/pic-planted-XXXXXX";
        struct stat before, after;
        size_t i;
        cell c;
        int fd = mkstemp(other);

        (void)state;
        assert_int_equal(write(fd, "theirs", 6), 6);
        assert_int_equal(fstat(fd, &before), 0);
        cell_make(&c);
        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                order(&c, staged);
                snprintf(path, sizeof(path), "%s/%s", staged, names[i]);
                if (strcmp(names[i], "more") == 0)
                        assert_int_equal(link(other, path), 0);
                else
                        assert_int_equal(symlink(other, path), 0);
                untouched(&c, inode(c.dir), "more in it than files");
                assert_int_equal(fstat(fd, &after), 0);
                assert_true(before.st_size == after.st_size && before.st_uid == after.st_uid &&
                            before.st_mode == after.st_mode && after.st_nlink == 1);
        }
        close(fd);
        unlink(other);
        cell_drop(&c);
}

/* Another cell, put aside an hour before: its name. */
static void put_aside(const cell *c, char path[160])
{
        cell other;

        cell_make(&other);
        snprintf(path, 160, "%s" PIC__BEFORE "2027-01-15T07-00-00Z", c->dir);
        assert_int_equal(rename(other.dir, path), 0);
}

static int wish_back(const cell *c, const char *name)
{
        const pic__former_opts o = { .dir = c->dir, .clock = &c->clock, .actor = "anna", .way = "http" };

        return pic__ordered_put_former(&o, name, NULL);
}

static int see_row(const pic__journal_row *row, void *data)
{
        snprintf(data, 200, "%s %s %s: %s", row->actor, row->way, row->verb, row->text);
        return 1;
}

/* The last row of a cell's journal. */
static void last_row(const cell *c, const char *dir, char text[200])
{
        PIC__AUTO(pic__store_unref_p) pic__store *st = NULL;

        assert_int_equal(pic__store_open(dir, 100, &c->clock, &st, NULL), 0);
        assert_true(pic__store_journal_back(st, 0, see_row, text, NULL) >= 0);
}

/* One that was put aside comes back from where it lies; who wished it is in its journal. And the other way. */
static void former_one(void **state)
{
        pic__auto_free char *former = NULL, *again = NULL;
        char path[160], row[200];
        ino_t old, new;
        cell c;

        (void)state;
        cell_make(&c);
        put_aside(&c, path);
        old = inode(c.dir);
        new = inode(path);
        assert_int_equal(wish_back(&c, path + 5), 0);
        assert_int_equal(wish_back(&c, path + 5), PIC_BUSY);
        assert_int_equal(count(c.dir, PIC__ORDERED_STAGE), 1); /* of the second nothing is left */
        assert_int_equal(carry_out(&c, 0, &former, NULL), 1);
        assert_true(inode(c.dir) == new &&inode(former) == old &&strcmp(former, path) != 0);
        assert_true(!pic__ordered_there(c.dir) && !pic__ordered_there(former));
        assert_int_equal(count(former, PIC__ORDERED_STAGE), 0);
        last_row(&c, c.dir, row);
        assert_string_equal(row, "anna http restore: the cell that a restore had put aside came back");
        assert_int_equal(wish_back(&c, strrchr(former, '/') + 1), 0);
        assert_int_equal(carry_out(&c, 0, &again, NULL), 1);
        assert_true(inode(c.dir) == old && inode(again) == new);
        assert_int_equal(beside(&c), 2);
        fixture_drop(again);
        cell_drop(&c);
}

/* The order names one that is there, or nothing moves; whoever may write it leads nobody elsewhere. */
static void former_forged(void **state)
{
        static const char *const texts[] = { "none\na\nhttp\n",
                                             "../../etc\na\nhttp\n",
                                             "/tmp\na\nhttp\n",
                                             "\na\nhttp\n",
                                             "..\na\nhttp\n",
                                             "none\na\n",
                                             "none",
                                             "\n\n\n" };
        char path[160], link[160], stage[160], file[192], row[200];
        size_t i;
        cell c;

        (void)state;
        cell_make(&c);
        put_aside(&c, path);
        assert_int_equal(wish_back(&c, "two\nlines"), PIC_INVALID);
        snprintf(link, sizeof(link), "%s/" PIC__ORDERED, c.dir);
        snprintf(stage, sizeof(stage), "%s/" PIC__ORDERED_STAGE "abcdef", c.dir);
        snprintf(file, sizeof(file), "%s/" PIC__ORDERED_FORMER, stage);
        for (i = 0; i <= sizeof(texts) / sizeof(texts[0]); i++) {
                pic__auto_free char *former = NULL;
                ino_t old = inode(c.dir);

                assert_int_equal(mkdir(stage, 0700), 0);
                assert_int_equal(symlink(PIC__ORDERED_STAGE "abcdef", link), 0);
                if (i < sizeof(texts) / sizeof(texts[0]))
                        assert_int_equal(pic__file_write(file, texts[i], strlen(texts[i]), 0600, NULL), 0);
                else
                        assert_int_equal(symlink("/etc/passwd", file), 0);
                assert_true(carry_out(&c, 0, &former, NULL) < 0);
                assert_true(inode(c.dir) == old && !pic__ordered_there(c.dir));
                assert_int_equal(count(c.dir, PIC__ORDERED_STAGE), 0);
                last_row(&c, c.dir, row);
                assert_non_null(strstr(row, "did not come about"));
        }
        assert_int_equal(beside(&c), 2);
        fixture_drop(path);
        cell_drop(&c);
}

/* Where the store or the key is looked for in it, links are not followed; of what an agent left else nobody minds. */
static void former_planted(void **state)
{
        static const char *const names[] = { "cell.db-wal", "cell.db-shm", "cell.db-journal" };
        char path[160], bad[192], other[] = "/tmp/pic-planted-XXXXXX";
        struct stat before, after;
        size_t i;
        cell c;
        int fd = mkstemp(other);

        (void)state;
        assert_int_equal(write(fd, "theirs", 6), 6);
        assert_int_equal(fstat(fd, &before), 0);
        cell_make(&c);
        put_aside(&c, path);
        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                pic__auto_err pic_error *err = NULL;
                pic__auto_free char *former = NULL;

                snprintf(bad, sizeof(bad), "%s/%s", path, names[i]);
                assert_int_equal(symlink(other, bad), 0);
                assert_int_equal(wish_back(&c, path + 5), 0);
                assert_int_equal(carry_out(&c, 0, &former, &err), PIC_CORRUPT);
                assert_int_equal(fstat(fd, &after), 0);
                assert_true(before.st_size == after.st_size && before.st_uid == after.st_uid);
                assert_int_equal(unlink(bad), 0);
        }
        snprintf(bad, sizeof(bad), "%s/" PIC__ORDERED, path); /* an order of its time, which nobody took back */
        assert_int_equal(symlink(PIC__ORDERED_STAGE "nothing", bad), 0);
        assert_int_equal(wish_back(&c, path + 5), 0);
        {
                pic__auto_free char *former = NULL;

                assert_int_equal(carry_out(&c, 0, &former, NULL), 1);
                assert_false(pic__ordered_there(c.dir));
                fixture_drop(former);
        }
        close(fd);
        unlink(other);
        cell_drop(&c);
}

struct user {
        const cell *c;
        pic__store *st;
};

static void *let_go(void *data)
{
        const struct timespec nap = { .tv_nsec = 400000000 };
        struct user *u = data;

        (void)nanosleep(&nap, NULL);
        pic__store_unref(u->st);
        return NULL;
}

static void others(void **state)
{
        pic__auto_free char *former = NULL;
        char staged[128];
        struct user u;
        pthread_t thread;
        cell c;

        (void)state;
        cell_make(&c);
        order(&c, staged);
        assert_int_equal(pic__store_open(c.dir, 100, &c.clock, &u.st, NULL), 0);
        untouched(&c, inode(c.dir), "another program has the cell");
        order(&c, staged);
        assert_int_equal(pthread_create(&thread, NULL, let_go, &u), 0);
        assert_int_equal(carry_out(&c, 20000, &former, NULL), 1);
        assert_int_equal(pthread_join(thread, NULL), 0);
        fixture_drop(former);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(done_once),     cmocka_unit_test(one_at_a_time),
                                            cmocka_unit_test(broken),        cmocka_unit_test(forged),
                                            cmocka_unit_test(planted),       cmocka_unit_test(others),
                                            cmocka_unit_test(former_one),    cmocka_unit_test(former_forged),
                                            cmocka_unit_test(former_planted) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
