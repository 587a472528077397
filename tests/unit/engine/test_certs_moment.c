/* Shows: a clock in 1970, or years behind, makes no certificates of that time, also after many rows that it wrote; a
 * new cell with a dead clock is not of 1970; and what a clock that ran ahead made is made anew when it is right again.
 */
#include "certs_world.h"

#include "engine/notes.h"

static const char *const plain[] = { NULL };

static void dead(void **state)
{
        const pic__bound bound = { 1000, 1000 };
        certs_world w;
        pic_time right;
        char text[32];
        int i;

        (void)state;
        cw_make(&w);
        right = w.c.now;
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        w.e = pic__engine_unref(w.e);
        w.c.now = 1000 * PIC__SECOND; /* a start with a dead battery */
        w.e = cell_open(&w.c);
        for (i = 0; i < 300; i++) {
                snprintf(text, sizeof(text), "row %d", i);
                assert_int_equal(pic__engine_note(w.e, "agent", "start", text, &bound, NULL), 1);
        }
        assert_true(pic__engine_moment(w.e) >= right - 3600 * PIC__SECOND);
        cw_add(&w, "new", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_int(&w, "new", "not_after") >= right + 29 * PIC__DAY);
        assert_true(cw_int(&w, "new", "not_before") >= right - 3 * 3600 * PIC__SECOND);
        w.c.now = right + 60 * PIC__SECOND;
        assert_true(cw_good(&w, "nas", "ca_certificate", NULL)); /* it was left alone */
        assert_true(cw_good(&w, "new", "ca_certificate", NULL));
        w.c.now = right - 1000 * PIC__DAY; /* years behind */
        assert_int_equal(pic__engine_cert_renew(w.e, "nas", "root", "cli", NULL), 0);
        w.c.now = right + 60 * PIC__SECOND;
        assert_true(cw_good(&w, "nas", "ca_certificate", NULL));
        cw_drop(&w);
}

/* A clock that is years ahead for a moment, and then right again: what it made is made anew, nothing that is good goes,
 * and its rows do not count. */
static void ahead(void **state)
{
        const pic__bound bound = { 1000, 1000 };
        certs_world w;
        pic_time right;
        char text[32];
        int i;

        (void)state;
        cw_make(&w);
        right = w.c.now;
        for (i = 0; i < 100; i++) { /* a life */
                snprintf(text, sizeof(text), "row %d", i);
                assert_int_equal(pic__engine_note(w.e, "agent", "start", text, &bound, NULL), 1);
        }
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        w.c.now = right + 3 * 365 * PIC__DAY;
        assert_int_equal(cw_round(&w), 1); /* nobody can know better */
        w.c.now = right + 600 * PIC__SECOND;
        assert_false(cw_good(&w, "nas", "ca_certificate", NULL));
        assert_true(pic__engine_moment(w.e) < right + PIC__DAY);
        assert_int_equal(cw_round(&w), 1); /* the clock was put back: at once */
        assert_true(cw_good(&w, "nas", "ca_certificate", NULL));
        cw_add(&w, "tv", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_true(cw_good(&w, "nas", "ca_certificate", NULL) && cw_good(&w, "tv", "ca_certificate", NULL));
        w.c.now = right - 3600 * PIC__SECOND; /* a little behind: nothing is due, nothing is made anew */
        assert_int_equal(cw_round(&w), 0);
        cw_drop(&w);
}

static void born(void **state)
{
        certs_world w;
        pic_obj *o;
        pic__buf der = PIC__BUF_INIT;
        pic__x509_info info;

        (void)state;
        cw_make(&w);
        o = cw_get(&w, PIC__CELL, NULL);
        {
                pic_obj *edit = NULL;

                assert_int_equal(pic__obj_edit(o, &edit, NULL), 0);
                assert_int_equal(pic__ca_make(edit, w.e->seals.public_key, 0, NULL), 0);
                assert_int_equal(pic__x509_text_first(pic__obj_text(edit, "ca_certificate"), &der, NULL), 0);
                pic__obj_unref(edit);
        }
        assert_int_equal(pic__x509_read(pic__der_of(&der), &info, NULL, NULL), 0);
        assert_true(info.from >= PIC__CA_EPOCH - 2 * PIC__DAY && info.until > PIC__CA_EPOCH + 3000 * PIC__DAY);
        pic__buf_free(&der);
        pic__obj_unref(o);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(dead), cmocka_unit_test(ahead), cmocka_unit_test(born) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
