/* Owns: changes of the cell itself: its networks may not be in the way of the host's, and devices move along with them.
 */
#include <string.h>

#include "change/inner.h"
#include "model/net.h"

struct move {
        pic__run *run;
        pic__prefix from[2];
        pic__prefix to[2];
        PIC__VEC(pic_obj *) moved;
        pic_error **err;
};

static const char *const nets[] = { "net4", "net6" };
static const char *const addresses[] = { "address4", "address6" };

static void move_free(struct move *m)
{
        size_t i;

        for (i = 0; i < m->moved.count; i++)
                pic__obj_unref(m->moved.at[i]);
        pic__vec_free(&m->moved);
}

static int no_room(const struct move *m, const pic_obj *peer, int family, pic_error **err)
{
        char text[PIC__PREFIX_TEXT];
        int r = pic__fail(err, PIC_CONFLICT, "%s: %s has no room for the address %s of %s %s", nets[family],
                          pic__prefix_print(&m->to[family], text), pic__obj_text(peer, addresses[family]),
                          pic__kinds[peer->kind].name, pic__obj_name(peer));

        pic__detail(err, "field", nets[family]);
        pic__detail(err, "value", text);
        pic__detail(err, "object", "cell");
        pic__detail(err, "rule", "must have room for every device");
        pic__hint(err, "Choose a larger network, or give that device a lower address first.");
        return r;
}

/* The same number in the new network. 1 when it changed. */
static int move_address(struct move *m, pic_obj *peer, int family, pic_error **err)
{
        pic__addr was, is;
        char text[PIC__ADDR_TEXT];
        uint64_t host;
        int r;

        if (pic__addr_parse(pic__obj_text(peer, addresses[family]), &was) < 0 || pic__prefix_has(&m->to[family], &was))
                return 0;
        if (!pic__prefix_has(&m->from[family], &was))
                return 0; /* was wrong before; the check at the end says so */
        host = pic__addr_sub(&was, &m->from[family].addr);
        if (host > pic__prefix_hosts(&m->to[family]) || pic__addr_add(&m->to[family].addr, host, &is) < 0)
                return no_room(m, peer, family, err);
        r = pic__obj_set(peer, addresses[family], pic__addr_print(&is, text), 0, err);
        return r < 0 ? r : 1;
}

static int look_at(const pic_obj *peer, void *data)
{
        struct move *m = data;
        PIC__AUTO(pic__obj_unref_p) pic_obj *copy = NULL;
        int moved = 0, family, r;

        r = pic__obj_edit(peer, &copy, m->err);
        for (family = 0; r >= 0 && family < 2; family++) {
                r = move_address(m, copy, family, m->err);
                moved |= r > 0;
        }
        if (r < 0)
                return r;
        if (moved) {
                if (pic__vec_push(&m->moved, copy) < 0)
                        return pic__nomem(m->err);
                copy = NULL;
        }
        return 0;
}

/* No one's new address is another one's old one: what moves was outside the new network, where all new ones are. */
static int put_moved(struct move *m, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < m->moved.count; i++)
                r = pic__txn_put(m->run->t, m->moved.at[i], NULL, NULL, err);
        return r;
}

static int move_peers(pic__run *run, const pic_obj *before, pic_error **err)
{
        PIC__AUTO(move_free) struct move m = { .run = run, .moved = PIC__VEC_INIT, .err = err };
        int family, r;

        for (family = 0; family < 2; family++)
                if (pic__prefix_parse(pic__obj_text(before, nets[family]), &m.from[family]) < 0 ||
                    pic__prefix_parse(pic__obj_text(run->now, nets[family]), &m.to[family]) < 0)
                        return pic__fail(err, PIC_CORRUPT, "the cell has no networks");
        r = pic__txn_each(run->t, PIC__PEER, look_at, &m, err);
        if (r == 0)
                r = pic__txn_each(run->t, PIC__SERVICE, look_at, &m, err);
        return r < 0 ? r : put_moved(&m, err);
}

static int nets_differ(const pic_obj *a, const pic_obj *b)
{
        return strcmp(pic__obj_text(a, "net4"), pic__obj_text(b, "net4")) != 0 ||
               strcmp(pic__obj_text(a, "net6"), pic__obj_text(b, "net6")) != 0;
}

int pic__run_cell(pic__run *run, pic_error **err)
{
        int moves = nets_differ(run->before, run->now);
        int r = pic__run_check_host(run, run->before, run->now, err);

        if (r == 0)
                r = pic__txn_put(run->t, run->now, NULL, NULL, err);
        if (strcmp(pic__obj_text(run->before, "endpoint"), pic__obj_text(run->now, "endpoint")) != 0)
                run->whole = 1; /* a connection may lead there */
        if (r == 0 && moves) {
                run->whole = 1;
                r = move_peers(run, run->before, err);
        }
        return r;
}
