/* Owns: challenges, and the memory of those that were answered. */
#include "api/challenge.h"

#include <pthread.h>
#include <string.h>

#include "sys/crypto.h"
#include "sys/hash.h"

#define NONCE 16
#define STATE (NONCE + 8)
#define MANY 4096
#define ORIGIN_MAX 300

struct used {
        uint8_t nonce[NONCE];
        pic_time until;
};

struct pic__challenges {
        pthread_mutex_t lock;
        uint8_t secret[32];
        size_t next; /* in `used`, a ring: the oldest is over first */
        struct used used[MANY];
};

int pic__challenges_new(pic__challenges **ret, pic_error **err)
{
        pic__challenges *c;
        int r = pic__crypto_start(err);

        if (r < 0)
                return r;
        c = pic__alloc(sizeof(*c));
        if (c == NULL)
                return pic__nomem(err);
        pthread_mutex_init(&c->lock, NULL);
        pic__random(c->secret, sizeof(c->secret));
        *ret = c;
        return 0;
}

void pic__challenges_free(pic__challenges *c)
{
        if (c == NULL)
                return;
        pthread_mutex_destroy(&c->lock);
        pic__wipe(c->secret, sizeof(c->secret));
        pic__free(c);
}

static void put_number(uint64_t n, uint8_t to[8])
{
        size_t i;

        for (i = 0; i < 8; i++)
                to[i] = (uint8_t)(n >> (8 * i));
}

static pic_time number(const uint8_t from[8])
{
        uint64_t n = 0;
        size_t i;

        for (i = 8; i > 0; i--)
                n = n << 8 | from[i - 1];
        return (pic_time)n;
}

static void text_of(const pic__challenges *c, const pic__challenge_for *what, const uint8_t state[STATE],
                    char text[PIC__CHALLENGE_TEXT])
{
        uint8_t all[32 + STATE + 8 + ORIGIN_MAX] = { 0 }, digest[32];
        size_t len = strnlen(what->origin, ORIGIN_MAX);

        memcpy(all, c->secret, 32);
        memcpy(all + 32, state, STATE);
        put_number((uint64_t)what->session, all + 32 + STATE);
        memcpy(all + 32 + STATE + 8, what->origin, len);
        pic__digest(all, 32 + STATE + 8 + len, digest);
        pic__base64url(digest, sizeof(digest), text);
        pic__wipe(all, sizeof(all));
}

void pic__challenge_new(pic__challenges *c, const pic__challenge_for *what, pic_time now,
                        char state[PIC__CHALLENGE_STATE], char text[PIC__CHALLENGE_TEXT])
{
        uint8_t bytes[STATE];

        pic__random(bytes, NONCE);
        put_number((uint64_t)(now + PIC__CHALLENGE_LIFE), bytes + NONCE);
        pic__base64url(bytes, sizeof(bytes), state);
        text_of(c, what, bytes, text);
}

/* 1: it was not used before, and is now; 0: it was; -1: there is no room to remember it. */
static int use_up(pic__challenges *c, const uint8_t nonce[NONCE], pic_time until, pic_time now)
{
        struct used *to = &c->used[c->next];
        size_t i;

        for (i = 0; i < MANY; i++)
                if (c->used[i].until > now && memcmp(c->used[i].nonce, nonce, NONCE) == 0)
                        return 0;
        if (to->until > now)
                return -1;
        memcpy(to->nonce, nonce, NONCE);
        to->until = until;
        c->next = (c->next + 1) % MANY;
        return 1;
}

static int over(pic_error **err)
{
        (void)pic__fail(err, PIC_DENIED, "that took too long, or was answered already");
        pic__hint(err, "Begin again.");
        return PIC_DENIED;
}

int pic__challenge_take(pic__challenges *c, const pic__challenge_for *what, pic_time now, const char *state,
                        const char *answered, pic_error **err)
{
        char text[PIC__CHALLENGE_TEXT];
        uint8_t bytes[STATE];
        size_t len = 0;
        pic_time until;
        int r;

        if (pic__unbase64url(state, strnlen(state, PIC__CHALLENGE_STATE + 1), bytes, sizeof(bytes), &len) < 0 ||
            len != sizeof(bytes) || strlen(answered) != PIC__CHALLENGE_TEXT - 1)
                return over(err);
        text_of(c, what, bytes, text);
        until = number(bytes + NONCE);
        if (!pic__same(text, answered, PIC__CHALLENGE_TEXT - 1) || until <= now)
                return over(err);
        pthread_mutex_lock(&c->lock);
        r = use_up(c, bytes, until, now);
        pthread_mutex_unlock(&c->lock);
        if (r > 0)
                return 0;
        return r == 0 ? over(err) : pic__fail(err, PIC_BUSY, "there are too many logins at this moment");
}
