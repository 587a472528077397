/* Owns: answers that are given a second time. A client that lost the answer to its change asks again with the same
 * Idempotency-Key, and the change is not made twice. Kept in memory: 1,000 answers, 4 MiB, a day. An answer that held a
 * secret is not kept; who asks for it again is told so. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

/* gcc's analyzer loses sight of what a row of the table holds, and calls it leaked. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum { KEYS_MAX = 1000, BYTES_MAX = 4 << 20, DAY = 86400 };

struct kept {
        uint64_t who;  /* user, method, path, key */
        uint64_t what; /* query and body */
        char *key;
        time_t when;
        int done; /* else it is being made just now */
        int wiped;
        int status;
        char *text;
        size_t len;
        char *head;
        size_t bytes;
};

struct idem {
        pthread_mutex_t lock;
        struct kept at[KEYS_MAX];
        size_t next; /* where the next one goes: the oldest is there */
        size_t bytes;
};

struct idem *idem_new(void)
{
        struct idem *i = calloc(1, sizeof(*i));

        if (i != NULL)
                pthread_mutex_init(&i->lock, NULL);
        return i;
}

static void forget(struct idem *i, struct kept *k)
{
        i->bytes -= k->bytes;
        free(k->key);
        free(k->text);
        free(k->head);
        *k = (struct kept){ .who = 0 };
}

void idem_free(struct idem *i)
{
        size_t n;

        for (n = 0; i != NULL && n < KEYS_MAX; n++)
                forget(i, &i->at[n]);
        if (i != NULL)
                pthread_mutex_destroy(&i->lock);
        free(i);
}

static uint64_t who_asks(const struct call *c, const char *key)
{
        uint64_t h = text_hash(c->user, strlen(c->user), 1);

        h = text_hash(c->req->method, strlen(c->req->method), h);
        h = text_hash(c->req->target, strlen(c->req->target), h);
        return text_hash(key, strlen(key), h);
}

static uint64_t what_is_asked(const struct call *c)
{
        const char *query = c->req->query != NULL ? c->req->query : "";

        return text_hash(c->raw != NULL ? c->raw : "", c->raw_len, text_hash(query, strlen(query), 2));
}

static struct kept *find(struct idem *i, uint64_t who, const char *key)
{
        time_t now = time(NULL);
        size_t n;

        for (n = 0; n < KEYS_MAX; n++) {
                struct kept *k = &i->at[n];

                if (k->key == NULL || k->who != who || strcmp(k->key, key) != 0)
                        continue;
                if (!k->done || (now >= k->when && now - k->when < DAY))
                        return k;
                forget(i, k);
        }
        return NULL;
}

static void give_again(struct call *c, const struct kept *k)
{
        if (answer_copy(c, k->status, k->text != NULL ? k->text : "") < 0)
                return;
        snprintf(c->res->head, sizeof(c->res->head), "%s", k->head != NULL ? k->head : "");
        c->res->head_len = strlen(c->res->head);
        answer_header(c, "Idempotency-Replayed", "true");
}

static int seen(struct call *c, const struct kept *k)
{
        if (k->what != what_is_asked(c))
                (void)fail(c, 422, PIC_VALUE, "Take a new key for a new request.",
                           "this Idempotency-Key was said with another request");
        else if (!k->done)
                (void)fail(c, 409, PIC_BUSY, "Ask again in a moment.", "this request is being worked on");
        else if (k->wiped)
                (void)fail(c, 409, PIC_BADSTATE, NULL,
                           "this was done already; its answer held a secret and is not kept");
        else
                give_again(c, k);
        return 0;
}

int idem_begin(struct call *c, const char *key)
{
        struct idem *i = app_idem(c->app);
        uint64_t who = who_asks(c, key);
        struct kept *k;
        int r = 1;
        size_t n;

        pthread_mutex_lock(&i->lock);
        k = find(i, who, key);
        if (k != NULL) {
                r = seen(c, k);
        } else {
                for (n = 0; n < KEYS_MAX && i->at[i->next].key != NULL && !i->at[i->next].done; n++)
                        i->next = (i->next + 1) % KEYS_MAX; /* those at work stay */
                k = &i->at[i->next];
                i->next = (i->next + 1) % KEYS_MAX;
                forget(i, k);
                *k = (struct kept){ .who = who, .what = what_is_asked(c), .key = strdup(key), .when = time(NULL) };
                if (k->key == NULL)
                        r = fail_nomem(c) + 1;
        }
        pthread_mutex_unlock(&i->lock);
        return r;
}

static void keep(struct idem *i, struct kept *k, const struct res *res)
{
        const char *data = res->text != NULL ? res->text : res->fixed;
        size_t n;

        k->done = 1;
        k->when = time(NULL);
        k->status = res->status;
        k->wiped = res->wiped;
        if (!res->wiped) {
                k->text = strndup(data != NULL ? data : "", res->len);
                k->head = strndup(res->head, res->head_len);
                k->bytes = res->len + res->head_len;
                i->bytes += k->bytes;
        }
        for (n = i->next; i->bytes > BYTES_MAX; n = (n + 1) % KEYS_MAX)
                if (&i->at[n] != k && i->at[n].done)
                        forget(i, &i->at[n]);
                else if (&i->at[n] == k)
                        break;
}

/* What went wrong for a reason that may pass is tried again; the rest, also a refusal, is the answer. */
void idem_end(struct call *c, const char *key)
{
        struct idem *i = app_idem(c->app);
        struct kept *k;

        pthread_mutex_lock(&i->lock);
        k = find(i, who_asks(c, key), key);
        if (k != NULL && !k->done) {
                if (c->res->status >= 500 || c->res->status == 429 || c->res->passing || c->res->stream != NULL)
                        forget(i, k);
                else
                        keep(i, k, c->res);
        }
        pthread_mutex_unlock(&i->lock);
}
