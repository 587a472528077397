/* Backup targets as objects: where backups go, for whom they are encrypted, how often they are made. */
#ifndef PIC_MODEL_TARGET_H
#define PIC_MODEL_TARGET_H

#include <pic/types.h>

#include "model/obj.h"

#define PIC__TARGETS_MAX 16

enum pic__place_kind {
        PIC__PLACE_FILE,
        PIC__PLACE_SFTP,
        PIC__PLACE_WEBDAV,
        PIC__PLACE_S3,
        PIC__PLACE_RESTIC,      /* a repository of restic in a folder of this machine, */
        PIC__PLACE_RESTIC_SFTP, /* or of an SSH server */
        PIC__PLACES
};

/* An address, taken apart. */
typedef struct pic__place {
        enum pic__place_kind kind;
        char host[300]; /* HOST[:PORT] as written; S3: the bucket; FILE, RESTIC: "" */
        char path[512]; /* begins with '/', does not end with one unless it is one */
        int plain;      /* http, to this machine itself */
} pic__place;

/* 1: the program restic keeps what goes there: it compresses, and encrypts with the target's passphrase. */
int pic__place_is_restic(enum pic__place_kind kind);
/* NULL, or what is wrong with the address (static text). */
const char *pic__place_parse(const char *url, pic__place *ret);
/* "12h", "1d", "2w", "30m": that long; "never": 0; -1: neither, or less than five minutes or more than a year. */
pic_time pic__every_parse(const char *text);
int pic__clock_parse(const char *text); /* "HH:MM": minutes since midnight, or -1 */
/* How far two backups are apart when all goes well; 0: they are made when asked for. */
pic_time pic__target_pace(const pic_obj *o);

/* How far two drills are apart; 0: none is made by itself. */
pic_time pic__target_drills(const pic_obj *o);
/* 1: the cell itself can open its backups: they are not encrypted, or it has the passphrase. */
int pic__target_opens(const pic_obj *o);

/* The rules of its fields; added to *list. */
void pic__target_check(const pic_obj *o, pic_error **list);

#endif
