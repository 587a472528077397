/* A household of another product becomes wishes: the cell's key and networks where it is taken over, and its devices.
 */
#ifndef PIC_CHANGE_HOUSEHOLD_H
#define PIC_CHANGE_HOUSEHOLD_H

#include "change/wish.h"
#include "household/household.h"

typedef struct pic__wish_household {
        int takes_over;     /* the cell becomes that server: devices need not be touched */
        const char *access; /* what each device may reach; grants */
        pic__prefix net[2]; /* of the cell as it is, IPv4 and IPv6 */
} pic__wish_household;

/* h was settled. On failure the wishes are as they were. What does not fit this cell is told in h. */
int pic__wishes_household(pic__wishes *w, pic__household *h, const pic__wish_household *in, pic_error **err);

#endif
