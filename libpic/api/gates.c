/* Owns: the buckets. They are found by a keyed hash in a table of sets; when a set is full, the bucket that is fullest
 * goes, because forgetting it changes least. */
#include "api/gates.h"

#include <pthread.h>
#include <string.h>

#include "base/time.h"
#include "sys/crypto.h"

#define SETS 512
#define WAYS 4

/* An attempt counts one; what is there is kept as the time at which the bucket would be full again. */
static const struct {
        int burst;
        pic_time refill; /* of one attempt */
} rules[PIC__GATES] = {
        [PIC__GATE_ADDRESS] = { 20, 6 * PIC__SECOND },      [PIC__GATE_ACCOUNT] = { 10, 30 * PIC__SECOND },
        [PIC__GATE_DEVICE] = { 10, 15 * PIC__SECOND },      [PIC__GATE_CODE] = { 5, 300 * PIC__SECOND },
        [PIC__GATE_DEVICE_CODE] = { 5, 300 * PIC__SECOND }, [PIC__GATE_SETUP] = { 10, 30 * PIC__SECOND },
        [PIC__GATE_LINK] = { 10, 30 * PIC__SECOND },
};

struct bucket {
        uint64_t name;
        pic_time full; /* then; 0: free */
};

struct pic__gates {
        pthread_mutex_t lock;
        uint8_t secret[32]; /* so that nobody can choose names that meet in one set */
        struct bucket sets[SETS][WAYS];
};

int pic__gates_new(pic__gates **ret, pic_error **err)
{
        pic__gates *g;
        int r = pic__crypto_start(err);

        if (r < 0)
                return r;
        g = pic__alloc(sizeof(*g));
        if (g == NULL)
                return pic__nomem(err);
        pthread_mutex_init(&g->lock, NULL);
        pic__random(g->secret, sizeof(g->secret));
        *ret = g;
        return 0;
}

void pic__gates_free(pic__gates *g)
{
        if (g == NULL)
                return;
        pthread_mutex_destroy(&g->lock);
        pic__free(g);
}

/* Never 0: that is a free bucket's. A long key is cut: what it says behind that is nobody's. */
static uint64_t name_of(const pic__gates *g, enum pic__gate gate, const char *key)
{
        uint8_t text[32 + 1 + 256] = { 0 }, digest[32];
        size_t len = strnlen(key, sizeof(text) - 33);
        uint64_t name;

        memcpy(text, g->secret, 32);
        text[32] = (uint8_t)gate;
        memcpy(text + 33, key, len);
        pic__digest(text, 33 + len, digest);
        memcpy(&name, digest, sizeof(name));
        return name | 1;
}

static struct bucket *find(pic__gates *g, uint64_t name, pic_time now)
{
        struct bucket *set = g->sets[(name >> 32) % SETS], *best = &set[0];
        size_t i;

        for (i = 0; i < WAYS; i++) {
                if (set[i].name == name)
                        return &set[i];
                if (set[i].full < best->full)
                        best = &set[i];
        }
        *best = (struct bucket){ name, now };
        return best;
}

pic_time pic__gate_take(pic__gates *g, enum pic__gate gate, const char *key, pic_time now)
{
        pic_time most = rules[gate].burst * rules[gate].refill, wait = 0;
        struct bucket *b;

        pthread_mutex_lock(&g->lock);
        b = find(g, name_of(g, gate, key), now);
        if (b->full < now)
                b->full = now;
        if (b->full + rules[gate].refill > now + most)
                wait = b->full + rules[gate].refill - (now + most);
        else
                b->full += rules[gate].refill;
        pthread_mutex_unlock(&g->lock);
        return wait;
}

void pic__gate_give(pic__gates *g, enum pic__gate gate, const char *key, pic_time now)
{
        struct bucket *b;

        pthread_mutex_lock(&g->lock);
        b = find(g, name_of(g, gate, key), now);
        b->full = b->full - rules[gate].refill > now ? b->full - rules[gate].refill : now;
        pthread_mutex_unlock(&g->lock);
}
