/* Owns: wish against world, as an ordered list of steps, and the way back. */
#include "plan/diff.h"

#include <string.h>

#include "base/vec.h"

static int push(pic__steps *steps, enum pic__verb verb, const pic__item *before, const pic__item *after)
{
        const pic__item *item = after != NULL ? after : before;
        pic__step step = { verb, PIC__ITEM_KINDS, before, after };

        if (item == NULL)
                return -1;
        step.kind = item->kind;
        return pic__vec_push(steps, step);
}

static int cmp(const pic__item *a, const pic__item *b)
{
        if (a == NULL || b == NULL)
                return a == NULL ? 1 : -1;
        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        return strcmp(a->key, b->key);
}

/* Walks both sorted bags at once. Steps come by kind and key. */
static int compare(const pic__items *before, const pic__items *after, pic__steps *out)
{
        size_t b = 0, a = 0;

        while (b < before->count || a < after->count) {
                const pic__item *old = b < before->count ? &before->at[b] : NULL;
                const pic__item *new = a < after->count ? &after->at[a] : NULL;
                int c = cmp(old, new), failed = 0;

                if (c < 0)
                        failed = push(out, PIC__REMOVE, old, NULL);
                else if (c > 0)
                        failed = push(out, PIC__ADD, NULL, new);
                else if (!pic__item_same(old, new))
                        failed = push(out, PIC__CHANGE, old, new);
                if (failed < 0)
                        return -1;
                b += c <= 0;
                a += c >= 0;
        }
        return 0;
}

static size_t phase(const pic__step *step)
{
        const pic__item_info *info = &pic__item_kinds[step->kind];

        return (size_t)(step->verb == PIC__REMOVE ? info->remove_phase : PIC__ITEM_KINDS + info->add_phase);
}

/* A counting sort: stable, so that steps of one phase stay in order of key. */
static int by_phase(pic__steps *steps)
{
        size_t start[2 * PIC__ITEM_KINDS + 1] = { 0 };
        pic__step *sorted;
        size_t i;

        if (steps->count < 2)
                return 0;
        sorted = pic__alloc(steps->count * sizeof(*sorted));
        if (sorted == NULL)
                return -1;
        for (i = 0; i < steps->count; i++)
                start[phase(&steps->at[i]) + 1]++;
        for (i = 1; i < PIC__COUNT(start); i++)
                start[i] += start[i - 1];
        for (i = 0; i < steps->count; i++)
                sorted[start[phase(&steps->at[i])]++] = steps->at[i];
        pic__free(steps->at);
        steps->at = sorted;
        steps->room = steps->count;
        return 0;
}

int pic__plan_diff(pic__items *before, pic__items *after, pic__steps *ret, pic_error **err)
{
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;

        pic__items_sort(before);
        pic__items_sort(after);
        if (compare(before, after, &steps) < 0 || by_phase(&steps) < 0)
                return pic__nomem(err);
        *ret = steps;
        steps = (pic__steps)PIC__STEPS_INIT;
        return 0;
}

int pic__steps_invert(const pic__step *steps, size_t count, pic__steps *ret, pic_error **err)
{
        static const enum pic__verb inverse[] = {
                [PIC__ADD] = PIC__REMOVE, [PIC__CHANGE] = PIC__CHANGE, [PIC__REMOVE] = PIC__ADD
        };
        pic__auto_steps pic__steps back = PIC__STEPS_INIT;
        size_t i;

        for (i = count; i > 0; i--)
                if (push(&back, inverse[steps[i - 1].verb], steps[i - 1].after, steps[i - 1].before) < 0)
                        return pic__nomem(err);
        *ret = back;
        back = (pic__steps)PIC__STEPS_INIT;
        return 0;
}

void pic__steps_free(pic__steps *steps)
{
        pic__vec_free(steps);
}

size_t pic__steps_run(const pic__steps *steps, size_t from)
{
        size_t n = 0;

        while (from + n < steps->count &&
               pic__item_kinds[steps->at[from + n].kind].backend == pic__item_kinds[steps->at[from].kind].backend)
                n++;
        return n;
}
