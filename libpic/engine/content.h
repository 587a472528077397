/* What a backup holds of a cell's directory: the store as of one moment, the agent's key, and what the agent has learnt
 * that is no wish. Not: configurations that are made from the wishes, logs, copies of older stores. */
#ifndef PIC_ENGINE_CONTENT_H
#define PIC_ENGINE_CONTENT_H

#include "backup/pack.h"
#include "engine/aside.h"
#include "sys/clock.h"

struct pic__part {
        int fd; /* of a copy that has no name any more; -1: it is in memory */
        uint64_t from;
        uint64_t size;
        pic__buf data;
};

typedef struct pic__content {
        int taken; /* 0: there is nothing to be cleared */
        pic__manifest manifest;
        struct pic__part *parts; /* of each member */
        int store;               /* its copy */
        pic__aside files;        /* all others, but the key */
} pic__content;

/* Takes it all, while others go on writing. PIC_NOTFOUND: no cell; PIC_DENIED: it may not be read; PIC_IO, PIC_BUSY,
 * PIC_CORRUPT, PIC_NOMEM. */
int pic__content_take(const char *dir, const pic__clock *clock, pic__content *ret, pic_error **err);
void pic__content_clear(pic__content *c); /* wipes */

/* All of it into a sink, in as many threads as pay. As pic__pack_new(). */
int pic__content_pack(pic__content *c, const pic__pack_opts *how, pic__age_sink sink, void *arg, pic_error **err);

/* 1: a backup's member of this name is a file of a cell's directory. */
int pic__content_knows(const char *name);

/* Reads a part from its beginning: as pic__pack_source. */
typedef struct pic__part_reader {
        const struct pic__part *part;
        uint64_t at;
        uint8_t *room; /* 256 KiB of the caller's */
} pic__part_reader;
enum { PIC__PART_ROOM = 256 << 10 };
int pic__part_read(void *reader, const void **ret_data, size_t *ret_len, pic_error **err);

#endif
