/* Wishes: what shall be different, as a list in order. Texts and documents become wishes here; run.h makes a
 * transaction of them. Every change takes this way: a person's, a document's, an undo, and the agent's own going back.
 */
#ifndef PIC_CHANGE_WISH_H
#define PIC_CHANGE_WISH_H

#include "base/arena.h"
#include "base/vec.h"
#include "model/obj.h"

enum pic__wish {
        PIC__WISH_ADD,    /* an object; it must be new */
        PIC__WISH_HAVE,   /* an object; added when it is not there (documents) */
        PIC__WISH_SET,    /* a field: text, or NULL for absent */
        PIC__WISH_NEED,   /* a secret field: it must be there in the end (documents hold none) */
        PIC__WISH_REMOVE, /* an object */
        PIC__WISH_REKEY,  /* new keys of a peer */
        PIC__WISH_PRUNE,  /* all objects of the kind that the document (`mark`) does not name */
        PIC__WISH_UNDO,   /* what `revision` changed is as it was before it; 0: the last one */
        PIC__WISH_RETURN  /* everything is as it was at `revision` */
};

/* Texts live in the wishes' arena. */
typedef struct pic__op {
        enum pic__wish wish;
        enum pic__kind kind;
        const char *name;       /* NULL for the cell */
        int field;              /* SET, NEED: index */
        const char *text;       /* of a secret: sealed */
        const char *public_key; /* SET of a private key: its public half; of a user's password: how it is
                                   hashed */
        int64_t step;           /* SET of a second factor: of the code that showed it, which counted by that; 0: none */
        int if_none;            /* SET: only where the field is absent */
        pic_revision revision;  /* UNDO, RETURN */
        unsigned mark;          /* which document it comes from; 0: none */
        const char *file;       /* where in it */
        unsigned line;
        unsigned column;
} pic__op;

typedef PIC__VEC(pic__op) pic__ops;

typedef struct pic__wishes {
        pic__arena arena;
        pic__ops ops;
        unsigned documents;
        /* The key to which secrets are sealed that come in with wishes; NULL: none can. */
        int (*seal_key)(void *data, uint8_t key[32], pic_error **err);
        void *seal_data;
        pic_revision if_revision; /* > 0: refuse unless the store is there */
} pic__wishes;

void pic__wishes_free(pic__wishes *w);
/* Copies the texts of one wish and puts it last. It was judged by its field's own rule before. */
int pic__wish_push(pic__wishes *w, const pic__op *op, pic_error **err);

/* A secret that the cell makes and a wish carries: sealed, or a hash (a token's). Keys of devices, and of the cell
 * itself, are among them: a household of another product brings its own (household.h), a backup too (pick.h), and when
 * the private one was shown. */
int pic__wish_is_made(enum pic__kind kind, int field);
/* Judges a field by its own rule, on an object that is thrown away. The field's index; PIC_VALUE, PIC_NOTFOUND,
 * PIC_DENIED. */
int pic__wish_check(enum pic__kind kind, const char *field, const char *text, pic_error **err);

/* Parses a document (YAML, or JSON when it begins with '{') and wishes all that it says; see pic_edit_load(). prune:
 * and that what its sections do not name be gone. On failure the wishes are as they were. */
int pic__wishes_load(pic__wishes *w, const char *text, size_t len, const char *name, int prune, pic_error **err);

#endif
