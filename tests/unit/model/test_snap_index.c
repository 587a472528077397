/* Shows: the hash of nodes against a walk over all of them; several of one key; failing growth. */
#include "help.h"

#include "model/snap_impl.h"

#define NODES 200

static pic__node nodes[NODES];
static char there[NODES];

static pic__node *brute(const uint8_t a4[4], pic_id except, int *ret_count)
{
        pic__node *hit = NULL;
        int i;

        *ret_count = 0;
        for (i = 0; i < NODES; i++)
                if (there[i] && memcmp(nodes[i].addr4, a4, 4) == 0 && nodes[i].o->id != except) {
                        hit = &nodes[i];
                        (*ret_count)++;
                }
        return hit;
}

static void against_walk(void **state)
{
        pic__index x = { 0 };
        int i, n;

        (void)state;
        for (i = 0; i < NODES; i++) {
                nodes[i].o = obj("peer", i + 1, "name=x", NULL);
                nodes[i].has4 = 1;
                nodes[i].addr4[3] = (uint8_t)(i / 2); /* two of each */
        }
        for (i = 0; i < 40000; i++) {
                pic__node *n1 = &nodes[rnd() % NODES], *hit, *want;
                pic_id except = rnd() % 2 ? n1->o->id : -1;

                if (there[n1 - nodes]) {
                        pic__index_remove(&x, PIC__BY_ADDR4, n1);
                        there[n1 - nodes] = 0;
                } else if (rnd() % (i / 8000 % 2 ? 4 : 1) == 0) {
                        assert_int_equal(pic__index_reserve(&x, PIC__BY_ADDR4), 0);
                        pic__index_add(&x, PIC__BY_ADDR4, n1);
                        there[n1 - nodes] = 1;
                }
                n1 = &nodes[rnd() % NODES];
                hit = pic__index_find(&x, PIC__BY_ADDR4, n1->addr4, 4, except);
                want = brute(n1->addr4, except, &n);
                assert_int_equal(hit != NULL, want != NULL);
                if (n == 1)
                        assert_ptr_equal(hit, want);
                assert_true(x.room <= 2048);
        }
        pic__free(x.slots);
        for (i = 0; i < NODES; i++)
                pic__obj_unref(nodes[i].o);
        memset(nodes, 0, sizeof(nodes));
}

static void keys(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 1, "name=Anna", NULL);
        pic__node n = { .o = o, .has6 = 1, .addr6 = { 0xfd } };
        uint8_t key[PIC__INDEX_KEY_MAX];
        pic__index x = { 0 };

        (void)state;
        assert_int_equal(pic__index_key_of(&n, PIC__BY_NAME, key), 4);
        assert_memory_equal(key, "anna", 4);
        assert_int_equal(pic__index_key_of(&n, PIC__BY_ADDR4, key), 0);
        assert_int_equal(pic__index_key_of(&n, PIC__BY_ADDR6, key), 16);
        assert_int_equal(pic__index_key_of(&n, PIC__BY_KEY, key), 0);
        pic__index_add(&x, PIC__BY_KEY, &n); /* it has none: nothing to add */
        assert_int_equal(x.count, 0);
        pic__index_remove(&x, PIC__BY_NAME, &n);
        assert_null(pic__index_find(&x, PIC__BY_NAME, "anna", 4, -1));
        pic__mem_fail_at(1);
        assert_int_equal(pic__index_reserve(&x, PIC__BY_NAME), -1);
        pic__mem_fail_at(0);
        assert_int_equal(x.room, 0);
}

RUN(T(against_walk), T(keys))
