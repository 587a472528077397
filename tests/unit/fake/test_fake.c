/* The fake backend beyond the contract (tests/contract/fake.c): its file, its failures, its test hooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fake/fake.h"

#define AUTO_BACKEND PIC__AUTO(free_backend) pic__backend *

static char dir[64], path[96];

static void free_backend(pic__backend **b)
{
        if (*b != NULL)
                (*b)->ops->free(*b);
}

static int make_dir(void **state)
{
        (void)state;
        strcpy(dir, "/tmp/pic-fake-XXXXXX");
        if (mkdtemp(dir) == NULL)
                return -1;
        snprintf(path, sizeof(path), "%s/nft", dir);
        return 0;
}

static int drop_dir(void **state)
{
        (void)state;
        (void)unlink(path);
        (void)rmdir(path);
        return rmdir(dir);
}

static pic__backend *make(enum pic__backend_id id, const char *file)
{
        pic__backend *b = NULL;

        assert_int_equal(pic__fake_new(id, file, NULL, &b, NULL), 0);
        return b;
}

static const pic__item anna = { PIC__I_NFT_PEER4, "10.1.0.2", "0x00010000", NULL, 0, NULL };
static const pic__item bert = { PIC__I_NFT_PEER4, "10.1.0.3", "0x00010000", NULL, 0, NULL };
static const pic__item key = {
        PIC__I_WG_PEER, "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "allowed= keepalive=0", NULL, 0, NULL
};

static int add(pic__backend *b, const pic__item *item, pic_error **err)
{
        const pic__step step = { PIC__ADD, item->kind, NULL, item };
        size_t done = 9;
        int r = b->ops->apply(b, &step, 1, &done, err);

        assert_int_equal(done, r == 0);
        return r;
}

static size_t count(pic__backend *b)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        assert_int_equal(b->ops->observe(b, &bag, NULL), 0);
        return bag.count;
}

static void the_file_is_the_world(void **state)
{
        AUTO_BACKEND a = make(PIC__B_NFT, path);
        AUTO_BACKEND b = make(PIC__B_NFT, path);
        struct stat st;

        (void)state;
        assert_int_equal(count(a), 0);
        assert_int_not_equal(stat(path, &st), 0); /* looking makes no file */
        assert_int_equal(add(a, &anna, NULL), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(count(b), 1); /* what another wrote is seen */
        assert_int_equal(add(b, &bert, NULL), 0);
        assert_int_equal(count(a), 2);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(count(a), 0);
}

static void a_damaged_file(void **state)
{
        AUTO_BACKEND b = make(PIC__B_NFT, path);
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        pic__auto_err pic_error *err = NULL;
        FILE *f = fopen(path, "w");

        (void)state;
        assert_non_null(f);
        fputs("something else\n", f);
        fclose(f);
        assert_int_equal(b->ops->observe(b, &bag, &err), PIC_CORRUPT);
        assert_non_null(strstr(pic_error_message(err), path));
        assert_int_equal(add(b, &anna, NULL), PIC_CORRUPT);
        assert_int_equal(b->ops->teardown(b, 0, NULL), PIC_CORRUPT);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite("pic fake world 1\n\0more\n", 1, 23, f), 23);
        fclose(f);
        assert_int_equal(b->ops->observe(b, &bag, NULL), PIC_CORRUPT);
}

static void finding(int level, const char *area, const char *what, const char *fix, void *data)
{
        assert_int_equal(level, PIC_LOG_ERROR);
        assert_string_equal(area, "nft");
        assert_non_null(strstr(what, path));
        assert_non_null(fix);
        ++*(int *)data;
}

/* A directory where the file should be: it cannot be read, nor replaced. Nothing is claimed to be in force. */
static void an_unwritable_place(void **state)
{
        AUTO_BACKEND b = make(PIC__B_NFT, path);
        AUTO_BACKEND away = make(PIC__B_NFT, "/nonexistent/dir/nft");
        pic__auto_err pic_error *err = NULL;
        int findings = 0;

        (void)state;
        assert_int_equal(mkdir(path, 0700), 0);
        assert_true(add(b, &anna, &err) < 0);
        b->ops->doctor(b, finding, &findings);
        assert_int_equal(findings, 1);
        assert_int_equal(count(away), 0);
        assert_true(add(away, &anna, NULL) < 0);
        assert_int_equal(count(away), 0);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(add(b, &anna, NULL), 0);
        b->ops->doctor(b, finding, &findings);
        assert_int_equal(findings, 1);
}

static void told_to_fail(void **state)
{
        AUTO_BACKEND b = make(PIC__B_NFT, NULL);
        const pic__step steps[] = { { PIC__ADD, anna.kind, NULL, &anna }, { PIC__ADD, bert.kind, NULL, &bert } };
        pic__auto_err pic_error *err = NULL;
        size_t done = 9;

        (void)state;
        pic__fake_fail_at(b, 2);
        assert_int_equal(b->ops->apply(b, steps, 2, &done, &err), PIC_BACKEND);
        assert_int_equal(done, 1);
        assert_int_equal(count(b), 1);
        assert_int_equal(b->ops->apply(b, steps + 1, 1, &done, NULL), 0); /* once only */
        assert_int_equal(b->ops->apply(b, steps, 0, &done, NULL), 0);
        assert_int_equal(done, 0);
}

static void items_of_others_are_refused(void **state)
{
        AUTO_BACKEND b = make(PIC__B_NFT, NULL);

        (void)state;
        assert_int_equal(add(b, &key, NULL), PIC_INVALID);
}

static void tampering_rings(void **state)
{
        AUTO_BACKEND b = make(PIC__B_NFT, path);
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;

        (void)state;
        assert_int_equal(add(b, &anna, NULL), 0);
        assert_int_equal(poll(&p, 1, 0), 0);
        assert_int_equal(b->ops->drain(b), 0);
        assert_int_equal(pic__fake_tamper(b, anna.kind, anna.key, "0x00ff0000"), 0);
        assert_int_equal(pic__fake_tamper(b, bert.kind, bert.key, "0x00ff0000"), 0);
        assert_int_equal(poll(&p, 1, 0), 1);
        assert_int_equal(b->ops->drain(b), 1);
        assert_int_equal(b->ops->drain(b), 0);
        assert_int_equal(b->ops->observe(b, &bag, NULL), 0);
        pic__items_sort(&bag);
        assert_string_equal(bag.at[0].value, "0x00ff0000");
        assert_int_equal(bag.count, 2);
        assert_int_equal(pic__fake_tamper(b, bert.kind, bert.key, NULL), 0);
        assert_int_equal(count(b), 1);
}

static void seen(const pic__live *live, void *data)
{
        assert_string_equal(live->key, key.key);
        assert_true(live->handshake == 0 && live->rx == 0 && live->tx == 0);
        assert_string_equal(live->endpoint, "");
        ++*(int *)data;
}

static void nobody_was_ever_seen(void **state)
{
        AUTO_BACKEND b = make(PIC__B_WG, NULL);
        AUTO_BACKEND nft = make(PIC__B_NFT, NULL);
        int n = 0;

        (void)state;
        assert_null(nft->ops->live);
        assert_int_equal(add(b, &key, NULL), 0);
        assert_int_equal(b->ops->live(b, NULL, seen, &n, NULL), 0);
        assert_int_equal(b->ops->live(b, key.key, seen, &n, NULL), 0);
        assert_int_equal(b->ops->live(b, "unknown", seen, &n, NULL), 0);
        assert_int_equal(n, 2);
}

/* What fails for want of memory is not in force, unless counted. */
static void without_memory(void **state)
{
        const pic__step steps[] = { { PIC__ADD, anna.kind, NULL, &anna }, { PIC__ADD, bert.kind, NULL, &bert } };
        unsigned long n = 0, made;
        int in_file, r;

        (void)state;
        for (in_file = 0; in_file < 2; in_file++) {
                n = 0;
                do {
                        AUTO_BACKEND b = NULL;
                        size_t done = 0;

                        (void)unlink(path);
                        (void)pic__mem_fail_at(++n);
                        r = pic__fake_new(PIC__B_NFT, in_file ? path : NULL, NULL, &b, NULL);
                        if (r == 0)
                                r = b->ops->apply(b, steps, 2, &done, NULL);
                        made = pic__mem_fail_at(0);
                        assert_true(r == 0 || r == PIC_NOMEM);
                        if (b != NULL)
                                assert_int_equal(count(b), done);
                } while (made >= n);
                assert_int_equal(r, 0);
                assert_true(n > 3);
        }
}

static void hear(int level, const char *area, const char *what, const char *fix, void *data)
{
        char *said = data;

        sprintf(said + strlen(said), "%d %s %s %s;", level, area, what, fix);
}

/* What others do is what the file beside it says, line by line; what is no such line is passed over. */
static void strangers(void **state)
{
        int in_file;

        (void)state;
        for (in_file = 0; in_file < 2; in_file++) {
                AUTO_BACKEND b = NULL;
                char said[256] = "", beside[256];

                assert_int_equal(pic__fake_new(PIC__B_ROUTE, in_file ? path : NULL, NULL, &b, NULL), 0);
                b->ops->strangers(b, hear, said);
                assert_string_equal(said, "");
                assert_int_equal(pic__fake_strange(b, "error|a|b\nwarning|c|\n\nnone\ninfo||d|e"), 0);
                b->ops->strangers(b, hear, said);
                assert_string_equal(said, "0 route a b;1 route c ;2 route  d|e;");
                snprintf(beside, sizeof(beside), "%s.strangers", path);
                assert_int_equal(unlink(beside) == 0, in_file);
        }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, make_dir, drop_dir)
        const struct CMUnitTest tests[] = {
                TEST(the_file_is_the_world),
                TEST(a_damaged_file),
                TEST(an_unwritable_place),
                TEST(told_to_fail),
                TEST(items_of_others_are_refused),
                TEST(tampering_rings),
                TEST(nobody_was_ever_seen),
                TEST(without_memory),
                TEST(strangers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
