/* The backend's own struct, for the files of this room only. */
#ifndef PIC_BACKEND_WG_STATE_H
#define PIC_BACKEND_WG_STATE_H

#include "backend/wg/events.h"
#include "backend/wg/places.h"
#include "backend/wg/transport.h"
#include "plan/backend.h"

typedef struct pic__wg {
        pic__backend base;
        pic__nl route;
        pic__wg_transport *kernel; /* NULL: not to be used */
        pic__wg_transport *user;   /* NULL: not to be used */
        pic__wg_transport *now;    /* the one that carries the device; NULL: there is none */
        pic__wg_link link;
        pic__wg_events events;
        int known;    /* the device is as it was read last, with the steps applied since; and then this is … */
        uint64_t sum; /* … the sum of it and its peers (value.h) */
        pic__wg_places places;
        unsigned ticks;
        int held_back; /* wireguard-go kept dying and waits for its next start */
} pic__wg;

/* Looks which transport carries our device: sets now and link. */
int pic__wg_find(pic__wg *w, pic_error **err);
int pic__wg_observe(pic__wg *w, pic__items *out, pic_error **err);
int pic__wg_apply(pic__wg *w, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err);
int pic__wg_remove(pic__wg *w, pic_error **err); /* the device, if there is one */
void pic__wg_doctor(pic__wg *w, pic__finding_fn fn, void *data);

#endif
