/* The texts of an OpenVPN client: for its tests. */
#ifndef PIC_BACKEND_EXIT_OPENVPN_H
#define PIC_BACKEND_EXIT_OPENVPN_H

#include "backend/exit/carrier.h"

#define PIC__OPENVPN_MTU 1400 /* fits 1500 by either family, with every cipher and behind PPPoE */

/* openvpn.conf: the profile, then ours. Failure is the buffer's. */
void pic__openvpn_put(pic__buf *out, const pic__exit_conf *c);
/* Refuses what no profile may say. */
int pic__openvpn_check_profile(const char *profile, pic_error **err);
/* 1: its log says that it is not connected; 0: that it is, or nothing. */
int pic__openvpn_dials(const char *log);
/* What its log says; 1 when something. */
int pic__openvpn_fault_in(const char *log, pic__buf *why);

#endif
