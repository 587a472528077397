/* Owns: which flows end because of exits. A flow's way is set when it begins: its translation belongs to it. So a flow
 * whose mark would lead elsewhere now has to go, or it would sit there, kept alive by a sender that knows no better.
 *
 * A flow's mark alone is not trusted: while nobody answered, each packet writes it anew (shape.c), and one that came
 * just before this reading may have written tomorrow's mark into yesterday's flow. Its addresses tell which way it
 * takes. */
#include "backend/nft/flows_exit.h"

#include <arpa/inet.h>

#include "model/exit.h"

#define TAKES 0x1000u   /* an exit; model/exit.h has the other bits */
#define CARRIER 0x2000u /* or belongs to one */
#define LOW(mark) ((mark) & (PIC__EXIT_MASK | PIC__EXIT_OPEN))

void pic__nft_exits_start(pic__nft_exits *x)
{
        pic__prefix links;
        int i;

        *x = (pic__nft_exits){ .cut = PIC__VEC_INIT };
        for (i = 0; i < 2; i++) {
                pic__exit_links(i == 0 ? 4 : 6, &links);
                pic__prefix_range(&links, &x->links[i]);
        }
}

void pic__nft_exits_free(pic__nft_exits *x)
{
        pic__vec_free(&x->cut);
        pic__vec_free(&x->gone);
        pic__vec_free(&x->come);
        pic__vec_free(&x->local);
}

static int note(pic__nft_elems *list, const pic__item *item, pic_error **err)
{
        pic__nft_elem e;
        int r = pic__nft_elem_parse(item, &e, err);

        if (r < 0)
                return r;
        return pic__vec_push(list, e) < 0 ? pic__nomem(err) : 0;
}

int pic__nft_exits_step(pic__nft_exits *x, const pic__step *step, pic_error **err)
{
        switch (pic__nft_set_of(step->kind)->form) {
        case PIC__NFT_OPEN: /* either way */
                return note(&x->cut, step->before != NULL ? step->before : step->after, err);
        case PIC__NFT_WAY:
        case PIC__NFT_RESOLVER:
        case PIC__NFT_SPACE: return step->before != NULL ? note(&x->cut, step->before, err) : 0;
        case PIC__NFT_LOCAL:
        case PIC__NFT_CARRIER:
                return step->before == NULL  ? note(&x->come, step->after, err)
                       : step->after == NULL ? note(&x->gone, step->before, err)
                                             : 0;
        case PIC__NFT_PEER:
        case PIC__NFT_SUBNET:
        case PIC__NFT_REACH:
        case PIC__NFT_GRANT:
        case PIC__NFT_WIDE:
        case PIC__NFT_SERVED:
        case PIC__NFT_DOOR:
        case PIC__NFT_FORMS: break;
        }
        return 0;
}

static int has_local(const pic__nft_elems *list)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                if (list->at[i].set->form == PIC__NFT_LOCAL)
                        return 1;
        return 0;
}

/* What becomes near takes nothing away from carriers, nor does one more carrier from what is near. */
int pic__nft_exits_any(const pic__nft_exits *x)
{
        return x->cut.count > 0 || x->gone.count > 0 || has_local(&x->come);
}

/* --- a flow's way ------------------------------------------------------------------------------------------- */

static int in_any(const pic__nft_elems *list, const pic__addr *a)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                if (list->at[i].set->form == PIC__NFT_LOCAL && pic__nft_in_range(&list->at[i].to, a))
                        return 1;
        return 0;
}

static int is_link(const pic__nft_exits *x, const pic__addr *a)
{
        return pic__nft_in_range(&x->links[a->family == 6], a);
}

/* A question for a name; never near (shape.c). */
static int is_name(const pic__nft_flow *f)
{
        return (f->orig.proto == IPPROTO_UDP || f->orig.proto == IPPROTO_TCP) &&
               (f->orig.dport == 53 || f->orig.dport == 853);
}

/* Not to where those are led that go directly. */
static int is_steered(const pic__nft_flow *f)
{
        return is_name(f) && f->reply.sport != PIC__FULL_PORT &&
               (pic__addr_cmp(&f->orig.dst, &f->reply.src) != 0 || f->orig.dport != f->reply.sport);
}

static int by_exit(const pic__nft_exits *x, const pic__nft_flow *f)
{
        return is_link(x, &f->reply.dst) || is_link(x, &f->reply.src) || is_steered(f);
}

static int is_near(const pic__nft_exits *x, const pic__nft_flow *f)
{
        return !is_name(f) && in_any(&x->local, &f->orig.dst) && in_any(&x->local, &f->reply.src);
}

int pic__nft_exits_fit(const pic__nft_exits *x, uint32_t mark, const pic__nft_flow *f)
{
        uint32_t want = LOW(mark), has = LOW(f->mark);

        if (want == 0)
                return has == 0 && !by_exit(x, f);
        if (is_near(x, f))
                return has == 0;
        if (has == want)
                return by_exit(x, f);
        return has == (want & ~TAKES) && !by_exit(x, f); /* directly, while the exit is down */
}

uint32_t pic__nft_exits_mark(const pic__nft_exits *x, uint32_t mark, const pic__nft_flow *f)
{
        uint32_t class = mark & PIC__NFT_CLASS_MASK;

        if (LOW(mark) == 0)
                return class;
        return class | (is_near(x, f) ? PIC__EXIT_NEAR : LOW(f->mark));
}

int pic__nft_exits_stray(const pic__nft_exits *x, const pic__nft_flow *f)
{
        return is_link(x, &f->orig.src) && ((f->mark & CARRIER) == 0 || is_link(x, &f->reply.dst));
}

/* --- what ends ---------------------------------------------------------------------------------------------- */

/* Others mark flows too: what is not ours by its addresses or a class is left alone. */
static int is_cut(const pic__nft_exits *x, const pic__nft_elem *e, const pic__nft_flow *f)
{
        uint32_t whose = f->mark & (PIC__EXIT_MASK | CARRIER);

        if (e->set->form == PIC__NFT_OPEN) /* with and without TAKES: see above */
                return (f->mark & PIC__NFT_CLASS_MASK) != 0 && (f->mark & CARRIER) == 0 &&
                       LOW(f->mark & ~TAKES) == LOW(e->mark & ~TAKES);
        if (e->set->form == PIC__NFT_SPACE)
                return f->mark == e->mark && is_link(x, &f->orig.src);
        if (e->set->form == PIC__NFT_RESOLVER && (!is_name(f) || f->orig.src.family != e->set->family))
                return 0;
        return whose == (e->mark & PIC__EXIT_MASK) && by_exit(x, f);
}

/* What was far is near now, or the other way. */
static int is_elsewhere(const pic__nft_exits *x, const pic__nft_flow *f)
{
        const pic__addr *to = &f->orig.dst;

        if ((f->mark & PIC__NFT_CLASS_MASK) == 0)
                return 0;
        if ((f->mark & PIC__EXIT_NEAR) != 0)
                return in_any(&x->gone, to) && !in_any(&x->come, to);
        return LOW(f->mark) != 0 && in_any(&x->come, to) && !in_any(&x->gone, to);
}

int pic__nft_exits_end(const pic__nft_exits *x, const pic__nft_flow *f)
{
        size_t i;

        for (i = 0; i < x->cut.count; i++)
                if (is_cut(x, &x->cut.at[i], f))
                        return 1;
        if ((f->mark & CARRIER) != 0)
                return is_link(x, &f->orig.src) && pic__nft_covers(&x->gone, f->mark, f) &&
                       !pic__nft_covers(&x->come, f->mark, f);
        return is_elsewhere(x, f);
}
