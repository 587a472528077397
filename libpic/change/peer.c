/* Owns: what a peer gets that nobody wished: addresses, keys; and what its key mode means. */
#include <stdio.h>
#include <string.h>

#include "change/inner.h"
#include "change/newkeys.h"
#include "model/net.h"
#include "model/text.h"

static int mode_is(const pic_obj *o, const char *mode)
{
        return strcmp(pic__obj_text(o, "key_mode"), mode) == 0;
}

static int same_key(const pic_obj *a, const pic_obj *b)
{
        return strcmp(pic__obj_text(a, "public_key"), pic__obj_text(b, "public_key")) == 0;
}

static int set_address(pic_obj *o, const char *field, const pic__prefix *net, uint64_t host, pic_error **err)
{
        char text[PIC__ADDR_TEXT];
        pic__addr a;

        if (pic__addr_add(&net->addr, host, &a) < 0)
                return pic__fail(err, PIC_CONFLICT, "%s: the network has no host %llu", field,
                                 (unsigned long long)host);
        return pic__obj_set(o, field, pic__addr_print(&a, text), 0, err);
}

int pic__run_addresses(pic__run *run, pic_error **err)
{
        int need4 = !pic__obj_has(run->now, "address4"), need6 = !pic__obj_has(run->now, "address6"), r;
        pic__prefix net4, net6;
        uint64_t host, room, room6;

        if (!need4 && !need6)
                return 0;
        if (pic__prefix_parse(pic__obj_text(run->cell, "net4"), &net4) < 0 ||
            pic__prefix_parse(pic__obj_text(run->cell, "net6"), &net6) < 0)
                return pic__fail(err, PIC_CORRUPT, "the cell has no networks");
        room = pic__prefix_hosts(&net4);
        room6 = pic__prefix_hosts(&net6);
        r = pic__txn_alloc_host(run->t, room < room6 ? room : room6, &host, err);
        if (r == 0 && need4)
                r = set_address(run->now, "address4", &net4, host, err);
        if (r == 0 && need6)
                r = set_address(run->now, "address6", &net6, host, err);
        return r;
}

/* A wish for this field was in the edit for the object in work: run->op is the last one applied, the others stand
 * before it. */
static int wished(const pic__run *run, const char *field)
{
        int index = pic__field_find(PIC__PEER, field);
        size_t i = (size_t)(run->op - run->w->ops.at) + 1;

        while (i-- > 0) {
                const pic__op *op = &run->w->ops.at[i];

                if (op->kind != PIC__PEER || op->name == NULL || !pic__same_name(op->name, run->name))
                        return 0;
                if (op->wish == PIC__WISH_SET && op->field == index)
                        return 1;
        }
        return 0;
}

static int forget_private(pic__run *run, pic_error **err)
{
        int r = pic__obj_set(run->now, "private_key", NULL, 1, err);

        return r < 0 ? r : pic__obj_set(run->now, "config_shown", NULL, 1, err);
}

static int is_given(const pic__run *run)
{
        return pic__obj_has(run->now, "public_key") && (run->before == NULL || !same_key(run->before, run->now));
}

/* The device brings its own key: now, or with this change. */
static int client_keys(pic__run *run, pic_error **err)
{
        int given = is_given(run), r;

        if (run->rekey && !given) {
                r = pic__fail(err, PIC_BADSTATE,
                              "peer %s: the device makes its own key, so a new one must come from it",
                              pic__obj_name(run->now));
                pic__hint(err, "Make a key on the device and give its public half: public_key. Or let the cell make "
                               "it: key_mode sealed.");
                return r;
        }
        if (run->before != NULL && mode_is(run->before, "client") && !given)
                return 0;
        r = pic__obj_set(run->now, "key_mode", "client", 0, err);
        return r < 0 ? r : forget_private(run, err);
}

/* A key that came with what the cell knows of it, from another product or out of a backup: its private half, or that
 * this was shown. What was known of the one before it is not true of it. */
static int taken_over(pic__run *run, pic_error **err)
{
        int r = 0;

        if (!wished(run, "private_key"))
                r = pic__obj_set(run->now, "private_key", NULL, 1, err);
        return r < 0 || wished(run, "config_shown") ? r : pic__obj_set(run->now, "config_shown", NULL, 1, err);
}

/* The cell makes the pair: at first, when asked, and when there is none that fits the mode. */
static int own_keys(pic__run *run, pic_error **err)
{
        int was_client = run->before != NULL && mode_is(run->before, "client");
        int r;

        if (pic__obj_has(run->now, "public_key") && !run->rekey) {
                if (is_given(run))
                        return taken_over(run, err);
                if (!was_client)
                        return 0;
                r = pic__fail_value(err, NULL, "key_mode", pic__obj_text(run->now, "key_mode"),
                                    "is not possible: only the device has its private key");
                pic__hint(err, "Make new keys with it: rekey.");
                return r;
        }
        r = pic__run_seal_key(run, err);
        if (r == 0)
                r = pic__newkeys_pair(run->now, run->seal_key, err);
        return r < 0 ? r : pic__obj_set(run->now, "config_shown", NULL, 1, err);
}

/* A public key that a person gives makes the mode client, unless the same edit says another. With its private half,
 * from another product, or with when that was shown, it is like one that the cell made. */
static int is_client(pic__run *run, int *ret, pic_error **err)
{
        *ret = mode_is(run->now, "client");
        if (*ret || !is_given(run) || (pic__obj_has(run->now, "private_key") && wished(run, "private_key")) ||
            wished(run, "config_shown"))
                return 0;
        *ret = 1;
        if (!wished(run, "key_mode"))
                return 0;
        return pic__fail_value(err, NULL, "key_mode", pic__obj_text(run->now, "key_mode"),
                               "does not go with a public_key that is given: that is key_mode client");
}

static int preshared_key(pic__run *run, pic_error **err)
{
        int r;

        if (pic__obj_int(run->now, "preshared") == 0)
                return pic__obj_set(run->now, "preshared_key", NULL, 1, err);
        if (pic__obj_has(run->now, "preshared_key") && !run->rekey)
                return 0;
        r = pic__run_seal_key(run, err);
        return r < 0 ? r : pic__newkeys_preshared(run->now, run->seal_key, err);
}

static int make_keys(pic__run *run, pic_error **err)
{
        int client, r = is_client(run, &client, err);

        if (r == 0)
                r = client ? client_keys(run, err) : own_keys(run, err);
        return r < 0 ? r : preshared_key(run, err);
}

static void name_it(const pic__run *run, pic_error **err)
{
        char object[96];

        if (err == NULL || *err == NULL || pic_error_detail(*err, "object") != NULL)
                return;
        snprintf(object, sizeof(object), "peer %s", pic__obj_name(run->now));
        if (strncmp(pic_error_message(*err), "peer ", 5) != 0)
                pic__prefix_msg(err, "%s: ", object);
        pic__detail(err, "object", object);
}

int pic__run_peer(pic__run *run, pic_error **err)
{
        int r = 0;

        if (run->before == NULL) {
                r = pic__txn_new_id(run->t, PIC__PEER, &run->now->id, err);
                if (r == 0)
                        r = pic__obj_set_int(run->now, "created", run->opts->clock->now(run->opts->clock->data), err);
        }
        if (r == 0)
                r = pic__run_addresses(run, err);
        if (r == 0)
                r = pic__run_check_host(run, run->before, run->now, err);
        if (r == 0)
                r = make_keys(run, err);
        if (r < 0)
                name_it(run, err);
        else if (pic__obj_text(run->now, "subnets")[0] != '\0' ||
                 (run->before != NULL && pic__obj_has(run->before, "subnets")))
                run->whole = 1;
        return r;
}
