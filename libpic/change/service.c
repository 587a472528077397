/* Owns: what a service gets that nobody wished: addresses, as a device does, and a door of the front's. */
#include "model/service.h"

#include "change/inner.h"

struct doors {
        uint8_t used[PIC__SERVICES_MAX + 1];
        pic_id own; /* does not count */
};

static int see(const pic_obj *o, void *data)
{
        int64_t door = pic__obj_int(o, "door");
        struct doors *d = data;

        if (o->id != d->own && door > 0 && door <= PIC__SERVICES_MAX)
                d->used[door] = 1;
        return 0;
}

int pic__run_door(pic__run *run, pic_obj *o, pic_error **err)
{
        struct doors d = { .own = o->id };
        int64_t door = pic__obj_int(o, "door");
        int r = pic__txn_each(run->t, PIC__SERVICE, see, &d, err);

        if (r < 0 || (door > 0 && !d.used[door]))
                return r;
        for (door = 1; door <= PIC__SERVICES_MAX && d.used[door];)
                door++;
        if (door > PIC__SERVICES_MAX)
                return pic__fail(err, PIC_CONFLICT, "service %s: a cell has at most %d services", pic__obj_name(o),
                                 PIC__SERVICES_MAX);
        return pic__obj_set_int(o, "door", door, err);
}

int pic__run_service(pic__run *run, pic_error **err)
{
        int r = pic__run_addresses(run, err);

        return r < 0 ? r : pic__run_door(run, run->now, err);
}
