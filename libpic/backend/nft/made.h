/* What is known of the shape that we made last, as text in the run directory: "<digest of the table as it read back>
 * <digest of the text it was made from> <value of the SHAPE item>". Pure. */
#ifndef PIC_BACKEND_NFT_MADE_H
#define PIC_BACKEND_NFT_MADE_H

#include <stddef.h>

#define PIC__NFT_HEX 64        /* of a digest */
#define PIC__NFT_SHAPE_MAX 200 /* room for the value of any SHAPE item */

typedef struct pic__nft_made {
        char digest[PIC__NFT_HEX + 1];
        char made_from[PIC__NFT_HEX + 1];
        char value[PIC__NFT_SHAPE_MAX]; /* "": nothing is known */
} pic__nft_made;

/* Anything but such a text is as good as none. */
void pic__nft_made_parse(const char *text, size_t len, pic__nft_made *ret);

#endif
