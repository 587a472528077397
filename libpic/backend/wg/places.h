/* Where devices were seen last. WireGuard learns it from a device's own packets and forgets it with its device: after a
 * boot, or when wireguard-go died, a device that only listens could not be reached before it speaks. So it is kept
 * beside the store and said again when a peer is added. It is a hint: a device that is elsewhere is found as ever, by
 * what it sends. */
#ifndef PIC_BACKEND_WG_PLACES_H
#define PIC_BACKEND_WG_PLACES_H

#include "backend/wg/value.h"
#include "base/log.h"
#include "base/map.h"

#define PIC__WG_PLACES "places" /* the file: a line "<public key> <address>:<port>" a device */

typedef struct pic__wg_places {
        char *path;       /* NULL: nothing is kept */
        pic__map map;     /* public key -> where */
        uint64_t sum;     /* of what is known */
        uint64_t written; /* of what the file says */
        unsigned look;    /* number of the reading */
} pic__wg_places;

/* What the file says; one that is none, or has a line that is none, is as good as empty, and told. dir may be NULL. */
int pic__wg_places_open(pic__wg_places *p, const char *dir, const pic__log *log, pic_error **err);
/* The text of the file. -1: some line is no such line (those before it count). */
int pic__wg_places_read(pic__wg_places *p, const char *text, size_t len);
/* A reading: look is raised, each peer noted (those that were never heard stay where they were; 0, or PIC_NOMEM), and
 * when all were, who was not among them is forgotten. */
int pic__wg_places_note(pic__wg_places *p, const pic__wg_peer *peer, pic_error **err);
void pic__wg_places_prune(pic__wg_places *p);
/* Sets the endpoint of a peer that is added; leaves it when nothing is known. */
void pic__wg_places_recall(const pic__wg_places *p, pic__wg_peer *peer);
/* Writes the file when it says something else. */
void pic__wg_places_save(pic__wg_places *p, const pic__log *log);
void pic__wg_places_free(pic__wg_places *p);

#endif
