/* engine/alert_judge.c by tables: at which second what is there, and what is said then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "engine/alert_judge.h"

#include <pic/log.h>

static pic_obj *alert(const char *const *fields)
{
        pic_error *err = NULL;
        pic_obj *o;

        assert_int_equal(pic__obj_new(PIC__ALERT, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", "me", 0, NULL), 0);
        assert_int_equal(pic__obj_set(o, "to", "https://example.org/hook", 0, NULL), 0);
        for (; fields != NULL && fields[0] != NULL; fields += 2)
                if (pic__obj_set(o, fields[0], fields[1], 0, &err) < 0)
                        fail_msg("%s", pic_error_message(err));
        return o;
}

/* What was said: "trouble:a still:b" */
static void say(const pic__alert_entry *e, const char *how, void *data)
{
        char *said = data;
        size_t len = strlen(said);

        snprintf(said + len, 200 - len, "%s%s:%s", len > 0 ? " " : "", how, e->text);
        if (e->count > 1)
                snprintf(said + strlen(said), 200 - strlen(said), "x%u", e->count);
}

/* One second. what: letters of troubles that are there; upper case: an error; "?a": nobody knows; "!a": it happened. */
struct second {
        int at;
        const char *what;
        const char *said;
};

static void put(const char **p, pic__alert_fact *f, char keys[][2], size_t n)
{
        *f = (pic__alert_fact){ .event = PIC__ALERT_DISK, .level = PIC_LOG_WARNING };
        if (**p == '?' || **p == '!')
                f->kind = *(*p)++ == '?' ? PIC__FACT_UNKNOWN : PIC__FACT_HAPPENED;
        keys[n][0] = **p;
        keys[n][1] = '\0';
        f->level = **p < 'a' ? PIC_LOG_ERROR : PIC_LOG_WARNING;
        f->key = f->about = f->text = keys[n];
        (*p)++;
}

static void round_of(pic__alert_watch *w, const pic__alert_rule *r, const char *what, int at, int minute,
                     char said[200])
{
        pic__alert_fact facts[8];
        char keys[8][2];
        const pic__alert_now now = { (1000 + (pic_time)at) * PIC__SECOND, minute };
        int changed = 0;
        size_t n = 0;

        while (*what != '\0') {
                put(&what, &facts[n], keys, n);
                n++;
        }
        said[0] = '\0';
        (void)pic__alert_judge(w, r, facts, n, &now, say, said, &changed);
        assert_true(said[0] == '\0' || changed);
}

static void follow(const char *const *fields, const struct second *rows, int minute)
{
        pic__alert_watch w = { .more = 0 };
        pic_obj *o = alert(fields);
        pic__alert_rule r;
        char said[200];

        pic__alert_rule_of(o, &r);
        for (; rows->what != NULL; rows++) {
                round_of(&w, &r, rows->what, rows->at, minute, said);
                if (strcmp(said, rows->said) != 0)
                        fail_msg("at %d: said '%s', not '%s'", rows->at, said, rows->said);
        }
        pic__alert_watch_clear(&w);
        pic__obj_unref(o);
}

static void lasts(void **state)
{
        static const char *const fields[] = { "after", "60", "window", "0", NULL };
        static const struct second rows[] = {
                { 0, "a", "" },           { 59, "a", "" },
                { 60, "a", "trouble:a" }, { 62, "a", "" },  /* once */
                { 5000, "a", "" },        { 5002, "", "" }, /* over, perhaps */
                { 5061, "", "" },         { 5062, "", "recovered:a" },
                { 5064, "", "" },         { 0, NULL, NULL },
        };

        (void)state;
        follow(fields, rows, 600);
}

static void too_short(void **state)
{
        static const char *const fields[] = { "after", "60", "window", "0", NULL };
        static const struct second rows[] = {
                { 0, "a", "" },    { 50, "", "" }, { 55, "a", "" }, { 114, "a", "" }, { 115, "a", "trouble:a" },
                { 0, NULL, NULL },
        };

        (void)state;
        follow(fields, rows, 600);
}

static void gathered(void **state)
{
        static const char *const fields[] = { "after", "10", "window", "30", NULL };
        static const struct second rows[] = {
                { 0, "a", "" },    { 8, "aB", "" },
                { 10, "aB", "" },  { 18, "aB", "" },
                { 39, "aBc", "" }, { 40, "aBc", "trouble:a trouble:B" },
                { 49, "aBc", "" }, { 79, "aBc", "trouble:c" },
                { 0, NULL, NULL },
        };

        (void)state;
        follow(fields, rows, 600);
}

/* Each return takes twice as long to be told, and to be over. */
static void flaps(void **state)
{
        static const char *const fields[] = { "after", "0", "window", "0", NULL };
        static const struct second rows[] = {
                { 0, "a", "trouble:a" }, { 2, "", "" },     { 30, "a", "" },            /* back before it was over */
                { 32, "", "" },          { 92, "", "" },    { 152, "", "recovered:a" }, /* 120 s */
                { 160, "a", "" },        { 399, "a", "" },  { 400, "a", "trouble:a" },  /* 240 s */
                { 402, "", "" },         { 641, "", "" },   { 642, "", "recovered:a" },
                { 700, "a", "" },        { 800, "", "" },   { 900, "a", "" },
                { 1000, "", "" },        { 20000, "", "" }, { 20002, "a", "trouble:a" }, /* forgotten by now */
                { 0, NULL, NULL },
        };

        (void)state;
        follow(fields, rows, 600);
}

static void repeated(void **state)
{
        static const char *const fields[] = { "after", "0", "window", "0", "repeat", "10", "recovery", "no", NULL };
        static const struct second rows[] = {
                { 0, "a", "trouble:a" },  { 599, "a", "" }, { 600, "a", "still:a" }, { 602, "a", "" },
                { 1200, "a", "still:a" }, { 1202, "", "" }, { 1300, "", "" },        { 0, NULL, NULL },
        };

        (void)state;
        follow(fields, rows, 600);
}

static void unknown(void **state)
{
        static const char *const fields[] = { "after", "0", "window", "0", NULL };
        static const struct second rows[] = {
                { 0, "?a", "" },   { 2, "a", "trouble:a" }, { 100, "?a", "" },
                { 500, "?a", "" }, { 502, "a", "" },        { 0, NULL, NULL },
        };

        (void)state;
        follow(fields, rows, 600);
}

static void happened(void **state)
{
        static const char *const fields[] = { "after", "60", "window", "30", NULL };
        static const struct second rows[] = {
                { 0, "!a", "" }, { 2, "!a", "" },   { 4, "!b", "" }, { 30, "", "happened:ax2 happened:b" },
                { 32, "", "" },  { 0, NULL, NULL },
        };

        (void)state;
        follow(fields, rows, 600);
}

static void only_errors(void **state)
{
        static const char *const fields[] = { "after", "0", "window", "0", "level", "error", NULL };
        static const struct second rows[] = { { 0, "aB", "trouble:B" }, { 0, NULL, NULL } };

        (void)state;
        follow(fields, rows, 600);
}

static void quiet(void **state)
{
        static const char *const fields[] = { "after", "0", "window", "0", "quiet", "22:00-07:00", NULL };
        static const char *const errors[] = { "after",        "0",   "window", "0", "quiet", "22:00-07:00",
                                              "quiet_errors", "yes", NULL };
        static const struct second none[] = { { 0, "aB!c", "" }, { 50, "a", "" }, { 0, NULL, NULL } };
        static const struct second some[] = { { 0, "aB!c", "trouble:B" }, { 0, NULL, NULL } };
        pic__alert_watch w = { .more = 0 };
        pic_obj *o = alert(fields);
        pic__alert_rule r;
        char said[200];

        (void)state;
        follow(fields, none, 23 * 60);
        follow(fields, none, 6 * 60 + 59);
        follow(errors, some, 0);
        pic__alert_rule_of(o, &r);
        round_of(&w, &r, "aB!c", 0, 6 * 60, said);
        assert_string_equal(said, "");
        round_of(&w, &r, "a", 100, 7 * 60, said); /* B is over: nobody hears of it */
        assert_string_equal(said, "trouble:a happened:c");
        round_of(&w, &r, "", 200, 22 * 60, said);
        round_of(&w, &r, "", 300, 22 * 60, said); /* that it is over waits for the morning too */
        assert_string_equal(said, "");
        round_of(&w, &r, "", 400, 8 * 60, said);
        assert_string_equal(said, "recovered:a");
        pic__alert_watch_clear(&w);
        pic__obj_unref(o);
}

static void about(void **state)
{
        static const char *const fields[] = { "after",  "0",    "window", "0",  "peers", "anna",
                                              "groups", "kids", "silent", "10", NULL };
        static const struct {
                const char *name, *groups;
                int64_t value;
                size_t said;
        } rows[] = { { "anna", "", 601, 1 },
                     { "anna", "", 599, 0 },
                     { "bob", "kids,staff", 601, 1 },
                     { "carl", "staff", 601, 0 } };
        pic_obj *o = alert(fields);
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(rows); i++) {
                const pic__alert_now now = { PIC__SECOND, 600 };
                pic__alert_watch w = { .more = 0 };
                char said[200] = "";
                pic__alert_fact f = { .event = PIC__ALERT_PEER_SILENT,
                                      .level = PIC_LOG_WARNING,
                                      .value = rows[i].value,
                                      .key = "1",
                                      .text = "x" };
                pic__alert_rule r;
                pic_obj *peer;
                int changed;

                assert_int_equal(pic__obj_new(PIC__PEER, &peer, NULL), 0);
                assert_int_equal(pic__obj_set(peer, "name", rows[i].name, 0, NULL), 0);
                assert_int_equal(pic__obj_set(peer, "groups", rows[i].groups, 0, NULL), 0);
                f.peer = peer;
                pic__alert_rule_of(o, &r);
                assert_int_equal(pic__alert_judge(&w, &r, &f, 1, &now, say, said, &changed), rows[i].said);
                pic__alert_watch_clear(&w);
                pic__obj_unref(peer);
        }
        pic__obj_unref(o);
}

/* More than has place is counted, and what is there already goes on. */
static void bounded(void **state)
{
        static const char *const fields[] = { "after", "60", NULL };
        const pic__alert_now now = { PIC__SECOND, 600 };
        pic__alert_fact facts[PIC__ALERT_ENTRIES_MAX + 7];
        char keys[PIC__ALERT_ENTRIES_MAX + 7][8], said[200] = "";
        pic__alert_watch w = { .more = 0 };
        pic_obj *o = alert(fields);
        pic__alert_rule r;
        int changed;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(facts); i++) {
                snprintf(keys[i], sizeof(keys[i]), "%zu", i);
                facts[i] = (pic__alert_fact){ .event = PIC__ALERT_NAMES, .key = keys[i], .text = keys[i] };
        }
        pic__alert_rule_of(o, &r);
        (void)pic__alert_judge(&w, &r, facts, PIC__COUNT(facts), &now, say, said, &changed);
        assert_int_equal(w.list.count, PIC__ALERT_ENTRIES_MAX);
        assert_int_equal(w.more, 7);
        pic__alert_watch_clear(&w);
        pic__obj_unref(o);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lasts),    cmocka_unit_test(too_short),   cmocka_unit_test(gathered),
                cmocka_unit_test(flaps),    cmocka_unit_test(repeated),    cmocka_unit_test(unknown),
                cmocka_unit_test(happened), cmocka_unit_test(only_errors), cmocka_unit_test(quiet),
                cmocka_unit_test(about),    cmocka_unit_test(bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
