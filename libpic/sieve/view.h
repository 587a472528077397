/* Which of the cell's own names a device is told: those of what it may reach. All others are asked about under a name
 * that nobody can have, so that the answer is in all that of a name that is not there: by the same server, with the
 * same lifetime, out of the same cache; and of a wildcard that the device may know.
 *
 * Lines of the rules (rules.h):
 *   cell ADDRESS                   the cell's own: whoever asks reaches it
 *   inside NETWORK                 addresses in here are somebody's; so are those of viewers; all others are free
 *   zone NAME                      the cell's: names below it that are not there are its to deny
 *   name NAME ADDRESS,…            what there is at a name, also a wildcard; "-": what has no address
 *   leads NAME TYPE NAME           what it leads to: a name that leads to a hidden one is hidden
 *   viewer PLACE CLASS ADDRESS,…   who asks from there: the class of its rights, its own addresses
 *   viewer PLACE all               is told everything
 *   reach CLASS FIRST[-LAST]       what a class may reach
 * A network as a viewer's place is one behind a device: names in it are told to that, and to who reaches them there. */
#ifndef PIC_SIEVE_VIEW_H
#define PIC_SIEVE_VIEW_H

#include "sieve/name.h"

typedef struct pic__sieve_views pic__sieve_views;

#define PIC__SIEVE_ALL UINT32_MAX /* a viewer who is told everything; 0: one who reaches nothing */
#define PIC__SIEVE_AS_TYPE 255    /* hidden is what it has of this type, not the name */
#define PIC__SIEVE_AS_NONE 256    /* beside labels: a hidden wildcard answers for any name that it could be put as */

pic__sieve_views *pic__sieve_views_new(void); /* NULL: out of memory */
void pic__sieve_views_free(pic__sieve_views *v);
/* 0; 1: no such line (viewers' places are the caller's); -1: it is none, or out of memory. */
int pic__sieve_views_take(pic__sieve_views *v, const char *what, char *one, char *two, char *three);
/* What stands behind PLACE; its number from 1 on, or PIC__SIEVE_ALL; 0: it is none. */
uint32_t pic__sieve_viewer(pic__sieve_views *v, const char *place, const char *class, char *own);
/* After the last line. */
void pic__sieve_views_end(pic__sieve_views *v);

/* How a question has to be put so that nothing is told that this viewer may not know: 0 as it is, else for
 * pic__sieve_hide(): the labels from its begin on that are to be changed, with PIC__SIEVE_AS_NONE or
 * without; or PIC__SIEVE_AS_TYPE. */
unsigned pic__sieve_views_hide(const pic__sieve_views *v, uint32_t viewer, const pic__sieve_name *name, unsigned type);

#endif
