/* Shows: documents become wishes; what is wrong with one is told with its place, even when only the commit finds it. */
#include "../../api/world.h"

static const char document[] = "cell:\n"
                               "  domain: lan\n"
                               "  upstreams: [9.9.9.9, \"2620:fe::fe\"]\n"
                               "groups:\n"
                               "  kids: {access: [\"peer:anna\", \"group:adults\"]}\n"
                               "  adults: {access: [internet, lan]}\n"
                               "peers:\n"
                               "  anna: {groups: [adults], access: [\"peer:bob\"]}\n"
                               "  bob:\n"
                               "    groups: [kids]\n"
                               "    access: [\"peer:anna\"]\n"
                               "    note: \"Bob's: phone #1\"\n";

static char *export_as(world *w, uint32_t flags)
{
        pic_report *r = NULL;
        char *text;

        assert_int_equal(pic_export_get(w->ctx, flags, &r, NULL), 0);
        text = strdup(pic_report_text(r));
        pic_report_unref(r);
        return text;
}

static char *export_of(world *w)
{
        return export_as(w, 0);
}

/* Names that point forward and in circles; JSON says the same as YAML; what is exported loads again and changes
 * nothing. */
static void round_trip(void **state)
{
        pic_outcome *outcome = NULL;
        pic_edit *e = NULL;
        pic_error *err = NULL;
        char *once, *twice;
        world w, v;

        (void)state;
        world_init(&w);
        ok(world_load(&w, document, 0, &err));
        world_is(&w, "peer", "bob", "note", "Bob's: phone #1");
        world_is(&w, "cell", NULL, "domain", "lan");
        once = export_of(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_load(e, once, strlen(once), "again", PIC_LOAD_PRUNE, &err));
        ok(pic_edit_commit(e, 0, &outcome, &err));
        assert_int_equal(pic_outcome_revision(outcome), 2); /* the init and the first load: nothing new */
        pic_outcome_unref(outcome);
        pic_edit_unref(e);
        world_init(&v); /* another cell becomes the same */
        ok(world_load(&v, once, 0, &err));
        twice = export_of(&v);
        assert_string_equal(once, twice);
        free(once);
        free(twice);
        ok(world_load(&v, " {\"peers\":{\"carl\":{\"access\":[\"internet\"],\"enabled\":false}}}", 0, &err));
        world_is(&v, "peer", "carl", "enabled", "false");
        world_end(&w);
        world_end(&v);
}

static void errors_with_places(void **state)
{
        static const char bad[] = "cell: {listen_port: 99999}\n"
                                  "peers:\n"
                                  "  anna: {keepalive: x, acess: [internet]}\n"
                                  "  -bob-: {}\n";
        pic_error *err = NULL;
        const pic_error *e;
        pic_list *list = NULL;
        pic_edit *edit = NULL;
        world w;
        size_t n = 0;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &edit, &err));
        assert_int_equal(pic_edit_load(edit, bad, strlen(bad), "cell.yaml", 0, &err), PIC_VALUE);
        for (e = err; e != NULL; e = pic_error_next(e), n++)
                assert_string_equal(pic_error_detail(e, "file"), "cell.yaml");
        assert_int_equal(n, 4);
        assert_int_equal(strncmp(pic_error_message(err), "cell.yaml:1:21: ", 16), 0);
        assert_string_equal(pic_error_detail(pic_error_next(err), "line"), "3");
        pic_error_free(err);
        err = NULL;
        ok(pic_edit_commit(edit, 0, NULL, &err)); /* a wrong document left nothing in the edit */
        pic_edit_unref(edit);
        ok(pic_list_get(w.ctx, "peer", &list, &err));
        assert_int_equal(pic_list_count(list), 0);
        pic_list_unref(list);
        world_end(&w);
}

/* Rules between objects are found at commit, and still point at the line. */
static void late_errors_with_places(void **state)
{
        static const char *const cases[][3] = {
                { "peers:\n  anna: {address4: 10.99.0.7}\n", "cell.yaml:2:20: ", "outside" },
                { "peers:\n  anna:\n    address4: 10.77.0.1\n", "cell.yaml:3:15: ", "own" },
                { "peers:\n  anna:\n    access:\n      - \"peer:nobody\"\n", "cell.yaml:4:7: ", "nobody" },
                { "peers:\n  a: {address4: 10.77.0.9}\n  b: {address4: 10.77.0.9}\n", "cell.yaml:3:", "10.77.0.9" },
                { "peers:\n  anna:\n    key_mode: client\n", "cell.yaml:2:3: ", "public_key" },
                { "peers:\n  anna: {groups: [none]}\n", "cell.yaml:2:18: ", "none" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic_error *err = NULL;
                pic_list *list = NULL;
                world w;

                world_init(&w);
                assert_true(world_load(&w, cases[i][0], 0, &err) < 0);
                if (strncmp(pic_error_message(err), cases[i][1], strlen(cases[i][1])) != 0 ||
                    strstr(pic_error_message(err), cases[i][2]) == NULL)
                        fail_msg("%s: wanted %s…%s", pic_error_message(err), cases[i][1], cases[i][2]);
                pic_error_free(err);
                err = NULL;
                ok(pic_list_get(w.ctx, "peer", &list, &err));
                assert_int_equal(pic_list_count(list), 0);
                pic_list_unref(list);
                world_end(&w);
        }
}

static void refusals(void **state)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_edit_new(w.ctx, &e, &err));
        refused(pic_edit_load(e, NULL, 0, "x", 0, &err), PIC_INVALID, "text");
        refused(pic_edit_load(e, "a", 1, "x", 2, &err), PIC_INVALID, "flags");
        refused(pic_edit_load(NULL, "a", 1, "x", 0, &err), PIC_INVALID, "edit");
        refused(pic_edit_load(e, "", 0, NULL, 0, &err), PIC_SYNTAX, "document:1:1: ");
        refused(pic_edit_load(e, "{\"a\":", 5, "x.json", 0, &err), PIC_SYNTAX, "x.json:1:6: ");
        refused(pic_edit_load(e, "a: &b c", 7, "x", 0, &err), PIC_SYNTAX, "anchors");
        pic_edit_unref(e);
        world_end(&w);
}

/* What a document says of secrets that it does not hold. */
static void secrets_named(void **state)
{
        static const char ssh[] =
                "connections: {s: {type: ssh, endpoint: '192.0.2.1:22', user: me, host_key: 'ssh-ed25519 "
                "AAAA', secrets: [%s]%s}}";
        static const struct {
                const char *secrets, *more;
                int code;
                const char *says;
        } cases[] = {
                { "password", "", PIC_VALUE, "s: password: is missing: the document says" },
                { "password", ", enabled: no", 0, "" },
                { "password, key", ", password: hunter2, key: ~", PIC_VALUE, "key: is missing" },
                { "password", ", password: hunter2", 0, "" },
                { "mtu", "", PIC_VALUE, "secrets: 'mtu' is no secret of a connection" },
                { "slot", "", PIC_VALUE, "is no secret" },
                { "[a]", "", PIC_SYNTAX, "the name of a field is expected" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                pic_error *err = NULL;
                char text[400];
                world w;

                world_init(&w);
                snprintf(text, sizeof(text), ssh, cases[i].secrets, cases[i].more);
                if (cases[i].code == 0)
                        ok(world_load(&w, text, 0, &err));
                else
                        refused(world_load(&w, text, 0, &err), cases[i].code, cases[i].says);
                world_end(&w);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(secrets_named),      cmocka_unit_test(round_trip),
                cmocka_unit_test(errors_with_places), cmocka_unit_test(late_errors_with_places),
                cmocka_unit_test(refusals),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
