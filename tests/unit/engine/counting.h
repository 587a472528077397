/* A tunnel and rules that count what a test says. */
#ifndef PIC_TEST_ENGINE_COUNTING_H
#define PIC_TEST_ENGINE_COUNTING_H

#include "fixture.h"

static struct {
        char key[2][48];
        uint64_t rx[2], tx[2];
        pic__passed passed;
        int fails;
        pic__backend_ops wg, nft;
} counting;

static inline int counting_live(pic__backend *b, const char *key, void (*fn)(const pic__live *live, void *data),
                                void *data, pic_error **err)
{
        int i;

        (void)b;
        (void)key;
        if (counting.fails)
                return pic__fail(err, PIC_BACKEND, "cannot ask");
        for (i = 0; i < 2; i++) {
                pic__live live = { "", "192.0.2.1:40000", NOW, counting.rx[i], counting.tx[i] };

                snprintf(live.key, sizeof(live.key), "%s", counting.key[i]);
                fn(&live, data);
        }
        return 0;
}

static inline int counting_passed(pic__backend *b, pic__passed *ret, pic_error **err)
{
        (void)b;
        *ret = counting.passed;
        return counting.fails ? pic__fail(err, PIC_BACKEND, "cannot ask") : 0;
}

/* The engine, applied, of a cell with devices anna and bert; it is given back by counting_end(). */
static inline pic__engine *counting_begin(cell *c)
{
        static const char *const names[] = { "anna", "bert" };
        pic__engine *e;
        int i;

        memset(&counting, 0, sizeof(counting));
        cell_make(c);
        cell_add_peer(c, "anna", NULL);
        cell_add_peer(c, "bert", NULL);
        e = cell_open(c);
        assert_int_equal(pic__engine_apply(e, NULL, NULL), 0);
        for (i = 0; i < 2; i++)
                snprintf(counting.key[i], sizeof(counting.key[i]), "%s",
                         pic__obj_text(pic__snap_named(e->snap, PIC__PEER, names[i]), "public_key"));
        counting.wg = *e->backends[PIC__B_WG]->ops;
        counting.nft = *e->backends[PIC__B_NFT]->ops;
        counting.wg.live = counting_live;
        counting.nft.passed = counting_passed;
        e->backends[PIC__B_WG]->ops = &counting.wg;
        e->backends[PIC__B_NFT]->ops = &counting.nft;
        return e;
}

#endif
