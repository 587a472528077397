/* Shows: whose word decides, what carries it, what becomes of packets in each state; that it is what the derived items
 * say, for all that can be chosen and known. */
#include "plan/leave.h"

#include "model/exit.h"
#include "plan/why.h"
#include "sample.h"

static pic__snap *household(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__CONNECTION, 1, "name=far type=wireguard slot=1 addresses=10.9.0.2/32");
        sample_put(s, PIC__CONNECTION, 2, "name=never type=block slot=2");
        sample_put(s, PIC__CONNECTION, 3, "name=home type=ssh slot=3 failopen=yes");
        sample_put(s, PIC__CONNECTION, 4, "name=best type=group slot=4 members=far,home");
        sample_put(s, PIC__GROUP, 5, "name=kids access=internet exit=best");
        sample_put(s, PIC__GROUP, 6, "name=staff access=internet");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=staff,kids");
        return s;
}

static void fact(pic__snap *s, unsigned slot, int down, int active)
{
        pic__exit_facts facts = { .at = { { 0 } } };

        facts.at[slot].down = down != 0;
        facts.at[slot].judged = active >= 0;
        facts.at[slot].active = active >= 0 ? (uint8_t)active : 0;
        assert_int_equal(pic__snap_tell_exits(s, &facts, NULL), 0);
}

static void says(const pic__snap *s, const char *state, const char *wanted)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__leave l;

        pic__leave_of(s, pic__snap_named(s, PIC__PEER, "a"), &l);
        pic__leave_text(&l, state, &text);
        assert_string_equal(pic__buf_str(&text), wanted);
}

static void words(void **state)
{
        SNAP_AUTO s = household();

        (void)state;
        says(s, "up", "best: far (group kids), up");
        says(s, NULL, "best (group kids)");
        fact(s, 4, 0, 3);
        says(s, "up", "best: home (group kids), up");
        fact(s, 4, 1, 0);
        says(s, "down", "best (group kids), down: closed");
        says(s, NULL, "best (group kids), down: closed");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=staff,kids failopen=yes");
        says(s, "down", "best (group kids), down, open: leaves directly!");
        fact(s, 4, 0, -1);
        says(s, "starting", "best: far (group kids), starting; directly while it is down");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=kids exit=direct");
        says(s, "up", "direct (own)");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=staff");
        says(s, "up", "direct");
        sample_put(s, PIC__CELL, 1, SAMPLE_CELL " exit=home");
        says(s, "up", "home (cell), up; directly while it is down");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=staff failopen=no");
        says(s, "up", "home (cell), up");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=staff exit=never failopen=yes");
        says(s, "up", "never, block: closed");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 access=lan exit=far");
        says(s, "up", "far, up; it has no right to leave");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 access=lan exit=direct");
        says(s, "up", "-");
        sample_put(s, PIC__CONNECTION, 3, "name=home type=ssh slot=3 failopen=yes enabled=no");
        sample_put(s, PIC__PEER, 20, "name=a address4=10.1.0.2 groups=staff");
        fact(s, 3, 1, -1); /* what was known of it before it was turned off */
        says(s, "off", "home (cell), off: closed");
}

static void as_json(void **state)
{
        SNAP_AUTO s = household();
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        pic__leave l;

        (void)state;
        pic__leave_of(s, pic__snap_named(s, PIC__PEER, "a"), &l);
        pic__leave_json(&l, "up", &j);
        assert_string_equal(
                pic__buf_str(&text),
                "{\"exit\":\"best\",\"by\":\"group\",\"group\":\"kids\",\"carrier\":\"far\",\"state\":\"up\","
                "\"open\":false,\"closed\":false,\"direct\":false,\"may\":true,"
                "\"text\":\"best: far (group kids), up\"}");
}

/* What the kernel is told of that device, in words: its mark's OPEN element, the way of its exit. */
static void kernel_says(const pic__snap *s, int *ret_direct, int *ret_closed)
{
        const pic_obj *peer = pic__snap_named(s, PIC__PEER, "a");
        uint32_t mark = pic__exit_peer_mark(s, peer);
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        char open[16], way[16];
        size_t i;

        *ret_direct = mark == 0;
        *ret_closed = mark != 0;
        snprintf(open, sizeof(open), "0x%08x", mark);
        snprintf(way, sizeof(way), "0x%08x ", mark & ~PIC__EXIT_OPEN);
        sample_derive(s, &bag);
        for (i = 0; i < bag.count && mark != 0; i++) {
                if (bag.at[i].kind == PIC__I_NFT_OPEN && strcmp(bag.at[i].key, open) == 0)
                        *ret_direct = 1;
                if (bag.at[i].kind == PIC__I_NFT_WAY && strncmp(bag.at[i].key, way, strlen(way)) == 0)
                        *ret_closed = 0;
        }
        if (*ret_direct)
                *ret_closed = 0;
}

/* 3,000 random wishes and facts. A way that stands in the firewall for an exit that is down leads into its namespace,
 * which lets nothing pass: closed as well. */
static void as_derived(void **state)
{
        static const char *const exits[] = { "far", "never", "home", "best", "direct", NULL };
        static const char *const opens[] = { "yes", "no", NULL };
        unsigned seen[3] = { 0 }, round;
        uint64_t seed = 11;

        (void)state;
        for (round = 0; round < 3000; round++) {
                SNAP_AUTO s = household();
                const char *exit = exits[sample_random(&seed) % 6], *open = opens[sample_random(&seed) % 3];
                unsigned slot = 1 + (unsigned)(sample_random(&seed) % 4);
                int down = (int)(sample_random(&seed) % 2), direct, closed;
                char fields[200];
                pic__why w;
                pic__leave l;

                snprintf(fields, sizeof(fields), "name=far type=wireguard slot=1 addresses=10.9.0.2/32 enabled=%s",
                         sample_random(&seed) % 3 == 0 ? "no" : "yes");
                sample_put(s, PIC__CONNECTION, 1, fields);
                snprintf(fields, sizeof(fields), "name=home type=ssh slot=3 failopen=yes enabled=%s",
                         sample_random(&seed) % 3 == 0 ? "no" : "yes");
                sample_put(s, PIC__CONNECTION, 3, fields);
                snprintf(fields, sizeof(fields), "name=a address4=10.1.0.2 groups=staff%s%s%s%s%s",
                         sample_random(&seed) % 2 == 0 ? ",kids" : "", exit != NULL ? " exit=" : "",
                         exit != NULL ? exit : "", open != NULL ? " failopen=" : "", open != NULL ? open : "");
                sample_put(s, PIC__PEER, 20, fields);
                fact(s, slot, down, slot == 4 ? (int)(sample_random(&seed) % 4) : -1);
                pic__leave_of(s, pic__snap_named(s, PIC__PEER, "a"), &l);
                kernel_says(s, &direct, &closed);
                closed = closed || (!direct && l.down);
                if (pic__leave_direct(&l) != direct || pic__leave_closed(&l) != closed)
                        fail_msg("round %u: %s: direct %d, closed %d", round, fields, direct, closed);
                assert_int_equal(pic__plan_why(s, "a", "9.9.9.9", 0, &w, NULL), 0);
                assert_int_equal(w.way[0] == '\0', direct);
                assert_int_equal(w.closed, closed);
                seen[direct ? 0 : closed ? 1 : 2]++;
        }
        print_message("directly %u, nowhere %u, by the exit %u\n", seen[0], seen[1], seen[2]);
        assert_true(seen[0] > 300 && seen[1] > 300 && seen[2] > 300);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(as_json),
                                            cmocka_unit_test(as_derived) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
