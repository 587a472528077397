/* Shown once, shown again, made on the client; what the journal keeps; and that no failure shows a key or loses one. */
#include "fixture.h"

#include "model/key.h"

static const char *const kept[] = { "key_mode", "kept", NULL };

static int show(pic__engine *e, const char *peer, const char *form, pic__buf *out, pic_error **err)
{
        return pic__engine_reveal(e, peer, form, "root", "cli", out, err);
}

static pic_obj *peer_of(cell *c, const char *name)
{
        pic__store *st = cell_store(c);
        pic_obj *o = NULL;

        assert_int_equal(pic__store_get(st, PIC__PEER, name, &o, NULL), 0);
        pic__store_unref(st);
        return o;
}

/* Counts rows of "reveal" and checks that none holds a secret. */
static int count_rows(const pic__journal_row *row, void *data)
{
        const char *secret = ((const char **)data)[0];
        int *count = ((int **)data)[1];

        if (strcmp(row->verb, "reveal") == 0) {
                assert_string_equal(row->actor, "root");
                assert_string_equal(row->way, "cli");
                (*count)++;
        }
        if (secret != NULL) {
                assert_null(strstr(row->before != NULL ? row->before : "", secret));
                assert_null(strstr(row->after != NULL ? row->after : "", secret));
        }
        return 0;
}

static int reveals(cell *c, const char *secret)
{
        pic__store *st = cell_store(c);
        int count = 0;
        const void *data[] = { secret, &count };

        assert_int_equal(pic__store_journal(st, 0, 1000, count_rows, data, NULL), 0);
        pic__store_unref(st);
        return count;
}

static int count_refused(const pic__journal_row *row, void *data)
{
        if (strcmp(row->verb, "refused") != 0)
                return 0;
        assert_string_equal(row->actor, "root");
        assert_string_equal(row->way, "cli");
        assert_non_null(strstr(row->text, "'anna' was shown already"));
        (*(int *)data)++;
        return 0;
}

static int refusals(pic__engine *e)
{
        int n = 0;

        assert_int_equal(pic__store_journal(e->store, 0, 1000, count_refused, &n, NULL), 0);
        return n;
}

static void test_sealed(void **state)
{
        pic__buf out = PIC__BUF_INIT;
        pic_error *err = NULL;
        pic_obj *o;
        char secret[PIC__KEY_TEXT];
        const char *at;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        assert_int_equal(show(e, "anna", "config", &out, NULL), 0);
        at = strstr(pic__buf_str(&out), "PrivateKey = ");
        assert_non_null(at);
        snprintf(secret, sizeof(secret), "%.44s", at + strlen("PrivateKey = "));
        assert_non_null(strstr(pic__buf_str(&out), "PresharedKey = "));
        assert_non_null(strstr(pic__buf_str(&out), "10.77.0.3"));
        assert_non_null(strstr(pic__buf_str(&out), "vpn.example.org:51820"));
        o = peer_of(&c, "anna");
        assert_false(pic__obj_has(o, "private_key"));
        assert_true(pic__obj_has(o, "preshared_key"));
        assert_true(pic__obj_int(o, "config_shown") == NOW);
        pic__obj_unref(o);
        assert_int_equal(reveals(&c, secret), 1);
        assert_false(pic__engine_behind(e)); /* the commit is applied at once */
        pic__buf_wipe(&out);
        assert_int_equal(show(e, "anna", "config", &out, &err), PIC_BADSTATE);
        assert_non_null(strstr(pic_error_hint(err), "rekey"));
        pic_error_free(err);
        assert_int_equal(out.len, 0);
        assert_int_equal(show(e, "anna", "config", &out, NULL), PIC_BADSTATE);
        assert_int_equal(refusals(e), 1); /* who asked for it in vain is in the journal, once */
        assert_int_equal(show(e, "nobody", "config", &out, NULL), PIC_NOTFOUND);
        pic__engine_unref(e);
        cell_drop(&c);
}

static int count_shown(const pic__journal_row *row, void *data)
{
        *(int *)data += strcmp(row->verb, "reveal") == 0;
        return 0;
}

static int shown_rows(pic__engine *e)
{
        int n = 0;

        assert_int_equal(pic__store_journal(e->store, 0, 1000, count_shown, &n, NULL), 0);
        return n;
}

static void test_kept_and_client(void **state)
{
        pic__buf out = PIC__BUF_INIT;
        pic_error *err = NULL;
        pic_obj *o;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "kim", kept);
        cell_add_peer(&c, "own", (const char *const[]){ "key_mode", "client", "private_key", NULL, NULL });
        e = cell_open(&c); /* nothing applied: the text is made from a snapshot of its own */
        assert_int_equal(show(e, "kim", "qr", &out, NULL), 0);
        assert_non_null(strstr(pic__buf_str(&out), "PrivateKey = "));
        pic__buf_wipe(&out);
        assert_int_equal(show(e, "kim", "config", &out, NULL), 0);
        o = peer_of(&c, "kim");
        assert_true(pic__obj_has(o, "private_key"));
        pic__obj_unref(o);
        pic__buf_wipe(&out);
        assert_int_equal(show(e, "own", "config", &out, NULL), 0);
        assert_int_equal(shown_rows(e), 3); /* one for each, also when the clock stands still */
        assert_null(strstr(pic__buf_str(&out), "\nPrivateKey = "));
        assert_non_null(strstr(pic__buf_str(&out), "PresharedKey = "));
        pic__buf_wipe(&out);
        assert_int_equal(show(e, "own", "qr", &out, &err), PIC_BADSTATE);
        assert_non_null(pic_error_hint(err));
        pic_error_free(err);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* What cannot be shown is not used up. */
static void test_no_endpoint(void **state)
{
        pic__buf out = PIC__BUF_INIT;
        pic_obj *o;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        cell_set(&c, PIC__CELL, "home", (const char *const[]){ "endpoint", NULL, NULL, NULL });
        e = cell_open(&c);
        assert_int_equal(show(e, "anna", "config", &out, NULL), PIC_BADSTATE);
        assert_int_equal(out.len, 0);
        o = peer_of(&c, "anna");
        assert_true(pic__obj_has(o, "private_key"));
        pic__obj_unref(o);
        assert_int_equal(reveals(&c, NULL), 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

/* A seal that does not open (moved from another row) shows nothing and uses nothing up. */
static void test_bad_seal(void **state)
{
        pic__buf out = PIC__BUF_INIT;
        pic_obj *bert;
        cell c;
        pic__engine *e;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "anna", NULL);
        cell_add_peer(&c, "bert", NULL);
        bert = peer_of(&c, "bert");
        cell_set(&c, PIC__PEER, "anna",
                 (const char *const[]){ "private_key", pic__obj_text(bert, "private_key"), NULL });
        pic__obj_unref(bert);
        e = cell_open(&c);
        assert_int_equal(show(e, "anna", "config", &out, NULL), PIC_CORRUPT);
        assert_int_equal(out.len, 0);
        assert_int_equal(reveals(&c, NULL), 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

static void test_no_memory(void **state)
{
        unsigned long n;
        cell c;
        pic__engine *e;
        int r = PIC_NOMEM;

        (void)state;
        cell_make(&c);
        cell_add_peer(&c, "kim", kept);
        e = cell_open(&c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        for (n = 1; r != 0 && n < 3000; n++) {
                pic__buf out = PIC__BUF_INIT;
                pic_error *err = NULL;

                pic__mem_fail_at(n);
                r = show(e, "kim", "config", &out, &err);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_true(r == 0 || out.len == 0);
                pic_error_free(err);
                pic__buf_wipe(&out);
        }
        assert_int_equal(r, 0);
        pic__engine_unref(e);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sealed),      cmocka_unit_test(test_kept_and_client),
                cmocka_unit_test(test_no_endpoint), cmocka_unit_test(test_bad_seal),
                cmocka_unit_test(test_no_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
