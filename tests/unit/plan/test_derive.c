/* Everything, from a whole small cell; and what it costs for a large one. */
#include <malloc.h>
#include <time.h>

#include "sample.h"

/* Something of every kind, both families. */
static pic__snap *household(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__GROUP, 10, "name=family access=internet,peer:nas");
        sample_put(s, PIC__GROUP, 11, "name=Kids access=internet");
        sample_put(s, PIC__GROUP, 12,
                   "name=office access=group:office,192.168.1.0/24:tcp/443,192.168.1.10,[fd00:1::]/64:udp/53");
        sample_put(s, PIC__PEER, 20,
                   "name=Anna address4=10.1.0.2 address6=fd12:3456:789a::2 groups=family "
                   "preshared_key=c2VhbGVkIHBzayBvZiBhbm5hIHNlYWxlZCBwc2sgb2YgYW5uYSA=");
        sample_put(s, PIC__PEER, 21, "name=nas address4=10.1.0.3 address6=fd12:3456:789a::3 access=lan");
        sample_put(s, PIC__PEER, 22, "name=tom address4=10.1.0.4 address6=fd12:3456:789a::4 groups=kids");
        sample_put(s, PIC__PEER, 23,
                   "name=lisa address4=10.1.0.5 address6=fd12:3456:789a::5 groups=kids preshared=no "
                   "preshared_key=c2VhbGVkIHBzayBvZiBsaXNhIHNlYWxlZCBwc2sgb2YgbGlzYSA=");
        sample_put(s, PIC__PEER, 24, "name=desk address4=10.1.0.6 address6=fd12:3456:789a::6 groups=office");
        sample_put(s, PIC__PEER, 25,
                   "name=site address4=10.1.0.7 address6=fd12:3456:789a::7 groups=office "
                   "subnets=192.168.9.0/24,fd77::/64");
        sample_put(s, PIC__PEER, 26, "name=guest address4=10.1.0.8 address6=fd12:3456:789a::8");
        sample_put(s, PIC__PEER, 27,
                   "name=admin address4=10.1.0.9 address6=fd12:3456:789a::9 access=peers,internet,lan");
        sample_put(s, PIC__PEER, 28,
                   "name=gone address4=10.1.0.10 address6=fd12:3456:789a::a access=internet enabled=no");
        sample_put(s, PIC__PEER, 29,
                   "name=old address4=10.1.0.11 address6=fd12:3456:789a::b groups=office expires=2020-01-01");
        sample_now(s, SAMPLE_NOW);
        return s;
}

static void a_household(void **state)
{
        SNAP_AUTO s = household();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        (void)state;
        sample_derive(s, &bag);
        sample_print(&bag, &text);
        sample_golden("household", &text);
}

static void without_a_cell_nothing(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        SNAP_AUTO s = NULL;

        (void)state;
        assert_int_equal(pic__snap_new(&s, NULL), 0);
        sample_put(s, PIC__PEER, 20, "name=anna address4=10.1.0.2 address6=fd12:3456:789a::2");
        assert_int_equal(pic__derive_all(s, NULL, &bag, NULL), 0);
        assert_int_equal(bag.count, 0);
}

static void a_broken_cell_is_an_error(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        pic__auto_err pic_error *err = NULL;
        SNAP_AUTO s = NULL;

        (void)state;
        assert_int_equal(pic__snap_new(&s, NULL), 0);
        sample_put(s, PIC__CELL, 1, "name=home net4=10.1.0.0/16");
        assert_int_equal(pic__derive_all(s, NULL, &bag, &err), PIC_CORRUPT);
        assert_non_null(strstr(pic_error_message(err), "net6"));
}

static int open_calls;

static int open_secret(const pic_obj *o, const char *field, uint8_t out[32], void *data, pic_error **err)
{
        const char *deny = data;

        open_calls++;
        if (deny != NULL && strcmp(deny, field) == 0)
                return pic__fail(err, PIC_DENIED, "no key to open %s with", field);
        memset(out, (int)o->id, 32);
        return 0;
}

static void secrets_are_opened_by_the_callback(void **state)
{
        SNAP_AUTO s = household();
        pic__auto_items pic__items bag = PIC__ITEMS_INIT, again = PIC__ITEMS_INIT;
        pic__auto_err pic_error *err = NULL;
        const pic__secrets secrets = { .open = open_secret, .data = NULL },
                           denied = { .open = open_secret, .data = (void *)(uintptr_t) "preshared_key" };
        const pic__item *device;
        char key[PIC__KEY_TEXT];

        (void)state;
        open_calls = 0;
        assert_int_equal(pic__derive_all(s, &secrets, &bag, NULL), 0);
        assert_int_equal(open_calls, 2); /* the cell and anna: nobody else has one, or none that is used */
        pic__items_sort(&bag);
        device = pic__items_find(&bag, PIC__I_WG_DEVICE, "pic0");
        assert_int_equal(device->secret[31], 1);
        assert_int_equal(pic__items_find(&bag, PIC__I_WG_PEER, sample_key(20, key))->secret[0], 20);
        assert_null(pic__items_find(&bag, PIC__I_WG_PEER, sample_key(23, key))->secret);
        assert_int_equal(pic__derive_all(s, &denied, &again, &err), PIC_DENIED);
        assert_string_equal(pic_error_message(err), "peer Anna");
        assert_non_null(strstr(pic_error_message(pic_error_cause(err)), "preshared_key"));
}

/* The parts make the whole: each item comes with its own backend's and no other's; and so do the secrets. */
static void parts_make_the_whole(void **state)
{
        SNAP_AUTO s = household();
        pic__auto_items pic__items whole = PIC__ITEMS_INIT, all = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        const pic__secrets secrets = { .open = open_secret, .data = NULL };
        unsigned parts;

        (void)state;
        assert_int_equal(pic__derive_all(s, &secrets, &whole, NULL), 0);
        for (parts = 0; parts <= PIC__ALL_PARTS; parts++) {
                pic__auto_items pic__items some = PIC__ITEMS_INIT;
                size_t i, want = 0;

                open_calls = 0;
                assert_int_equal(pic__derive_parts(s, parts, &secrets, &some, NULL), 0);
                assert_int_equal(open_calls, (parts & PIC__PART(PIC__B_WG)) ? 2 : 0);
                for (i = 0; i < whole.count; i++)
                        want += (parts & PIC__PART(pic__item_kinds[whole.at[i].kind].backend)) != 0;
                assert_int_equal(some.count, want);
                for (i = 0; i < some.count; i++)
                        assert_true(parts & PIC__PART(pic__item_kinds[some.at[i].kind].backend));
                if ((parts & (parts - 1)) != 0) /* not one of them alone */
                        continue;
                for (i = 0; i < some.count; i++)
                        assert_int_equal(pic__items_add(&all, some.at[i].kind, some.at[i].key, some.at[i].value,
                                                        some.at[i].secret, NULL, NULL),
                                         0);
        }
        assert_int_equal(pic__plan_diff(&all, &whole, &steps, NULL), 0);
        assert_int_equal(steps.count, 0);
}

/* Without it a hash stands in, which is another one when the sealed text is. */
static void stand_ins_show_changes(void **state)
{
        SNAP_AUTO s = household();
        pic__auto_items pic__items a = PIC__ITEMS_INIT, b = PIC__ITEMS_INIT, c = PIC__ITEMS_INIT;
        char key[PIC__KEY_TEXT];

        (void)state;
        sample_key(20, key);
        sample_derive(s, &a);
        sample_derive(s, &b);
        assert_true(pic__item_same(pic__items_find(&a, PIC__I_WG_PEER, key), pic__items_find(&b, PIC__I_WG_PEER, key)));
        sample_put(s, PIC__PEER, 20,
                   "name=Anna address4=10.1.0.2 address6=fd12:3456:789a::2 groups=family "
                   "preshared_key=YW5vdGhlciBwc2sgb2YgYW5uYSBhbm90aGVyIHBzayBvZiBhbm4=");
        sample_derive(s, &c);
        assert_false(
                pic__item_same(pic__items_find(&a, PIC__I_WG_PEER, key), pic__items_find(&c, PIC__I_WG_PEER, key)));
}

static int derive_one(void *data)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        const pic__secrets secrets = { .open = open_secret, .data = NULL };

        return pic__derive_all(data, &secrets, &bag, NULL);
}

static void without_memory(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        sample_nomem(derive_one, s);
}

/* Of the processor: others may be busy here. */
static double now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static pic__snap *large(int peers)
{
        pic__snap *s = sample_snap();
        char fields[256];
        int i;

        for (i = 0; i < 20; i++) {
                snprintf(fields, sizeof(fields), "name=group%d access=internet,192.168.%d.0/24:tcp/443", i, i);
                sample_put(s, PIC__GROUP, 100 + i, fields);
        }
        for (i = 0; i < peers; i++) {
                snprintf(fields, sizeof(fields),
                         "name=peer%05d address4=10.1.%d.%d address6=fd12:3456:789a::%x groups=group%d "
                         "preshared_key=c2VhbGVkIHBzayBvZiBhbm5hIHNlYWxlZCBwc2sgb2Yg%05d+A=",
                         i, (i + 10) / 256, (i + 10) % 256, (unsigned)i + 10, i % 20, i % 100000);
                sample_put(s, PIC__PEER, 1000 + i, fields);
        }
        return s;
}

/* Said aloud; the goal (60 ms, 25 MB at 10,000 in a release build) is the benchmark's to hold. Here only: not
 * quadratic. */
static void ten_thousand_peers(void **state)
{
        SNAP_AUTO s = large(10000);
        pic__auto_items pic__items want = PIC__ITEMS_INIT, there = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, held, i;
        double t0, t1, t2;

        (void)state;
        t0 = now_ms();
        assert_int_equal(pic__derive_all(s, NULL, &want, NULL), 0);
        t1 = now_ms();
        held = mallinfo2().uordblks + mallinfo2().hblkhd - before;
        for (i = want.count; i > 0; i--) { /* the world as a kernel lists it: in no order of ours */
                const pic__item *item = &want.at[(i * 7919) % want.count];

                assert_int_equal(pic__items_add(&there, item->kind, item->key, item->value, item->secret, NULL, NULL),
                                 0);
        }
        t2 = now_ms();
        assert_int_equal(pic__plan_diff(&there, &want, &steps, NULL), 0);
        print_message("10,000 peers: %zu items, derive %.1f ms, diff %.1f ms, one bag %.1f MB\n", want.count, t1 - t0,
                      now_ms() - t2, (double)held / 1e6);
        assert_int_equal(steps.count, 0);
        assert_true(want.count > 70000);
        assert_true(now_ms() - t2 + t1 - t0 < 5000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_household),
                cmocka_unit_test(without_a_cell_nothing),
                cmocka_unit_test(a_broken_cell_is_an_error),
                cmocka_unit_test(secrets_are_opened_by_the_callback),
                cmocka_unit_test(parts_make_the_whole),
                cmocka_unit_test(stand_ins_show_changes),
                cmocka_unit_test(without_memory),
                cmocka_unit_test(ten_thousand_peers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
