/* The care for block lists from inside: shared by the files blocks*.c. */
#ifndef PIC_ENGINE_BLOCKS_I_H
#define PIC_ENGINE_BLOCKS_I_H

#include "engine/blocks.h"
#include "engine/engine_i.h"
#include "model/blocklist.h"
#include "sys/http.h"
#include "sys/job.h"

#define PIC__BLOCKS_DIR "blocklists" /* in the cell's directory: copies, and */
#define PIC__BLOCKS_FILE "state"     /* what is known of them */
#define PIC__BLOCKS_SOURCE_MAX ((size_t)64 << 20)

typedef struct pic__block {
        pic_id id;        /* 0: free */
        char *source;     /* as it was fetched last, with its format; another one begins anew */
        pic_time taken;   /* the copy is of then; 0: there is none */
        pic_time checked; /* it was the newest then */
        pic_time tried, next;
        unsigned failures; /* in a row */
        int64_t names, lines, skipped;
        int64_t file_time, file_size; /* of a source that is a file, as it was taken */
        char *etag, *modified;
        char *faults; /* "5 no name\n7 …" */
        char *error, *hint;
        int forced; /* a person waits for it */
        /* under way */
        pic__http *http;
        int fd; /* where the answer goes; 0: none */
        pic__job *job;
} pic__block;

struct pic__blocks {
        int epoll;
        pic__block at[PIC__BLOCKLISTS_MAX];
        pic__job *build;
        char *building;      /* what the table under way is made of */
        char *built;         /* what the one that filters have is made of; NULL: there is none */
        pic_time build_next; /* monotonic: not before */
        char *build_error;
        int asked;
};

/* blocks_state.c */
void pic__block_clear(pic__block *b);
void pic__blocks_load(const char *dir, pic__block at[PIC__BLOCKLISTS_MAX]); /* what cannot be read is forgotten */
void pic__blocks_read(char *text, pic__block at[PIC__BLOCKLISTS_MAX]);      /* the text is taken apart */
int pic__blocks_save(const char *dir, const pic__block *at, pic_error **err);
/* What `pic-sieve compile` said: 0, or -1 when it said no number of names. Into names, lines, skipped, faults. */
int pic__block_said(const char *text, pic__block *b);
/* How long to wait after a failure: pure. */
pic_time pic__block_patience(unsigned failures, pic_time usual);
char *pic__block_path(const pic__engine *e, pic_id id, const char *end); /* "<dir>/blocklists/3.keys" */
void pic__block_keep(char **to, const char *text);                       /* a copy; "" is NULL */
/* blocks.c */
void pic__block_leave_files(const pic__engine *e, pic_id id);
pic__block *pic__block_find(const pic__engine *e, pic_id id);

/* blocks_table.c */
void pic__blocks_read_table(pic__engine *e); /* what the one that is there is made of */
void pic__blocks_make_table(pic__engine *e); /* when it should be made of something else */

#endif
