/* Shows: a passkey is taken and lets its owner in; and each check of the W3C's steps, failing alone, refuses. */
#include "fixture.h"

#include "authenticator.h"
#include "codec/webauthn.h"
#include "engine/findings.h"
#include "engine/passkey.h"
#include "store/passkey.h"

#define ORIGIN "http://localhost:3000"
#define CHALLENGE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const soft fresh = {
        .origin = ORIGIN, .rp = "localhost", .challenge = CHALLENGE, .seed = 1, .id = "credential one"
};

struct place {
        cell c;
        pic__engine *e;
        uint8_t handle[32]; /* anna's */
        pic_id anna;
};

static void add_user(cell *c, const char *name, pic_id *ret)
{
        const char *const fields[] = { "name", name, "role", "admin", "password", "AAAA", "password_salt", "x", NULL };
        pic__store *st = cell_store(c);
        pic__txn *t = NULL;
        pic_obj *o = NULL;

        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__USER, &o, NULL), 0);
        cell_put(t, o, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        o = NULL;
        assert_int_equal(pic__store_get(st, PIC__USER, name, &o, NULL), 0);
        *ret = o->id;
        pic__obj_unref(o);
        pic__store_unref(st);
}

static void make(struct place *p)
{
        pic__engine_opts opts = { .fake = 1 };
        pic_error *err = NULL;
        pic_id ben;

        cell_make(&p->c);
        add_user(&p->c, "anna", &p->anna);
        add_user(&p->c, "ben", &ben);
        opts.dir = p->c.dir;
        opts.clock = &p->c.clock;
        p->e = NULL;
        if (pic__engine_open(&opts, &p->e, &err) < 0)
                fail_msg("open: %s", pic_error_message(err));
        assert_int_equal(pic__store_handle(p->e->store, p->anna, p->handle, NULL), 0);
}

static void drop(struct place *p)
{
        pic__engine_unref(p->e);
        cell_drop(&p->c);
}

static pic__ceremony ceremony(const said *s)
{
        return (pic__ceremony){ .origin = ORIGIN,
                                .challenge = CHALLENGE,
                                .client = { (const uint8_t *)s->client, strlen(s->client) },
                                .actor = "anna",
                                .way = "http" };
}

/* Adds what the authenticator makes: the code, and part of the message. */
static int add_as(struct place *p, const soft *s, const char *user, const char *name, const char *words)
{
        pic_error *err = NULL;
        pic_id id = 0;
        said to;
        int r;

        soft_create(s, &to);
        r = pic__engine_passkey_add(
                p->e, &(pic__passkey_new){ ceremony(&to), user, name, { to.object, to.object_len } }, &id, &err);
        if (r < 0 && (words == NULL || strstr(pic_error_message(err), words) == NULL))
                fail_msg("%s", pic_error_message(err));
        assert_true(r < 0 || (words == NULL && id > 0));
        pic_error_free(err);
        return r;
}

static int add(struct place *p, const soft *s, const char *words)
{
        return add_as(p, s, "anna", "phone", words);
}

/* Uses it: NULL when it is right, else why it is not. */
static const char *use_said(struct place *p, const soft *s, const said *to, const uint8_t handle[32])
{
        static char why[160];
        pic_error *err = NULL;
        const pic__passkey_use q = { ceremony(to),
                                     { s->id, sizeof(s->id) },
                                     { handle, 32 },
                                     { to->auth, to->auth_len },
                                     { to->signature, sizeof(to->signature) } };
        int r = pic__engine_passkey_login(p->e, &q, &err);

        if (r == 0)
                return NULL;
        if (r != PIC_DENIED)
                fail_msg("%s: %s", pic_code_name(r), pic_error_message(err));
        assert_string_equal(pic_error_message(err), "the passkey is not accepted");
        assert_string_equal(pic_error_detail(err, "part"), "passkey");
        snprintf(why, sizeof(why), "%s", pic_error_detail(err, "why"));
        pic_error_free(err);
        return why;
}

static const char *use(struct place *p, const soft *s)
{
        said to;

        soft_get(s, &to);
        return use_said(p, s, &to, p->handle);
}

static void taken(void **state)
{
        struct place p;
        soft s = fresh;

        (void)state;
        make(&p);
        assert_int_equal(add(&p, &s, NULL), 0);
        assert_null(use(&p, &s)); /* no counter: as often as you like */
        assert_null(use(&p, &s));
        assert_int_equal(add(&p, &s, "there is a passkey of that name"), PIC_EXISTS);
        assert_int_equal(add_as(&p, &s, "anna", "key", "known already"), PIC_EXISTS);
        assert_int_equal(add_as(&p, &s, "ben", "key", "known already"), PIC_EXISTS);
        s.id[0] = 'C';
        assert_int_equal(add_as(&p, &s, "nobody", "key", "nobody"), PIC_NOTFOUND);
        drop(&p);
}

static void too_many(void **state)
{
        struct place p;
        soft s = fresh;
        char name[16];
        int i;

        (void)state;
        make(&p);
        for (i = 0; i < PIC__PASSKEYS_MAX; i++) {
                snprintf(name, sizeof(name), "key %d", i);
                s.id[0] = (uint8_t)i;
                assert_int_equal(add_as(&p, &s, "anna", name, NULL), 0);
        }
        s.id[0] = 'x';
        assert_int_equal(add_as(&p, &s, "anna", "one more", "already"), PIC_BADSTATE);
        assert_int_equal(add_as(&p, &s, "ben", "one more", NULL), 0);
        drop(&p);
}

static void not_taken(void **state)
{
        static const struct {
                soft s;
                int code;
                const char *words;
        } all[] = {
                { { .type = "webauthn.get" }, PIC_VALUE, "made for something else" },
                { { .challenge = "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }, PIC_VALUE, "another challenge" },
                { { .origin = "http://localhost:3001" }, PIC_VALUE, "another origin" },
                { { .origin = "https://localhost:3000" }, PIC_VALUE, "another origin" },
                { { .extra = ",\"crossOrigin\":true" }, PIC_VALUE, "inside a page" },
                { { .rp = "example.org" }, PIC_VALUE, "another name" },
                { { .flags = 4 }, PIC_VALUE, "nobody was there" },
                { { .flags = 1 }, PIC_VALUE, "PIN" },
                { { .fmt = "packed" }, PIC_UNSUPPORTED, "attests" },
                { { .extra = ",\"type\":\"webauthn.create\"" }, PIC_SYNTAX, "type" },
        };
        struct place p;
        size_t i;

        (void)state;
        make(&p);
        for (i = 0; i < PIC__COUNT(all); i++) {
                soft s = fresh, with = all[i].s;

                s.type = with.type;
                s.extra = with.extra;
                s.flags = with.flags;
                s.fmt = with.fmt;
                s.challenge = with.challenge != NULL ? with.challenge : s.challenge;
                s.origin = with.origin != NULL ? with.origin : s.origin;
                s.rp = with.rp != NULL ? with.rp : s.rp;
                assert_int_equal(add(&p, &s, all[i].words), all[i].code);
        }
        drop(&p);
}

/* A key that libfido2 does not take: another algorithm, a curve that is none. */
static void bad_keys(void **state)
{
        struct place p;
        pic_id id = 0;
        said to;
        int i;

        (void)state;
        make(&p);
        for (i = 0; i < 3; i++) {
                pic_error *err = NULL;
                size_t at;

                soft_create(&fresh, &to);
                at = to.object_len - 42; /* the map of the key */
                assert_int_equal(to.object[at], 0xa4);
                if (i == 0)
                        to.object[at + 4] = 0x28; /* ESP256's number or what: -9 */
                else if (i == 1)
                        to.object[at + 6] = 1; /* a curve of another kind */
                else
                        to.object[at] = 0xa3; /* one pair less */
                assert_true(pic__engine_passkey_add(
                                    p.e,
                                    &(pic__passkey_new){ ceremony(&to), "anna", "k", { to.object, to.object_len } },
                                    &id, &err) < 0);
                pic_error_free(err);
        }
        drop(&p);
}

static void refused(void **state)
{
        static const char *const off[] = { "enabled", "no", NULL };
        uint8_t stranger[32] = { 0 };
        struct place p;
        soft s = fresh;
        said to;

        (void)state;
        make(&p);
        assert_string_equal(use(&p, &s), "it is not known");
        assert_int_equal(add(&p, &s, NULL), 0);
        soft_get(&s, &to);
        assert_string_equal(use_said(&p, &s, &to, stranger), "it is somebody else's");
        to.auth[32] |= 0x40;
        assert_string_equal(use_said(&p, &s, &to, p.handle), "it is damaged");
        soft_get(&s, &to);
        to.auth_len = 36;
        assert_string_equal(use_said(&p, &s, &to, p.handle), "it is damaged");
        soft_get(&s, &to);
        to.client[1] = ' ';
        assert_string_equal(use_said(&p, &s, &to, p.handle), "it is damaged");
        soft_get(&s, &to);
        strcat(to.client, " "); /* as good, but it is not what was signed */
        assert_string_equal(use_said(&p, &s, &to, p.handle), "the signature is wrong");
        s.bend = 1;
        assert_string_equal(use(&p, &s), "the signature is wrong");
        s = fresh;
        s.seed = 2;
        assert_string_equal(use(&p, &s), "the signature is wrong");
        s = fresh;
        s.type = "webauthn.create";
        assert_string_equal(use(&p, &s), "it was made for something else");
        s = fresh;
        s.challenge = "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert_string_equal(use(&p, &s), "it answers another challenge");
        s = fresh;
        s.origin = "https://evil.example";
        assert_string_equal(use(&p, &s), "it was made for a page of another origin");
        s = fresh;
        s.extra = ",\"crossOrigin\":true";
        assert_string_equal(use(&p, &s), "the page was inside a page of another origin");
        s = fresh;
        s.rp = "evil.example";
        assert_string_equal(use(&p, &s), "it was made for another name");
        s = fresh;
        s.flags = 4;
        assert_string_equal(use(&p, &s), "nobody was there");
        s.flags = 1;
        assert_string_equal(use(&p, &s), "it did not ask for a PIN, a finger or a face");
        s = fresh;
        assert_null(use(&p, &s));
        cell_set(&p.c, PIC__USER, "anna", off);
        assert_string_equal(use(&p, &s), "the user is turned off");
        drop(&p);
}

static size_t findings(pic__engine *e, const char *words)
{
        pic__findings f = PIC__FINDINGS_INIT;
        size_t i, n = 0;

        pic__engine_passkey_doctor(e, &f);
        for (i = 0; i < f.list.count; i++)
                n += strstr(f.list.at[i].what, words) != NULL;
        pic__findings_free(&f);
        return n;
}

static void counters(void **state)
{
        struct place p;
        soft s = fresh;

        (void)state;
        make(&p);
        s.count = 5;
        assert_int_equal(add(&p, &s, NULL), 0);
        assert_string_equal(use(&p, &s), "its counter went back: there may be a copy of it");
        assert_int_equal(findings(p.e, "passkey 'phone' of user anna may have been copied"), 1);
        s.count = 6;
        assert_null(use(&p, &s));
        s.count = 0;
        assert_string_equal(use(&p, &s), "its counter went back: there may be a copy of it");
        s.count = 4000000000u;
        assert_null(use(&p, &s));
        s.count = 3999999999u;
        s.bend = 1; /* who cannot sign says nothing about counters */
        assert_string_equal(use(&p, &s), "the signature is wrong");
        drop(&p);
}

/* One that was made under another name of the cell is not good here. */
static void other_names(void **state)
{
        struct place p;
        pic__txn *t = NULL;
        pic__passkey k = { .credential_len = 16, .alg = -8, .key_len = 32, .name = "phone", .rp = "cell.example" };
        uint8_t secret[64];
        pic_id id;

        (void)state;
        make(&p);
        k.user = p.anna;
        memcpy(k.credential, fresh.id, 16);
        soft_pair(&fresh, k.key, secret);
        assert_int_equal(pic__txn_begin(p.e->store, "x", "api", &t, NULL), 0);
        assert_int_equal(pic__txn_passkey_add(t, &k, &id, NULL), 1);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        assert_string_equal(use(&p, &fresh), "it is for another name");
        drop(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(taken),       cmocka_unit_test(too_many), cmocka_unit_test(not_taken),
                cmocka_unit_test(bad_keys),    cmocka_unit_test(refused),  cmocka_unit_test(counters),
                cmocka_unit_test(other_names),
        };

        assert_int_equal(pic__crypto_start(NULL), 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
