/* The payload: chunks of 64 KiB, each sealed with its place and whether it is the last. */
#ifndef PIC_AGE_PAYLOAD_H
#define PIC_AGE_PAYLOAD_H

#include "age/stanza.h"

enum { PIC__AGE_CHUNK = 65536, PIC__AGE_BOX = PIC__AGE_CHUNK + 16, PIC__AGE_NONCE = 16 };

/* Where what comes out goes. A failure ends the machine that called. */
typedef int (*pic__age_sink)(const void *data, size_t len, void *arg, pic_error **err);

typedef struct pic__age_stream {
        uint8_t key[32];
        uint64_t number; /* of the next chunk */
} pic__age_stream;

void pic__age_stream_start(pic__age_stream *s, const uint8_t key[PIC__AGE_KEY], const uint8_t nonce[PIC__AGE_NONCE]);
/* box: len + 16 bytes. */
void pic__age_stream_seal(pic__age_stream *s, const uint8_t *plain, size_t len, int last, uint8_t *box);
/* -1: it is no such chunk; nothing is counted then. */
int pic__age_stream_open(pic__age_stream *s, const uint8_t *box, size_t len, int last, uint8_t *plain);

#endif
