/* Some of what a backup has becomes wishes: a change of the cell that runs like any other, where a restore puts another
 * cell in its place. */
#ifndef PIC_CHANGE_PICK_H
#define PIC_CHANGE_PICK_H

#include "base/json.h"
#include "change/wish.h"
#include "model/snap.h"

struct pic__pick_one {
        enum pic__kind kind;
        const char *name;
};

typedef PIC__VEC(struct pic__pick_one) pic__pick_ones;

/* What is meant: whole kinds, and single objects. */
typedef struct pic__picked {
        pic__arena arena;
        unsigned kinds; /* 1 << kind */
        pic__pick_ones ones;
} pic__picked;

/* "peers,record:nas,dns": kinds by their names, KIND:NAME, or what people call several kinds. PIC_VALUE. */
int pic__picked_parse(const char *only, pic__picked *ret, pic_error **err);
void pic__picked_free(pic__picked *p);

typedef struct pic__pick {
        const pic__picked *what;
        const pic__snap *then; /* as the backup has it */
        const pic__snap *now;
        int same;        /* it is one cell: who has the same id in both is one object, whatever its name */
        int exact;       /* of whole kinds, what is only here goes */
        int sealed_here; /* its secrets are sealed to the key that this cell has */
        /* Opens a secret of the backup and appends it. */
        int (*open)(const pic_obj *o, const char *field, pic__buf *out, void *data, pic_error **err);
        void *data;
} pic__pick;

/* On failure the wishes are as they were. told gets one JSON object, see pic_backup_pick(). PIC_NOTFOUND: the backup
 * has no such object; codes of open(). */
int pic__wishes_pick(pic__wishes *w, const pic__pick *in, pic__json *told, pic_error **err);

#endif
