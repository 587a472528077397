/* plan/policy.c: the table keeps what it promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/policy.h"

static int seen;

/* In no state does anything of a device leave by the machine's own way, but where a person chose it; a carrier reaches
 * its far end and nothing else. */
static void closed(enum pic__policy_cap cap, enum pic__policy_state state, enum pic__policy_kind kind,
                   enum pic__policy_verdict verdict, void *data)
{
        (void)cap;
        (void)data;
        seen++;
        if (verdict == PIC__BY_OUTSIDE)
                assert_true(kind == PIC__PACKET_CARRIER || state == PIC__EXIT_OPENED);
        if (kind > PIC__PACKET_CARRIER)
                assert_int_equal(verdict, PIC__DROPPED);
        if (kind == PIC__PACKET_DNS)
                assert_true(verdict == PIC__BY_RESOLVER || verdict == PIC__BY_CELL || verdict == PIC__REJECTED);
        if (kind == PIC__PACKET_DOT && state != PIC__EXIT_OPENED)
                assert_int_equal(verdict, PIC__REJECTED);
        if (cap == PIC__CAP_BLOCK)
                assert_true(verdict != PIC__BY_TUNNEL && verdict != PIC__BY_OUTSIDE);
        if (verdict == PIC__BY_TUNNEL)
                assert_int_equal(pic__policy(cap, PIC__EXIT_UP, kind), PIC__BY_TUNNEL);
}

static void promises(void **state)
{
        (void)state;
        pic__policy_each(closed, NULL);
        assert_int_equal(seen, PIC__CAPS * PIC__EXIT_STATES * PIC__PACKET_KINDS);
}

static void some(void **state)
{
        (void)state;
        assert_int_equal(pic__policy(PIC__CAP_FULL, PIC__EXIT_UP, PIC__PACKET_UDP6), PIC__BY_TUNNEL);
        assert_int_equal(pic__policy(PIC__CAP_V4, PIC__EXIT_UP, PIC__PACKET_UDP6), PIC__REJECTED);
        assert_int_equal(pic__policy(PIC__CAP_TCP4, PIC__EXIT_UP, PIC__PACKET_UDP4), PIC__REJECTED);
        assert_int_equal(pic__policy(PIC__CAP_FULL, PIC__EXIT_ABSENT, PIC__PACKET_TCP4), PIC__REJECTED);
        assert_int_equal(pic__policy(PIC__CAP_FULL, PIC__EXIT_OPENED, PIC__PACKET_TCP4), PIC__BY_OUTSIDE);
        assert_int_equal(pic__policy(PIC__CAP_FULL, PIC__EXIT_FAILED, PIC__PACKET_TCP4), PIC__BY_TUNNEL);
}

static void caps(void **state)
{
        (void)state;
        assert_int_equal(pic__policy_cap_of(0, 1, 1), PIC__CAP_FULL);
        assert_int_equal(pic__policy_cap_of(0, 1, 0), PIC__CAP_V4);
        assert_int_equal(pic__policy_cap_of(0, 0, 1), PIC__CAP_V6);
        assert_int_equal(pic__policy_cap_of(1, 1, 1), PIC__CAP_TCP);
        assert_int_equal(pic__policy_cap_of(1, 1, 0), PIC__CAP_TCP4);
        assert_int_equal(pic__policy_cap_of(1, 0, 0), PIC__CAP_BLOCK);
}

/* Every name is there. */
static void names(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__PACKET_KINDS; i++)
                assert_non_null(pic__policy_kinds[i]);
        for (i = 0; i < PIC__VERDICTS; i++)
                assert_non_null(pic__policy_verdicts[i]);
        for (i = 0; i < PIC__EXIT_STATES; i++)
                assert_non_null(pic__policy_states[i]);
        for (i = 0; i < PIC__CAPS; i++)
                assert_non_null(pic__policy_caps[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(promises), cmocka_unit_test(some), cmocka_unit_test(caps),
                                            cmocka_unit_test(names) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
