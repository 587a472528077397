/* Whether http-01 can prove anything here: who else holds port 80 at the addresses that the world reaches. */
#ifndef PIC_ENGINE_PORT80_H
#define PIC_ENGINE_PORT80_H

#include "base/buf.h"
#include "model/obj.h"

/* 1: another program does, and *out gets "nginx (process 1234)", or "another program" where that cannot be told. The
 * cell's own front and this process are none. */
int pic__port80_taken(const pic_obj *cell, pic__buf *out);
/* 1: certificates of that domain are proved there. */
int pic__port80_wanted(const pic_obj *domain);
#define PIC__PORT80_HINT                                                                                          \
        "Have that program listen elsewhere; or prove the name by DNS, which needs no port: pic domain set NAME " \
        "--mode rfc2136, cloudflare, duckdns or exec (a program of yours)"

#endif
