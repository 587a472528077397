/* Passkeys of people in a fake world: what a page does with pic_passkey_offer() and what a browser answers. */
#ifndef PIC_TEST_API_PASSKEYS_H
#define PIC_TEST_API_PASSKEYS_H

#include "people.h"

#include "../engine/authenticator.h"

#define ORIGIN "http://localhost:3000"

/* What is between "KEY":" and the next quote. */
static inline void piece(const char *json, const char *key, char *to, size_t size)
{
        char find[64];
        const char *at;

        snprintf(find, sizeof(find), "\"%s\":\"", key);
        at = strstr(json, find);
        assert_non_null(at);
        at += strlen(find);
        snprintf(to, size, "%.*s", (int)strcspn(at, "\""), at);
}

/* One ceremony: what the page got, and what it will say. */
typedef struct ceremony {
        char state[64];
        char challenge[64];
        char handle[64]; /* of who adds */
        char answer[6000];
        pic_passkey_opts opts;
} ceremony;

static inline void offered(world *w, const pic_session *session, ceremony *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        memset(c, 0, sizeof(*c));
        ok(pic_passkey_offer(w->ctx, session, ORIGIN, &report, &err));
        piece(pic_report_text(report), "state", c->state, sizeof(c->state));
        piece(pic_report_text(report), "challenge", c->challenge, sizeof(c->challenge));
        if (session != NULL)
                piece(strstr(pic_report_text(report), "\"user\""), "id", c->handle, sizeof(c->handle));
        pic_report_unref(report);
        c->opts = (pic_passkey_opts)PIC_PASSKEY_OPTS_INIT;
        c->opts.origin = ORIGIN;
        c->opts.state = c->state;
        c->opts.answer = c->answer;
        c->opts.name = "phone";
        c->opts.address = "192.0.2.7";
}

static inline void put64(char *to, const void *data, size_t len)
{
        pic__base64url(data, len, to);
}

static inline void answer_create(ceremony *c, soft *s)
{
        char id[64], client[2048], object[2048];
        said to;

        s->challenge = c->challenge;
        soft_create(s, &to);
        put64(id, s->id, sizeof(s->id));
        put64(client, to.client, strlen(to.client));
        put64(object, to.object, to.object_len);
        snprintf(c->answer, sizeof(c->answer),
                 "{\"id\":\"%s\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"%s\","
                 "\"attestationObject\":\"%s\"}}",
                 id, client, object);
}

static inline void answer_get(ceremony *c, soft *s, const char *handle)
{
        char id[64], client[2048], auth[1024], signature[128];
        said to;

        s->challenge = c->challenge;
        soft_get(s, &to);
        put64(id, s->id, sizeof(s->id));
        put64(client, to.client, strlen(to.client));
        put64(auth, to.auth, to.auth_len);
        put64(signature, to.signature, 64);
        snprintf(c->answer, sizeof(c->answer),
                 "{\"id\":\"%s\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"%s\","
                 "\"authenticatorData\":\"%s\",\"signature\":\"%s\",\"userHandle\":\"%s\"}}",
                 id, client, auth, signature, handle);
}

static inline soft a_key(uint8_t seed)
{
        soft s = { .origin = ORIGIN, .rp = "localhost", .seed = seed };

        memset(s.id, seed, sizeof(s.id));
        return s;
}

/* The user has this key from now on; its handle to `handle`. */
static inline pic_id has_passkey(world *w, const char *user, const char *name, soft *s, char handle[64])
{
        pic_session *session = NULL;
        pic_error *err = NULL;
        pic_id id = 0;
        ceremony c;

        ok(people_login(w, user, PASSWORD, NULL, &session, &err));
        offered(w, session, &c);
        answer_create(&c, s);
        c.opts.name = name;
        ok(pic_passkey_add(w->ctx, session, &c.opts, &id, &err));
        assert_true(id > 0);
        snprintf(handle, 64, "%s", c.handle);
        pic_session_unref(session);
        return id;
}

static inline int use_passkey(world *w, soft *s, const char *handle, pic_session **ret, pic_error **err)
{
        ceremony c;

        offered(w, NULL, &c);
        answer_get(&c, s, handle);
        return pic_passkey_login(w->ctx, &c.opts, ret, err);
}

#endif
