/* Shows: wishes that were kept as JSON wish the same again; what is wrong in them is told with its place. */
#include "../../api/world.h"

#include "change/wish_json.h"

static void written(const pic__wishes *w, pic__buf *out)
{
        pic__json j = PIC__JSON(out);

        pic__buf_clear(out);
        pic__wishes_write(w, &j);
}

static void again(void **state)
{
        static const char text[] =
                "{\"revision\":7,\"wishes\":["
                "{\"do\":\"add\",\"kind\":\"peer\",\"name\":\"anna\"},"
                "{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"anna\",\"field\":\"access\",\"value\":\"lan\"},"
                "{\"do\":\"unset\",\"kind\":\"peer\",\"name\":\"anna\",\"field\":\"note\"},"
                "{\"do\":\"set\",\"kind\":\"cell\",\"field\":\"mtu\",\"value\":\"1300\",\"document\":1},"
                "{\"do\":\"have\",\"kind\":\"group\",\"name\":\"kids\",\"document\":1},"
                "{\"do\":\"prune\",\"kind\":\"group\",\"document\":1},"
                "{\"do\":\"remove\",\"kind\":\"peer\",\"name\":\"ben\"},"
                "{\"do\":\"rekey\",\"kind\":\"peer\",\"name\":\"cleo\"},"
                "{\"do\":\"undo\",\"revision\":0},{\"do\":\"return\",\"revision\":3}]}";
        pic__wishes w = { .documents = 0 };
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic_error *err = NULL;

        (void)state;
        ok(pic__wishes_load(&w, text, strlen(text), "plan.json", 0, &err));
        assert_int_equal(w.ops.count, 10);
        assert_int_equal(w.if_revision, 7);
        assert_int_equal(w.documents, 1);
        written(&w, &b);
        assert_memory_equal(pic__buf_str(&b), text + strlen("{\"revision\":7,\"wishes\":"), b.len);
        assert_int_equal(b.len, strlen(text) - strlen("{\"revision\":7,\"wishes\":}"));
        /* Beside documents that are there already; for the same revision, not for another. */
        ok(pic__wishes_load(&w, "cell: {mtu: 1400}", 17, "cell.yaml", 0, &err));
        ok(pic__wishes_load(&w, text, strlen(text), "plan.json", 0, &err));
        assert_int_equal(w.documents, 3);
        assert_int_equal(w.ops.at[w.ops.count - 5].mark, 3);
        refused(pic__wishes_load(&w, "{\"revision\":8,\"wishes\":[]}", 26, "other.json", 0, &err), PIC_CONFLICT,
                "for revision 8, not for 7");
        assert_int_equal(w.if_revision, 7);
        pic__wishes_free(&w);
}

static void wrong(void **state)
{
        static const struct {
                const char *wish;
                int code;
                const char *words;
        } cases[] = {
                { "3", PIC_SYNTAX, "must say what to do" },
                { "{}", PIC_SYNTAX, "must say what to do" },
                { "{\"do\":\"drop\"}", PIC_SYNTAX, "must say what to do" },
                { "{\"do\":\"add\",\"kind\":\"dog\",\"name\":\"x\"}", PIC_SYNTAX, "a kind that is none" },
                { "{\"do\":\"add\",\"kind\":\"peer\"}", PIC_SYNTAX, "no name" },
                { "{\"do\":\"add\",\"kind\":\"peer\",\"name\":\"-x-\"}", PIC_VALUE, "name" },
                { "{\"do\":\"add\",\"kind\":\"cell\",\"name\":\"x\"}", PIC_SYNTAX, "fields of the cell" },
                { "{\"do\":\"rekey\",\"kind\":\"group\",\"name\":\"x\"}", PIC_SYNTAX, "rekey peers only" },
                { "{\"do\":\"prune\",\"kind\":\"cell\",\"document\":1}", PIC_SYNTAX, "prune the cell" },
                { "{\"do\":\"prune\",\"kind\":\"peer\"}", PIC_SYNTAX, "no document" },
                { "{\"do\":\"prune\",\"kind\":\"peer\",\"document\":0}", PIC_SYNTAX, "1 to 1000" },
                { "{\"do\":\"prune\",\"kind\":\"peer\",\"document\":4294967297}", PIC_SYNTAX, "1 to 1000" },
                { "{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"x\"}", PIC_SYNTAX, "no field" },
                { "{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"x\",\"field\":\"note\"}", PIC_SYNTAX, "no value" },
                { "{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"x\",\"field\":\"nose\",\"value\":\"1\"}", PIC_NOTFOUND,
                  "peer x: " },
                { "{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"x\",\"field\":\"created\",\"value\":\"2020-01-01\"}",
                  PIC_DENIED, "created" },
                { "{\"do\":\"set\",\"kind\":\"cell\",\"field\":\"mtu\",\"value\":\"3\"}", PIC_VALUE, "mtu" },
                { "{\"do\":\"return\",\"revision\":0}", PIC_SYNTAX, "revision that is none" },
                { "{\"do\":\"undo\"}", PIC_SYNTAX, "revision that is none" },
                { "{\"do\":\"undo\",\"revision\":-1}", PIC_SYNTAX, "revision that is none" },
                { "{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"x\",\"field\":\"note\",\"value\":\"x\",\"step\":1}",
                  PIC_SYNTAX, "step for no second factor" },
                /* who meant the field would lose the device */
                { "{\"do\":\"remove\",\"kind\":\"peer\",\"name\":\"x\",\"field\":\"note\"}", PIC_SYNTAX,
                  "to remove has no 'field'" },
                { "{\"do\":\"unset\",\"kind\":\"peer\",\"name\":\"x\",\"field\":\"note\",\"value\":\"1\"}", PIC_SYNTAX,
                  "to unset has no 'value'" },
                { "{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"a\",\"field\":\"private_key\",\"value\":\"clear\"}",
                  PIC_VALUE, "must be sealed here" },
                { "{\"do\":\"set\",\"kind\":\"cell\",\"field\":\"ca_secret\",\"value\":\"x\"}", PIC_DENIED, "" },
                { "{\"do\":\"return\",\"revision\":1,\"kind\":\"peer\"}", PIC_SYNTAX, "to return has no 'kind'" },
        };
        pic_error *err = NULL;
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic__wishes w = { .documents = 0 };
                char text[400];

                snprintf(text, sizeof(text), "{\"wishes\":[\n {\"do\":\"undo\",\"revision\":1},\n %s]}", cases[i].wish);
                assert_int_equal(pic__wishes_load(&w, text, strlen(text), "p.json", 0, &err), cases[i].code);
                assert_non_null(strstr(pic_error_message(err), "p.json:3:2: "));
                refused(cases[i].code, cases[i].code, cases[i].words);
                assert_int_equal(w.ops.count, 0); /* nothing of it */
                pic__wishes_free(&w);
        }
}

static void shapes(void **state)
{
        static const char two[] = "{\"wishes\":[1,2]}";
        pic__wishes w = { .documents = 0 };
        pic_error *err = NULL;

        (void)state;
        refused(pic__wishes_load(&w, "{\"wishes\":null}", 15, "p", 0, &err), PIC_SYNTAX, "must be a list");
        refused(pic__wishes_load(&w, "{\"wishes\":[]}", 13, "p", 1, &err), PIC_INVALID, "prune");
        refused(pic__wishes_load(&w, "{\"wishes\":[],\"revision\":0}", 26, "p", 0, &err), PIC_SYNTAX,
                "p:1:25: revision");
        refused(pic__wishes_load(&w, "{\"wishes\":[],\"peers\":{}}", 24, "p", 0, &err), PIC_SYNTAX,
                "p:1:14: a document of wishes has no 'peers'");
        assert_int_equal(pic__wishes_load(&w, two, strlen(two), "p", 0, &err), PIC_SYNTAX);
        assert_non_null(pic_error_next(err)); /* both are told */
        pic_error_free(err);
        assert_int_equal(w.ops.count, 0);
        pic__wishes_free(&w);
}

/* A plan that was kept is carried out later, unless something changed meanwhile. */
static void kept_plan(void **state)
{
        pic_error *err = NULL;
        pic_plan *plan = NULL;
        pic_edit *e = NULL;
        char *json;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_set(e, "peer", "anna", "note", "kept", &err));
        ok(pic_edit_plan(e, &plan, &err));
        json = pic_edit_json(e);
        assert_string_equal(json, "{\"wishes\":[{\"do\":\"set\",\"kind\":\"peer\",\"name\":\"anna\",\"field\":\"note\","
                                  "\"value\":\"kept\"}]}");
        pic_text_free(json);
        pic_edit_unref(e);
        ok(world_load(&w, pic_plan_json(plan), 0, &err));
        world_is(&w, "peer", "anna", "note", "kept");
        refused(world_load(&w, pic_plan_json(plan), 0, &err), PIC_STALE, "revision 3 now, not at 2");
        pic_plan_unref(plan);
        ok(pic_plan_get(w.ctx, 0, &plan, &err));
        refused(world_load(&w, pic_plan_json(plan), 0, &err), PIC_SYNTAX, "has none");
        pic_plan_unref(plan);
        assert_null(pic_edit_json(NULL));
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(again), cmocka_unit_test(wrong), cmocka_unit_test(shapes),
                                            cmocka_unit_test(kept_plan) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
