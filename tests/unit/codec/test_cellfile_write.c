/* Shows: a snapshot becomes a document in one canonical form, and what is written is read back as the same wishes, for
 * random cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "codec/cellfile.h"
#include "model/key.h"

static pic__snap *snap;
static pic_id next_id;

static pic_obj *make(enum pic__kind kind, const char *const *fields)
{
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_new(kind, &o, NULL), 0);
        o->id = ++next_id;
        for (; fields[0] != NULL; fields += 2)
                if (fields[1] != NULL) {
                        pic_error *err = NULL;

                        if (pic__obj_set(o, fields[0], fields[1], 1, &err) < 0)
                                fail_msg("%s", pic_error_message(err));
                }
        return o;
}

static void put(enum pic__kind kind, const char *const *fields)
{
        pic_obj *o = make(kind, fields);

        assert_int_equal(pic__snap_put(snap, o, NULL), 0);
        pic__obj_unref(o);
}

static void begin(void)
{
        next_id = 0;
        assert_int_equal(pic__snap_new(&snap, NULL), 0);
}

static void form(void **state)
{
        static const char *const cell[] = {
                "name",        "home",  "net4",     "10.1.0.0/16",         "net6",      "fd00:1::/48",
                "listen_port", "51821", "endpoint", "[2001:db8::1]:51821", "upstreams", "9.9.9.9,2620:fe::fe",
                "note",        "no",    NULL
        };
        static const char *const kids[] = { "name", "kids", "access", "internet,lan", NULL };
        static const char *const empty[] = { "name", "007", NULL };
        static const char *const anna[] = {
                "name",     "anna",           "enabled",    "no",
                "address4", "10.1.0.2",       "access",     "",
                "groups",   "kids",           "expires",    "2027-01-31",
                "note",     "it's: \"x\" #1", "public_key", "cOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjk=",
                "key_mode", "client",         "created",    "2026-01-01",
                NULL
        };
        static const char *const bob[] = { "name",       "bob",
                                           "access",     "[fd00::]/64:tcp/80-90",
                                           "public_key", "dOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjk=",
                                           "preshared",  "true",
                                           NULL };
        static const char *const offline[] = { "name",    "offline", "rule", "never group:kids -> internet",
                                               "enabled", "no",      NULL };
        pic__buf b = PIC__BUF_INIT;

        (void)state;
        begin();
        put(PIC__ASSERTION, offline);
        put(PIC__CELL, cell);
        put(PIC__GROUP, kids);
        put(PIC__GROUP, empty);
        put(PIC__PEER, anna);
        put(PIC__PEER, bob);
        assert_int_equal(pic__cellfile_write(snap, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), "cell:\n"
                                              "  name: home\n"
                                              "  net4: 10.1.0.0/16\n"
                                              "  net6: \"fd00:1::/48\"\n"
                                              "  listen_port: 51821\n"
                                              "  endpoint: \"[2001:db8::1]:51821\"\n"
                                              "  upstreams: [9.9.9.9, \"2620:fe::fe\"]\n"
                                              "  note: \"no\"\n"
                                              "groups:\n"
                                              "  kids:\n"
                                              "    access: [internet, lan]\n"
                                              "  \"007\": {}\n"
                                              "peers:\n"
                                              "  anna:\n"
                                              "    enabled: false\n"
                                              "    address4: 10.1.0.2\n"
                                              "    access: []\n"
                                              "    groups: [kids]\n"
                                              "    expires: \"2027-01-31T00:00:00Z\"\n"
                                              "    note: \"it's: \\\"x\\\" #1\"\n"
                                              "    public_key: \"cOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjk=\"\n"
                                              "    key_mode: client\n"
                                              "  bob:\n"
                                              "    access: [\"[fd00::]/64:tcp/80-90\"]\n"
                                              "    preshared: true\n"
                                              "assertions:\n"
                                              "  offline:\n"
                                              "    rule: \"never group:kids -> internet\"\n"
                                              "    enabled: false\n"
                                              "connections: {}\n"
                                              "users: {}\n"
                                              "tokens: {}\ncertificates: {}\nrecords: {}\nforwards: {}\ndomains: "
                                              "{}\nservices: {}\nblocklists: {}\nalerts: {}\ntargets: {}\n");
        pic__buf_free(&b);
        snap = pic__snap_unref(snap);
}

static void form_json(void **state)
{
        static const char *const cell[] = { "name",        "home",  "net4",      "10.1.0.0/16",
                                            "listen_port", "51821", "upstreams", "9.9.9.9,2620:fe::fe",
                                            NULL };
        static const char *const empty[] = { "name", "007", NULL };
        static const char *const anna[] = { "name",       "anna",
                                            "enabled",    "no",
                                            "access",     "",
                                            "groups",     "007",
                                            "expires",    "2027-01-31",
                                            "note",       "a \"b\"",
                                            "public_key", "cOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjk=",
                                            "key_mode",   "client",
                                            "created",    "2026-01-01",
                                            NULL };
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        (void)state;
        begin();
        pic__cellfile_write_json(snap, &j);
        assert_string_equal(
                pic__buf_str(&b),
                "{\"groups\":{},\"peers\":{},\"assertions\":{},\"connections\":{},"
                "\"users\":{},\"tokens\":{},\"certificates\":{},\"records\":{},"
                "\"forwards\":{},\"domains\":{},\"services\":{},\"blocklists\":{},\"alerts\":{},\"targets\":{}}");
        put(PIC__CELL, cell);
        put(PIC__GROUP, empty);
        put(PIC__PEER, anna);
        pic__buf_clear(&b);
        j.comma = 0;
        pic__cellfile_write_json(snap, &j);
        assert_string_equal(pic__buf_str(&b),
                            "{\"cell\":{\"name\":\"home\",\"net4\":\"10.1.0.0/16\",\"listen_port\":51821,"
                            "\"upstreams\":[\"9.9.9.9\",\"2620:fe::fe\"]},\"groups\":{\"007\":{}},\"peers\":{\"anna\":{"
                            "\"enabled\":false,\"access\":[],\"groups\":[\"007\"],\"expires\":\"2027-01-31T00:00:00Z\","
                            "\"note\":\"a \\\"b\\\"\",\"public_key\":\"cOFA+3p5IjkzIjkzIjkzIjkzIjkzIjkzIjkzIjkzIjk=\","
                            "\"key_mode\":\"client\"}},\"assertions\":{},\"connections\":{},\"users\":{},\"tokens\":{},"
                            "\"certificates\":{},\"records\":{},\"forwards\":{},\"domains\":{},\"services\":{},"
                            "\"blocklists\":{},\"alerts\":{},\"targets\":{}}");
        pic__buf_free(&b);
        snap = pic__snap_unref(snap);
}

static void nothing(void **state)
{
        pic__buf b = PIC__BUF_INIT;

        (void)state;
        begin();
        assert_int_equal(pic__cellfile_write(snap, &b, NULL), 0);
        assert_string_equal(pic__buf_str(&b), "groups: {}\npeers: {}\nassertions: {}\nconnections: {}\nusers: "
                                              "{}\ntokens: {}\ncertificates: {}\nrecords: {}\nforwards: {}\ndomains: "
                                              "{}\nservices: {}\nblocklists: {}\nalerts: {}\ntargets: {}\n");
        pic__buf_free(&b);
        snap = pic__snap_unref(snap);
}

/* ---- property: what is written wishes the same ---- */

static unsigned seed = 4242;

static unsigned next(unsigned below)
{
        seed = seed * 1664525u + 1013904223u;
        return (seed >> 8) % below;
}

static const char *pick(const char *const *words, unsigned count)
{
        unsigned i = next(count + 1);

        return i < count ? words[i] : NULL;
}

static void random_note(char *text)
{
        static const char *const parts[] = { "a",
                                             " ",
                                             ":",
                                             "#",
                                             "- ",
                                             "\"",
                                             "'",
                                             "\\",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             ",",
                                             "&",
                                             "*",
                                             "!",
                                             "|",
                                             ">",
                                             "%",
                                             "@",
                                             "`",
                                             "ü",
                                             "€",
                                             "😀",
                                             "\xc2\xa0",
                                             "\xee\x80\x80",
                                             "\xef\xbf\xbe",
                                             "\xe2\x80\xa8",
                                             "0",
                                             "~",
                                             "?",
                                             "=",
                                             "." };
        unsigned n = 1 + next(10);

        text[0] = '\0';
        while (n-- > 0)
                strcat(text, parts[next(sizeof(parts) / sizeof(parts[0]))]);
}

static pic__snap *loaded;
static pic_obj *current;

static int flush(void)
{
        int r = current != NULL ? pic__snap_put(loaded, current, NULL) : 0;

        current = pic__obj_unref(current);
        return r;
}

static int on_object(enum pic__kind kind, const char *name, const pic__node *at, void *data, pic_error **err)
{
        (void)at;
        (void)data;
        (void)err;
        assert_int_equal(flush(), 0);
        assert_int_equal(pic__obj_new(kind, &current, NULL), 0);
        current->id = ++next_id;
        return name != NULL ? pic__obj_set(current, "name", name, 0, err) : 0;
}

static int on_field(enum pic__kind kind, const char *name, const char *field, const char *text, const pic__node *at,
                    void *data, pic_error **err)
{
        (void)kind;
        (void)name;
        (void)at;
        (void)data;
        return pic__obj_set(current, field, text, 0, err);
}

static void put_random(int i)
{
        static const char *const bools[] = { "true", "false" };
        static const char *const access[] = { "", "internet", "internet,lan", "[fd00::5]:udp/53,192.168.1.0/24",
                                              "10.0.0.1:tcp/80-90,peers" };
        static const char *const tunnels[] = { "full", "split" };
        static const char *const modes[] = { "sealed", "kept" };
        static const char *const times[] = { "2027-01-31", "2031-12-31T23:59:59" };
        static const char *const subnets[] = { "", "192.168.9.0/24", "fd12::/64,192.168.8.0/24" };
        char name[24], note[128];
        const char *fields[] = { "name",      name,
                                 "enabled",   pick(bools, 2),
                                 "access",    pick(access, 5),
                                 "tunnel",    pick(tunnels, 2),
                                 "key_mode",  pick(modes, 2),
                                 "expires",   pick(times, 2),
                                 "subnets",   pick(subnets, 3),
                                 "note",      next(3) > 0 ? note : NULL,
                                 "preshared", pick(bools, 2),
                                 NULL };

        snprintf(name, sizeof(name), "%s%d", i % 7 == 0 ? "" : "peer-", i);
        random_note(note);
        /* A note is printable text: what is not is no value. */
        if (next(3) == 0)
                strcpy(note, "null");
        {
                pic_obj *o = NULL;
                size_t f;

                assert_int_equal(pic__obj_new(PIC__PEER, &o, NULL), 0);
                o->id = ++next_id;
                for (f = 0; fields[f] != NULL; f += 2)
                        if (fields[f + 1] != NULL && pic__obj_set(o, fields[f], fields[f + 1], 0, NULL) < 0)
                                assert_string_equal(fields[f], "note");
                assert_int_equal(pic__snap_put(snap, o, NULL), 0);
                pic__obj_unref(o);
        }
}

/* The JSON form wishes the same as the YAML one. */
static void read_json(const pic__cellfile_ops *ops, const char *yaml)
{
        pic__buf json = PIC__BUF_INIT, again = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&json);
        pic_error *err = NULL;
        pic__doc *d = NULL;

        pic__cellfile_write_json(snap, &j);
        next_id = 0;
        assert_int_equal(pic__snap_new(&loaded, NULL), 0);
        if (pic__doc_json(json.data, json.len, "t", &d, &err) < 0 || pic__cellfile_read(d, ops, &err) < 0)
                fail_msg("%s\n%s", pic_error_message(err), pic__buf_str(&json));
        assert_int_equal(flush(), 0);
        assert_int_equal(pic__cellfile_write(loaded, &again, NULL), 0);
        assert_string_equal(yaml, pic__buf_str(&again));
        pic__doc_unref(d);
        loaded = pic__snap_unref(loaded);
        pic__buf_free(&json);
        pic__buf_free(&again);
}

static void write_read(void **state)
{
        const pic__cellfile_ops ops = { .object = on_object, .field = on_field };
        static const char *const cell[] = { "name", "home", "net4", "10.1.0.0/16", "net6", "fd00:1::/48", NULL };
        pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;
        int round, i;

        (void)state;
        for (round = 0; round < 60; round++) {
                pic__doc *d = NULL;
                pic_error *err = NULL;

                begin();
                put(PIC__CELL, cell);
                for (i = 0; i < 20; i++)
                        put_random(i);
                pic__buf_clear(&one);
                pic__buf_clear(&two);
                assert_int_equal(pic__cellfile_write(snap, &one, NULL), 0);
                next_id = 0;
                assert_int_equal(pic__snap_new(&loaded, NULL), 0);
                if (pic__doc_yaml(one.data, one.len, "t", &d, &err) < 0 || pic__cellfile_read(d, &ops, &err) < 0)
                        fail_msg("%s\n%s", pic_error_message(err), pic__buf_str(&one));
                assert_int_equal(flush(), 0);
                assert_int_equal(pic__cellfile_write(loaded, &two, NULL), 0);
                assert_string_equal(pic__buf_str(&one), pic__buf_str(&two));
                d = pic__doc_unref(d);
                loaded = pic__snap_unref(loaded);
                read_json(&ops, pic__buf_str(&one));
                snap = pic__snap_unref(snap);
        }
        pic__buf_free(&one);
        pic__buf_free(&two);
}

static void out_of_memory(void **state)
{
        static const char *const cell[] = {
                "name", "home", "net4", "10.1.0.0/16", "upstreams", "9.9.9.9,8.8.8.8", NULL
        };
        unsigned long n, made;

        (void)state;
        begin();
        put(PIC__CELL, cell);
        put_random(1);
        for (n = 1;; n++) {
                pic__buf b = PIC__BUF_INIT;
                pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__cellfile_write(snap, &b, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                assert_int_equal(pic_error_code(err), r);
                pic_error_free(err);
                pic__buf_free(&b);
                if (made < n)
                        break;
        }
        snap = pic__snap_unref(snap);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(form),       cmocka_unit_test(form_json),     cmocka_unit_test(nothing),
                cmocka_unit_test(write_read), cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
