/* Owns: whether the key of a backup opens what is sealed in it. */
#include <string.h>

#include "engine/drill.h"
#include "engine/keyfile.h"
#include "engine/seals.h"
#include "model/key.h"
#include "sys/crypto.h"

struct opening {
        pic__seals seals;
        size_t count;
        pic_error **err;
};

static void opening_end(struct opening *x)
{
        pic__seals_wipe(&x->seals);
}

/* A token's is a hash. */
static int is_sealed(enum pic__kind kind, const pic__field *f)
{
        return f->type == PIC__T_SECRET && kind != PIC__TOKEN;
}

/* Keys that are sealed by themselves have another place in the seal when they came from elsewhere: that is
 * pic__seals_open()'s business, which is for 32 bytes. */
static int open_one(struct opening *x, const pic_obj *o, const char *field)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        uint8_t key[32];
        int r = pic__seals_open_text(&x->seals, o, field, &text, NULL);

        if (r == PIC_NOMEM)
                return pic__nomem(x->err);
        if (r < 0)
                r = pic__seals_open(&x->seals, o, field, key, x->err);
        pic__wipe(key, sizeof(key));
        x->count += r == 0;
        return r;
}

static int see(const pic_obj *o, void *data)
{
        const pic__kind_info *kind = &pic__kinds[o->kind];
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < kind->count; i++)
                if (is_sealed(o->kind, &kind->fields[i]) && pic__obj_has(o, kind->fields[i].name))
                        r = open_one(data, o, kind->fields[i].name);
        return r;
}

/* The devices know the cell by its public key. */
static int check_pair(struct opening *x, pic__store *st, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        uint8_t secret[32], mine[32];
        char text[PIC__KEY_TEXT];
        int r = pic__store_get(st, PIC__CELL, NULL, &cell, err);

        if (r == 0)
                r = pic__seals_open(&x->seals, cell, "private_key", secret, err);
        if (r < 0)
                return r;
        pic__wg_public(secret, mine);
        pic__wipe(secret, sizeof(secret));
        pic__key_encode(mine, text);
        if (strcmp(text, pic__obj_text(cell, "public_key")) == 0)
                return 0;
        return pic__fail(err, PIC_CORRUPT, "the cell's private key is not that of its public key");
}

int pic__drill_secrets(const char *dir, pic__store *st, size_t *ret_count, pic_error **err)
{
        PIC__AUTO(opening_end) struct opening x = { .seals = { .arena = PIC__ARENA_INIT }, .err = err };
        int kind, r = pic__keyfile_read(dir, x.seals.key, err);

        if (r == 0)
                pic__wg_public(x.seals.key, x.seals.public_key);
        for (kind = 0; r == 0 && kind < PIC__KINDS; kind++)
                r = pic__store_each(st, (enum pic__kind)kind, see, &x, err);
        *ret_count = x.count;
        return r < 0 ? r : check_pair(&x, st, err);
}
