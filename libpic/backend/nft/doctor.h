/* What in this firewall would stop our traffic though we let it pass. */
#ifndef PIC_BACKEND_NFT_DOCTOR_H
#define PIC_BACKEND_NFT_DOCTOR_H

#include "backend/nft/sock.h"
#include "plan/backend.h"

/* `dev` and `port`: of the cell; dev "" when there is none yet: then the device is taken to be pic0. */
void pic__nft_doctor(pic__nft_sock *s, const char *dev, uint16_t port, pic__finding_fn fn, void *data);

#endif
