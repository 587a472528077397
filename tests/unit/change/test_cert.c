/* Shows: names are judged when a certificate is wished; who is revoked stays so, through undo and return; who goes is
 * revoked, and comes back with another key; an undo means what a person wished, not what the agent signed. */
#include "../../api/world.h"

#include "change/ca.h"

static void names(void **state)
{
        static const char *const bad[] = { "names", "www.example.org,192.168.1.1", NULL }, *const good[] = { "names",
                                                                                                             "nas",
                                                                                                             NULL };
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        refused(world_add(&w, "certificate", "nas", bad, &err), PIC_VALUE, "www.example.org");
        refused(world_add(&w, "certificate", "www.example.org", NULL, &err), PIC_VALUE, "outside");
        ok(world_add(&w, "certificate", "nas", good, &err));
        world_is(&w, "certificate", "nas", "subjects", "nas.home.internal");
        refused(world_set(&w, "certificate", "nas", "issuer", "acme", &err), PIC_DENIED, "issuer");
        refused(world_set(&w, "certificate", "nas", "serial", "00", &err), PIC_DENIED, "serial");
        ok(world_set(&w, "cell", NULL, "ca_zones", "example.org", &err));
        ok(world_set(&w, "certificate", "nas", "names", "www.example.org", &err));
        world_is(&w, "certificate", "nas", "subjects", "www.example.org");
        world_end(&w);
}

static int undo(world *w, pic_revision revision, pic_error **err)
{
        pic_edit *e = NULL;
        int r = pic_edit_new(w->ctx, &e, err);

        if (r == 0)
                r = pic_edit_undo(e, revision, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

/* Whether the list of what was revoked says anything at all of one. */
static size_t list_size(world *w)
{
        pic_blob *b = NULL;
        pic_error *err = NULL;
        size_t n;

        ok(pic_ca_get(w->ctx, PIC_CA_CRL, &b, &err));
        n = pic_blob_size(b);
        pic_blob_unref(b);
        return n;
}

static void revoked(void **state)
{
        pic_error *err = NULL;
        size_t empty;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "certificate", "nas", NULL, &err));
        empty = list_size(&w);
        ok(world_set(&w, "certificate", "nas", "revoked", "yes", &err));
        assert_true(list_size(&w) > empty);
        refused(world_set(&w, "certificate", "nas", "revoked", "no", &err), PIC_BADSTATE, "cannot be taken back");
        refused(undo(&w, 0, &err), PIC_BADSTATE, "cannot be taken back");
        ok(world_remove(&w, "certificate", "nas", &err));
        assert_true(list_size(&w) > empty);
        ok(world_add(&w, "certificate", "nas", NULL, &err));
        assert_true(list_size(&w) > empty);
        world_end(&w);
}

static void gone(void **state)
{
        pic_error *err = NULL;
        char *first, *second;
        size_t empty;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "certificate", "nas", NULL, &err));
        empty = list_size(&w);
        first = world_get(&w, "certificate", "nas", "serial");
        ok(world_remove(&w, "certificate", "nas", &err));
        assert_true(list_size(&w) > empty);
        ok(undo(&w, 0, &err));
        second = world_get(&w, "certificate", "nas", "serial");
        assert_string_not_equal(first, second);
        assert_true(list_size(&w) > empty); /* the first one's stays on it */
        pic_text_free(first);
        pic_text_free(second);
        world_end(&w);
}

static void last(void **state)
{
        pic_error *err = NULL;
        pic_obj *o = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "kids", NULL, &err));
        ok(world_add(&w, "certificate", "nas", NULL, &err)); /* and the agent's own revision */
        ok(undo(&w, 0, &err));
        assert_int_equal(pic_get(w.ctx, "certificate", "nas", &o, &err), PIC_NOTFOUND);
        pic_error_free(pic_error_code(err) == 0 ? NULL : err);
        err = NULL;
        ok(pic_get(w.ctx, "group", "kids", &o, &err));
        pic_obj_unref(o);
        world_end(&w);
}

/* A way back that changes the cell too must not write over what the certificate that goes put into it. */
static void back(void **state)
{
        static const char text[] = "cell:\n  note: other\ncertificates:\n  nas: {}\n";
        pic_error *err = NULL;
        size_t empty;
        world w;

        (void)state;
        world_init(&w);
        ok(world_load(&w, text, 0, &err));
        empty = list_size(&w);
        ok(undo(&w, 0, &err)); /* note and certificate */
        world_is(&w, "cell", NULL, "note", NULL);
        assert_true(list_size(&w) > empty);
        world_end(&w);
}

/* A document says what is wished of certificates; what was signed goes nowhere. */
static void document(void **state)
{
        pic_error *err = NULL;
        pic_report *doc = NULL;
        world a, b;

        (void)state;
        world_init(&a);
        world_init(&b);
        ok(world_add(&a, "certificate", "nas.home", NULL, &err));
        ok(pic_export_get(a.ctx, 0, &doc, &err));
        assert_non_null(strstr(pic_report_text(doc), "certificates:\n  nas.home: {}\n"));
        assert_null(strstr(pic_report_text(doc), "ca_"));
        ok(world_load(&b, "certificates:\n  nas.home: {}\n", 0, &err));
        world_is(&b, "certificate", "nas.home", "subjects", "nas.home.internal");
        pic_report_unref(doc);
        world_end(&a);
        world_end(&b);
}

/* What a public CA is to be told although it goes: only one that was revoked, that has not ended, and once. */
static void owed(void **state)
{
        static const char bad[] = "x 1:ab 2:ab:nan:n:AA 3::5:n:AA 4:ab:5:n: 5:ab:6:n:QUJD 6:ab:9999999999999999:n:AA";
        const char *at = bad;
        pic__buf list = PIC__BUF_INIT;
        pic_obj *cert = NULL;
        pic__owed o, again;

        (void)state;
        assert_true(pic__owed_next(&at, &o) && o.id == 5 && o.until == 6000000 && o.len == 4);
        assert_true(strcmp(o.issuer, "ab") == 0 && strcmp(o.name, "n") == 0 && memcmp(o.text, "QUJD", 4) == 0);
        assert_int_equal(pic__owed_next(&at, &again), 0);
        pic__owed_put(&o, &list);
        pic__owed_put(&o, &list);
        assert_string_equal(pic__buf_str(&list), "5:ab:6:n:QUJD 5:ab:6:n:QUJD");
        assert_int_equal(pic__obj_new(PIC__CERTIFICATE, &cert, NULL), 0);
        assert_int_equal(pic__obj_set(cert, "name", "home.example.org", 1, NULL), 0);
        assert_int_equal(pic__obj_set(cert, "issuer", "acme", 1, NULL), 0);
        assert_int_equal(pic__owed_of(cert, 0, &o), 0); /* not issued */
        assert_int_equal(pic__obj_set(cert, "chain", "QUJD REVG", 1, NULL), 0);
        assert_int_equal(pic__obj_set_int(cert, "not_after", 7000000, NULL), 0);
        assert_int_equal(pic__owed_of(cert, 7000000, &o), 0); /* over */
        assert_true(pic__owed_of(cert, 6999999, &o) && o.len == 4);
        pic__obj_unref(cert);
        pic__buf_free(&list);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(names),   cmocka_unit_test(owed),
                                            cmocka_unit_test(revoked), cmocka_unit_test(gone),
                                            cmocka_unit_test(last),    cmocka_unit_test(back),
                                            cmocka_unit_test(document) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
