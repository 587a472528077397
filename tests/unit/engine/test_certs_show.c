/* Shows: a key is shown once and is nowhere after; a kept one again; the list has what was revoked or went, and nothing
 * else; doctor tells of a wrong clock, of what ends, of a root that devices need. */
#include "certs_world.h"

static const char *const plain[] = { NULL }, *const kept[] = { "key_mode", "kept", NULL };

static void once(void **state)
{
        pic__buf text = PIC__BUF_SECRET, again = PIC__BUF_SECRET;
        pic__x509_key *key = NULL;
        struct cw_chain chain = { .count = 0 };
        char sealed[1024], old[64], now[64];
        certs_world w;
        pic_obj *o = NULL;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CERTIFICATE, "nas", "key", sealed, sizeof(sealed));
        assert_true(sealed[0] != '\0');
        assert_int_equal(pic__engine_cert_key(w.e, "nas", "anna", "cli", &text, NULL), 0);
        assert_int_equal(pic__x509_pem_each(text.data, text.len, cw_take, &chain, NULL), 0);
        assert_int_equal(pic__x509_key_pem(text.data, text.len, &key, NULL), 0);
        assert_true(pic__x509_key_fits(key, chain.ders[0]));
        o = cw_get(&w, PIC__CERTIFICATE, "nas");
        assert_false(pic__obj_has(o, "key"));
        assert_true(pic__obj_has(o, "key_shown"));
        assert_int_equal(pic__engine_cert_key(w.e, "nas", "anna", "cli", &again, NULL), PIC_BADSTATE);
        assert_int_equal(again.len, 0);
        cw_text(&w, PIC__CERTIFICATE, "nas", "serial", old, sizeof(old));
        assert_int_equal(pic__engine_cert_renew(w.e, "nas", "root", "cli", NULL), 0);
        cw_text(&w, PIC__CERTIFICATE, "nas", "serial", now, sizeof(now));
        assert_string_not_equal(old, now);
        cw_chain_free(&chain);
        memset(&chain, 0, sizeof(chain));
        pic__obj_unref(o);
        o = cw_get(&w, PIC__CERTIFICATE, "nas");
        assert_int_equal(pic__x509_text_each(pic__obj_text(o, "chain"), cw_take, &chain, NULL), 0);
        assert_true(pic__x509_key_fits(key, chain.ders[0])); /* the host's key is still the right one */
        pic__obj_unref(o);
        cw_chain_free(&chain);
        pic__x509_key_unref(key);
        pic__buf_wipe(&text);
        pic__buf_wipe(&again);
        cw_drop(&w);
}

static void again(void **state)
{
        pic__buf a = PIC__BUF_SECRET, b = PIC__BUF_SECRET, c = PIC__BUF_SECRET;
        certs_world w;

        (void)state;
        cw_make(&w);
        cw_add(&w, "web", kept); /* and issued by who asks for it */
        assert_int_equal(pic__engine_cert_key(w.e, "web", "root", "cli", &a, NULL), 0);
        assert_int_equal(pic__engine_cert_key(w.e, "web", "root", "cli", &b, NULL), 0);
        assert_string_equal(a.data, b.data);
        assert_int_equal(pic__engine_cert_renew(w.e, "web", "root", "cli", NULL), 0);
        assert_int_equal(pic__engine_cert_key(w.e, "web", "root", "cli", &c, NULL), 0);
        assert_string_not_equal(strstr(a.data, "PRIVATE KEY"), strstr(c.data, "PRIVATE KEY")); /* a new one */
        pic__buf_wipe(&a);
        pic__buf_wipe(&b);
        pic__buf_wipe(&c);
        cw_drop(&w);
}

/* 1: on the first list of the text. */
static int listed(certs_world *w, const char *root, const char *serial)
{
        pic__buf text = PIC__BUF_INIT, der = PIC__BUF_INIT, anchor = PIC__BUF_INIT;
        char *at, *end;
        uint8_t bytes[8192];
        size_t len = 0;
        pic_obj *o = cw_get(w, PIC__CELL, NULL);
        int r;

        assert_int_equal(pic__engine_cert_list(w->e, &text, NULL), 0);
        at = strstr(text.data, "-----\n") + 6;
        end = strstr(at, "-----END");
        for (; at < end; at++)
                if (*at != '\n')
                        pic__buf_putc(&der, *at);
        assert_int_equal(pic__unbase64(der.data, der.len, bytes, sizeof(bytes), &len), 0);
        assert_int_equal(pic__x509_text_first(pic__obj_text(o, root), &anchor, NULL), 0);
        r = pic__x509_crl_has((pic__der){ bytes, len }, pic__der_of(&anchor), serial, NULL);
        pic__obj_unref(o);
        pic__buf_free(&text);
        pic__buf_free(&der);
        pic__buf_free(&anchor);
        return r;
}

static void revoked(void **state)
{
        static const char *const yes[] = { "revoked", "yes", NULL };
        char first[64], second[64], fine[64];
        certs_world w;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        cw_add(&w, "fine", plain);
        assert_int_equal(cw_round(&w), 1);
        cw_text(&w, PIC__CERTIFICATE, "nas", "serial", first, sizeof(first));
        assert_int_equal(pic__engine_cert_renew(w.e, "nas", "root", "cli", NULL), 0);
        cw_text(&w, PIC__CERTIFICATE, "nas", "serial", second, sizeof(second));
        cw_text(&w, PIC__CERTIFICATE, "fine", "serial", fine, sizeof(fine));
        assert_int_equal(listed(&w, "ca_certificate", first), 0);
        cell_set(&w.c, PIC__CERTIFICATE, "nas", yes);
        assert_int_equal(listed(&w, "ca_certificate", first), 1);
        assert_int_equal(listed(&w, "ca_certificate", second), 1);
        assert_int_equal(listed(&w, "ca_certificate", fine), 0);
        assert_int_equal(pic__engine_cert_renew(w.e, NULL, "root", "cli", NULL), 0);
        assert_int_equal(listed(&w, "ca_certificate", first), 1); /* the new root's list has it too */
        cw_drop(&w);
}

static int found(certs_world *w, const char *words)
{
        pic__findings f = PIC__FINDINGS_INIT;
        size_t i;
        int n = 0;

        pic__certs_look(w->e, &f);
        for (i = 0; i < f.list.count; i++)
                n += strstr(f.list.at[i].what, words) != NULL;
        pic__findings_free(&f);
        return n;
}

static void doctor(void **state)
{
        certs_world w;

        (void)state;
        cw_make(&w);
        cw_add(&w, "nas", plain);
        assert_int_equal(cw_round(&w), 1);
        assert_int_equal(found(&w, ""), 0);
        w.c.now += 26 * PIC__DAY;
        assert_int_equal(found(&w, "was not renewed"), 1);
        w.c.now += 10 * PIC__DAY;
        assert_int_equal(found(&w, "ended at"), 1);
        assert_int_equal(cw_round(&w), 1);
        assert_int_equal(found(&w, ""), 0);
        assert_int_equal(pic__engine_cert_renew(w.e, NULL, "root", "cli", NULL), 0);
        assert_int_equal(found(&w, "new root"), 1);
        w.c.now = 86400 * PIC__SECOND; /* the battery is dead */
        assert_int_equal(found(&w, "clock says 1970-01-02"), 1);
        cw_drop(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(once), cmocka_unit_test(again), cmocka_unit_test(revoked),
                                            cmocka_unit_test(doctor) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
