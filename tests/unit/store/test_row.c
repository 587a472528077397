/* Rows and objects: every field of every kind survives the way there and back. */
#include "help.h"
#include "model/connection.h"
#include "store/row.h"

static const char *sample(const pic__field *f)
{
        switch (f->type) {
        case PIC__T_NAME: return "anna";
        case PIC__T_DOMAIN: return "home.arpa";
        case PIC__T_INT: return NULL;
        case PIC__T_BOOL: return "false";
        case PIC__T_TIME: return "2027-01-31T23:59:59Z";
        case PIC__T_ENUM: return NULL;
        case PIC__T_ADDR4: return "10.1.0.7";
        case PIC__T_ADDR6: return "fd12:3456:789a::7";
        case PIC__T_PREFIX4: return "10.1.0.0/16";
        case PIC__T_PREFIX6: return "fd12:3456:789a::/64";
        case PIC__T_PREFIX: return "192.168.7.0/24";
        case PIC__T_KEY: return "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
        case PIC__T_SECRET: return "c2VhbGVkIHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGxvb2sgbGlrZSBhIGJveCBzZWFsZWQ=";
        case PIC__T_ENDPOINT: return "vpn.example.org:51820";
        case PIC__T_RESOLVER: return "9.9.9.9";
        case PIC__T_GRANT: return "internet,lan,[fd00::5]:udp/53";
        case PIC__T_REF: return "kids";
        case PIC__T_IFNAME: return "pic7";
        case PIC__T_SERVER: return "time.example.org";
        case PIC__T_RULE: return "never group:kids -> [fd00::5]:udp/53";
        case PIC__T_HOST: return "nas.home.internal";
        case PIC__T_DNS:
                return strcmp(f->choices, "address") == 0  ? "10.1.0.7,fd00::7"
                       : strcmp(f->choices, "mx") == 0     ? "10 mail,20 mail.example.org."
                       : strcmp(f->choices, "srv") == 0    ? "0 5 5060 sip"
                       : strcmp(f->choices, "txt") == 0    ? "\"a\\044 b\",\"'c'\""
                       : strcmp(f->choices, "owner") == 0  ? "_anna._tcp"
                       : strcmp(f->choices, "public") == 0 ? "home.example.org"
                                                           : "anna";
        case PIC__T_TEXT:
                if (strcmp(f->name, "address_services") == 0)
                        return "https://a.example,https://b.example/ip";
                if (strcmp(f->name, "source") == 0)
                        return "https://a.example/hosts?x='y'";
                if (f->max < 10)
                        return "de";
                break;
        }
        return "a note: ü, 'quoted' \"twice\"";
}

/* Fields of a connection have rules of their own. */
static const char *special(const char *field)
{
        static const char *const samples[][2] = {
                { "addresses", "10.64.0.2/32" },
                { "peer_key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" },
                { "user", "anna" },
                { "host_key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==" },
                { "members", "kids" },
                { "remotes", "vpn.example.org:1194/udp,vpn.example.org:443/tcp" },
                { "country", "ch" },
                { "bridges", "192.0.2.1:443 4352E58420E68F5E40BF7C74FADDCCD9D1349413" },
        };
        size_t i;

        for (i = 0; i < PIC__COUNT(samples); i++)
                if (strcmp(samples[i][0], field) == 0)
                        return samples[i][1];
        return NULL;
}

/* And of a public name: what goes with its mode. */
static const char *of_domain(const char *field)
{
        static const char *const samples[][2] = {
                { "name", "home.example.org" },
                { "mode", "rfc2136" },
                { "enabled", "false" },
                { "ddns", "true" },
                { "families", "ipv6" },
                { "server", "[fd00::5]:5353" },
                { "zone", "example.org" },
                { "email", "anna@example.org" },
                { "acme", "https://acme.example.org/directory?a=b" },
                { "acme_fallback", "https://other.example.org" },
                { "note", "a note: ü, 'quoted'" },
                { "key", "c2VhbGVkIHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGxvb2sgbGlrZSBhIGJveCBzZWFsZWQ=" },
        };
        size_t i;

        for (i = 0; i < PIC__COUNT(samples); i++)
                if (strcmp(samples[i][0], field) == 0)
                        return samples[i][1];
        return NULL;
}

/* A backup target's, of a bucket. */
static const char *of_target(const char *field)
{
        static const char *const samples[][2] = {
                { "name", "far" },
                { "url", "s3://bucket/a/b" },
                { "enabled", "false" },
                { "every", "12h" },
                { "at", "03:30" },
                { "plain", "false" },
                { "drill", "1w" },
                { "keep_last", "3" },
                { "keep_daily", "0" },
                { "keep_weekly", "1000" },
                { "keep_monthly", "1" },
                { "user", "key-id" },
                { "endpoint", "https://s3.example.org:9000" },
                { "region", "eu-1" },
                { "ca", "/etc/ssl/own.pem" },
                { "note", "a note: ü, 'quoted'" },
                { "password", "c2VhbGVkIHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGxvb2sgbGlrZSBhIGJveCBzZWFsZWQ=" },
                { "passphrase", "c2VhbGVkIHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdoIHRvIGxvb2sgbGlrZSBhIGJveCBzZWFsZWQ=" },
        };
        size_t i;

        for (i = 0; i < PIC__COUNT(samples); i++)
                if (strcmp(samples[i][0], field) == 0)
                        return samples[i][1];
        return NULL;
}

/* An alert's, of mail to this machine; NULL: as of any kind. */
static const char *of_alert(const char *field)
{
        static const char *const samples[][2] = {
                { "to", "smtp://127.0.0.1:25" },
                { "sender", "cell@example.org" },
                { "recipients", "anna@example.org,bob@example.org" },
                { "quiet", "22:00-07:00" },
        };
        size_t i;

        for (i = 0; i < PIC__COUNT(samples); i++)
                if (strcmp(samples[i][0], field) == 0)
                        return samples[i][1];
        return NULL;
}

/* Every field that there can be; of a connection, with a type. */
static pic_obj *filled(enum pic__kind kind, const char *type)
{
        pic_obj *o = NULL;
        size_t i;

        needs(pic__obj_new(kind, &o, &err));
        for (i = 0; i < pic__kinds[kind].count; i++) {
                const pic__field *f = &pic__kinds[kind].fields[i];
                char word[72] = "";

                if (kind == PIC__CONNECTION && !pic__connection_has(type, f->name))
                        continue;
                if (kind == PIC__RECORD && strcmp(f->name, "cname") == 0)
                        continue; /* an alias has nothing else */
                if (kind == PIC__DOMAIN || kind == PIC__TARGET) {
                        needs(pic__obj_set(o, f->name, kind == PIC__DOMAIN ? of_domain(f->name) : of_target(f->name), 1,
                                           &err));
                        continue;
                }
                if (kind == PIC__ALERT && strcmp(f->name, "secret") == 0)
                        continue; /* of webhooks */
                if (kind == PIC__ALERT && of_alert(f->name) != NULL)
                        snprintf(word, sizeof(word), "%s", of_alert(f->name));
                if (kind == PIC__SERVICE && (strcmp(f->name, "target") == 0 || strcmp(f->name, "name") == 0))
                        snprintf(word, sizeof(word), "%s", f->name[0] == 't' ? "http://[fd00::5]:8080" : "nas-1");
                if (kind == PIC__CONNECTION && special(f->name) != NULL)
                        snprintf(word, sizeof(word), "%s", special(f->name));
                if (f->type == PIC__T_INT)
                        snprintf(word, sizeof(word), "%lld", (long long)f->max);
                if (f->type == PIC__T_ENUM)
                        snprintf(word, sizeof(word), "%.*s", (int)strcspn(f->choices, "|"), f->choices);
                if (strcmp(f->name, "type") == 0)
                        snprintf(word, sizeof(word), "%s", type);
                if (kind == PIC__CONNECTION && f->type == PIC__T_INT && (f->flags & PIC__F_UNIQUE) != 0)
                        snprintf(word, sizeof(word), "%d", 1 + type[0]);
                if (kind == PIC__CONNECTION && f->type == PIC__T_NAME)
                        snprintf(word, sizeof(word), "%s", type);
                needs(pic__obj_set(o, f->name, word[0] != '\0' ? word : sample(f), 1, &err));
        }
        return o;
}

static int differs(const pic__field *f, const char *before, const char *after, void *data)
{
        (void)data;
        print_error("%s: %s / %s\n", f->name, before, after);
        return 1;
}

static void one_kind(pic__store *st, pic__txn *t, enum pic__kind kind, const char *type)
{
        pic_obj *o = filled(kind, type), *back = NULL;
        pic_id id;

        needs(pic__txn_put(t, o, NULL, &id, &err));
        needs(pic__row_by_id(st->db, kind, PIC__K_GET, id, &back, &err));
        assert_non_null(back);
        assert_int_equal(pic__obj_diff(o, back, differs, NULL), 0);
        assert_int_equal(back->id, id);
        assert_int_equal(back->revision, 1);
        pic__obj_unref(o);
        pic__obj_unref(back);
}

static void there_and_back(void **state)
{
        static const char *const types[] = { "wireguard", "openvpn", "tor", "ssh", "proxy", "group" };
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        size_t k;

        (void)state;
        put_obj(t, obj(PIC__GROUP, "name", "kids", NULL));
        put_obj(t, obj(PIC__CONNECTION, "name", "kids", "type", "block", NULL));
        put_obj(t, obj(PIC__PEER, "name", "kids", NULL));
        put_obj(t, obj(PIC__USER, "name", "kids", "role", "viewer", NULL));
        for (k = 0; k < PIC__KINDS; k++)
                if (k != PIC__CONNECTION)
                        one_kind(st, t, (enum pic__kind)k, "");
        for (k = 0; k < PIC__COUNT(types); k++)
                one_kind(st, t, PIC__CONNECTION, types[k]);
        commit(t);
        needs(pic__store_check(st, &err));
        pic__store_unref(st);
}

static void lookups(void **state)
{
        pic__store *st = new_store();
        pic__txn *t = begin(st);
        pic_error *e = NULL;
        pic_obj *o = NULL;
        unsigned long n;

        (void)state;
        needs(pic__row_by_name(st->db, PIC__CELL, NULL, &o, &err));
        assert_null(o);
        add_cell(t, "10.1.0.0/16");
        put_obj(t, obj(PIC__PEER, "name", "anna", "note", "n", NULL));
        commit(t);
        needs(pic__row_by_name(st->db, PIC__CELL, NULL, &o, &err));
        assert_string_equal(pic__obj_name(o), "home");
        pic__obj_unref(pic__take(o));
        needs(pic__row_by_name(st->db, PIC__PEER, NULL, &o, &err));
        assert_null(o);
        refused(PIC_NOTFOUND, pic__row_absent(st->db, PIC__PEER, "anne\n", &err), &e);
        assert_non_null(strstr(pic_error_hint(e), "anna"));
        assert_null(strchr(pic_error_message(e), '\n'));
        pic_error_free(e);
        refused(PIC_NOTFOUND, pic__row_absent(st->db, PIC__CELL, NULL, &err), NULL);
        for (n = 1;; n++) {
                pic__mem_fail_at(n);
                if (pic__row_by_name(st->db, PIC__PEER, "anna", &o, NULL) == 0)
                        break;
                assert_null(o);
        }
        pic__mem_fail_at(0);
        assert_true(n >= 3);
        pic__obj_unref(o);
        pic__store_unref(st);
}

int main(void)
{
        const struct CMUnitTest tests[] = { STORE_TEST(there_and_back), STORE_TEST(lookups) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
