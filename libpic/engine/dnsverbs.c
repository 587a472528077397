/* Owns: asking the name server what it has counted, and making it forget. */
#include "engine/dnsverbs.h"

#include <string.h>

#include "engine/blocks.h"
#include "engine/engine_i.h"
#include "plan/answerer.h"

static int load(pic__engine *e, pic__snap **fresh, const pic__snap **ret, pic_error **err)
{
        pic_revision revision;
        int r = e->snap == NULL ? pic__engine_load(e, fresh, &revision, err) : 0;

        if (r < 0)
                return r;
        *ret = e->snap != NULL ? e->snap : *fresh;
        return pic__snap_cell(*ret) != NULL ? 0 : pic__fail(err, PIC_NOTFOUND, "there is no cell in this store");
}

int pic__engine_dns_stats(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        pic__backend *b = e->backends[PIC__B_DNS];
        const pic__snap *s;
        int r = load(e, &fresh, &s, err), answers;

        if (r < 0)
                return r;
        pic__json_open(out, '{');
        answers = b->ops->counts != NULL && b->ops->counts(b, out);
        pic__json_kbool(out, "answers", answers);
        pic__blocks_put_counts(e, s, out);
        pic__json_close(out, '}');
        return 0;
}

int pic__engine_dns_flush(pic__engine *e, const char *name, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        pic__auto_buf pic__buf whole = PIC__BUF_INIT;
        pic__backend *b = e->backends[PIC__B_DNS];
        const pic__snap *s;
        int r = load(e, &fresh, &s, err);

        if (r == 0 && name != NULL)
                r = pic__answerer_name(s, name, &whole, err);
        if (r == 0 && b->ops->flush != NULL)
                r = b->ops->flush(b, name != NULL ? pic__buf_str(&whole) : ".", err);
        if (r < 0)
                return r;
        pic__json_open(out, '{');
        pic__json_kint(out, "forgotten", r);
        pic__json_close(out, '}');
        return 0;
}
