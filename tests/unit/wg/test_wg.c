/* The backend on a real wireguard-go: what is applied is observed, what happens behind its back is heard, a second
 * instance takes over, `wg` sees the same. */
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "world.h"

static uint8_t private_key[32];
static const uint8_t psk[32] = { 1, 2, 3 };

static int fresh(void **state)
{
        uint8_t public_key[32];

        (void)state;
        pic__wg_keypair(private_key, public_key);
        return 0;
}

static int clean(void **state)
{
        pic__backend *b = world_backend(NULL);
        int r = b->ops->teardown(b, 0, NULL);

        (void)state;
        b->ops->free(b);
        return r;
}

/* What `wg show DEV dump` says. */
static void wg_dump(pic__buf *out)
{
        char script[64];

        snprintf(script, sizeof(script), "wg show %s dump", world_dev);
        world_run(out, script);
}

static void nothing_there(void **state)
{
        pic__auto_items pic__items there = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL);
        size_t done = 1;

        (void)state;
        assert_int_equal(b->ops->observe(b, &there, NULL), 0);
        assert_int_equal(there.count, 0);
        assert_int_equal(b->ops->apply(b, NULL, 0, &done, NULL), 0);
        assert_int_equal(done, 0);
        assert_int_equal(b->ops->live(b, NULL, NULL, NULL, NULL), 0);
        assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
        b->ops->free(b);
}

static void made_changed_and_taken_away(void **state)
{
        pic__auto_items pic__items one = PIC__ITEMS_INIT, two = PIC__ITEMS_INIT, none = PIC__ITEMS_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        pic__backend *b = world_backend(NULL);
        char key[PIC__KEY_TEXT];

        (void)state;
        world_device(&one, 41820, private_key);
        world_peer(&one, 1, 25, psk);
        world_peer(&one, 2, 0, NULL);
        assert_int_equal(world_make(b, &one, NULL), 3);
        assert_int_equal(world_make(b, &one, NULL), 0);
        wg_dump(&out);
        assert_non_null(strstr(out.data, "\t41820\t"));
        assert_non_null(strstr(out.data, "10.0.0.1/32,fd00::2/128\t0\t0\t0\t25"));

        /* Port, keepalive gone, preshared key gone, a peer gone, one new. */
        world_device(&two, 41821, private_key);
        world_peer(&two, 1, 0, NULL);
        world_peer(&two, 3, 0, psk);
        assert_int_equal(world_make(b, &two, NULL), 4);
        assert_int_equal(world_make(b, &two, NULL), 0);
        pic__buf_clear(&out);
        wg_dump(&out);
        assert_non_null(strstr(out.data, "\t41821\t"));
        world_key(1, key);
        assert_non_null(strstr(out.data, key));
        assert_non_null(strstr(strstr(out.data, key), "(none)\t(none)\t10.0.0.1/32,fd00::2/128\t0\t0\t0\toff"));
        world_key(2, key);
        assert_null(strstr(out.data, key));

        assert_int_equal(world_make(b, &none, NULL), 3);
        assert_int_equal(world_make(b, &none, NULL), 0);
        b->ops->free(b);
}

static void another_instance_adopts(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL), *other;

        (void)state;
        world_device(&wish, 41820, private_key);
        world_peer(&wish, 1, 25, psk);
        assert_int_equal(world_make(b, &wish, NULL), 2);
        other = world_backend(NULL);
        assert_int_equal(world_make(other, &wish, NULL), 0);
        b->ops->free(b);
        world_peer(&wish, 2, 0, NULL);
        assert_int_equal(world_make(other, &wish, NULL), 1);
        other->ops->free(other);
}

/* A kill between the start and the pid file leaves a process that nobody wrote down. */
static void an_orphan_is_recognized(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL);

        (void)state;
        world_device(&wish, 41820, private_key);
        assert_int_equal(world_make(b, &wish, NULL), 1);
        b->ops->free(b);
        world_forget("wg.pid");
        b = world_backend(NULL);
        assert_int_equal(b->ops->observe(b, &there, NULL), 0);
        assert_int_equal(there.count, 0);
        assert_int_equal(world_make(b, &wish, NULL), 1);
        assert_int_equal(world_make(b, &wish, NULL), 0);
        b->ops->free(b);
}

static int readable(pic__backend *b, int ms)
{
        struct pollfd p = { .fd = b->ops->event_fd(b), .events = POLLIN };

        return poll(&p, 1, ms);
}

/* Waits until drain() says that something of ours changed; links that go down on the way there are no news. */
static void hear_it(pic__backend *b)
{
        int heard = 0;

        while (!heard && readable(b, 1000) > 0)
                heard = b->ops->drain(b);
        assert_int_equal(heard, 1);
}

static pid_t process_of(void)
{
        char path[128], text[64] = "";
        FILE *f;

        snprintf(path, sizeof(path), "%s/wg.pid", world_dir);
        f = fopen(path, "re");
        assert_non_null(f);
        assert_non_null(fgets(text, sizeof(text), f));
        fclose(f);
        assert_true(atoi(text) > 1);
        return atoi(text);
}

static void death_is_heard_and_healed(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL);
        pid_t first;
        int i;

        (void)state;
        world_device(&wish, 41820, private_key);
        world_peer(&wish, 1, 0, NULL);
        assert_int_equal(world_make(b, &wish, NULL), 2);
        while (readable(b, 100) > 0)
                (void)b->ops->drain(b);
        assert_int_equal(b->ops->drain(b), 0);
        b->ops->tick(b);
        assert_int_equal(readable(b, 0), 0);
        for (i = 0; i < 2; i++) {
                first = process_of();
                kill(first, SIGKILL);
                hear_it(b);
                assert_int_equal(world_make(b, &wish, NULL), 2);
                assert_int_equal(world_make(b, &wish, NULL), 0);
                assert_int_not_equal(process_of(), first);
        }
        b->ops->free(b);
}

/* Deaths that follow each other are held back, which is said, and called up again by tick. */
static void endless_deaths_are_held_back(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL);
        int i, r = 0;

        (void)state;
        world_device(&wish, 41820, private_key);
        for (i = 0; i < 8 && r >= 0; i++) {
                pic__auto_err pic_error *err = NULL;

                r = world_make(b, &wish, &err);
                if (r < 0) {
                        assert_int_equal(r, PIC_BUSY);
                        assert_non_null(strstr(pic_error_message(err), "keeps dying"));
                        assert_non_null(pic_error_hint(err));
                        break;
                }
                kill(process_of(), SIGKILL);
                assert_int_equal(readable(b, 1000), 1);
                usleep(50000);
                b->ops->tick(b);
                hear_it(b);
        }
        assert_int_equal(r, PIC_BUSY);
        for (i = 0; i < 100 && readable(b, 0) == 0; i++) {
                usleep(20000);
                b->ops->tick(b);
        }
        assert_int_equal(b->ops->drain(b), 1);
        assert_int_equal(world_make(b, &wish, NULL), 1);
        b->ops->free(b);
}

static void a_link_removed_by_others_is_heard(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL);
        char script[64];

        (void)state;
        world_device(&wish, 41820, private_key);
        assert_int_equal(world_make(b, &wish, NULL), 1);
        while (readable(b, 100) > 0)
                assert_int_equal(b->ops->drain(b), 0);
        /* Another link is no news. */
        world_run(NULL, "ip link add pcttest0 type veth peer name pcttest1");
        while (readable(b, 100) > 0)
                assert_int_equal(b->ops->drain(b), 0);
        snprintf(script, sizeof(script), "ip link del %s", world_dev);
        world_run(NULL, script);
        hear_it(b);
        assert_int_equal(b->ops->observe(b, &there, NULL), 0);
        assert_int_equal(there.count, 0);
        b->ops->free(b);
}

static void count_live(const pic__live *live, void *data)
{
        size_t *count = data;

        assert_int_equal(strlen(live->key), 44);
        assert_int_equal(live->handshake, 0);
        (*count)++;
}

static void live_state(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL);
        char key[PIC__KEY_TEXT];
        size_t count = 0;

        (void)state;
        world_device(&wish, 41820, private_key);
        world_peer(&wish, 1, 0, NULL);
        world_peer(&wish, 2, 0, NULL);
        assert_int_equal(world_make(b, &wish, NULL), 3);
        assert_int_equal(b->ops->live(b, NULL, count_live, &count, NULL), 0);
        assert_int_equal(count, 2);
        world_key(2, key);
        assert_int_equal(b->ops->live(b, key, count_live, &count, NULL), 0);
        assert_int_equal(count, 3);
        b->ops->free(b);
}

static void keep(const pic__live *live, void *data)
{
        *(pic__live *)data = *live;
}

/* Two ends in one namespace shake hands: endpoint, time and bytes come through. */
static void live_state_after_a_handshake(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = world_backend(NULL);
        uint8_t other_private[32], other_public[32], public_key[32];
        char text[PIC__KEY_TEXT], own[PIC__KEY_TEXT], value[100], script[1024];
        pic__live live = { .handshake = 0 };
        int i;

        (void)state;
        pic__wg_keypair(other_private, other_public);
        pic__wg_public(private_key, public_key);
        pic__key_encode(public_key, own);
        pic__key_encode(other_public, text);
        snprintf(value, sizeof(value), "allowed=10.9.0.2/32 keepalive=0");
        world_device(&wish, 41820, private_key);
        assert_int_equal(pic__items_add(&wish, PIC__I_WG_PEER, text, value, NULL, NULL, NULL), 0);
        assert_int_equal(world_make(b, &wish, NULL), 2);
        pic__key_encode(other_private, text);
        snprintf(script, sizeof(script),
                 "ip link set lo up; ip link set %s up; ip addr add 10.9.0.1/24 dev %s;"
                 "WG_PROCESS_FOREGROUND=1 wireguard-go -f o%s >/dev/null 2>&1 & echo $! >%s/other;"
                 "for i in $(seq 100); do [ -S /var/run/wireguard/o%s.sock ] && break; sleep 0.02; done;"
                 "echo %s | wg set o%s private-key /dev/stdin peer %s endpoint 127.0.0.1:41820 allowed-ips 10.9.0.1/32 "
                 "persistent-keepalive 1;"
                 "ip link set o%s up",
                 world_dev, world_dev, world_dev, world_dir, world_dev, text, world_dev, own, world_dev);
        world_run(NULL, script);
        pic__key_encode(other_public, text);
        for (i = 0; i < 750 && (live.handshake == 0 || live.rx < 180); i++) {
                usleep(20000);
                assert_int_equal(b->ops->live(b, text, keep, &live, NULL), 0);
        }
        snprintf(script, sizeof(script), "kill $(cat %s/other); rm %s/other /var/run/wireguard/o%s.sock", world_dir,
                 world_dir, world_dev);
        world_run(NULL, script);
        assert_string_equal(live.key, text);
        assert_true(llabs(live.handshake / 1000000 - (long long)time(NULL)) < 20);
        assert_true(live.rx >= 148 && live.tx >= 92);
        assert_memory_equal(live.endpoint, "127.0.0.1:", 10);
        b->ops->free(b);
}

static void no_finding(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)data;
        fail_msg("%d %s %s %s", level, area, what, fix);
}

static void doctor_is_content(void **state)
{
        pic__backend *b = world_backend(NULL);

        (void)state;
        b->ops->doctor(b, no_finding, NULL);
        b->ops->free(b);
}

static void both_forbidden(void **state)
{
        pic__wg_opts opts = { .run_dir = world_dir, .log_dir = world_dir, .userspace = 1, .kernel = 1 };
        pic__backend *b = NULL;

        (void)state;
        assert_int_equal(pic__wg_new(&opts, &b, NULL), PIC_INVALID);
}

/* Without either way forced: the kernel is asked first, wireguard-go if it has none. */
static void the_way_is_found(void **state)
{
        pic__wg_opts opts = { .run_dir = world_dir, .log_dir = world_dir };
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = NULL;

        (void)state;
        assert_int_equal(pic__wg_new(&opts, &b, NULL), 0);
        world_device(&wish, 41820, private_key);
        world_peer(&wish, 1, 0, psk);
        assert_int_equal(world_make(b, &wish, NULL), 2);
        assert_int_equal(world_make(b, &wish, NULL), 0);
        assert_int_equal(b->ops->teardown(b, 1, NULL), 0);
        b->ops->free(b);
}

static void out_of_memory(void **state)
{
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__wg_opts opts = { .run_dir = world_dir, .log_dir = world_dir, .userspace = 1 };
        unsigned long n;

        (void)state;
        world_device(&wish, 41820, private_key);
        world_peer(&wish, 1, 0, psk);
        for (n = 1; n < 20; n++) { /* making it */
                pic__backend *b = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__wg_new(&opts, &b, NULL);
                pic__mem_fail_at(0);
                if (r == 0) {
                        b->ops->free(b);
                        break;
                }
                assert_int_equal(r, PIC_NOMEM);
        }
        assert_true(n > 3 && n < 20);
        for (n = 1; n < 100; n++) { /* using it */
                pic__auto_err pic_error *err = NULL;
                pic__auto_items pic__items there = PIC__ITEMS_INIT;
                pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
                pic__backend *b = world_backend(NULL);
                size_t done = 0;
                int r;

                assert_int_equal(pic__plan_diff(&there, &wish, &steps, NULL), 0);
                pic__mem_fail_at(n);
                r = b->ops->apply(b, steps.at, steps.count, &done, &err);
                if (r == 0)
                        r = b->ops->observe(b, &there, &err);
                n = pic__mem_fail_at(0) < n ? 1000 : n;
                assert_true(r == 0 || r == PIC_NOMEM || r == PIC_UNSUPPORTED || r == PIC_BUSY);
                assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                b->ops->free(b);
        }
        assert_int_equal(n, 1001);
}

/* What `wg set` says of a device here, its own packets say elsewhere: after a boot, and after wireguard-go died, the
 * device that only listens is where it was. */
static void a_device_that_listens_is_found_again(void **state)
{
        pic__wg_opts opts = {
                .run_dir = world_dir, .log_dir = world_dir, .keep_dir = world_dir, .userspace = 1, .log = NULL
        };
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        char key[PIC__KEY_TEXT], script[200], line[200];
        pic__backend *b = NULL;
        int i;

        (void)state;
        world_key(2, key);
        world_device(&wish, 41820, private_key);
        world_peer(&wish, 1, 0, NULL);
        world_peer(&wish, 2, 0, psk);
        for (i = 0; i < 2; i++) { /* the second one comes after a boot: nothing of the first is there */
                assert_int_equal(pic__wg_new(&opts, &b, NULL), 0);
                assert_int_equal(world_make(b, &wish, NULL), 3);
                if (i == 0) {
                        snprintf(script, sizeof(script), "wg set %s peer %s endpoint 203.0.113.7:51821", world_dev,
                                 key);
                        world_run(NULL, script);
                }
                pic__buf_clear(&out);
                snprintf(script, sizeof(script), "wg show %s endpoints", world_dev);
                world_run(&out, script);
                snprintf(line, sizeof(line), "%s\t203.0.113.7:51821\n", key);
                assert_non_null(strstr(out.data, line));
                assert_non_null(strstr(out.data, "(none)\n")); /* the other one */
                assert_int_equal(world_make(b, &wish, NULL), 0);
                assert_int_equal(b->ops->teardown(b, 0, NULL), 0);
                b->ops->free(b);
        }
        world_forget("places");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(nothing_there, fresh, clean),
                cmocka_unit_test_setup_teardown(made_changed_and_taken_away, fresh, clean),
                cmocka_unit_test_setup_teardown(another_instance_adopts, fresh, clean),
                cmocka_unit_test_setup_teardown(an_orphan_is_recognized, fresh, clean),
                cmocka_unit_test_setup_teardown(death_is_heard_and_healed, fresh, clean),
                cmocka_unit_test_setup_teardown(endless_deaths_are_held_back, fresh, clean),
                cmocka_unit_test_setup_teardown(a_link_removed_by_others_is_heard, fresh, clean),
                cmocka_unit_test_setup_teardown(live_state, fresh, clean),
                cmocka_unit_test_setup_teardown(live_state_after_a_handshake, fresh, clean),
                cmocka_unit_test_setup_teardown(a_device_that_listens_is_found_again, fresh, clean),
                cmocka_unit_test_setup_teardown(doctor_is_content, fresh, clean),
                cmocka_unit_test_setup_teardown(both_forbidden, fresh, clean),
                cmocka_unit_test_setup_teardown(the_way_is_found, fresh, clean),
                cmocka_unit_test_setup_teardown(out_of_memory, fresh, clean),
        };
        int r = world_open();

        if (r != 0)
                return r;
        r = cmocka_run_group_tests(tests, NULL, NULL);
        world_close();
        return r;
}
