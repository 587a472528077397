/* Owns: names of the internet as a destination. Addresses they lead to are not asked for: it is the device that asks,
 * and what it is told, or that it is told nothing, is known here. */
#include "api/why_name.h"

#include <pic/dns.h>
#include <stdio.h>
#include <string.h>

#include "codec/json_in.h"
#include "model/blocklist.h"
#include "model/text.h"
#include "plan/answerer.h"

#define HOST_BYTES 256

/* "ads.example.com", "ads.example.com:tcp/443": what comes before the service. NULL: no name of that kind. */
static const char *take_host(const char *to, char host[HOST_BYTES])
{
        static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
        size_t len = strcspn(to, ":");
        const char *dot = memchr(to, '.', len);
        pic__addr a;

        if (len == 0 || len >= HOST_BYTES || strspn(to, plain) < len || dot == NULL || dot == to || dot + 1 == to + len)
                return NULL;
        memcpy(host, to, len);
        host[len] = '\0';
        return pic__addr_parse(host, &a) == 0 ? NULL : to + len;
}

/* Who it holds for, of which this device is one. */
static void put_through(const pic_obj *list, const pic_obj *peer, pic__why *ret)
{
        const char *groups = pic__obj_text(list, "groups");
        char one[PIC__ITEM_MAX];

        snprintf(ret->through, sizeof(ret->through), "every device");
        while (pic__list_next(&groups, one, sizeof(one)))
                if (pic__list_has(pic__obj_text(peer, "groups"), one)) {
                        snprintf(ret->through, sizeof(ret->through), "group %.64s", one);
                        return;
                }
}

static void refuse(pic__why *ret, const char *rule)
{
        ret->allowed = ret->closed = 0;
        ret->way[0] = ret->through[0] = '\0';
        ret->holder_id = 0;
        snprintf(ret->rule, sizeof(ret->rule), "%s", rule);
}

static void blocked_by(const pic__snap *s, const pic_obj *peer, const char *host, const char *list, pic__why *ret)
{
        const pic_obj *o = pic__snap_named(s, PIC__BLOCKLIST, list);
        char rule[96];

        snprintf(rule, sizeof(rule), "block list %.64s", list);
        refuse(ret, rule);
        if (o == NULL)
                return;
        put_through(o, peer, ret);
        ret->holder = PIC__BLOCKLIST;
        ret->holder_id = o->id;
        snprintf(ret->reason, sizeof(ret->reason),
                 "%.64s is told that there is no %.160s: the block list %.40s has it, for %.70s", pic__obj_name(peer),
                 host, list, ret->through);
}

/* What the filter before the name servers would say. */
static void ask(pic_ctx *ctx, const pic__snap *s, const pic_obj *peer, const char *host, pic__why *ret)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic_report *report = NULL;
        const pic__node *list;

        if (pic_dns_block_test(ctx, host, pic__obj_name(peer), &report, NULL) < 0)
                return;
        if (pic__api_answer(pic_report_text(report), strlen(pic_report_text(report)), &doc, NULL) < 0) {
                pic_report_unref(report);
                return;
        }
        list = pic__node_get(pic__doc_root(doc), "lists");
        for (list = list != NULL ? list->first : NULL; list != NULL; list = list->next)
                if (pic__node_bool(list, "blocks", 0)) {
                        blocked_by(s, peer, host, pic__node_get(list, "name")->text, ret);
                        break;
                }
        if (list == NULL && pic__node_bool(pic__doc_root(doc), "hidden", 0)) {
                refuse(ret, "names_shown: granted");
                snprintf(ret->reason, sizeof(ret->reason),
                         "%.64s is told that there is no %.160s, since it may not reach what that leads to",
                         pic__obj_name(peer), host);
        }
        pic_report_unref(report);
}

static int is_outside(const pic__answerer *by)
{
        return by->kind == PIC__ANSWERER_UPSTREAM || by->kind == PIC__ANSWERER_ROOT || by->kind == PIC__ANSWERER_EXIT ||
               by->kind == PIC__ANSWERER_CLOSED;
}

int pic__why_name(pic_ctx *ctx, const pic__snap *s, const char *from, const char *to, int family, pic__why *ret,
                  pic_error **err)
{
        pic__auto_err pic_error *bad = NULL;
        char host[HOST_BYTES], internet[64];
        const char *service;
        pic__auto_buf pic__buf whole = PIC__BUF_INIT;
        pic__answerer by;
        int r = pic__plan_why(s, from, to, family, ret, &bad);

        service = r == PIC_NOTFOUND && pic__snap_named(s, PIC__PEER, from) != NULL ? take_host(to, host) : NULL;
        if (service != NULL && (pic__answerer_name(s, host, &whole, NULL) < 0 ||
                                pic__answerer_of(s, pic__buf_str(&whole), NULL, &by, NULL) < 0 || !is_outside(&by)))
                service = NULL; /* the cell's own, misspelt */
        if (service == NULL || snprintf(internet, sizeof(internet), "internet%s", service) >= (int)sizeof(internet)) {
                if (r < 0)
                        pic__err_append(err, pic__take(bad));
                return r;
        }
        r = pic__plan_why(s, from, internet, family, ret, err);
        if (r == 0 && ret->class_number != 0 && pic__names_filtered(s))
                ask(ctx, s, pic__snap_get(s, PIC__PEER, ret->peer), host, ret);
        return r;
}
