/* Rulesets in the nft language, through libnftables, loaded only for as long as it is needed. */
#ifndef PIC_BACKEND_NFT_TEXT_H
#define PIC_BACKEND_NFT_TEXT_H

#include "base/err.h"

/* All of the text or nothing. PIC_UNSUPPORTED when the library is not installed. `soname` NULL means the real one. */
int pic__nft_text_run(const char *soname, const char *text, pic_error **err);
/* 1 when it could be loaded. */
int pic__nft_text_can(const char *soname);

#endif
