/* Owns: steps on their way to a transport. Peers that follow each other go as one batch; a device step stands alone. A
 * peer is always set whole, so a step does what it says whatever the peer was before; only its prefixes are kept in
 * place when they do not change (replacing them drops packets for a moment). */
#include <string.h>

#include "backend/wg/port.h"
#include "backend/wg/state.h"
#include "model/key.h"

/* The name may be taken by something that is not ours, or by ours. */
static int check_name(pic__wg *w, const char *name, pic_error **err)
{
        pic__wg_link link;
        int r = pic__wg_link_get(&w->route, name, &link, err);

        if (r <= 0)
                return r;
        pic__fail(err, PIC_CONFLICT, "device %s: the name is taken by a %s that the cell did not make", name,
                  link.kind[0] != '\0' ? link.kind : "network card");
        pic__hint(err, "look at it: ip -d link show %s; remove or rename it, or give the cell another device name",
                  name);
        return PIC_CONFLICT;
}

static int create_on(pic__wg *w, pic__wg_transport *transport, const char *name, pic_error **err)
{
        int r = transport->ops->create(transport, name, &w->link, err);

        if (r >= 0)
                w->now = transport;
        else
                w->link.index = 0;
        return r;
}

static int create(pic__wg *w, const char *name, pic_error **err)
{
        int r = PIC_UNSUPPORTED;

        w->held_back = 0;
        if (w->kernel != NULL)
                r = create_on(w, w->kernel, name, err);
        if (r == PIC_UNSUPPORTED && w->user != NULL) {
                if (err != NULL) {
                        pic_error_free(*err);
                        *err = NULL;
                }
                r = create_on(w, w->user, name, err);
                w->held_back = r == PIC_BUSY;
        }
        if (r == PIC_UNSUPPORTED && w->user == NULL)
                pic__hint(err, "boot a kernel with WireGuard (Debian's has it), or let the cell use wireguard-go");
        return r;
}

static int add_device(pic__wg *w, const pic__item *item, pic_error **err)
{
        pic__auto_wg_device pic__wg_device device = { .port = 0 };
        int r = pic__wg_device_parse(item, &device, err);

        if (r == 0)
                r = pic__wg_find(w, err);
        if (r < 0)
                return r;
        if (w->now != NULL)
                return pic__fail(err, PIC_CONFLICT, "device %s: the cell has the device %s already", item->key,
                                 w->link.name);
        if (w->user != NULL)
                w->user->ops->sweep(w->user, item->key);
        r = check_name(w, item->key, err);
        if (r == 0)
                r = pic__wg_port_check(device.port, err);
        if (r == 0)
                r = create(w, item->key, err);
        if (r < 0)
                return r;
        r = w->now->ops->set_device(w->now, &w->link, &device, err);
        if (r < 0)
                (void)pic__wg_remove(w, NULL);
        w->sum += pic__wg_device_sum(item->key, &device);
        return r;
}

/* The device that the step is about; a caller with an old picture of the world is refused. */
static int need_device(pic__wg *w, const char *name, pic_error **err)
{
        int r = w->now == NULL ? pic__wg_find(w, err) : 0;

        if (r < 0)
                return r;
        if (w->now == NULL || (name != NULL && strcmp(name, w->link.name) != 0))
                return pic__fail(err, PIC_BACKEND, "device %s: not there", name != NULL ? name : "of the cell");
        return 0;
}

static int change_device(pic__wg *w, const pic__step *step, pic_error **err)
{
        pic__auto_wg_device pic__wg_device device = { .port = 0 };
        int r = pic__wg_device_parse(step->after, &device, err);

        if (r == 0)
                r = need_device(w, step->after->key, err);
        /* The port in use now is our own. */
        if (r == 0 && strncmp(step->before->value, step->after->value, strcspn(step->after->value, " ") + 1) != 0)
                r = pic__wg_port_check(device.port, err);
        return r < 0 ? r : w->now->ops->set_device(w->now, &w->link, &device, err);
}

static int do_device(pic__wg *w, const pic__step *step, pic_error **err)
{
        int r;

        if (step->verb == PIC__ADD)
                return add_device(w, step->after, err);
        if (step->verb == PIC__CHANGE) {
                w->known = 0;
                return change_device(w, step, err);
        }
        r = pic__wg_find(w, err);
        if (r == 0)
                r = need_device(w, step->before->key, err);
        if (r == 0)
                r = pic__wg_remove(w, err);
        w->sum = 0; /* with all its peers */
        return r;
}

/* 1 when the prefixes stay as they are. */
static int same_allowed(const pic__step *step)
{
        const char *a = step->before->value, *b = step->after->value;
        size_t len = strcspn(a, " ");

        return len == strcspn(b, " ") && memcmp(a, b, len) == 0;
}

/* Takes what the peer was out of the sum. */
static void subtract(pic__wg *w, const pic__item *before, pic__wg_peer *peer)
{
        if (w->known && pic__wg_peer_parse(before, peer, NULL) == 0)
                w->sum -= pic__wg_peer_sum(peer);
        else
                w->known = 0;
}

static int do_peer(pic__wg *w, const pic__step *step, pic__wg_peer *peer, pic_error **err)
{
        const pic__item *item = step->after != NULL ? step->after : step->before;
        uint8_t key[32];
        int r = need_device(w, NULL, err);

        if (r < 0)
                return r;
        if (step->before != NULL)
                subtract(w, step->before, peer);
        if (step->verb == PIC__REMOVE) {
                if (pic__key_decode(item->key, key) < 0)
                        return pic__fail(err, PIC_INVALID, "%s '%s': no public key", pic__item_kinds[item->kind].name,
                                         item->key);
                return w->now->ops->remove_peer(w->now, &w->link, key, err);
        }
        r = pic__wg_peer_parse(item, peer, err);
        if (r < 0)
                return r;
        if (step->verb == PIC__ADD)
                pic__wg_places_recall(&w->places, peer);
        w->sum += pic__wg_peer_sum(peer);
        return w->now->ops->set_peer(w->now, &w->link, peer, step->verb == PIC__ADD || !same_allowed(step), err);
}

static int run(pic__wg *w, const pic__step *steps, size_t count, size_t *ret_reached, pic_error **err)
{
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        size_t i;
        int r = 0;

        for (i = 0; i < count; i++) {
                *ret_reached = i;
                if (steps[i].kind != PIC__I_WG_PEER && w->now != NULL)
                        r = w->now->ops->flush(w->now, err);
                if (r == 0)
                        r = steps[i].kind == PIC__I_WG_PEER ? do_peer(w, &steps[i], &peer, err)
                                                            : do_device(w, &steps[i], err);
                if (r < 0)
                        return r;
        }
        *ret_reached = count;
        return w->now != NULL ? w->now->ops->flush(w->now, err) : 0;
}

/* After a failure nobody knows how far a batch came, so it is read: of the steps that were reached, those up to the
 * first not in force. */
static size_t count_in_force(pic__wg *w, const pic__step *steps, size_t count)
{
        pic__auto_items pic__items there = PIC__ITEMS_INIT;
        const pic__item *found;
        size_t i;

        if (pic__wg_observe(w, &there, NULL) < 0)
                return 0;
        pic__items_sort(&there);
        for (i = 0; i < count; i++) {
                const pic__item *item = steps[i].after != NULL ? steps[i].after : steps[i].before;

                found = pic__items_find(&there, item->kind, item->key);
                if (steps[i].after == NULL ? found != NULL : found == NULL || !pic__item_same(found, item))
                        break;
        }
        return i;
}

int pic__wg_apply(pic__wg *w, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        size_t reached = 0;
        int r = run(w, steps, count, &reached, err);

        if (r < 0 &&
            w->now != NULL) /* what still waits came before the failure: it goes now, not with the next batch */
                (void)w->now->ops->flush(w->now, NULL);
        *ret_done = r == 0 ? count : count_in_force(w, steps, reached);
        w->known = w->known && r == 0;
        return r;
}
