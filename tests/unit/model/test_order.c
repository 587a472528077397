/* Shows: the row in order against a plain array, through many random changes. */
#include "help.h"

#include "model/order.h"

#define IDS 300

static void against_array(void **state)
{
        static char things[IDS * 2];
        void *model[IDS] = { NULL };
        pic__order o = PIC__ORDER_INIT;
        int i, k;

        (void)state;
        for (i = 0; i < 30000; i++) {
                int id = (int)(rnd() % IDS);
                int64_t from = 0;
                size_t at = 0, live = 0;
                void *item;

                if (rnd() % (i / 5000 % 2 ? 3 : 2) == 0) {
                        assert_int_equal(pic__order_reserve(&o), 0);
                        model[id] = &things[rnd() % sizeof(things)];
                        pic__order_put(&o, id, model[id]);
                } else {
                        model[id] = NULL;
                        pic__order_drop(&o, id);
                }
                id = (int)(rnd() % IDS);
                assert_ptr_equal(pic__order_find(&o, id), model[id]);
                for (k = id; k < IDS && model[k] == NULL; k++)
                        ;
                item = pic__order_from(&o, id, &from);
                assert_ptr_equal(item, k < IDS ? model[k] : NULL);
                if (item != NULL)
                        assert_int_equal(from, k);
                if (i % 100 != 0)
                        continue;
                for (k = 0; k < IDS; k++) {
                        if (model[k] == NULL)
                                continue;
                        assert_ptr_equal(pic__order_next(&o, &at), model[k]);
                        live++;
                }
                assert_null(pic__order_next(&o, &at));
                assert_int_equal(o.live, live);
                assert_true(o.count <= 2 * live + 17);
        }
        pic__order_free(&o);
        pic__order_drop(&o, 1);
        assert_null(pic__order_find(&o, 1));
}

static int one(void *data)
{
        pic__order o = PIC__ORDER_INIT;
        int r = pic__order_reserve(&o);

        (void)data;
        if (r == 0)
                pic__order_put(&o, 1, &o);
        pic__order_free(&o);
        return r < 0 ? PIC_NOMEM : 0;
}

static void memory(void **state)
{
        (void)state;
        out_of_memory(one, NULL);
}

RUN(T(against_array), T(memory))
