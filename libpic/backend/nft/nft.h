/* The firewall: table `inet pic`. */
#ifndef PIC_BACKEND_NFT_NFT_H
#define PIC_BACKEND_NFT_NFT_H

#include "plan/backend.h"

typedef struct pic__nft_opts {
        const char *dir;     /* block.nft is kept here */
        const char *run_dir; /* fingerprint of the rules as the kernel gives them back */
        const pic__log *log;
        /* Calls fn for each device whose packets may be passed on to nobody but us (family 4 or 6). NULL: there is
         * none. */
        int (*closed)(int (*fn)(int family, const char *device, void *data), void *data, void *closed_data,
                      pic_error **err);
        void *closed_data;
} pic__nft_opts;

int pic__nft_new(const pic__nft_opts *opts, pic__backend **ret, pic_error **err);

#endif
