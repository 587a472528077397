/* Owns: which flows need not end before the answer. Walking the kernel's flow table takes longer than all the rest of
 * moving a device, and for a change of its exit alone it is no lock: the README has why. Where anything else is taken
 * away the walk is what closes, so that does not wait. */
#include "backend/nft/flows_late.h"

int pic__nft_turned(const pic__step *step, pic__nft_elem *ret_after, pic_error **err)
{
        const pic__nft_set *set = pic__nft_set_of(step->kind);
        pic__nft_elem before;
        int r;

        if (step->verb != PIC__CHANGE || set == NULL || (set->form != PIC__NFT_PEER && set->form != PIC__NFT_SUBNET))
                return 0;
        r = pic__nft_elem_parse(step->before, &before, err);
        if (r == 0)
                r = pic__nft_elem_parse(step->after, ret_after, err);
        return r < 0 ? r : ((before.mark ^ ret_after->mark) & PIC__NFT_CLASS_MASK) == 0;
}

/* What comes takes nothing away, but for what is near or open: that leads flows elsewhere. */
static int takes_nothing(const pic__step *step)
{
        const pic__nft_set *set = pic__nft_set_of(step->kind);

        return step->verb == PIC__ADD && set != NULL && set->form != PIC__NFT_LOCAL && set->form != PIC__NFT_OPEN;
}

static int note(pic__nft_elems *late, const pic__step *step, pic_error **err)
{
        pic__nft_elem after = { .set = NULL };
        int r;

        if (takes_nothing(step))
                return 1;
        r = pic__nft_turned(step, &after, err);
        if (r <= 0 || late->count >= PIC__NFT_LATE_MAX)
                return r < 0 ? r : 0;
        return pic__vec_push(late, after) < 0 ? pic__nomem(err) : 1;
}

int pic__nft_late_note(pic__nft_elems *late, const pic__step *steps, size_t count, pic_error **err)
{
        size_t before = late->count, i;
        int r = 1;

        for (i = 0; i < count && r > 0; i++)
                r = note(late, &steps[i], err);
        if (r <= 0)
                late->count = before;
        return r;
}
