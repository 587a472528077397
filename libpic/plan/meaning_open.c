/* Owns: which services everybody on the internet gains or loses. No device has a part in it. */
#include <stdio.h>

#include "model/public.h"
#include "plan/meaning_in.h"

int pic__meaning_open_before(pic__meaning *m, const pic__snap *s, pic_error **err)
{
        const pic_obj *o;
        size_t at = 0;

        while ((o = pic__snap_next(s, PIC__SERVICE, &at)) != NULL) {
                pic__one one = { o->id, NULL };

                if (!pic__public_open(s, o))
                        continue;
                one.name = pic__meaning_keep(m, pic__obj_name(o));
                if (one.name == NULL || pic__vec_push(&m->open, one) < 0)
                        return pic__nomem(err);
        }
        return 0;
}

static int was_open(const pic__meaning *m, pic_id id)
{
        size_t i;

        for (i = 0; i < m->open.count; i++)
                if (m->open.at[i].id == id)
                        return 1;
        return 0;
}

static int tell(pic__meaning *m, const char *name, int gains)
{
        pic__line *line = pic__arena_alloc(&m->arena, sizeof(*line));
        char text[200];

        if (line == NULL)
                return -1;
        *line = (pic__line){
                .gains = gains, .families = 3, .rule = "public", .who_words = "everybody on the internet"
        };
        snprintf(text, sizeof(text), "service:%s", name);
        line->to = pic__meaning_keep(m, text);
        snprintf(text, sizeof(text), "service %s", name);
        line->words = pic__meaning_keep(m, text);
        return line->to == NULL || line->words == NULL ? -1 : pic__vec_push(&m->lines, line);
}

int pic__meaning_open_tell(pic__meaning *m)
{
        const pic_obj *o;
        size_t i, at = 0;

        for (i = 0; i < m->open.count; i++) {
                o = pic__snap_get(m->snap, PIC__SERVICE, m->open.at[i].id);
                if ((o == NULL || !pic__public_open(m->snap, o)) && tell(m, m->open.at[i].name, 0) < 0)
                        return -1;
        }
        while ((o = pic__snap_next(m->snap, PIC__SERVICE, &at)) != NULL)
                if (!was_open(m, o->id) && pic__public_open(m->snap, o) && tell(m, pic__obj_name(o), 1) < 0)
                        return -1;
        return 0;
}
