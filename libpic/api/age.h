/* The keys inside their handle, for what encrypts. */
#ifndef PIC_API_AGE_H
#define PIC_API_AGE_H

#include "age/keys.h"
#include "api/api.h"

/* NULL: this is no such handle. */
const pic__age_keys *pic__age_keys_of(const pic_age_keys *keys);

#endif
