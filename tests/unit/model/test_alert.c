/* model/alert.c: where an alert may lead, when it is quiet, what goes with which way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/alert.h"

static void targets(void **state)
{
        static const struct {
                const char *to;
                int way; /* -1: refused */
                const char *base;
        } rows[] = {
                { "https://example.org/hook?x=1", PIC__ALERT_WEBHOOK, "" },
                { "https://[2001:db8::1]:8443/{token}", PIC__ALERT_WEBHOOK, "" },
                { "http://127.0.0.1:9/x", PIC__ALERT_WEBHOOK, "" },
                { "http://example.org/x", -1, NULL },
                { "https://me:secret@example.org/x", -1, NULL },
                { "https://", -1, NULL },
                { "https://exa mple.org/", -1, NULL },
                { "https://example.org:0/", -1, NULL },
                { "https://10.0.0.256/", -1, NULL },
                { "https://2001:db8::1/", -1, NULL },
                { "ftp://example.org/", -1, NULL },
                { "example.org", -1, NULL },
                { "ntfy://ntfy.example/topic", PIC__ALERT_NTFY, "https://ntfy.example" },
                { "ntfy://localhost:8080/t_-9", PIC__ALERT_NTFY, "http://localhost:8080" },
                { "ntfy://ntfy.example", -1, NULL },
                { "ntfy://ntfy.example/a/b", -1, NULL },
                { "ntfy://ntfy.example/a?b", -1, NULL },
                { "smtp://mail.example:587", PIC__ALERT_MAIL, "smtp://mail.example:587" },
                { "smtps://mail.example/", PIC__ALERT_MAIL, "smtps://mail.example" },
                { "smtp://mail.example/x", -1, NULL },
        };
        pic__alert_target t;
        const char *rule;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                int r = pic__alert_target_parse(rows[i].to, &t, &rule);

                if (r != (rows[i].way < 0 ? -1 : 0))
                        fail_msg("%s: %d", rows[i].to, r);
                if (r == 0)
                        assert_int_equal((int)t.way, rows[i].way);
                if (r == 0)
                        assert_string_equal(t.base, rows[i].base);
        }
}

static void hours(void **state)
{
        static const char *const bad[] = {
                "", "22:00", "22:00-24:00", "22:60-07:00", "22:00-22:00", "2:00-07:00x", "22:00+07:00", "ab:cd-ef:gh"
        };
        int from, to;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__alert_quiet_parse(bad[i], &from, &to), -1);
        assert_int_equal(pic__alert_quiet_parse("22:00-07:00", &from, &to), 0);
        assert_true(from == 1320 && to == 420);
        assert_true(pic__alert_quiet_has(from, to, 1320) && pic__alert_quiet_has(from, to, 0) &&
                    !pic__alert_quiet_has(from, to, 420));
        assert_true(pic__alert_quiet_has(60, 120, 119) && !pic__alert_quiet_has(60, 120, 120));
}

static int check(const char *const *fields, char part[200])
{
        pic__auto_err pic_error *list = NULL;
        pic_obj *o;

        assert_int_equal(pic__obj_new(PIC__ALERT, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", "me", 0, NULL), 0);
        for (; fields[0] != NULL; fields += 2)
                assert_int_equal(pic__obj_set(o, fields[0], fields[1], 1, NULL), 0);
        pic__alert_check(o, &list);
        pic__obj_unref(o);
        strncpy(part, list != NULL ? pic_error_message(list) : "", 199);
        part[199] = '\0';
        return list == NULL;
}

static void rules(void **state)
{
        static const struct {
                const char *fields[12];
                const char *said; /* NULL: fine */
        } rows[] = {
                { { "to", "https://example.org/x", "secret", "c2VhbGVk", NULL }, NULL },
                { { "to", "https://example.org/x", "sender", "a@b.example", NULL }, "is of mail" },
                { { "to", "https://example.org/x", "user", "me", NULL }, "needs a password" },
                { { "to", "https://example.org/x", "quiet", "25:00-07:00", NULL }, "two times of a day" },
                { { "to", "ntfy://ntfy.example/t", "secret", "c2VhbGVk", NULL }, "is of webhooks" },
                { { "to", "smtp://mail.example", NULL }, "must be a mail address" },
                { { "to", "smtp://mail.example", "sender", "a@b.example", "recipients", "c@d.example,e@f.example",
                    NULL },
                  NULL },
                { { "to", "smtp://mail.example", "sender", "a@b.example", "recipients", "c@d.example,Eve <e@f.example>",
                    NULL },
                  "must be a mail address" },
                { { "to", "smtp://mail.example", "sender", "a@b.example", "recipients", "c@d.example", "tls", "no",
                    "user", "x", "token", "c2VhbGVk" },
                  "in clear" },
                { { "to", "smtps://mail.example", "sender", "a@b.example", "recipients", "c@d.example", "tls", "no",
                    NULL },
                  "is of smtp:// alone" },
        };
        char part[200];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                const char *fields[14] = { NULL };

                memcpy(fields, rows[i].fields, sizeof(rows[i].fields));
                assert_int_equal(check(fields, part), rows[i].said == NULL);
                if (rows[i].said != NULL && strstr(part, rows[i].said) == NULL)
                        fail_msg("row %zu: %s", i, part);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(targets), cmocka_unit_test(hours),
                                            cmocka_unit_test(rules) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
