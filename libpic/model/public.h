/* What services are called in the internet: NAME.DOMAIN, below each public name of the cell; and which certificate, of
 * those that a public CA gave, has such a name. */
#ifndef PIC_MODEL_PUBLIC_H
#define PIC_MODEL_PUBLIC_H

#include "model/snap.h"

/* Names that lead into the tunnel: domains, and services below each of them. Every exit's resolver has all of them. */
#define PIC__PUBLIC_MAX 256
#define PIC__PUBLIC_NAME 256

/* The domain's name is the cell's own zone: what is below it has names there already. */
int pic__public_is_zone(const pic_obj *cell, const pic_obj *domain);
/* How the service is called below it, in small letters. 0: not at all: the domain is turned off, somebody else is
 * called so, or it is too long. */
int pic__public_name(const pic__snap *s, const pic_obj *domain, const pic_obj *service, char name[PIC__PUBLIC_NAME]);
/* Everybody on the internet may reach it: it is served, it is to be public, and has such a name. */
int pic__public_open(const pic__snap *s, const pic_obj *service);
/* All of these, one after the other: start with *at = 0; NULL at the end, else the domain. */
const pic_obj *pic__public_next(const pic__snap *s, const pic_obj *service, size_t *at, char name[PIC__PUBLIC_NAME]);
/* How many names lead into the tunnel. */
size_t pic__public_count(const pic__snap *s);

/* A certificate of a public CA that can be shown: it has chain and key, and is not withdrawn. */
int pic__public_is_shown(const pic_obj *cert);
/* One of these that has the name: for it alone, else for all names of its kind ("*.home.example.org"); NULL: none. */
const pic_obj *pic__public_cert(const pic__snap *s, const char *name);

#endif
