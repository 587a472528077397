/* What is the matter with this firewall, and what others do in it that stops our traffic though we let it pass, or lets
 * it pass by ours. */
#ifndef PIC_BACKEND_NFT_DOCTOR_H
#define PIC_BACKEND_NFT_DOCTOR_H

#include "backend/nft/shape.h"
#include "backend/nft/sock.h"
#include "plan/backend.h"

void pic__nft_doctor(pic__finding_fn fn, void *data);
/* `shape`: of the cell; all zero when there is none yet: then the device is taken to be pic0. */
void pic__nft_strangers(pic__nft_sock *s, const pic__nft_shape *shape, pic__finding_fn fn, void *data);

#endif
