/* Shows: the rules of assertions as text and back, and what is refused and why. */
#include "help.h"

#include "model/rule.h"

static void round_trip(void **state)
{
        static const struct {
                const char *in, *out;
        } good[] = {
                { "never group:kids -> internet", "never group:kids -> internet" },
                { "always anna -> service:calendar", "always peer:anna -> service:calendar" },
                { "ALWAYS  peer:Anna\t→ 192.168.1.10:TCP/445 ", "always peer:anna -> 192.168.1.10:tcp/445" },
                { "  never peers -> fd00::/64", "never peers -> [fd00::]/64" },
                { "never any -> peer:nas", "never peers -> peer:nas" },
                { "never peer:any -> lan", "never peer:any -> lan" },
                { "never never -> peers", "never peer:never -> peers" },
                { "always group:g.2 -> group:g.3", "always group:g.2 -> group:g.3" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(good); i++) {
                pic__auto_buf pic__buf b = PIC__BUF_INIT, again = PIC__BUF_INIT;
                const char *why = "";
                pic__rule r;

                if (pic__rule_parse(good[i].in, &r, &why) < 0)
                        fail_msg("%s: %s", good[i].in, why);
                pic__rule_print(&r, &b);
                assert_string_equal(pic__buf_str(&b), good[i].out);
                assert_int_equal(pic__rule_parse(good[i].out, &r, &why), 0);
                pic__rule_print(&r, &again);
                assert_string_equal(pic__buf_str(&again), good[i].out);
        }
}

static void refusals(void **state)
{
        static const struct {
                const char *in, *why;
        } bad[] = {
                { "", "must be never FROM -> TO" },
                { "never", "must be never FROM -> TO" },
                { "never kids internet", "must be never FROM -> TO" },
                { "never kids -> ", "must be never FROM -> TO" },
                { "never kids => internet", "must be never FROM -> TO" },
                { "never kids -> internet now", "none of: via CONNECTION" },
                { "never kids -> internet via", "none of: via CONNECTION" },
                { "never kids -> internet via far home", "none of: via CONNECTION" },
                { "never kids -> internet unless", "none of: via CONNECTION" },
                { "always kids -> internet unless via far", "none of: via CONNECTION" },
                { "never kids -> internet via -x", "begin and end" },
                { "never kids -> lan via far", "must be internet, or a destination" },
                { "never kids -> peer:nas direct", "must be internet, or a destination" },
                { "never kids -> wan via far", "must be internet" },
                { "sometimes kids -> internet", "must be never FROM -> TO" },
                { "never internet -> peers", "FROM" },
                { "never lan -> peers", "FROM" },
                { "never 10.1.0.2 -> internet", "FROM" },
                { "never group: -> internet", "empty" },
                { "never peer:-x -> internet", "begin and end" },
                { "never kids -> wan", "must be internet" },
                { "never kids -> internet,lan", "must be internet" },
                { "never kids -> 10.0.0.1/8", "host bits" },
        };
        char big[700];
        const char *why;
        pic__rule r;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                if (pic__rule_parse(bad[i].in, &r, &why) == 0)
                        fail_msg("'%s' was taken", bad[i].in);
                if (strstr(why, bad[i].why) == NULL)
                        fail_msg("'%s': %s", bad[i].in, why);
        }
        assert_int_equal(pic__rule_parse("never kids -> 10.1.2.3/16:tcp/5", &r, &why), -1);
        assert_int_equal(r.to.prefix.addr.bytes[2], 0); /* what it would be without host bits is handed back */
        memset(big, 'x', sizeof(big));
        big[sizeof(big) - 1] = '\0';
        memcpy(big, "never ", 6);
        assert_int_equal(pic__rule_parse(big, &r, &why), -1);
}

/* As a field: the suggestion of a refused one, and its canonical text. */
static void as_a_field(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("assertion", 1, "name=a", "rule=never ANNA -> lan", NULL);
        pic_error *err = NULL;

        (void)state;
        assert_string_equal(pic__obj_text(o, "rule"), "never peer:anna -> lan");
        assert_int_equal(pic__obj_int(o, "enabled"), 1);
        assert_int_equal(pic__obj_set(o, "rule", "never anna -> 10.1.2.3/16", 0, &err), PIC_VALUE);
        assert_non_null(strstr(pic_error_message(err), "did you mean never peer:anna -> 10.1.0.0/16?"));
        pic_error_free(err);
        err = NULL;
        assert_int_equal(pic__obj_set(o, "rule", NULL, 0, NULL), 0);
        assert_int_equal(pic__obj_check(o, &err), PIC_VALUE);
        assert_string_equal(pic_error_detail(err, "field"), "rule");
        pic_error_free(err);
}

static int note(enum pic__kind kind, const char *name, const char *field, void *data)
{
        char *text = data;
        size_t n = strlen(text);

        snprintf(text + n, 256 - n, "%s %s in %s;", pic__kinds[kind].name, name, field);
        return 0;
}

static void references(void **state)
{
        PIC__AUTO(pic__obj_unref_p)
        pic_obj *o = obj("assertion", 1, "name=a", "rule=never group:Kids -> peer:Nas", NULL);
        char text[256] = "";
        int changed;

        (void)state;
        assert_int_equal(pic__obj_refs(o, note, text), 0);
        assert_string_equal(text, "group kids in rule;peer nas in rule;");
        assert_int_equal(pic__obj_rename_ref(o, PIC__PEER, "kids", "x", &changed, NULL), 0);
        assert_int_equal(changed, 0);
        assert_int_equal(pic__obj_rename_ref(o, PIC__GROUP, "KIDS", "Any", &changed, NULL), 0);
        assert_int_equal(pic__obj_rename_ref(o, PIC__PEER, "nas", "peers", &changed, NULL), 0);
        assert_int_equal(changed, 1);
        assert_string_equal(pic__obj_text(o, "rule"), "never group:any -> peer:peers");
        assert_int_equal(pic__obj_set(o, "rule", "always peers -> service:mail", 0, NULL), 0);
        text[0] = '\0';
        assert_int_equal(pic__obj_refs(o, note, text), 0);
        assert_string_equal(text, "service mail in rule;");
        assert_int_equal(pic__obj_set(o, "rule", "always anna -> peer:anna", 0, NULL), 0);
        assert_int_equal(pic__obj_rename_ref(o, PIC__PEER, "anna", "any", &changed, NULL), 0);
        assert_string_equal(pic__obj_text(o, "rule"), "always peer:any -> peer:any");
        assert_int_equal(pic__obj_set(o, "rule", "NEVER peer:far -> Internet  unless VIA Far", 0, NULL), 0);
        text[0] = '\0';
        assert_int_equal(pic__obj_refs(o, note, text), 0);
        assert_string_equal(text, "peer far in rule;connection far in rule;");
        assert_int_equal(pic__obj_rename_ref(o, PIC__CONNECTION, "far", "near", &changed, NULL), 0);
        assert_string_equal(pic__obj_text(o, "rule"), "never peer:far -> internet unless via near");
        assert_int_equal(pic__obj_set(o, "rule", "always peers -> 1.1.1.1:udp/53 direct", 0, NULL), 0);
        assert_string_equal(pic__obj_text(o, "rule"), "always peers -> 1.1.1.1:udp/53 via direct");
        text[0] = '\0';
        assert_int_equal(pic__obj_refs(o, note, text), 0);
        assert_string_equal(text, "");
}

RUN(T(round_trip), T(refusals), T(as_a_field), T(references))
