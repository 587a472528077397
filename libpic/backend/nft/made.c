/* Owns: reading the file of what is known of our shape. */
#include "backend/nft/made.h"

#include <stdio.h>
#include <string.h>

void pic__nft_made_parse(const char *text, size_t len, pic__nft_made *ret)
{
        const size_t head = 2 * (PIC__NFT_HEX + 1);

        memset(ret, 0, sizeof(*ret));
        if (len <= head || len - head >= PIC__NFT_SHAPE_MAX || text[PIC__NFT_HEX] != ' ' || text[head - 1] != ' ')
                return;
        snprintf(ret->digest, sizeof(ret->digest), "%s", text);
        snprintf(ret->made_from, sizeof(ret->made_from), "%s", text + PIC__NFT_HEX + 1);
        snprintf(ret->value, sizeof(ret->value), "%s", text + head);
        ret->value[strcspn(ret->value, "\n")] = '\0';
}
