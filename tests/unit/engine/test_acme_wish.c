/* Shows: for which names a certificate is asked, of whom, and when it is due; a name of nobody and a wildcard that
 * cannot be proved are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "engine/acme_wish.h"

#define LE "https://acme-v02.api.letsencrypt.org/directory"

static pic__snap *snap;
static pic_id next = 10;

static const pic_obj *put(enum pic__kind kind, const char *name, const char *const *fields)
{
        pic_obj *o = NULL;
        pic_id id = next++;

        assert_int_equal(pic__obj_new(kind, &o, NULL), 0);
        o->id = id;
        assert_int_equal(pic__obj_set(o, "name", name, 1, NULL), 0);
        for (; fields[0] != NULL; fields += 2)
                assert_int_equal(pic__obj_set(o, fields[0], fields[1], 1, NULL), 0);
        assert_int_equal(pic__snap_put(snap, o, NULL), 0);
        pic__obj_unref(o);
        return pic__snap_get(snap, kind, id);
}

static const char *const http[] = { "mode", "http01", NULL }, *const dns[] = { "mode", "rfc2136", "server", "ns",
                                                                               NULL };
static const char *const acme[] = { "issuer", "acme", NULL };

static void names(void **state)
{
        static const char *const more[] = { "issuer", "acme", "names", "WWW.a.example.,b.a.example,x.c.example", NULL };
        static const char *const star[] = { "issuer", "acme", "names", "*.a.example", NULL };
        static const char *const off[] = { "mode", "http01", "enabled", "no", NULL };
        pic__acme_wish w;
        pic_error *err = NULL;

        (void)state;
        assert_int_equal(pic__snap_new(&snap, NULL), 0);
        put(PIC__DOMAIN, "a.example", http);
        put(PIC__DOMAIN, "c.example", dns);
        put(PIC__DOMAIN, "x.c.example", off);
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "a.example", acme), &w, NULL), 0);
        assert_string_equal(pic__buf_str(&w.subjects), "a.example");
        pic__acme_wish_free(&w);
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "c.example", acme), &w, NULL), 0);
        assert_string_equal(pic__buf_str(&w.subjects), "c.example,*.c.example");
        assert_string_equal(pic__acme_proof(w.domain), "dns-01");
        pic__acme_wish_free(&w);
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "more", more), &w, NULL), 0);
        assert_string_equal(pic__buf_str(&w.subjects), "www.a.example,b.a.example,x.c.example");
        assert_string_equal(pic__obj_name(w.domain), "a.example");
        assert_string_equal(pic__acme_proof(w.domain), "http-01");
        pic__acme_wish_free(&w);
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "star", star), &w, &err), PIC_VALUE);
        pic_error_free(pic__take(err));
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "nobody.example", acme), &w, &err),
                         PIC_NOTFOUND);
        pic_error_free(err);
        snap = pic__snap_unref(snap);
}

static void whom(void **state)
{
        static const char *const own[] = {
                "mode", "http01", "acme", "https://ca.example/dir", "acme_fallback", LE, NULL
        };
        const pic_obj *d;

        (void)state;
        assert_int_equal(pic__snap_new(&snap, NULL), 0);
        d = put(PIC__DOMAIN, "a.example", http);
        assert_string_equal(pic__acme_directory(d, PIC__ACME_FIRST), LE);
        assert_null(pic__acme_directory(d, PIC__ACME_SECOND));
        assert_non_null(strstr(pic__acme_directory(d, PIC__ACME_REHEARSAL), "staging"));
        d = put(PIC__DOMAIN, "b.example", own);
        assert_string_equal(pic__acme_directory(d, PIC__ACME_FIRST), "https://ca.example/dir");
        assert_string_equal(pic__acme_directory(d, PIC__ACME_SECOND), LE);
        assert_null(pic__acme_directory(d, PIC__ACME_REHEARSAL));
        assert_true(pic__acme_is_public(LE) && !pic__acme_is_public("https://ca.example/dir"));
        snap = pic__snap_unref(snap);
}

static void due(void **state)
{
        static char mark[65];
        const char *const made[] = { "issuer",    "acme",       "chain", "AAAA",     "subjects",
                                     "a.example", "issuer_key", mark,    "renew_at", "2027-01-01T00:00:00Z",
                                     NULL };
        const char *const other[] = { "issuer",     "acme", "chain", "AAAA",      "subjects", "b.a.example",
                                      "issuer_key", mark,   "names", "a.example", "renew_at", "2027-01-01T00:00:00Z",
                                      NULL };
        pic__acme_wish w;
        pic_time at;

        (void)state;
        pic__acme_mark(LE, mark);
        assert_int_equal(pic__snap_new(&snap, NULL), 0);
        put(PIC__DOMAIN, "a.example", http);
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "a.example", made), &w, NULL), 0);
        at = pic__acme_needs_at(&w);
        assert_true(at > 0 && pic__acme_needs(&w, at - 1) == PIC__ACME_FINE &&
                    pic__acme_needs(&w, at) == PIC__ACME_RENEW);
        pic__acme_wish_free(&w);
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "other", other), &w, NULL), 0);
        assert_true(pic__acme_needs_at(&w) == 0 && pic__acme_needs(&w, 1) == PIC__ACME_RENEW);
        pic__acme_wish_free(&w);
        snprintf(mark, sizeof(mark), "%s", "of another CA");
        assert_int_equal(pic__acme_read_wish(snap, put(PIC__CERTIFICATE, "third", made), &w, NULL), PIC_NOTFOUND);
        snap = pic__snap_unref(snap);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(whom), cmocka_unit_test(due) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
