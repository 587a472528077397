/* The table of kinds: phases keep their promises. */
#include "sample.h"

static void every_kind_is_named_and_ranked_once(void **state)
{
        int add[PIC__ITEM_KINDS] = { 0 }, removal[PIC__ITEM_KINDS] = { 0 }, i;

        (void)state;
        for (i = 0; i < PIC__ITEM_KINDS; i++) {
                const pic__item_info *info = &pic__item_kinds[i];
                const char *backend = pic__backend_names[info->backend];

                assert_non_null(info->name);
                assert_memory_equal(info->name, backend, strlen(backend));
                assert_int_equal(info->name[strlen(backend)], '.');
                assert_in_range(info->add_phase, 0, PIC__ITEM_KINDS - 1);
                assert_in_range(info->remove_phase, 0, PIC__ITEM_KINDS - 1);
                add[info->add_phase]++;
                removal[info->remove_phase]++;
        }
        for (i = 0; i < PIC__ITEM_KINDS; i++) {
                assert_int_equal(add[i], 1);
                assert_int_equal(removal[i], 1);
        }
}

static void before(enum pic__item_kind first, enum pic__item_kind then)
{
        assert_true(pic__item_kinds[first].add_phase < pic__item_kinds[then].add_phase);
}

static void gone_before(enum pic__item_kind first, enum pic__item_kind then)
{
        assert_true(pic__item_kinds[first].remove_phase < pic__item_kinds[then].remove_phase);
}

/* The block comes before everything and goes after everything. */
static void the_block_is_first_and_last(void **state)
{
        int i;

        (void)state;
        for (i = 0; i < PIC__ITEM_KINDS; i++) {
                if (i == PIC__I_NFT_SHAPE)
                        continue;
                before(PIC__I_NFT_SHAPE, (enum pic__item_kind)i);
                gone_before((enum pic__item_kind)i, PIC__I_NFT_SHAPE);
        }
}

static void rules_come_before_keys_and_go_before_them(void **state)
{
        int i;

        (void)state;
        for (i = PIC__I_NFT_PEER4; i <= PIC__I_NFT_WIDE6; i++) {
                before((enum pic__item_kind)i, PIC__I_WG_PEER);
                gone_before((enum pic__item_kind)i, PIC__I_WG_PEER);
        }
        for (i = PIC__I_NFT_REACH4; i <= PIC__I_NFT_WIDE6; i++) {
                before((enum pic__item_kind)i, PIC__I_NFT_PEER4);
                before((enum pic__item_kind)i, PIC__I_NFT_SUBNET6);
        }
        before(PIC__I_WG_DEVICE, PIC__I_ROUTE_ADDR);
        before(PIC__I_ROUTE_ADDR, PIC__I_ROUTE_LINK);
        before(PIC__I_ROUTE_LINK, PIC__I_ROUTE_ROUTE);
        before(PIC__I_ROUTE_ADDR, PIC__I_DNS_SERVER);
        before(PIC__I_DNS_RECORD, PIC__I_WG_PEER); /* whoever gets in finds names */
        gone_before(PIC__I_DNS_RECORD, PIC__I_DNS_SERVER);
        gone_before(PIC__I_DNS_SERVER, PIC__I_ROUTE_ADDR);
        gone_before(PIC__I_ROUTE_ROUTE, PIC__I_ROUTE_LINK);
        gone_before(PIC__I_WG_PEER, PIC__I_WG_DEVICE);
        gone_before(PIC__I_ROUTE_LINK, PIC__I_WG_DEVICE);
}

/* Together, so that they reach the backend as one row: a server starts with its records. */
static void records_follow_their_server(void **state)
{
        (void)state;
        assert_int_equal(pic__item_kinds[PIC__I_DNS_RECORD].add_phase,
                         pic__item_kinds[PIC__I_DNS_SERVER].add_phase + 1);
        assert_int_equal(pic__item_kinds[PIC__I_DNS_SERVER].remove_phase,
                         pic__item_kinds[PIC__I_DNS_RECORD].remove_phase + 1);
}

static void changes_of_the_ground_may_cut_the_session(void **state)
{
        (void)state;
        assert_int_equal(pic__item_kinds[PIC__I_WG_DEVICE].risk_change, PIC__RISK_SESSION);
        assert_int_equal(pic__item_kinds[PIC__I_NFT_SHAPE].risk_change, PIC__RISK_SESSION);
        assert_int_equal(pic__item_kinds[PIC__I_ROUTE_ADDR].risk_remove, PIC__RISK_SESSION);
        assert_int_equal(pic__item_kinds[PIC__I_NFT_PEER4].risk_remove, PIC__RISK_TRAFFIC);
        assert_int_equal(pic__item_kinds[PIC__I_DNS_RECORD].risk_change, PIC__RISK_NONE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_kind_is_named_and_ranked_once),
                cmocka_unit_test(the_block_is_first_and_last),
                cmocka_unit_test(rules_come_before_keys_and_go_before_them),
                cmocka_unit_test(records_follow_their_server),
                cmocka_unit_test(changes_of_the_ground_may_cut_the_session),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
