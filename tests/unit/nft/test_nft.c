/* The backend's verbs where the contract test (tests/contract/real_nft.c) does not look: files, repair, denial, no
 * memory. */
#include "space.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "backend/nft/nft.h"
#include "backend/nft/shape.h"
#include "base/mem.h"
#include "sys/file.h"

static char dir[64];

static int set_up(void **state)
{
        strcpy(dir, "/tmp/pic-nft-XXXXXX");
        return fresh_space(state) < 0 || mkdtemp(dir) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
        char path[128];

        (void)state;
        snprintf(path, sizeof(path), "%s/block.nft", dir);
        unlink(path);
        snprintf(path, sizeof(path), "%s/nft.shape", dir);
        unlink(path);
        return rmdir(dir);
}

static pic__backend *open_at(const char *keep, const char *run)
{
        pic__nft_opts opts = { .dir = keep, .run_dir = run };
        pic__backend *b = NULL;

        assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
        return b;
}

static int apply(pic__backend *b, const pic__step *steps, size_t count, size_t *done)
{
        pic_error *err = NULL;
        int r = b->ops->apply(b, steps, count, done, &err);

        if (r < 0)
                assert_int_equal(pic_error_code(err), r);
        pic_error_free(err);
        return r;
}

static void expect_shape(pic__backend *b, const char *value, size_t count)
{
        pic__items seen = PIC__ITEMS_INIT;

        assert_int_equal(b->ops->observe(b, &seen, NULL), 0);
        assert_int_equal(seen.count, count);
        if (value != NULL)
                expect_item(&seen, PIC__I_NFT_SHAPE, "table", value);
        pic__items_wipe(&seen);
}

static int file_has(const char *name, const char *text)
{
        pic__buf b = PIC__BUF_INIT;
        char path[128];
        int r;

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        r = pic__file_read(path, 1 << 16, &b, NULL) == 0 && strstr(pic__buf_str(&b), text) != NULL;
        pic__buf_free(&b);
        return r;
}

#define OTHER_VALUE "dev=pic9 net4=10.9.0.0/16 net6=fd99::/48 port=1"

static void fill(pic__items *bag)
{
        put_items(bag, PIC__I_NFT_SHAPE, "table", SHAPE_VALUE, PIC__I_NFT_SHAPE, "table", OTHER_VALUE, PIC__I_NFT_SHAPE,
                  "table", "changed", PIC__I_NFT_PEER4, "10.1.0.2", "0x00230000", PIC__I_NFT_PEER4, "10.1.0.3",
                  "0x00230000", -1);
}

/* Shape and elements in one run; the block file; what the shape file is for. */
static void test_files(void **state)
{
        pic__backend *b = open_at(dir, dir);
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[2];
        char path[128];
        struct stat st;
        size_t done;

        (void)state;
        fill(&bag);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[3]);
        assert_int_equal(apply(b, steps, 2, &done), 0);
        assert_int_equal(done, 2);
        expect_shape(b, SHAPE_VALUE, 2);
        assert_true(file_has("block.nft", "iifname \"pic0\" drop"));
        assert_true(file_has("nft.shape", SHAPE_VALUE));
        snprintf(path, sizeof(path), "%s/block.nft", dir);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        steps[0] = step_change(&bag.at[0], &bag.at[1]);
        assert_int_equal(apply(b, steps, 1, &done), 0);
        expect_shape(b, OTHER_VALUE, 2); /* the element stayed */
        assert_true(file_has("block.nft", "iifname \"pic9\" drop"));
        snprintf(path, sizeof(path), "%s/nft.shape", dir);
        assert_int_equal(pic__file_write(path, "damaged", 7, 0600, NULL), 0);
        expect_shape(b, "changed", 2);
        unlink(path);
        expect_shape(b, "changed", 2);
        steps[0] = step_remove(&bag.at[1]);
        assert_int_equal(apply(b, steps, 1, &done), 0);
        expect_shape(b, NULL, 0);
        assert_false(file_has("block.nft", ""));
        assert_int_equal(apply(b, steps, 1, &done), PIC_BACKEND);
        b->ops->free(b);
        pic__items_wipe(&bag);
}

/* The block that is kept loads, and what it leaves behind is repaired with elements and all. */
static void test_block_and_repair(void **state)
{
        pic__backend *b = open_at(dir, NULL);
        pic__items bag = PIC__ITEMS_INIT;
        pic__buf text = PIC__BUF_INIT;
        pic__step step;
        char path[128];
        size_t done;

        (void)state;
        fill(&bag);
        step = step_change(&bag.at[2], &bag.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), PIC_BACKEND); /* there is none */
        step = step_add(&bag.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        assert_int_equal(apply(b, &step, 1, &done), PIC_CONFLICT);
        assert_int_equal(done, 0);
        expect_shape(b, SHAPE_VALUE, 1); /* remembered without a file */
        snprintf(path, sizeof(path), "%s/block.nft", dir);
        assert_int_equal(pic__file_read(path, 1 << 16, &text, NULL), 0);
        foreign(pic__buf_str(&text)); /* deletes the table first */
        assert_int_equal(b->ops->drain(b), PIC__DRAIN_OPEN);
        expect_shape(b, "changed", 1);
        step = step_add(&bag.at[3]);
        assert_int_equal(apply(b, &step, 1, &done), PIC_BACKEND); /* the block has no sets */
        step = step_change(&bag.at[2], &bag.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        assert_int_equal(b->ops->drain(b), 0); /* that was us */
        step = step_add(&bag.at[3]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        foreign("insert rule inet pic from_peer accept\n");
        expect_shape(b, "changed", 2);
        step = step_change(&bag.at[2], &bag.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        expect_shape(b, SHAPE_VALUE, 2);
        step = step_change(&bag.at[0], &bag.at[2]); /* undone: stays as it is */
        assert_int_equal(apply(b, &step, 1, &done), 0);
        assert_int_equal(done, 1);
        expect_shape(b, SHAPE_VALUE, 2);
        pic__buf_free(&text);
        pic__items_wipe(&bag);
        b->ops->free(b);
}

/* The files cannot be written (a full disk): the table is in force all the same, and known for ours. */
static void test_no_directory(void **state)
{
        pic__backend *b = open_at("/proc/nowhere", NULL);
        pic__items bag = PIC__ITEMS_INIT;
        pic__step step;
        size_t done;

        (void)state;
        fill(&bag);
        step = step_add(&bag.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        assert_int_equal(done, 1);
        expect_shape(b, SHAPE_VALUE, 1);
        step = step_remove(&bag.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        step = step_add(&bag.at[2]);
        assert_int_equal(apply(b, &step, 1, &done), 0); /* "changed" is never made */
        pic__items_wipe(&bag);
        b->ops->free(b);
}

static void test_teardown_of_nothing(void **state)
{
        pic__backend *b = open_at(dir, dir);

        (void)state;
        assert_int_equal(b->ops->teardown(b, 1, NULL), 0);
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
        b->ops->free(b);
}

static void ignore_finding(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)level;
        (void)area;
        (void)what;
        (void)fix;
        ++*(size_t *)data;
}

static void test_doctor_knows_device(void **state)
{
        pic__backend *b = open_at(NULL, dir);
        pic__items bag = PIC__ITEMS_INIT;
        pic__step step;
        size_t done, count = 0;

        (void)state;
        fill(&bag);
        step = step_add(&bag.at[1]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        foreign("table inet wall { chain in { type filter hook input priority 0; policy drop;\niifname \"pic9\" "
                "accept\n}\n}\n");
        b->ops->doctor(b, ignore_finding, &count);
        assert_int_equal(count, 0);
        pic__items_wipe(&bag);
        b->ops->free(b);
}

static void note_line(int level, const char *area, const char *message, void *data)
{
        (void)level;
        assert_string_equal(area, "nft");
        snprintf(data, 200, "%s", message);
}

static int two_closed(int (*fn)(int family, const char *device, void *data), void *data, void *count, pic_error **err)
{
        int n = *(int *)count, r = 0;

        (void)err;
        if (n > 0)
                r = fn(4, "lan0", data);
        if (r == 0 && n > 1)
                r = fn(6, "no\"name", data);
        return n < 0 ? PIC_NOMEM : r;
}

/* The rules are made for this machine's devices: when those are others, so are the rules. */
static void test_closed(void **state)
{
        char line[200] = "";
        pic__log log = { note_line, line, PIC_LOG_DEBUG };
        int count = 2;
        pic__nft_opts opts = { .dir = dir, .run_dir = dir, .log = &log, .closed = two_closed, .closed_data = &count };
        pic__items seen = PIC__ITEMS_INIT, shape = PIC__ITEMS_INIT;
        pic__backend *b = NULL;
        pic__step step;
        size_t done;

        (void)state;
        put_items(&shape, PIC__I_NFT_SHAPE, "table", SHAPE_VALUE, -1);
        assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
        step = step_add(&shape.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        assert_int_equal(system("nft list chain inet pic forward | grep -q 'iifname \"lan0\".*drop'"), 0);
        assert_int_equal(b->ops->observe(b, &seen, NULL), 0);
        assert_string_equal(seen.at[seen.count - 1].value, SHAPE_VALUE);
        pic__items_wipe(&seen);
        count = 0;
        assert_int_equal(b->ops->observe(b, &seen, NULL), 0);
        assert_string_equal(seen.at[seen.count - 1].value, PIC__NFT_CHANGED);
        step = step_change(&seen.at[seen.count - 1], &shape.at[0]);
        assert_int_equal(apply(b, &step, 1, &done), 0);
        assert_int_not_equal(system("nft list chain inet pic forward | grep -q lan0"), 0);
        pic__items_wipe(&seen);
        count = -1;
        assert_int_equal(b->ops->apply(b, &step, 1, &done, NULL), PIC_NOMEM);
        pic__items_wipe(&shape);
        b->ops->free(b);
}

/* In a child without the capability: every verb is refused with a hint, nothing prints or exits. */
static int denied_child(void)
{
        pic__nft_opts opts = { .dir = NULL };
        pic__items items = PIC__ITEMS_INIT, bag = PIC__ITEMS_INIT;
        pic_error *err = NULL;
        pic__backend *b = NULL;
        pic__step steps[2];
        size_t done, i;

        if (setresuid(65534, 65534, 65534) < 0 || pic__nft_new(&opts, &b, &err) < 0)
                return 1;
        if (b->ops->event_fd(b) != -1 || b->ops->drain(b) != 0)
                return 2;
        if (b->ops->observe(b, &items, &err) != PIC_DENIED || strstr(pic_error_hint(err), "CAP_NET_ADMIN") == NULL)
                return 3;
        fill(&bag);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[3]);
        for (i = 0; i < 2; i++) {
                pic_error_free(err);
                err = NULL;
                if (b->ops->apply(b, &steps[i], 1, &done, &err) != PIC_DENIED || pic_error_hint(err) == NULL ||
                    done != 0)
                        return 4;
        }
        pic_error_free(err);
        err = NULL;
        if (b->ops->teardown(b, 0, &err) != PIC_DENIED)
                return 5;
        pic_error_free(err);
        done = 0;
        b->ops->strangers(b, ignore_finding, &done);
        if (done == 0)
                return 6;
        pic__items_wipe(&bag);
        b->ops->free(b);
        return 0;
}

static void test_denied(void **state)
{
        int status = 0;
        pid_t child = fork();

        (void)state;
        if (child == 0)
                _exit(denied_child());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
}

/* A flow of a device that goes is ended, and said in the log. */
static void test_flows(void **state)
{
        char line[200] = "";
        pic__log log = { note_line, line, PIC_LOG_DEBUG };
        pic__nft_opts opts = { .log = &log };
        pic__backend *b = NULL;
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[2];
        size_t done;

        (void)state;
        put_items(&bag, PIC__I_NFT_SHAPE, "table", SHAPE_VALUE, PIC__I_NFT_PEER4, "127.0.0.1", "0x00230000", -1);
        assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[1]);
        assert_int_equal(apply(b, steps, 2, &done), 0);
        assert_int_equal(system("bash -c 'echo x >/dev/udp/127.0.0.1/9'"), 0);
        steps[0] = step_remove(&bag.at[1]);
        assert_int_equal(apply(b, steps, 1, &done), 0);
        assert_non_null(strstr(line, "flows ended"));
        pic__items_wipe(&bag);
        b->ops->free(b);
}

static void find_table(int level, const char *area, const char *message, void *data)
{
        (void)level;
        (void)area;
        if (strstr(message, "flows ended") != NULL)
                *(int *)data = system("nft list table inet pic >/dev/null 2>&1") == 0 ? 1 : -1;
}

/* The table holds until the flows have ended. */
static void test_down(void **state)
{
        int held = 0;
        pic__log log = { find_table, &held, PIC_LOG_DEBUG };
        pic__nft_opts opts = { .log = &log };
        pic__backend *b = NULL;
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[2];
        size_t done;

        (void)state;
        put_items(&bag, PIC__I_NFT_SHAPE, "table", SHAPE_VALUE, PIC__I_NFT_PEER4, "127.0.0.1", "0x00230000", -1);
        assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[1]);
        assert_int_equal(apply(b, steps, 2, &done), 0);
        assert_int_equal(system("bash -c 'echo x >/dev/udp/127.0.0.1/9'"), 0);
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
        assert_int_equal(held, 1);
        assert_int_not_equal(system("nft list table inet pic >/dev/null 2>&1"), 0);
        b->ops->free(b);
        pic__items_wipe(&bag);
}

/* One that only turns to another exit keeps its flows until somebody has time: all such at once; with what else ends,
 * or when nobody came. */
static void test_turned(void **state)
{
        char line[200] = "";
        pic__log log = { note_line, line, PIC_LOG_DEBUG };
        pic__nft_opts opts = { .log = &log };
        pic__backend *b = NULL;
        pic__items bag = PIC__ITEMS_INIT;
        pic__step steps[3];
        size_t done;
        int how;

        (void)state;
        put_items(&bag, PIC__I_NFT_SHAPE, "table", SHAPE_VALUE, PIC__I_NFT_PEER4, "127.0.0.1", "0x00230000",
                  PIC__I_NFT_PEER4, "127.0.0.1", "0x00231010", PIC__I_NFT_PEER4, "127.0.0.2", "0x00230000", -1);
        for (how = 0; how < 3; how++) {
                assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
                steps[0] = step_add(&bag.at[0]);
                steps[1] = step_add(&bag.at[1]);
                steps[2] = step_add(&bag.at[3]);
                assert_int_equal(apply(b, steps, 3, &done), 0);
                assert_int_equal(system("bash -c 'echo x >/dev/udp/127.0.0.1/9'"), 0);
                line[0] = '\0';
                steps[0] = step_change(&bag.at[1], &bag.at[2]);
                assert_int_equal(apply(b, steps, 1, &done), 0);
                assert_null(strstr(line, "ended"));
                steps[0] = step_remove(&bag.at[3]);
                if (how == 0)
                        b->ops->later(b);
                else if (how == 1)
                        assert_int_equal(apply(b, steps, 1, &done), 0);
                else
                        b->ops->free(b);
                assert_non_null(strstr(line, "1 flows ended"));
                if (how == 2)
                        assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
                line[0] = '\0';
                b->ops->later(b);
                assert_null(strstr(line, "ended"));
                assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                b->ops->free(b);
        }
        pic__items_wipe(&bag);
}

/* Killed between a change of the table and the end of its flows: the next one of us ends them, once. */
static void test_strange(void **state)
{
        char line[200] = "";
        pic__log log = { note_line, line, PIC_LOG_DEBUG };
        pic__nft_opts opts = { .run_dir = dir, .log = &log };
        pic__backend *b = NULL;
        pic__items bag = PIC__ITEMS_INIT, seen = PIC__ITEMS_INIT;
        pic__step steps[2];
        size_t done;

        (void)state;
        put_items(&bag, PIC__I_NFT_SHAPE, "table", "dev=pic0 net4=127.0.0.0/16 net6=fd12::/48 port=51820",
                  PIC__I_NFT_PEER4, "127.0.0.5", "0x00230000", -1);
        assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
        steps[0] = step_add(&bag.at[0]);
        steps[1] = step_add(&bag.at[1]);
        assert_int_equal(apply(b, steps, 2, &done), 0);
        b->ops->free(b);
        foreign("table inet marks { chain out { type filter hook output priority mangle;\n"
                "ip saddr 127.0.0.5 ct mark set 0x00231010\n}\n}\n");
        assert_int_equal(system("ip addr add 127.0.0.5/8 dev lo"), 0);
        assert_int_equal(system("ping -q -c1 -W1 -I 127.0.0.5 127.9.0.9 >/dev/null"), 0);
        assert_int_equal(pic__nft_new(&opts, &b, NULL), 0);
        line[0] = '\0';
        b->ops->later(b); /* nothing is known yet */
        assert_null(strstr(line, "ended"));
        assert_int_equal(b->ops->observe(b, &seen, NULL), 0);
        b->ops->later(b);
        assert_non_null(strstr(line, "1 flows ended"));
        assert_int_equal(system("ping -q -c1 -W1 -I 127.0.0.5 127.9.0.9 >/dev/null"), 0);
        line[0] = '\0';
        b->ops->later(b);
        assert_null(strstr(line, "ended"));
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
        b->ops->free(b);
        pic__items_wipe(&bag);
        pic__items_wipe(&seen);
}

static void test_no_memory(void **state)
{
        pic__items bag = PIC__ITEMS_INIT;
        unsigned long n;
        int r = -1;

        (void)state;
        fill(&bag);
        for (n = 1; r < 0 && n < 2000; n++) {
                pic__nft_opts opts = { .dir = dir, .run_dir = dir };
                pic__items seen = PIC__ITEMS_INIT;
                pic__step steps[2] = { step_add(&bag.at[0]), step_add(&bag.at[3]) };
                pic__backend *b = NULL;
                pic_error *err = NULL;
                size_t done = 0;

                pic__mem_fail_at(n);
                r = pic__nft_new(&opts, &b, &err);
                if (r == 0)
                        r = b->ops->apply(b, steps, 2, &done, &err);
                if (r == 0)
                        r = b->ops->observe(b, &seen, &err);
                if (r == 0)
                        r = b->ops->teardown(b, 0, &err);
                pic__mem_fail_at(0);
                if (r < 0)
                        assert_int_equal(r, PIC_NOMEM);
                pic_error_free(err);
                pic__items_wipe(&seen);
                if (b != NULL) {
                        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                        b->ops->free(b);
                }
        }
        assert_int_equal(r, 0);
        pic__items_wipe(&bag);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_block_and_repair, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_no_directory, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_teardown_of_nothing, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_doctor_knows_device, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_denied, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_closed, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_flows, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_down, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_turned, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_strange, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
        };

        NEED_ROOT();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
