/* Owns: what a snapshot was told of its exits. */
#include "model/exit.h"
#include "model/snap_impl.h"

int pic__snap_tell_exits(pic__snap *s, pic__exit_facts *facts, pic_error **err)
{
        if (s->exits == NULL)
                s->exits = pic__alloc(sizeof(*s->exits));
        if (s->exits == NULL)
                return pic__nomem(err);
        pic__exit_facts_clear(s->exits);
        *s->exits = *facts;
        *facts = (pic__exit_facts){ .at = { { 0 } } };
        return 0;
}

const pic__exit_facts *pic__snap_exits(const pic__snap *s)
{
        static const pic__exit_facts nothing;

        return s->exits != NULL ? s->exits : &nothing;
}

void pic__snap_forget_exits(pic__snap *s)
{
        if (s->exits != NULL)
                pic__exit_facts_clear(s->exits);
        pic__free(s->exits);
        s->exits = NULL;
}
