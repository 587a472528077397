/* engine/alerts_facts.c: which finding is which event, what counts as the same trouble, and when an address flaps. */
#include "fixture.h"

#include "engine/alerts_i.h"

static void areas(void **state)
{
        (void)state;
        assert_int_equal(pic__alert_event_of("dns"), PIC__ALERT_NAMES);
        assert_int_equal(pic__alert_event_of("backup"), PIC__ALERT_BACKUP);
        assert_int_equal(pic__alert_event_of("store"), PIC__ALERT_AGENT);
        assert_int_equal(pic__alert_event_of("what comes later"), PIC__ALERT_AGENT);
}

static void keys(void **state)
{
        char a[160], b[160];

        (void)state;
        pic__finding_key("disk", "less than 64 MiB are free", a, sizeof(a));
        pic__finding_key("disk", "less than 7 MiB are free", b, sizeof(b));
        assert_string_equal(a, b);
        assert_string_equal(a, "disk:less than # MiB are free");
        pic__finding_key("d", "12345", a, 5);
        assert_string_equal(a, "d:#");
        pic__finding_key("long", "area", a, 4);
        assert_string_equal(a, "lon");
}

static void moves(void **state)
{
        static const struct {
                int at;
                const char *endpoint;
                int flaps;
        } rows[] = {
                { 0, "", 0 },
                { 10, "192.0.2.1:1000", 0 },
                { 20, "192.0.2.1:2000", 0 }, /* a port is no move */
                { 30, "[2001:db8::1]:5", 0 },
                { 40, "192.0.2.1:1000", 0 },
                { 50, "", 0 }, /* not known is no move */
                { 60, "192.0.2.2:1000", 0 },
                { 70, "192.0.2.1:1000", 1 }, /* the fourth within ten minutes */
                { 600, "192.0.2.1:1000", 1 },
                { 631, "192.0.2.1:1000", 0 },
        };
        pic__alert_peer p = { .id = 1 };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++)
                assert_int_equal(pic__alert_peer_moves(&p, rows[i].endpoint, (1 + rows[i].at) * PIC__SECOND),
                                 rows[i].flaps);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(areas), cmocka_unit_test(keys), cmocka_unit_test(moves) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
