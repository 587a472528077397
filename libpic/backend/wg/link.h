/* Links as far as this room needs them: is there one of that name, what is it, is it ours; make, name, remove.
 * rtnetlink. */
#ifndef PIC_BACKEND_WG_LINK_H
#define PIC_BACKEND_WG_LINK_H

#include <net/if.h>

#include "backend/wg/nl.h"

#define PIC__WG_ALIAS "pic" /* the mark of what is ours; `ip link` shows it */

typedef struct pic__wg_link {
        int index; /* 0: none */
        char name[IF_NAMESIZE];
        char kind[16]; /* "wireguard", "tun", "bridge"; "" for hardware */
        int ours;      /* carries the alias */
        int up;
} pic__wg_link;

/* 1 found, 0 not. */
int pic__wg_link_get(pic__nl *nl, const char *name, pic__wg_link *ret, pic_error **err);
/* The first link of that kind with our alias. 1 found, 0 not. */
int pic__wg_link_ours(pic__nl *nl, const char *kind, pic__wg_link *ret, pic_error **err);
/* A new link of kind wireguard with our alias. PIC_UNSUPPORTED when the kernel has no such kind. */
int pic__wg_link_make(pic__nl *nl, const char *name, pic__wg_link *ret, pic_error **err);
int pic__wg_link_mark(pic__nl *nl, const pic__wg_link *link, pic_error **err);
int pic__wg_link_remove(pic__nl *nl, const pic__wg_link *link, pic_error **err);
/* Reads a message RTM_NEWLINK or RTM_DELLINK; 0, or -1 when it is none. */
int pic__wg_link_parse(const struct nlmsghdr *h, pic__wg_link *ret);

#endif
