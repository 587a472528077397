/* Items as plan/derive_exit.c writes them. */
#ifndef PIC_TESTS_EXIT_SAMPLE_H
#define PIC_TESTS_EXIT_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/exit/value.h"
#include "base/buf.h"

#define LINKS1 "dev=picx1 link4=169.254.96.5,169.254.96.6 link6=fd70:6963:78::1:1,fd70:6963:78::1:2"
#define ZONES "zones=home.internal,1.10.in-addr.arpa,a.9.8.7.6.5.4.3.2.1.d.f.ip6.arpa"

/* Keys of the far end and of ours. */
#define FAR_PRIVATE "SFM02bcQS0YhXKLZrwqOK4kzyGBVJ4n6cGuGybvFOFE="
#define FAR_PUBLIC "5AtVLqmK5YRjC3IMSXkBs4aJo0tDerMB8DJzsGCeF3w="
#define OUR_PUBLIC "BD0gTLuzUOnAJlkD+P4L6NLqIrUVOf0HgMHA5jR+diI="
#define SHARED "F8fTGRgcMz26dzf6MXOVjDgMEUIHm5ioizr7A8/f1S0="

#define WG_AT(remote, mtu)                                                                                        \
        "name=vpn type=wireguard " LINKS1 " families=46 " ZONES " remote=" remote                                 \
        " endpoint=vpn.example.net:51820 addresses=10.66.0.2/32,fd66::2/128 allowed=0.0.0.0/0,::/0 keepalive=25 " \
        "peer_key=5AtVLqmK5YRjC3IMSXkBs4aJo0tDerMB8DJzsGCeF3w%3d public_key= user= host_key= protocol= bridges= " \
        "country= remotes= mtu=" mtu " dns=10.66.0.1,fd66::1@5353 probe=9.9.9.9"
#define WG_VALUE WG_AT("192.0.2.10:51820", "")
#define WG_SECRET                                                     \
        "private_key=mA2BYKDz1Pk0Bmv5HTZe7sgLve2XQ70GOHGdqe9R6HI%3d " \
        "preshared_key=F8fTGRgcMz26dzf6MXOVjDgMEUIHm5ioizr7A8/f1S0%3d"

static inline void parse(pic__exit_conf *c, const char *value, const char *secret)
{
        pic_error *err = NULL;

        if (pic__exit_parse("1", value, secret, secret != NULL ? strlen(secret) : 0, c, &err) < 0)
                fail_msg("%s: %s", value, pic_error_message(err));
}

#endif
