/* Users of a fake world, and how they log in. */
#ifndef PIC_TEST_API_PEOPLE_H
#define PIC_TEST_API_PEOPLE_H

#include "../../api/world.h"

#include "sys/otp.h"

#include <time.h>

#define PASSWORD "correct staple of May"

static inline void people_add(world *w, const char *name, const char *role)
{
        const char *const fields[] = { "role", role, "password", PASSWORD, NULL };
        pic_error *err = NULL;

        ok(world_add(w, "user", name, fields, &err));
}

static inline int people_login(world *w, const char *user, const char *password, const char *code, pic_session **ret,
                               pic_error **err)
{
        pic_login_opts o = PIC_LOGIN_OPTS_INIT;

        o.user = user;
        o.password = password;
        o.code = code;
        o.address = "192.0.2.7";
        o.agent = "test";
        return pic_login(w->ctx, &o, ret, err);
}

/* Rows of the journal with this verb. */
static inline size_t people_rows(world *w, const char *verb)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        pic_history *h = NULL;
        size_t n;

        o.verb = verb;
        o.max = 1000;
        assert_int_equal(pic_history_get(w->ctx, &o, &h, NULL), 0);
        n = pic_history_count(h);
        pic_history_unref(h);
        return n;
}

/* The code of now, moved by so many steps. */
static inline void people_code(const char *base32, int steps, char code[PIC__OTP_CODE])
{
        uint8_t secret[PIC__OTP_MAX];
        size_t len = 0;

        assert_int_equal(pic__unbase32(base32, secret, sizeof(secret), &len, NULL), 0);
        assert_int_equal(pic__otp_code(secret, len, time(NULL) / PIC__OTP_STEP + steps, code, NULL), 0);
}

/* Gives the user a second factor with a known secret; recovery codes to `ret`. */
static inline void people_totp(world *w, const char *user, const char *base32, pic_blob **ret)
{
        char code[PIC__OTP_CODE];
        pic_error *err = NULL;
        pic_edit *e = NULL;

        people_code(base32, 0, code);
        ok(pic_edit_new(w->ctx, &e, &err));
        ok(pic_edit_totp(e, user, base32, code, ret, &err));
        ok(pic_edit_commit(e, 0, NULL, &err));
        pic_edit_unref(e);
}

#endif
