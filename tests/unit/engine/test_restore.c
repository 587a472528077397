/* Shows: a backup becomes a cell only when it is one that works; the former cell is untouched by any failure. */
#include "engine/restore.h"

#include <dirent.h>
#include <fcntl.h>

#include "backup/pack.h"
#include "engine/content.h"
#include "engine/lockfile.h"
#include "fixture.h"

static int keep(const void *data, size_t len, void *arg, pic_error **err)
{
        (void)err;
        pic__buf_put(arg, data, len);
        return 0;
}

static int give(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        pic__buf *b = arg;

        (void)err;
        if (b->failed == 7) /* given */
                return 0;
        b->failed = 7;
        *ret_data = b->data;
        *ret_len = b->len;
        return 1;
}

/* A backup, without one of its members perhaps. */
static void make(const cell *c, const char *without, pic__buf *out)
{
        const pic__pack_opts o = { .threads = 0 };
        uint8_t *room = pic__alloc(PIC__PART_ROOM);
        pic__manifest some;
        pic__content content;
        pic__pack *p = NULL;
        size_t i;

        assert_int_equal(pic__content_take(c->dir, &c->clock, &content, NULL), 0);
        some = (pic__manifest){ .created = content.manifest.created, .revision = content.manifest.revision };
        for (i = 0; i < content.manifest.count; i++) {
                const pic__member *m = &content.manifest.members[i];

                if (strcmp(m->name, without) != 0)
                        assert_int_equal(pic__manifest_add(&some, m->name, m->size, m->sha256, NULL), 0);
        }
        assert_int_equal(pic__pack_new(&o, &some, keep, out, &p, NULL), 0);
        for (i = 0; i < content.manifest.count; i++) {
                pic__part_reader reader = { .part = &content.parts[i], .room = room };

                if (strcmp(content.manifest.members[i].name, without) != 0)
                        assert_int_equal(pic__pack_put(p, pic__part_read, &reader, NULL), 0);
        }
        assert_int_equal(pic__pack_end(p, NULL), 0);
        pic__pack_free(p);
        pic__manifest_clear(&some);
        pic__content_clear(&content);
        pic__free(room);
}

static int restore(const cell *c, const char *dir, pic__buf *backup, char **former, pic_error **err)
{
        char run[128];
        const pic__restore_opts o = { .dir = dir, .run_dir = run, .clock = &c->clock, .actor = "tester", .way = "cli" };
        pic__unpack *u = NULL;
        int r;

        snprintf(run, sizeof(run), "%s/run", dir);
        backup->failed = 0;
        r = pic__unpack_new(NULL, 0, 0, give, backup, &u, err);
        if (r == 0)
                r = pic__restore(&o, u, former, err);
        pic__unpack_free(u);
        backup->failed = 0;
        return r;
}

/* How many names in /tmp begin with the directory's. */
static int beside(const char *dir)
{
        DIR *d = opendir("/tmp");
        struct dirent *e;
        int n = 0;

        while ((e = readdir(d)) != NULL)
                n += strncmp(e->d_name, dir + 5, strlen(dir + 5)) == 0;
        closedir(d);
        return n;
}

static void elsewhere(void **state)
{
        pic__auto_buf pic__buf backup = PIC__BUF_INIT;
        char dir[] = "/tmp/pic-restored-XXXXXX", *former = NULL;
        struct stat st;
        cell c;

        (void)state;
        cell_make(&c);
        make(&c, "", &backup);
        assert_non_null(mkdtemp(dir)); /* an empty one is replaced */
        assert_int_equal(restore(&c, dir, &backup, &former, NULL), 0);
        assert_null(former);
        assert_int_equal(stat(dir, &st), 0);
        assert_int_equal(beside(dir), 1);
        assert_int_equal(pic__cell_there(dir, NULL), 0);
        (void)nftw(dir, fixture_rm, 8, FTW_DEPTH | FTW_PHYS);
        assert_int_equal(restore(&c, dir, &backup, &former, NULL), 0); /* and none at all is made */
        assert_int_equal(pic__cell_there(dir, NULL), 0);
        (void)nftw(dir, fixture_rm, 8, FTW_DEPTH | FTW_PHYS);
        cell_drop(&c);
}

static void over_another(void **state)
{
        pic__auto_buf pic__buf backup = PIC__BUF_INIT;
        pic__auto_free char *former = NULL;
        char run[128];
        struct stat before, after, aside;
        int lock = -1;
        cell c;

        (void)state;
        cell_make(&c);
        make(&c, "", &backup);
        snprintf(run, sizeof(run), "%s/run", c.dir);
        assert_int_equal(pic__dir_make(run, 0700, NULL), 0);
        assert_int_equal(chmod(c.dir, 0750), 0);
        assert_int_equal(stat(c.dir, &before), 0);
        assert_int_equal(pic__lock_take(run, PIC__AGENT_LOCK, 0, "me", &lock, NULL), 0);
        assert_int_equal(restore(&c, c.dir, &backup, &former, NULL), PIC_BUSY);
        close(lock);
        assert_int_equal(restore(&c, c.dir, &backup, &former, NULL), 0);
        assert_non_null(former);
        assert_int_equal(stat(c.dir, &after), 0);
        assert_int_equal(stat(former, &aside), 0);
        assert_true(after.st_ino != before.st_ino && aside.st_ino == before.st_ino);
        assert_int_equal(after.st_mode, before.st_mode);
        (void)nftw(former, fixture_rm, 8, FTW_DEPTH | FTW_PHYS);
        cell_drop(&c);
}

static void untouched(const cell *c, pic__buf *backup, int code, const char *words)
{
        pic__auto_err pic_error *err = NULL;
        struct stat before, after;
        char *former = NULL;

        assert_int_equal(stat(c->dir, &before), 0);
        assert_int_equal(restore(c, c->dir, backup, &former, &err), code);
        assert_non_null(strstr(pic_error_message(err), words));
        assert_null(former);
        assert_int_equal(stat(c->dir, &after), 0);
        assert_int_equal(after.st_ino, before.st_ino);
        assert_int_equal(beside(c->dir), 1);
}

static void no_cell(void **state)
{
        pic__auto_buf pic__buf no_key = PIC__BUF_INIT, no_store = PIC__BUF_INIT, other_key = PIC__BUF_INIT;
        char path[128];
        cell c;

        (void)state;
        cell_make(&c);
        make(&c, "key", &no_key);
        untouched(&c, &no_key, PIC_CORRUPT, "no key");
        make(&c, "cell.db", &no_store);
        untouched(&c, &no_store, PIC_CORRUPT, "no store");
        snprintf(path, sizeof(path), "%s/key", c.dir);
        assert_int_equal(pic__file_write(path, "0011223344556677001122334455667700112233445566770011223344556677\n", 65,
                                         0600, NULL),
                         0);
        make(&c, "", &other_key);
        untouched(&c, &other_key, PIC_CORRUPT, "its key is not the store's");
        no_key.len -= 3;
        untouched(&c, &no_key, PIC_CORRUPT, "cut off");
        cell_drop(&c);
}

static void no_directory(void **state)
{
        pic__auto_buf pic__buf backup = PIC__BUF_INIT;
        char path[128], *former = NULL;
        cell c;

        (void)state;
        cell_make(&c);
        make(&c, "", &backup);
        snprintf(path, sizeof(path), "%s/key", c.dir);
        assert_int_equal(restore(&c, path, &backup, &former, NULL), PIC_CONFLICT);
        assert_true(restore(&c, "/nowhere/at/all", &backup, &former, NULL) < 0);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(elsewhere), cmocka_unit_test(over_another),
                                            cmocka_unit_test(no_cell), cmocka_unit_test(no_directory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
