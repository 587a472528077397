/* Changes a device only if nobody else did meanwhile, and only after a look.   change_safely DIR NAME NOTE [fake]
 *
 * An empty NOTE takes the note away. Shown besides: new keys, removing, and all that an error tells. */
#include <pic/pic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_error(const pic_error *err)
{
        const pic_error *cause;

        for (; err != NULL; err = pic_error_next(err)) { /* what else was wrong in the same call */
                fprintf(stderr, "%s (%s): %s\n", pic_code_name(pic_error_code(err)), pic_code_text(pic_error_code(err)),
                        pic_error_message(err));
                for (cause = pic_error_cause(err); cause != NULL; cause = pic_error_cause(cause))
                        fprintf(stderr, "  because: %s\n", pic_error_message(cause));
                if (pic_error_detail(err, "field") != NULL)
                        fprintf(stderr, "  field %s: %s\n", pic_error_detail(err, "field"),
                                pic_error_detail(err, "rule") != NULL ? pic_error_detail(err, "rule") : "");
                if (pic_error_hint(err) != NULL)
                        fprintf(stderr, "  hint: %s\n", pic_error_hint(err));
        }
}

/* The same device as it was read; the value is immutable and may go to another thread or list. */
static int wish(pic_edit *edit, const pic_obj *peer, const char *note, pic_error **err)
{
        const char *kind = pic_obj_kind(peer), *name = pic_obj_name(peer);

        int r = pic_edit_session(edit, "192.0.2.7", NULL, 0, err); /* who asks, as the front end knows it */

        if (r < 0)
                return r;
        pic_edit_if_revision(edit, pic_obj_revision(peer));   /* else PIC_STALE */
        r = pic_edit_override(edit, getenv("OVERRIDE"), err); /* why a rule may break; NULL: it may not */
        if (r < 0)
                return r;
        if (strcmp(note, "rekey") == 0)
                return pic_edit_rekey(edit, name, err);
        if (strcmp(note, "remove") == 0)
                return pic_edit_remove(edit, kind, name, err);
        if (note[0] == '\0')
                return pic_edit_unset(edit, kind, name, "note", err);
        return pic_edit_set(edit, kind, name, "note", note, err);
}

static int look_and_do(pic_edit *edit, pic_error **err)
{
        pic_outcome *outcome = NULL;
        pic_plan *plan = NULL;
        char *wishes = pic_edit_json(edit);
        size_t i;
        int r = pic_edit_plan(edit, &plan, err);

        printf("wishes: %s\n", wishes); /* pic_edit_load() takes them, another time */
        pic_text_free(wishes);
        if (r < 0)
                return r;
        for (i = 0; i < pic_plan_meaning_count(plan); i++)
                printf("meaning: %s\n", pic_plan_meaning(plan, i));
        for (i = 0; i < pic_plan_count(plan); i++)
                printf("step: %s\n", pic_plan_text(plan, i));
        if (pic_plan_risk(plan) == PIC_RISK_SESSION) {
                printf("this would cut us off: not done\n");
                pic_plan_unref(plan);
                return 0;
        }
        printf("as data: %s\n", pic_plan_json(plan));
        pic_plan_unref(plan);
        r = pic_edit_commit(edit, 0, &outcome, err);
        if (r >= 0)
                printf("revision %lld: %s\n", (long long)pic_outcome_revision(outcome), pic_outcome_json(outcome));
        pic_outcome_unref(outcome);
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_obj *peer = NULL, *mine;
        pic_error *err = NULL;
        pic_edit *edit = NULL;
        pic_ctx *ctx = NULL;
        char *json;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: change_safely DIR NAME NOTE|rekey|remove [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 ? argv[4] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_get(ctx, "peer", argv[2], &peer, &err);
        if (r >= 0)
                r = pic_edit_new(ctx, &edit, &err);
        mine = pic_obj_ref(peer); /* one more reference: what is read is never changed, so it can be shared */
        peer = pic_obj_unref(peer);
        if (r >= 0) {
                json = pic_obj_json(mine);
                printf("number %lld: %s\n", (long long)pic_obj_id(mine), json);
                pic_text_free(json);
                r = wish(edit, mine, argv[3], &err);
        }
        if (r >= 0)
                r = look_and_do(edit, &err);
        if (r < 0)
                show_error(err);
        pic_error_free(err);
        pic_edit_unref(edit);
        pic_obj_unref(mine);
        pic_ctx_unref(ctx);
        return r < 0;
}
