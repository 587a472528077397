/* Owns: the list of wishes. */
#include "change/wish.h"

#include <string.h>

void pic__wishes_free(pic__wishes *w)
{
        pic__vec_free(&w->ops);
        pic__arena_free(&w->arena);
}

static int copy_text(pic__wishes *w, const char **text)
{
        const char *copy;

        if (*text == NULL)
                return 0;
        copy = pic__arena_dup(&w->arena, *text, strlen(*text));
        if (copy == NULL)
                return -1;
        *text = copy;
        return 0;
}

int pic__wish_push(pic__wishes *w, const pic__op *op, pic_error **err)
{
        pic__op own = *op;

        if (copy_text(w, &own.name) < 0 || copy_text(w, &own.text) < 0 || copy_text(w, &own.public_key) < 0 ||
            pic__vec_push(&w->ops, own) < 0)
                return pic__nomem(err);
        return 0;
}

int pic__wish_is_made(enum pic__kind kind, int field)
{
        const unsigned made = PIC__F_SYSTEM | PIC__F_SECRET;

        if (kind == PIC__PEER && strcmp(pic__kinds[kind].fields[field].name, "config_shown") == 0)
                return 1; /* goes with a key whose private half was shown */
        if ((pic__kinds[kind].fields[field].flags & made) != made ||
            pic__kinds[kind].fields[field].type != PIC__T_SECRET)
                return 0;
        if (kind == PIC__CELL) /* of a server that it takes over */
                return strcmp(pic__kinds[kind].fields[field].name, "private_key") == 0;
        return kind == PIC__USER || kind == PIC__TOKEN || kind == PIC__PEER;
}

int pic__wish_check(enum pic__kind kind, const char *field, const char *text, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = NULL;
        int r = pic__obj_new(kind, &o, err);

        if (r == 0)
                r = pic__obj_set(o, field, text, 0, err);
        return r < 0 ? r : pic__field_find(kind, field);
}
