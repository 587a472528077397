/* Owns: what a connection gets that nobody wished: its slot, and the key pair of a WireGuard one. */
#include <stdio.h>
#include <string.h>

#include "change/inner.h"
#include "change/newkeys.h"
#include "model/exit.h"

struct slots {
        uint8_t used[PIC__EXIT_SLOTS + 1];
        pic_id own; /* does not count */
};

static int see(const pic_obj *o, void *data)
{
        struct slots *s = data;

        if (o->id != s->own)
                s->used[pic__exit_slot(o)] = 1;
        return 0;
}

static int none_left(pic_error **err)
{
        int r = pic__fail(err, PIC_CONFLICT, "there is no number left for a connection: a cell has at most %d",
                          PIC__EXIT_SLOTS);

        pic__hint(err, "Remove one that nothing uses: pic connection list. What the host itself uses of the routing "
                       "tables 1001 to 1255 cannot be had either: ip rule, ip route show table all.");
        return r;
}

int pic__run_slot(pic__run *run, pic_obj *o, pic_error **err)
{
        uint8_t taken[PIC__EXIT_SLOTS + 1] = { 0 }; /* by the host */
        struct slots s = { .own = o->id };
        unsigned slot = pic__exit_slot(o);
        int r = pic__txn_each(run->t, PIC__CONNECTION, see, &s, err);

        if (r == 0 && run->opts->host_slots != NULL)
                r = run->opts->host_slots(taken, err);
        if (r < 0 || (slot != 0 && !s.used[slot] && !taken[slot]))
                return r;
        for (slot = 1; slot <= PIC__EXIT_SLOTS && (s.used[slot] || taken[slot]);)
                slot++;
        return slot > PIC__EXIT_SLOTS ? none_left(err) : pic__obj_set_int(o, "slot", slot, err);
}

/* A key that nobody at the far end knows carries nothing: so one is made only for who makes a connection by hand or
 * takes its key away (and "new" was one as it was said: secret.c). A document that has none is refused instead
 * (model/connection.c). */
static int may_make(const pic__run *run)
{
        return run->before != NULL ? pic__obj_has(run->before, "private_key") : !run->by_document;
}

/* With a private key its public half came along. */
static int keys(pic__run *run, pic_error **err)
{
        int r;

        if (!pic__exit_is(run->now, "wireguard") || pic__obj_has(run->now, "private_key") || !may_make(run))
                return 0;
        r = pic__run_seal_key(run, err);
        return r < 0 ? r : pic__newkeys_connection(run->now, run->seal_key, err);
}

static void name_it(const pic__run *run, pic_error **err)
{
        char object[96];

        if (err == NULL || *err == NULL || pic_error_detail(*err, "object") != NULL)
                return;
        snprintf(object, sizeof(object), "connection %s", pic__obj_name(run->now));
        pic__prefix_msg(err, "%s: ", object);
        pic__detail(err, "object", object);
}

static void lacks(const pic__run *run, const char *field, pic_error **list)
{
        pic__auto_buf pic__buf option = PIC__BUF_INIT;
        pic_error *one = NULL;
        char object[96], *at;

        snprintf(object, sizeof(object), "connection %s", pic__obj_name(run->now));

        pic__buf_puts(&option, field);
        for (at = option.data; at != NULL && *at != '\0'; at++)
                *at = *at == '_' ? '-' : *at;
        (void)pic__fail_value(&one, object, field, NULL,
                              "is missing: the document says that there is one, and holds none");
        if (strcmp(field, "profile") == 0)
                pic__hint(&one,
                          "Import the provider's file first: pic connection import FILE %s. Or take the "
                          "connection over turned off (enabled: no) and give it then: pic connection set %s "
                          "--profile-file FILE",
                          pic__obj_name(run->now), pic__obj_name(run->now));
        else
                pic__hint(&one,
                          "Put it into the document (%s: …)%s; or take the connection over turned off (enabled: "
                          "no) and give it then: pic connection set %s --%s-file FILE",
                          field,
                          strcmp(field, "private_key") == 0 ? ", or 'new' for one that the far end must be told" : "",
                          pic__obj_name(run->now), pic__buf_str(&option));
        pic__err_append(list, one);
}

/* Secrets that a document says there are. One that is turned off may wait for them. */
static int needs(const pic__run *run, pic_error **err)
{
        const pic__kind_info *k = &pic__kinds[PIC__CONNECTION];
        pic_error *list = NULL;
        size_t i;

        for (i = 0; i < k->count && pic__obj_int(run->now, "enabled") != 0; i++)
                if ((run->needs >> i & 1) != 0 && !pic__obj_has(run->now, k->fields[i].name))
                        lacks(run, k->fields[i].name, &list);
        if (list == NULL)
                return 0;
        pic__err_append(err, list);
        return PIC_VALUE;
}

int pic__run_connection(pic__run *run, pic_error **err)
{
        int r = 0;

        run->whole = 1; /* it is judged by all others: loops, keys, the same far end twice */
        if (run->before == NULL) {
                r = pic__obj_set_int(run->now, "created", run->opts->clock->now(run->opts->clock->data), err);
                if (r == 0)
                        r = pic__run_slot(run, run->now, err);
        }
        if (r == 0)
                r = keys(run, err);
        if (r == 0)
                r = needs(run, err);
        if (r < 0)
                name_it(run, err);
        return r;
}
