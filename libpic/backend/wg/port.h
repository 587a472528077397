/* The listen port: WireGuard binds it only when the link goes up, so whether it can is asked beforehand. */
#ifndef PIC_BACKEND_WG_PORT_H
#define PIC_BACKEND_WG_PORT_H

#include <stdint.h>

#include "base/err.h"

/* PIC_CONFLICT when another socket has the UDP port in either family. */
int pic__wg_port_check(uint16_t port, pic_error **err);
int pic__wg_port_taken(uint16_t port, pic_error **err);

#endif
