/* Owns: questions that the store or a file answers: who may what, the whole as a document. */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/origin.h"
#include "api/why_name.h"
#include "codec/cellfile.h"
#include "plan/why.h"

static const char *proto_name(uint8_t proto)
{
        switch (proto) {
        case PIC__PROTO_TCP: return "tcp";
        case PIC__PROTO_UDP: return "udp";
        case PIC__PROTO_ICMP: return "icmp";
        default: return NULL;
        }
}

static int put_why(pic__store *st, const pic__why *w, const char *from, const char *to, pic__buf *out, pic_error **err)
{
        pic__json j = PIC__JSON(out);
        int r;

        pic__json_open(&j, '{');
        pic__json_kbool(&j, "allowed", w->allowed);
        pic__json_kstr(&j, "from", from);
        pic__json_kstr(&j, "to", to);
        pic__json_kstr(&j, "rule", w->rule);
        pic__json_kstr(&j, "through", w->through[0] != '\0' ? w->through : NULL);
        pic__json_kstr(&j, "reason", w->reason);
        pic__json_kstr(&j, "leaves", w->way[0] != '\0' ? w->way : NULL);
        pic__json_kbool(&j, "closed", w->closed);
        pic__json_kstr(&j, "source", w->source[0] != '\0' ? w->source : NULL);
        pic__json_kstr(&j, "destination", w->destination[0] != '\0' ? w->destination : NULL);
        pic__json_kstr(&j, "proto", proto_name(w->proto));
        if (w->port != 0)
                pic__json_kint(&j, "port", w->port);
        else
                pic__json_kstr(&j, "port", NULL);
        if (w->class_number != 0)
                pic__json_kint(&j, "class", w->class_number);
        else
                pic__json_kstr(&j, "class", NULL);
        r = pic__origin_put(st, w, &j, err);
        pic__json_close(&j, '}');
        return r;
}

int pic_why_get(pic_ctx *ctx, const char *from, const char *to, int family, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__store *st = NULL;
        pic__why w;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || from == NULL || to == NULL || ret_report == NULL)
                return pic__api_bad(err, "pic_why_get", "ctx, from, to or ret_report is not valid");
        if (family != 0 && family != 4 && family != 6)
                return pic__api_bad(err, "pic_why_get", "family is none of 0, 4, 6");
        r = pic__ctx_load(ctx, &s, NULL, err);
        if (r == 0)
                r = pic__snap_place(s, ctx, err);
        if (r == 0)
                r = pic__snap_exits_told(s, ctx, err);
        if (r == 0)
                r = pic__why_name(ctx, s, from, to, family, &w, err);
        if (r == 0)
                r = pic__ctx_lock(ctx, &st, err);
        if (r < 0)
                return r;
        r = put_why(st, &w, from, to, &text, err);
        pic__ctx_unlock(ctx);
        if (r < 0)
                return r;
        return pic__report_new(&text, w.allowed, ret_report, err);
}

int pic__export(const pic__snap *s, uint32_t flags, pic_report **ret, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json json = PIC__JSON(&text);
        int r = 0;

        if ((flags & PIC_EXPORT_JSON) != 0)
                pic__cellfile_write_json(s, &json);
        else
                r = pic__cellfile_write(s, &text, err);
        if (r == 0 && text.failed)
                r = pic__nomem(err);
        return r < 0 ? r : pic__report_new(&text, 1, ret, err);
}

int pic_export_get(pic_ctx *ctx, uint32_t flags, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *s = NULL;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_export_get", "ctx or ret_report is not valid");
        if ((flags & ~(uint32_t)PIC_EXPORT_JSON) != 0)
                return pic__api_bad(err, "pic_export_get", "flags has an unknown bit");
        r = pic__ctx_load(ctx, &s, NULL, err);
        return r < 0 ? r : pic__export(s, flags, ret_report, err);
}
