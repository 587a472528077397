/* Owns: the verbs of backups that are made by themselves. */
#include "engine/keep.h"
#include "engine/verbs_args.h"

int pic__verb_backup(struct pic__verb_call *c, pic_error **err)
{
        const char *what, *target, *name;
        int r = pic__arg_text(c, "what", "run", &what, err);

        if (r == 0)
                r = pic__arg_text(c, "target", NULL, &target, err);
        if (r == 0)
                r = pic__arg_text(c, "name", NULL, &name, err);
        if (r < 0)
                return r;
        pic__verb_settle(c->e);
        return pic__engine_keep_do(c->e, what, target, name, c->out, err);
}

int pic__verb_backup_cancel(struct pic__verb_call *c, pic_error **err)
{
        const char *target;
        int r = pic__arg_text(c, "target", NULL, &target, err);

        if (r < 0)
                return r;
        pic__verb_settle(c->e);
        return pic__engine_keep_cancel(c->e, target, c->out, err);
}

int pic__verb_backups(struct pic__verb_call *c, pic_error **err)
{
        pic__verb_settle(c->e);
        return pic__engine_keep(c->e, c->out, err);
}
