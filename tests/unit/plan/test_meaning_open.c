/* plan/meaning_open.c: a plan says what everybody on the internet gains and loses. */
#include "plan/meaning.h"
#include "sample.h"

#define CELL SAMPLE_CELL " ca_certificate=x"
#define NAS "name=nas target=http://192.168.1.10 address4=10.1.0.9 door=1 "

/* What the one change means, all lines. */
static void expect(enum pic__kind kind, pic_id id, const char *before, const char *after, const char *want)
{
        SNAP_AUTO s = sample_snap();
        PIC__AUTO(pic__meaning_unref_p) pic__meaning *m = NULL;
        pic__auto_buf pic__buf got = PIC__BUF_INIT, json = PIC__BUF_INIT;
        OBJ_AUTO was = before != NULL ? sample_obj(kind, id, before) : NULL;
        OBJ_AUTO is = after != NULL ? sample_obj(kind, id, after) : NULL;
        pic__change change = { kind, id, was, is };
        size_t i;

        sample_put(s, PIC__CELL, 1, CELL);
        sample_put(s, PIC__DOMAIN, 40, "name=home.example.org mode=http01");
        sample_put(s, PIC__SERVICE, 30, NAS "public=yes");
        if (before != NULL)
                sample_put(s, kind, id, before);
        assert_int_equal(pic__meaning_new(&m, NULL), 0);
        assert_int_equal(pic__meaning_before(m, s, &change, 1, NULL), 0);
        if (after != NULL)
                sample_put(s, kind, id, after);
        else
                pic__snap_drop(s, kind, id);
        assert_int_equal(pic__meaning_after(m, s, NULL), 0);
        for (i = 0; i < pic__meaning_count(m); i++) {
                pic__json j = PIC__JSON(&json);

                pic__meaning_text(m, i, &got);
                pic__buf_putc(&got, ';');
                pic__meaning_json(m, i, &j);
        }
        assert_string_equal(pic__buf_str(&got), want);
        if (i > 0)
                assert_non_null(strstr(pic__buf_str(&json), "\"who\":\"everybody on the internet\""));
}

static void lines(void **state)
{
        (void)state;
        expect(PIC__SERVICE, 30, NAS, NAS "public=yes", "everybody on the internet gains service nas;");
        expect(PIC__SERVICE, 30, NAS "public=yes", NAS, "everybody on the internet loses service nas;");
        expect(PIC__SERVICE, 30, NAS "public=yes", NULL, "everybody on the internet loses service nas;");
        expect(PIC__SERVICE, 30, NAS "public=yes", NAS "public=yes enabled=no",
               "everybody on the internet loses service nas;");
        expect(PIC__SERVICE, 30, NAS "public=yes", NAS "public=yes note=x", "");
        expect(PIC__DOMAIN, 40, "name=home.example.org mode=http01", NULL,
               "everybody on the internet loses service nas;");
        expect(PIC__CELL, 1, CELL " front=no", CELL, "everybody on the internet gains service nas;");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(lines) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
