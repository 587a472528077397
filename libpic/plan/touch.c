/* Owns: which peers changes touch, and the order in which a snapshot is told of changes. */
#include "plan/touch.h"

#include <stdlib.h>

static int add_touch(pic__touches *to, pic_id id, int whole)
{
        pic__touch t = { id, whole };

        return pic__vec_push(to, t);
}

static int touch_members(const pic__snap *s, const char *group, pic__touches *to)
{
        const pic_obj *member;
        size_t at = 0;

        while ((member = pic__snap_next_member(s, group, &at)) != NULL)
                if (add_touch(to, member->id, 0) < 0)
                        return -1;
        return 0;
}

/* A group by the name it has and the name it gets. */
static int touch_group(const pic__snap *s, const pic__change *change, pic__touches *to)
{
        const pic_obj *old = pic__snap_get(s, PIC__GROUP, change->id);

        if (old != NULL && touch_members(s, pic__obj_name(old), to) < 0)
                return -1;
        return change->after != NULL ? touch_members(s, pic__obj_name(change->after), to) : 0;
}

static int touch_changed(const pic__snap *s, const pic__change *changes, size_t count, pic__touches *to)
{
        size_t i;

        for (i = 0; i < count; i++) {
                int failed = 0;

                if (changes[i].kind == PIC__PEER)
                        failed = add_touch(to, changes[i].id, 1);
                else if (changes[i].kind == PIC__GROUP)
                        failed = touch_group(s, &changes[i], to);
                if (failed < 0)
                        return -1;
        }
        return 0;
}

/* Peers whose time comes between the snapshot's moment and the new one; or, when the clock went back, comes again. All
 * peers are looked at only when there is one. */
static int touch_expiring(const pic__snap *s, pic_time now, pic__touches *to)
{
        pic_time then = pic__snap_time(s), due = pic__snap_next_expiry(s);
        pic_time first = then < now ? then : now, last = then < now ? now : then;
        const pic_obj *peer;
        size_t at = 0;

        if (then <= now && (due == 0 || due > now))
                return 0;
        while ((peer = pic__snap_next(s, PIC__PEER, &at)) != NULL) {
                pic_time expires = pic__obj_int(peer, "expires");

                if (expires != 0 && expires >= first && expires <= last && add_touch(to, peer->id, 1) < 0)
                        return -1;
        }
        return 0;
}

static int by_id(const void *a, const void *b)
{
        const pic__touch *left = a, *right = b;

        return (left->id > right->id) - (left->id < right->id);
}

static void settle(pic__touches *to)
{
        size_t i, n = 0;

        if (to->count == 0)
                return;
        qsort(to->at, to->count, sizeof(to->at[0]), by_id);
        for (i = 1; i < to->count; i++) {
                if (to->at[i].id != to->at[n].id)
                        to->at[++n] = to->at[i];
                else
                        to->at[n].whole |= to->at[i].whole;
        }
        to->count = n + 1;
}

int pic__touch_find(const pic__snap *s, const pic__change *changes, size_t count, pic_time now, pic__touches *ret)
{
        if (touch_changed(s, changes, count, ret) < 0 || touch_expiring(s, now, ret) < 0)
                return -1;
        settle(ret);
        return 0;
}

int pic__changes_tell(pic__snap *s, const pic__change *changes, size_t count, pic_error **err)
{
        static const enum pic__kind order[] = { PIC__CELL,       PIC__GROUP,   PIC__PEER,   PIC__ASSERTION,
                                                PIC__CONNECTION, PIC__USER,    PIC__TOKEN,  PIC__CERTIFICATE,
                                                PIC__RECORD,     PIC__FORWARD, PIC__DOMAIN, PIC__SERVICE,
                                                PIC__BLOCKLIST,  PIC__ALERT,   PIC__TARGET };
        size_t i, k;

        _Static_assert(PIC__COUNT(order) == PIC__KINDS, "each kind is told");
        for (i = 0; i < count; i++)
                if (changes[i].after == NULL)
                        pic__snap_drop(s, changes[i].kind, changes[i].id);
        for (k = 0; k < PIC__COUNT(order); k++) {
                for (i = 0; i < count; i++) {
                        int r;

                        if (changes[i].after == NULL || changes[i].kind != order[k])
                                continue;
                        r = pic__snap_put(s, changes[i].after, err);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}
