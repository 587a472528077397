/* The store under fire: killed at every write point and at random times, on a full disk, beside another writer, at
 * creation and in a migration. The end is always equal to before or after, and the journal tells the same story as the
 * objects. */
#include "../unit/store/help.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "vfs_kill.h"

/* Runs fn in a child; the wait status. */
static int in_child(void (*fn)(void *), void *data)
{
        pid_t pid = fork();
        int status = -1;

        assert_true(pid >= 0);
        if (pid == 0) {
                fn(data);
                _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return status;
}

static int killed(int status)
{
        assert_true((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
                    (WIFEXITED(status) && WEXITSTATUS(status) == 0));
        return WIFSIGNALED(status);
}

/* ---- what must hold after any death ---- */

struct tale {
        int64_t next; /* expected sequence number */
        pic_revision revision;
        int64_t peers; /* added minus removed */
};

static int tell(const pic__journal_row *row, void *data)
{
        struct tale *t = data;

        assert_int_equal(row->seq, t->next++);
        assert_true(row->revision == t->revision || row->revision == t->revision + 1);
        t->revision = row->revision;
        if (strcmp(row->kind, "peer") == 0)
                t->peers += strcmp(row->verb, "add") == 0 ? 1 : strcmp(row->verb, "remove") == 0 ? -1 : 0;
        return 0;
}

/* Sound, and the journal without a gap says how many peers there are and which revision this is. */
static pic_revision sound(void)
{
        pic__store *st = open_store();
        struct tale tale = { 1, 0, 0 };
        pic_revision rev = -1;

        needs(pic__store_check(st, &err));
        needs(pic__store_journal(st, 0, SIZE_MAX, tell, &tale, &err));
        needs(pic__store_revision(st, &rev, &err));
        assert_int_equal(tale.revision, rev);
        assert_int_equal(tale.peers, number(st, "SELECT count(*) FROM peer"));
        assert_int_equal(
                number(st,
                       "SELECT count(*) FROM peer WHERE revision > (SELECT value FROM meta WHERE key = 'revision')"),
                0);
        assert_int_equal(number(st, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
        pic__store_unref(st);
        return rev;
}

static void base_store(void)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);

        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__GROUP, "name", "kids", "access", "lan", NULL));
        put_obj(t, obj(PIC__PEER, "name", "anna", "groups", "kids", "address4", "10.1.0.2", NULL));
        commit(t);
        pic__store_unref(st);
}

static void copy_dir(const char *from, const char *to)
{
        char cmd[256];

        snprintf(cmd, sizeof(cmd), "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
        assert_int_equal(system(cmd), 0);
}

/* One transaction of several kinds of writes: add, rename with rewriting, remove, note. */
static void one_change(pic__store *st)
{
        pic__txn *t = begin(st);

        put_obj(t, obj(PIC__PEER, "name", "bert", "access", "peer:anna", "address4", "10.1.0.3", NULL));
        change(t, PIC__PEER, "anna", "name", "hanna");
        change(t, PIC__GROUP, "kids", "note", "changed");
        needs(pic__txn_note(t, PIC__PEER, 1, "hanna", "reveal", "shown", &err));
        commit(t);
}

static void change_and_die(void *data)
{
        unsigned long *n = data;
        pic__store *st;

        vfs_kill_at(n[0], (enum vfs_way)n[1]);
        st = open_store();
        one_change(st);
        pic__store_tidy(st); /* the log goes into the file */
        pic__store_unref(st);
        n[2] = vfs_count();
        if (n[0] == 0) {
                int fd = open("count", O_WRONLY | O_CREAT | O_TRUNC, 0600);

                if (fd < 0 || write(fd, &n[2], sizeof(n[2])) != (ssize_t)sizeof(n[2]))
                        _exit(9);
                close(fd);
        }
}

static void at_every_write_point(void **state)
{
        unsigned long n[3] = { 0, VFS_BEFORE, 0 }, points = 0, old = 0, new = 0;
        char keep[80];
        int fd, way;

        (void)state;
        base_store();
        snprintf(keep, sizeof(keep), "%s.keep", test_dir);
        copy_dir(test_dir, keep);
        assert_int_equal(chdir(keep), 0);
        assert_int_equal(killed(in_child(change_and_die, n)), 0);
        fd = open("count", O_RDONLY);
        assert_int_equal(read(fd, &points, sizeof(points)), sizeof(points));
        close(fd);
        unlink("count");
        assert_true(points > 10);
        for (way = VFS_BEFORE; way <= VFS_TORN; way++) {
                for (n[0] = 1; n[0] <= points; n[0]++) {
                        pic_revision rev;

                        n[1] = (unsigned long)way;
                        copy_dir(keep, test_dir);
                        assert_int_equal(killed(in_child(change_and_die, n)), 1);
                        rev = sound();
                        assert_true(rev == 1 || rev == 2);
                        *(rev == 1 ? &old : &new) += 1;
                }
        }
        print_message("%lu write points, twice: %lu times as before, %lu times as after\n", points, old, new);
        assert_true(old > 5 && new > 5);
        assert_int_equal(chdir("/"), 0);
        {
                char cmd[128];

                snprintf(cmd, sizeof(cmd), "rm -rf '%s'", keep);
                assert_int_equal(system(cmd), 0);
        }
}

/* ---- random times ---- */

static void change_for_ever(void *data)
{
        unsigned seed = *(unsigned *)data;
        pic__store *st = open_store();
        int i;

        srandom(seed);
        for (i = 0;; i++) {
                pic__txn *t = begin(st);
                pic_obj *o = NULL;
                char name[32];
                int k;

                for (k = 0; k < 3; k++) {
                        snprintf(name, sizeof(name), "r%ld", random() % 40);
                        if (pic__txn_get(t, PIC__PEER, name, &o, NULL) < 0)
                                put_obj(t, obj(PIC__PEER, "name", name, "groups", "kids", "note", "random", NULL));
                        else if (random() % 2)
                                needs(pic__txn_remove(t, PIC__PEER, name, &err));
                        o = pic__obj_unref(o);
                }
                if (random() % 10 == 0)
                        pic__txn_abort(t);
                else
                        commit(t);
        }
}

static void at_random_times(void **state)
{
        pic_revision last = 1;
        unsigned i;

        (void)state;
        base_store();
        /* Until as many changes came through: how many that takes is a question of the machine. */
        for (i = 1; i <= 40 || (last <= 41 && i <= 2000); i++) {
                struct timespec nap = { 0, (long)(1 + (i * 7919) % 23) * 1000000 };
                pid_t pid = fork();
                pic_revision rev;
                int status;

                if (pid == 0) {
                        change_for_ever(&i);
                        _exit(1);
                }
                nanosleep(&nap, NULL);
                assert_int_equal(kill(pid, SIGKILL), 0);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                assert_true(killed(status));
                rev = sound();
                assert_true(rev >= last); /* what was committed stays */
                last = rev;
        }
        print_message("killed %u times, revision %lld\n", i - 1, (long long)last);
        assert_true(last > 41);
}

/* What a program was told is durable, is there after its death. */
static void told_is_kept(void **state)
{
        int i;

        (void)state;
        base_store();
        for (i = 0; i < 20; i++) {
                pic_revision told = 0, got;
                int p[2], status;
                pid_t pid;

                assert_int_equal(pipe(p), 0);
                pid = fork();
                if (pid == 0) {
                        pic__store *st = open_store();
                        int k;

                        for (k = 0;; k++) {
                                pic__txn *t = begin(st);
                                char name[32];
                                pic_revision rev;

                                snprintf(name, sizeof(name), "t%d-%d", i, k);
                                put_obj(t, obj(PIC__PEER, "name", name, NULL));
                                rev = commit(t);
                                if (write(p[1], &rev, sizeof(rev)) != (ssize_t)sizeof(rev))
                                        _exit(1);
                        }
                }
                close(p[1]);
                while (told < 3 + 10 * i && read(p[0], &got, sizeof(got)) == (ssize_t)sizeof(got))
                        told = got;
                assert_int_equal(kill(pid, SIGKILL), 0);
                assert_int_equal(waitpid(pid, &status, 0), pid);
                while (read(p[0], &got, sizeof(got)) == (ssize_t)sizeof(got))
                        told = got;
                close(p[0]);
                got = sound();
                assert_true(got == told || got == told + 1);
        }
}

/* ---- creation and migration ---- */

static void create_and_die(void *data)
{
        unsigned long *n = data;
        pic__store *st = NULL;

        vfs_kill_at(n[0], VFS_BEFORE);
        if (pic__store_create(test_dir, test_seal, &test_clock, &st, NULL) < 0)
                _exit(1);
        pic__store_unref(st);
}

static void at_creation(void **state)
{
        unsigned long n = 1;
        int died = 1;

        (void)state;
        for (; died; n++) {
                pic__store *st = NULL;
                int r;

                died = killed(in_child(create_and_die, &n));
                r = pic__store_open(test_dir, 100, &test_clock, &st, NULL);
                assert_true(r == 0 || r == PIC_NOTFOUND); /* never half a store */
                if (r == 0)
                        needs(pic__store_check(st, &err));
                else
                        st = new_store();
                pic__store_unref(st);
                drop_dir(NULL);
                assert_int_equal(mkdir(test_dir, 0700), 0);
        }
        assert_true(n > 10);
}

static void create_racing(void *data)
{
        pic__store *st = NULL;
        int r;

        close(((int *)data)[1]);
        (void)!read(((int *)data)[0], &r, 1); /* all start when the pipe closes */
        r = pic__store_create(test_dir, test_seal, &test_clock, &st, NULL);
        pic__store_unref(st);
        _exit(r == 0 ? 10 : r == PIC_EXISTS ? 11 : 12);
}

static void two_creators(void **state)
{
        int round, i;

        (void)state;
        for (round = 0; round < 10; round++) {
                int p[2], made = 0;
                pid_t pid[4];

                assert_int_equal(pipe(p), 0);
                for (i = 0; i < 4; i++) {
                        pid[i] = fork();
                        if (pid[i] == 0)
                                create_racing(p);
                }
                close(p[0]);
                close(p[1]);
                for (i = 0; i < 4; i++) {
                        int status;

                        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
                        assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 10 || WEXITSTATUS(status) == 11));
                        made += WEXITSTATUS(status) == 10;
                }
                assert_int_equal(made, 1);
                sound();
                drop_dir(NULL);
                assert_int_equal(mkdir(test_dir, 0700), 0);
        }
}

static void open_and_die(void *data)
{
        vfs_kill_at(*(unsigned long *)data, VFS_BEFORE);
        pic__store_unref(open_store());
}

/* All suites together try less of what has many alike (tests/README.md). */
static unsigned long stride(void)
{
        const char *thin = getenv("PIC_FAULT_THIN");
        unsigned long n = thin != NULL ? strtoul(thin, NULL, 10) : 1;

        return n > 0 ? n : 1;
}

static void at_migration(void **state)
{
        unsigned long n = 1;
        int died = 1;

        (void)state;
        base_store();
        for (; died; n += stride()) {
                pic__store *st = open_store();

                needs(pic__db_exec(st->db,
                                   "PRAGMA foreign_keys=OFF; ALTER TABLE peer DROP COLUMN keepalive;"
                                   "UPDATE meta SET value = 1 WHERE key = 'schema'",
                                   &err));
                pic__store_unref(st);
                died = killed(in_child(open_and_die, &n));
                assert_int_equal(sound(), 1);
        }
        assert_true(n > 10);
}

/* ---- two writers ---- */

static void add_many(void *data)
{
        const char *prefix = data;
        pic__store *st = NULL;
        int i;

        if (pic__store_open(test_dir, 20000, &test_clock, &st, NULL) < 0)
                _exit(1);
        for (i = 0; i < 200; i++) {
                pic__txn *t = NULL;
                pic_error *err = NULL;
                uint64_t host = 0;
                char name[32], addr[32];

                if (pic__txn_begin(st, "root", "cli", &t, &err) < 0)
                        _exit(2);
                if (pic__txn_alloc_host(t, 65534, &host, &err) < 0)
                        _exit(3);
                snprintf(name, sizeof(name), "%s%d", prefix, i);
                snprintf(addr, sizeof(addr), "10.1.%d.%d", (int)(host >> 8), (int)(host & 255));
                put_obj(t, obj(PIC__PEER, "name", name, "address4", addr, NULL));
                commit(t);
        }
        pic__store_unref(st);
}

static void two_writers(void **state)
{
        static char a[] = "a", b[] = "b", c[] = "c";
        char *who[] = { a, b, c };
        pid_t pid[3];
        size_t i;
        pic__store *st;

        (void)state;
        base_store();
        for (i = 0; i < 3; i++) {
                pid[i] = fork();
                if (pid[i] == 0) {
                        add_many(who[i]);
                        _exit(0);
                }
        }
        for (i = 0; i < 3; i++) {
                int status;

                assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
                assert_int_equal(status, 0);
        }
        assert_int_equal(sound(), 1 + 600);
        st = open_store();
        assert_int_equal(number(st, "SELECT count(DISTINCT address4) FROM peer"), 601);
        pic__store_unref(st);
}

/* ---- a full disk ---- */

static void on_small_disk(void *data)
{
        pic__store *st = NULL;
        pic_revision rev, before = 0;
        int i, r = 0;

        (void)data;
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("none", test_dir, "tmpfs", 0, "size=1m") < 0)
                _exit(77);
        if (pic__store_create(test_dir, test_seal, &test_clock, &st, NULL) < 0)
                _exit(1);
        for (i = 0; i < 5000 && r == 0; i++) {
                pic__txn *t = begin(st);
                char name[32], fill[400];
                pic_error *err = NULL;
                pic_obj *o;

                memset(fill, 'x', sizeof(fill));
                fill[399] = '\0';
                snprintf(name, sizeof(name), "p%d", i);
                o = obj(PIC__PEER, "name", name, "note", fill, NULL);
                r = pic__txn_put(t, o, NULL, NULL, &err);
                pic__obj_unref(o);
                if (r == 0)
                        r = pic__txn_commit(pic__take(t), &before, &err);
                pic__txn_abort(t);
                if (r < 0 && (r != PIC_IO || pic_error_hint(err) == NULL ||
                              strstr(pic_error_message(err), "disk is full") == NULL))
                        _exit(2);
                pic_error_free(err);
        }
        /* the handle still reads, and what was there is there */
        if (r != PIC_IO || i < 5 || pic__store_revision(st, &rev, NULL) < 0 || rev != before)
                _exit(3);
        pic__store_unref(st);
        /* room again: it goes on */
        if (mount("none", test_dir, "tmpfs", MS_REMOUNT, "size=8m") < 0)
                _exit(4);
        if (sound() != before)
                _exit(5);
        st = open_store();
        {
                pic__txn *t = begin(st);

                put_obj(t, obj(PIC__GROUP, "name", "more", NULL));
                if (commit(t) != before + 1)
                        _exit(6);
        }
        pic__store_unref(st);
}

static void full_disk(void **state)
{
        int status;

        (void)state;
        if (geteuid() != 0) {
                print_message("skipped: a small disk needs root\n");
                skip();
        }
        status = in_child(on_small_disk, NULL);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77) {
                print_message("skipped: no mount namespace here\n");
                skip();
        }
        assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORE_TEST(at_every_write_point), STORE_TEST(at_random_times), STORE_TEST(told_is_kept),
                STORE_TEST(at_creation),          STORE_TEST(at_migration),    STORE_TEST(two_writers),
                STORE_TEST(two_creators),         STORE_TEST(full_disk),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
