/* How an openvpn process stands, as it tells on its management socket. What its server pushed is only read. */
#ifndef PIC_BACKEND_EXIT_OVPN_STATE_H
#define PIC_BACKEND_EXIT_OVPN_STATE_H

#include "backend/exit/value.h"
#include "base/buf.h"

#define PIC__OVPN_DNS_MAX 8

typedef struct pic__ovpn_state {
        int connected;
        char state[24];           /* its own word: "CONNECTED", "RECONNECTING" */
        char why[48];             /* of that: "auth-failure"; "" */
        pic__addr local4, local6; /* what the far end gave us; family 0: nothing of that family */
        pic__exit_place dns[PIC__OVPN_DNS_MAX];
        size_t dns_count;
        unsigned mtu; /* pushed; 0: not */
        int pushed;   /* the two above are known: they are lost from its memory after some hundred lines */
} pic__ovpn_state;

/* Of the answers to PIC__OVPN_ASK. PIC_BACKEND when they are none. */
int pic__ovpn_state_read(const char *answers, pic__ovpn_state *ret, pic_error **err);
/* What was pushed, as answers that can be read again. */
void pic__ovpn_state_put(pic__buf *out, const pic__ovpn_state *s);
/* Asks it. Does not wait longer than half a second. PIC_NOAGENT when nobody is there, PIC_TIMEOUT. */
int pic__ovpn_state_get(const char *socket_path, pic__ovpn_state *ret, pic_error **err);

#define PIC__OVPN_ASK "state\nlog all\n"

#endif
