/* Shows: a change that breaks an assertion is refused with the packet, by every way a change may take, or done for a
 * reason that is kept; nobody is held up by what was broken before. */
#include "../../api/world.h"

#define FIELDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void begin(world *w)
{
        pic_error *err = NULL;

        world_init(w);
        ok(world_add(w, "group", "kids", FIELDS("access", "lan"), &err));
        ok(world_add(w, "peer", "nas", NULL, &err));
        ok(world_add(w, "peer", "anna", FIELDS("access", "peer:nas,internet"), &err));
        ok(world_add(w, "peer", "tim", FIELDS("groups", "kids"), &err));
        ok(world_add(w, "assertion", "offline", FIELDS("rule", "never group:kids -> internet"), &err));
        ok(world_add(w, "assertion", "backup", FIELDS("rule", "always anna -> peer:nas"), &err));
}

static pic_revision revision(world *w)
{
        pic_report *status = NULL;
        const char *at;
        pic_revision n;

        assert_int_equal(pic_status_get(w->ctx, 0, &status, NULL), 0);
        at = strstr(pic_report_text(status), "\"revision\":");
        assert_non_null(at);
        n = strtoll(at + 11, NULL, 10);
        pic_report_unref(status);
        return n;
}

static int commit(pic_edit *e, const char *reason, pic_error **err)
{
        int r = pic_edit_override(e, reason, err);

        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static int count_rows(world *w, const char *verb, const char *words)
{
        pic_history_opts q = PIC_HISTORY_OPTS_INIT;
        pic_history *h = NULL;
        int n = 0;
        size_t i;

        q.verb = verb;
        assert_int_equal(pic_history_get(w->ctx, &q, &h, NULL), 0);
        for (i = 0; i < pic_history_count(h); i++)
                n += strstr(pic_event_text(pic_history_at(h, i)), words) != NULL;
        pic_history_unref(h);
        return n;
}

static void every_way(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        pic_revision was;
        world w;

        (void)state;
        begin(&w);
        was = revision(&w);
        refused(world_set(&w, "group", "kids", "access", "lan,internet", &err), PIC_CONFLICT,
                "tim could send 10.77.0.4 -> 1.0.0.1 tcp/443, by internet");
        refused(world_set(&w, "peer", "tim", "access", "1.1.1.1:udp/53", &err), PIC_CONFLICT,
                "assertion offline does not hold any more: never group:kids -> internet: tim could send 10.77.0.4 -> "
                "1.1.1.1 udp/53, by 1.1.1.1:udp/53");
        refused(world_set(&w, "peer", "anna", "groups", "kids", &err), PIC_CONFLICT, "anna could send 10.77.0.3");
        refused(world_set(&w, "peer", "anna", "access", "", &err), PIC_CONFLICT, "anna could not send");
        refused(world_set(&w, "peer", "nas", "enabled", "no", &err), PIC_CONFLICT, "10.77.0.3 -> 10.77.0.2");
        refused(world_add(&w, "peer", "sue", FIELDS("groups", "kids", "access", "internet"), &err), PIC_CONFLICT,
                "sue could send");
        refused(world_add(&w, "assertion", "x", FIELDS("rule", "never peers -> internet"), &err), PIC_CONFLICT,
                "anna could send");
        refused(world_remove(&w, "peer", "nas", &err), PIC_INUSE, "nas");
        refused(world_load(&w, "groups: {kids: {access: internet}}\npeers: {anna: {access: lan}}", 0, &err),
                PIC_CONFLICT, "offline");
        refused(world_add(&w, "assertion", "x", FIELDS("rule", "never kids -> internet"), &err), PIC_NOTFOUND, "kids");
        assert_int_equal(revision(&w), was); /* nothing of all that */
        assert_int_equal(pic_edit_new(w.ctx, &e, &err), 0);
        ok(pic_edit_set(e, "group", "kids", "access", "internet", &err));
        ok(pic_edit_set(e, "peer", "nas", "enabled", "no", &err));
        assert_int_equal(pic_edit_plan(e, &(pic_plan *){ NULL }, &err), PIC_CONFLICT);
        assert_string_equal(pic_error_detail(err, "object"), "assertion offline");
        assert_string_equal(pic_error_detail(err, "peer"), "tim");
        assert_string_equal(pic_error_detail(err, "packet"), "10.77.0.4 -> 1.0.0.1 tcp/443");
        assert_non_null(pic_error_hint(err));
        assert_non_null(pic_error_next(err)); /* both rules */
        assert_string_equal(pic_error_detail(pic_error_next(err), "object"), "assertion backup");
        pic_error_free(err);
        pic_edit_unref(e);
        /* What keeps them is done, and costs no reason. */
        err = NULL;
        ok(world_set(&w, "group", "kids", "access", "lan,peer:nas", &err));
        ok(world_set(&w, "peer", "anna", "access", "group:kids,peer:nas", &err));
        assert_int_equal(count_rows(&w, "override", ""), 0);
        world_end(&w);
}

static void on_purpose(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        begin(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "peer", "nas", "enabled", "no", &err));
        ok(commit(e, "new disk", &err));
        assert_int_equal(count_rows(&w, "override", "backup is broken on purpose"), 1);
        assert_int_equal(count_rows(&w, "override", "new disk"), 1);
        /* Broken before: nobody else needs a reason, nor the same again; but what breaks more does. */
        ok(world_set(&w, "peer", "tim", "note", "tall", &err));
        ok(world_set(&w, "peer", "anna", "note", "small", &err));
        refused(world_set(&w, "peer", "tim", "access", "internet", &err), PIC_CONFLICT, "offline");
        ok(world_set(&w, "peer", "nas", "enabled", "yes", &err));
        refused(world_set(&w, "peer", "nas", "enabled", "no", &err), PIC_CONFLICT, "backup");
        assert_int_equal(count_rows(&w, "override", ""), 1);
        world_end(&w);
}

/* Undo and return bring back what assertions would not let in; and assertions. */
static void back(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        pic_revision open;
        world w;

        (void)state;
        begin(&w);
        ok(world_remove(&w, "assertion", "offline", &err));
        ok(world_set(&w, "peer", "tim", "access", "internet", &err));
        open = revision(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_undo(e, open - 1, &err)); /* the removal */
        refused(commit(e, NULL, &err), PIC_CONFLICT, "tim could send");
        ok(world_set(&w, "peer", "tim", "access", "", &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_undo(e, open - 1, &err));
        ok(commit(e, NULL, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_undo(e, open + 1, &err)); /* that tim has none */
        refused(commit(e, NULL, &err), PIC_CONFLICT, "tim could send");
        ok(world_set(&w, "assertion", "offline", "enabled", "no", &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_undo(e, open + 1, &err));
        ok(commit(e, NULL, &err));
        refused(world_set(&w, "assertion", "offline", "enabled", "yes", &err), PIC_CONFLICT, "tim could send");
        world_end(&w);
}

/* A rename is no other rule. */
static void renamed(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        begin(&w);
        ok(world_set(&w, "peer", "anna", "name", "anne", &err));
        ok(world_set(&w, "group", "kids", "name", "children", &err));
        world_is(&w, "assertion", "backup", "rule", "always peer:anne -> peer:nas");
        world_is(&w, "assertion", "offline", "rule", "never group:children -> internet");
        refused(world_set(&w, "peer", "anne", "access", "lan", &err), PIC_CONFLICT, "anne could not send");
        world_end(&w);
}

/* Nor while it is broken: nobody is held up by a name. */
static void renamed_while_broken(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        begin(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "peer", "nas", "enabled", "no", &err));
        ok(pic_edit_set(e, "group", "kids", "access", "internet", &err));
        ok(commit(e, "new disk", &err));
        ok(world_set(&w, "peer", "anna", "name", "anne", &err));
        ok(world_set(&w, "peer", "nas", "name", "disk", &err));
        ok(world_set(&w, "group", "kids", "name", "children", &err));
        world_is(&w, "assertion", "backup", "rule", "always peer:anne -> peer:disk");
        world_is(&w, "assertion", "offline", "rule", "never group:children -> internet");
        ok(world_set(&w, "assertion", "offline", "name", "off", &err));
        /* More than that is one's fault, also beside a rename. */
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "group", "children", "name", "kids", &err));
        ok(pic_edit_set(e, "peer", "anne", "groups", "kids", &err));
        refused(commit(e, NULL, &err), PIC_CONFLICT, "never group:kids -> internet: anne could send");
        /* And back. */
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_undo(e, revision(&w) - 1, &err));
        ok(commit(e, NULL, &err));
        world_is(&w, "assertion", "off", "rule", "never group:kids -> internet");
        assert_int_equal(count_rows(&w, "override", ""), 2);
        world_end(&w);
}

/* What an assertion names stays, or both go: whoever removes it is told of the assertion. */
static void named_stays(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        begin(&w);
        refused(world_remove(&w, "group", "kids", &err), PIC_INUSE, "assertion 'offline' (rule)");
        ok(world_set(&w, "peer", "anna", "access", "peers", &err));
        refused(world_remove(&w, "peer", "nas", &err), PIC_INUSE, "assertion 'backup' (rule)");
        refused(world_remove(&w, "peer", "anna", &err), PIC_INUSE, "assertion 'backup' (rule)");
        ok(world_set(&w, "assertion", "backup", "enabled", "no", &err));
        refused(world_remove(&w, "peer", "anna", &err), PIC_INUSE, "assertion 'backup' (rule)");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_remove(e, "peer", "anna", &err));
        ok(pic_edit_remove(e, "assertion", "backup", &err));
        ok(commit(e, NULL, &err));
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_way), cmocka_unit_test(on_purpose),           cmocka_unit_test(back),
                cmocka_unit_test(renamed),   cmocka_unit_test(renamed_while_broken), cmocka_unit_test(named_stays)
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
