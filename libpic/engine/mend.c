/* Owns: bringing a world that differs up to the wishes, as far as it goes. A change is all or nothing (steps.c); but
 * what differs for reasons of its own is put right piece by piece: a route that somebody else has, or a name server
 * that is not installed, must not keep the device, the rules and everybody else away.
 *
 * Where the cell says that what others change is left alone, only what keeps packets out is put back.
 *
 * Only the rules cannot be passed over: the first that the firewall refuses ends the walk, so no key comes that rules
 * do not hold. And a cell that moves to another network or device moves as a whole, or stays where it works. */
#include <string.h>

#include "engine/engine_i.h"

#define REFUSALS 16 /* of one subsystem, then the rest of its steps is left for the next time */

struct mend {
        pic__engine *e;
        unsigned parts; /* what was observed */
        unsigned refused[PIC__BACKENDS];
        int given_up[PIC__BACKENDS]; /* cannot be seen, does not answer, or refuses everything */
        size_t taken, left;
        pic_error *first; /* trouble */
};

static void mend_free(struct mend *m)
{
        pic_error_free(m->first);
}

static void note(struct mend *m, pic_error *bad)
{
        if (m->first == NULL)
                m->first = bad;
        else
                pic_error_free(bad);
}

/* Codes after which asking the same subsystem again at once is asking for the same, or for a long wait. */
static int is_final(int code)
{
        return code == PIC_TIMEOUT || code == PIC_BUSY || code == PIC_DENIED || code == PIC_UNSUPPORTED;
}

/* One that cannot be seen does not keep the others unseen, but for the rules. */
static int take(struct mend *m, enum pic__backend_id id, pic__items *out, pic_error **err)
{
        pic_error *bad = NULL;
        int r = pic__engine_observe_one(m->e, id, out, &bad);

        if (r >= 0) {
                m->parts |= r > 0 ? PIC__PART(id) : 0;
                return 0;
        }
        if (r == PIC_NOMEM || id == PIC__B_NFT) {
                if (err != NULL)
                        *err = bad;
                else
                        pic_error_free(bad);
                return r;
        }
        m->given_up[id] = 1;
        note(m, bad);
        return 0;
}

/* What is not known to be as it was seen; and when there is anything, or it is to be put right, also what was left
 * alone. */
static int observe(struct mend *m, enum pic__mending how, pic__items *out, pic_error **err)
{
        size_t i;
        int r = 0;

        if (how != PIC__MEND_BLOCK)
                pic__engine_forget_left(m->e);
        for (i = 0; i < PIC__BACKENDS && r == 0; i++)
                r = take(m, (enum pic__backend_id)i, out, err);
        for (i = 0; i < PIC__BACKENDS && r == 0 && m->parts != 0; i++) {
                if (m->e->seen[i] != PIC__SEEN_LEFT)
                        continue;
                m->e->seen[i] = PIC__SEEN_NOT;
                r = take(m, (enum pic__backend_id)i, out, err);
        }
        return r;
}

/* Whether the rules are to be those of another network or device. */
static int moves(const pic__steps *steps)
{
        size_t i;

        for (i = 0; i < steps->count; i++) {
                const pic__step *s = &steps->at[i];

                if (s->kind == PIC__I_NFT_SHAPE && s->before != NULL && s->after != NULL)
                        return strncmp(s->before->value, "dev=", 4) == 0;
        }
        return 0;
}

/* A run of steps of one subsystem, past those that it refuses. 0, or a code that ends the walk. */
static int take_run(struct mend *m, const pic__steps *steps, size_t from, size_t count)
{
        enum pic__backend_id id = pic__item_kinds[steps->at[from].kind].backend;

        while (count > 0 && !m->given_up[id]) {
                pic_error *bad = NULL;
                size_t done = 0;
                int r = pic__engine_take(m->e, steps, from, count, &done, &bad);

                m->taken += done;
                from += done;
                count -= done;
                if (r == 0)
                        break;
                note(m, bad);
                if (r == PIC_NOMEM || id == PIC__B_NFT)
                        return r;
                m->given_up[id] = is_final(r) || ++m->refused[id] == REFUSALS;
                m->left++;
                from++;
                count--;
        }
        m->left += count;
        return 0;
}

static void walk(struct mend *m, const pic__steps *steps)
{
        size_t from = 0;
        int r = 0;

        while (from < steps->count && r == 0) {
                size_t n = pic__steps_run(steps, from);

                r = take_run(m, steps, from, n);
                from += n;
        }
        m->left += steps->count - from;
}

static void finish(struct mend *m)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++) {
                pic_error *bad = NULL;

                if (pic__engine_finish(m->e, (enum pic__backend_id)i, &bad) == 0)
                        continue;
                note(m, bad);
                m->left++;
        }
}

/* What one who cannot be seen has is not known: its steps would be guesses. */
static void drop_unseen(const struct mend *m, pic__steps *steps)
{
        size_t i, kept = 0;

        for (i = 0; i < steps->count; i++)
                if (!m->given_up[pic__item_kinds[steps->at[i].kind].backend])
                        steps->at[kept++] = steps->at[i];
        steps->count = kept;
}

static int answer(struct mend *m, pic_error **err)
{
        pic_error *first = pic__take(m->first);
        int code = pic_error_code(first);

        if (first == NULL)
                return 0;
        if (m->left > 0) /* else somebody could not be seen, and that is all */
                code = pic__wrap_code(&first, PIC_BACKEND,
                                      m->left == 1 ? "one step could not be taken" : "%zu steps could not be taken",
                                      m->left);
        if (err != NULL)
                *err = first;
        else
                pic_error_free(first);
        return code;
}

/* What others did is told, as far as it was put right. */
static void tell(const struct mend *m, enum pic__mending how, const pic__steps *steps)
{
        if (how != PIC__MEND_WISHES && m->taken > 0)
                pic__drift_repaired(m->e, steps);
}

static int put_right(struct mend *m, enum pic__mending how, const pic__steps *steps, pic_error **err)
{
        int r = 0;

        if (!moves(steps)) {
                walk(m, steps);
                finish(m);
        } else if (m->first == NULL) {
                r = pic__engine_run(m->e, steps, err);
                m->taken = r == 0 ? steps->count : 0;
        }
        tell(m, how, steps);
        return r;
}

/* What others changed is left alone, but for what lets packets pass. */
static int keep_block(struct mend *m, pic__steps *steps, size_t *ret_steps, pic_error **err)
{
        pic__auto_steps pic__steps block = PIC__STEPS_INIT;
        int r = pic__guard_split(steps, &block, err), news;

        if (r < 0)
                return r;
        walk(m, &block);
        tell(m, PIC__MEND_BLOCK, &block);
        news = pic__drift_left(m->e, steps);
        *ret_steps = block.count + (news ? steps->count : 0);
        if (m->first == NULL)
                pic__engine_saw(m->e, m->parts, steps, PIC__SEEN_LEFT);
        return answer(m, err);
}

static int put_all_right(struct mend *m, enum pic__mending how, const pic__steps *steps, size_t *ret_steps,
                         pic_error **err)
{
        int r;

        (void)pic__drift_left(m->e, &(pic__steps)PIC__STEPS_INIT);
        r = put_right(m, how, steps, err);
        *ret_steps = steps->count;
        if (r == 0 && m->first == NULL)
                pic__engine_saw(m->e, m->parts, steps, PIC__SEEN_MATCHING);
        return r < 0 ? r : answer(m, err);
}

/* Networks that come now are other rules. Where all is left alone they are followed at the next look, with their steps.
 */
static int attach(pic__engine *e, enum pic__mending how, pic_error **err)
{
        int r;

        if (how == PIC__MEND_BLOCK)
                return 0;
        r = pic__engine_attach(e, e->snap, err);
        if (r < 0)
                return r;
        if (r > 0)
                e->seen[PIC__B_NFT] = PIC__SEEN_NOT;
        pic__engine_note_attached(e);
        return 0;
}

int pic__engine_mend(pic__engine *e, enum pic__mending how, size_t *ret_steps, pic_error **err)
{
        PIC__AUTO(mend_free) struct mend m = { .e = e };
        pic__auto_items pic__items there = PIC__ITEMS_INIT, wished = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic__secrets secrets;
        int r = attach(e, how, err);

        if (r == 0)
                r = observe(&m, how, &there, err);
        if (r == 0 && m.parts != 0)
                r = pic__derive_parts(e->snap, m.parts, pic__engine_secrets(e, &secrets), &wished, err);
        if (r == 0)
                r = pic__plan_diff(&there, &wished, &steps, err);
        if (r < 0)
                return r;
        drop_unseen(&m, &steps);
        if (how != PIC__MEND_BLOCK)
                return put_all_right(&m, how, &steps, ret_steps, err);
        return m.parts != 0 ? keep_block(&m, &steps, ret_steps, err) : answer(&m, err);
}
