/* A connection tried out: what the world sees of who leaves by it, which resolver is used, what of IPv6 and UDP passes.
 * Several probes at once, some through the exit and some of the cell itself to compare with; nothing waits. */
#ifndef PIC_ENGINE_EXITS_TRIAL_H
#define PIC_ENGINE_EXITS_TRIAL_H

#include "base/json.h"
#include "engine/exits_probe.h"
#include "model/exit.h"

typedef struct pic__trial pic__trial;

/* Of a connection that something carries (pic__exit_carried_by). epoll: gets the sockets, with `tag` and up to
 * PIC__TRIAL_PROBES - 1 numbers behind it as data. PIC_DENIED, PIC_IO, PIC_NOMEM. */
#define PIC__TRIAL_PROBES 7
int pic__trial_start(const pic_obj *connection, const pic_obj *carrier, int epoll, uint32_t tag, pic_time now,
                     pic__trial **ret, pic_error **err);
int pic__trial_turn(pic__trial *t, pic_time now); /* 1: over */
pic_time pic__trial_due(const pic__trial *t);     /* 0: over */
/* By which address the world saw it, IPv4 or IPv6; "": not known. */
const char *pic__trial_address(const pic__trial *t, int family);
/* [{"what","good","value","message","hint"}] */
void pic__trial_json(const pic__trial *t, pic__json *j);
pic__trial *pic__trial_unref(pic__trial *t);
PIC__CLEANUP(pic__trial, pic__trial_unref)

#endif
