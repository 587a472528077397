/* Shows: head, verdict and proof of a cell of the fake world; that an exchanged identity, a rewritten journal and a row
 * that was changed are told; that nothing leaks when memory is short. */
#include "../../api/world.h"

#include "api/audit.h"
#include "store/inner.h"

static void sql(world *w, const char *text)
{
        pic__store *st = NULL;
        pic_error *err = NULL;

        assert_int_equal(pic__store_open(w->dir, 1000, &pic__clock_real, &st, NULL), 0);
        if (pic__db_exec(st->db, text, &err) < 0)
                fail_msg("%s: %s", text, pic_error_message(err));
        pic__store_unref(st);
}

static void start(world *w)
{
        pic_error *err = NULL;

        world_init(w);
        ok(world_add(w, "peer", "anna", NULL, &err));
        ok(world_add(w, "group", "kids", NULL, &err));
}

/* A part of what a call reports; good: what pic_report_good says. */
static void says(pic_report *r, int good, const char *part)
{
        if (strstr(pic_report_text(r), part) == NULL)
                fail_msg("no %s in %s", part, pic_report_text(r));
        assert_int_equal(pic_report_good(r), good);
        pic_report_unref(r);
}

static pic_report *verdict(world *w, const char *key, const char *head)
{
        pic_audit_verify_opts o = PIC_AUDIT_VERIFY_OPTS_INIT;
        pic_error *err = NULL;
        pic_report *r = NULL;

        o.key = key;
        o.head = head;
        ok(pic_audit_verify(w->ctx, &o, &r, &err));
        return r;
}

/* The text under a key of a report, to be freed. */
static char *text_of(pic_report *r, const char *key)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *n;
        char *text;

        assert_int_equal(pic__doc_json(pic_report_text(r), strlen(pic_report_text(r)), "r", &doc, NULL), 0);
        n = pic__node_get(pic__doc_root(doc), key);
        assert_non_null(n);
        text = strdup(n->text);
        pic_report_unref(r);
        return text;
}

static char *head_text(world *w, const char *key)
{
        pic_error *err = NULL;
        pic_report *r = NULL;

        ok(pic_audit_head(w->ctx, &r, &err));
        return text_of(r, key);
}

static void good(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        char *note, *key;
        world w;

        (void)state;
        start(&w);
        says(verdict(&w, NULL, NULL), 1, "\"rows\":3");
        says(verdict(&w, NULL, NULL), 1, "\"heads\":0,\"signed\":0");
        note = head_text(&w, "note");
        key = head_text(&w, "key");
        says(verdict(&w, key, note), 1, "\"heads\":1,\"signed\":3");
        says(verdict(&w, key, note), 1, "\"outside\":3,\"bad\":null");
        ok(pic_audit_verify(w.ctx, NULL, &r, &err));
        says(r, 1, "\"outside\":null");
        ok(world_add(&w, "group", "more", NULL, &err)); /* the one that was kept is an older one then */
        says(verdict(&w, key, note), 1, "\"rows\":4");
        ok(pic_audit_get(w.ctx, 2, 0, &r, &err));
        says(r, 1, "\"proof\":null");
        ok(pic_audit_get(w.ctx, 2, PIC_AUDIT_PROOF, &r, &err));
        says(r, 1, "\"proof\":{\"index\":1,\"size\":3,\"path\":[\"");
        ok(pic_audit_get(w.ctx, 4, PIC_AUDIT_PROOF, &r, &err)); /* which is signed now */
        says(r, 1, "\"proof\":{\"index\":3,\"size\":4,");
        free(note);
        free(key);
        world_end(&w);
}

static void exchanged(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        char *note, *key;
        world w, other;

        (void)state;
        start(&w);
        start(&other);
        note = head_text(&w, "note");
        key = head_text(&w, "key");
        says(verdict(&other, key, NULL), 0, "\"bad\":{\"row\":0,\"what\":\"the cell's identity is not the key");
        says(verdict(&other, NULL, note), 0, "\"bad\":{\"row\":0,\"what\":\"the head that was kept outside is not by");
        sql(&w, "UPDATE cell SET identity_key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA='");
        says(verdict(&w, NULL, NULL), 0, "\"row\":3,\"what\":\"the signed head of 3 rows is not this cell's");
        says(verdict(&w, key, NULL), 0, "\"row\":0");
        refused(pic_audit_head(w.ctx, &r, &err), PIC_CORRUPT, "identity");
        refused(pic_audit_get(w.ctx, 1, PIC_AUDIT_PROOF, &r, &err), PIC_CORRUPT, "newest head");
        sql(&w, "UPDATE cell SET identity_key = NULL"); /* no key is no way out of being judged by it */
        says(verdict(&w, NULL, NULL), 0, "\"row\":0,\"what\":\"there are signed heads, but");
        says(verdict(&w, key, note), 0, "\"row\":0");
        refused(pic_audit_get(w.ctx, 1, PIC_AUDIT_PROOF, &r, &err), PIC_CORRUPT, "signed heads");
        sql(&other, "UPDATE cell SET identity_key = NULL, identity_secret = NULL");
        says(verdict(&other, NULL, NULL), 1, "\"key\":null");
        says(verdict(&other, key, NULL), 0, "it has none");
        says(verdict(&other, NULL, note), 0, "\"row\":0");
        free(note);
        free(key);
        world_end(&w);
        world_end(&other);
}

static void changed(void **state)
{
        pic_error *err = NULL;
        pic_report *r = NULL;
        char *note;
        world w;

        (void)state;
        start(&w);
        note = head_text(&w, "note");
        sql(&w, "UPDATE journal SET actor = 'x' WHERE seq = 2");
        says(verdict(&w, NULL, NULL), 0, "\"bad\":{\"row\":2,");
        refused(pic_audit_get(w.ctx, 2, 0, &r, &err), PIC_CORRUPT, "row 2");
        ok(pic_audit_get(w.ctx, 3, PIC_AUDIT_PROOF, &r, &err)); /* the hashes are as they were */
        pic_report_unref(r);
        sql(&w, "DELETE FROM journal WHERE seq = 2");
        refused(pic_audit_get(w.ctx, 2, 0, &r, &err), PIC_CORRUPT, "missing");
        refused(pic_audit_get(w.ctx, 3, PIC_AUDIT_PROOF, &r, &err), PIC_CORRUPT, "journal");
        refused(pic_audit_get(w.ctx, 4, 0, &r, &err), PIC_NOTFOUND, "no row 4");
        refused(pic_audit_get(w.ctx, 0, 0, &r, &err), PIC_NOTFOUND, "no row 0 ");
        refused(pic_audit_get(w.ctx, INT64_MIN, 0, &r, &err), PIC_NOTFOUND, "no row -9223372036854775808 ");
        sql(&w, "DELETE FROM journal WHERE seq = 3; UPDATE meta SET value = x'0000000000000000' WHERE key = 'tree'");
        says(verdict(&w, NULL, note), 0, "\"row\":2,");
        free(note);
        world_end(&w);
}

static int call(world *w, int which, pic_report **r)
{
        switch (which) {
        case 0: return pic_audit_verify(w->ctx, NULL, r, NULL);
        case 1: return pic_audit_get(w->ctx, 2, PIC_AUDIT_PROOF, r, NULL);
        default: return pic_audit_head(w->ctx, r, NULL);
        }
}

static void no_memory(void **state)
{
        int which;
        world w;

        (void)state;
        start(&w);
        free(head_text(&w, "note"));
        for (which = 0; which < 3; which++) {
                unsigned long n;
                int r = PIC_NOMEM;

                for (n = 1; n < 2000 && r < 0; n++) {
                        pic_report *report = NULL;

                        pic__mem_fail_at(n);
                        r = call(&w, which, &report);
                        pic__mem_fail_at(0);
                        pic_report_unref(report);
                        if (r != 0 && r != PIC_NOMEM)
                                fail_msg("call %d, allocation %lu: %s", which, n, pic_code_name(r));
                }
                assert_int_equal(r, 0);
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(good), cmocka_unit_test(exchanged),
                                            cmocka_unit_test(changed), cmocka_unit_test(no_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
