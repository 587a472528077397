/* Owns: records at Cloudflare (developers.cloudflare.com/api, "DNS Records for a Zone"): the zone is found by its name,
 * then each family's record is found, and made, changed or removed; a TXT record is made, or found and removed. */
#include <stdio.h>
#include <string.h>

#include "codec/json_in.h"
#include "engine/provider_i.h"

enum { ZONE, FIND, WRITE };

static int ask(pic__provider *p, const char *method, const char *path, const char *body, pic_error **err)
{
        pic__auto_buf pic__buf url = PIC__BUF_INIT;
        pic__auto_wipe pic__buf bearer = PIC__BUF_SECRET;
        const char *headers[] = { NULL, "Content-Type: application/json", NULL };
        const pic__http_opts o = {
                .method = method, .headers = headers, .body = body, .body_len = body != NULL ? strlen(body) : 0
        };

        pic__provider_base(p, &url);
        pic__buf_puts(&url, path);
        pic__buf_putf(&bearer, "Authorization: Bearer %s", pic__buf_str(&p->by.secret));
        headers[0] = pic__buf_str(&bearer);
        return url.failed || bearer.failed ? pic__nomem(err) : pic__provider_fetch(p, pic__buf_str(&url), &o, err);
}

static int ask_zone(pic__provider *p, pic_error **err)
{
        char path[400];

        (void)snprintf(path, sizeof(path), "/client/v4/zones?name=%s", p->zone);
        p->step = ZONE;
        return ask(p, "GET", path, NULL, err);
}

static int begin(pic__provider *p, pic_error **err)
{
        const char *zone = pic__obj_text(p->domain, "zone");

        (void)snprintf(p->zone, sizeof(p->zone), "%s", zone[0] != '\0' ? zone : pic__obj_name(p->domain));
        return ask_zone(p, err);
}

/* The record in hand: of an address's family, or the TXT record. */
static const char *type_of(const pic__provider *p)
{
        return p->errand != PIC__ERRAND_ADDRESSES ? "TXT" : p->family == 4 ? "A" : "AAAA";
}

static const char *name_of(const pic__provider *p)
{
        return p->errand != PIC__ERRAND_ADDRESSES ? p->record : pic__obj_name(p->domain);
}

/* What it is to be; "" none. */
static const char *wanted(const pic__provider *p)
{
        if (p->errand != PIC__ERRAND_ADDRESSES)
                return p->errand == PIC__ERRAND_SET ? p->text : "";
        return p->family == 4 ? p->ip4 : p->ip6;
}

static int find_record(pic__provider *p, pic_error **err)
{
        char path[900];

        (void)snprintf(path, sizeof(path), "/client/v4/zones/%s/dns_records?type=%s&name=%s%s%s", p->zone_id,
                       type_of(p), name_of(p), p->errand == PIC__ERRAND_CLEAR ? "&content=" : "",
                       p->errand == PIC__ERRAND_CLEAR ? p->text : "");
        p->step = FIND;
        return ask(p, "GET", path, NULL, err);
}

static int write_record(pic__provider *p, const pic__node *record, pic_error **err);

/* The next family that is ours to publish, or the one record; 1: that was the last. */
static int next_record(pic__provider *p, pic_error **err)
{
        const char *families = pic__obj_text(p->domain, "families");

        p->family = p->family == 0 ? 4 : p->family == 4 ? 6 : 0;
        if (p->errand == PIC__ERRAND_SET && p->family == 4)
                return write_record(p, NULL, err); /* beside others of that name */
        if (p->errand != PIC__ERRAND_ADDRESSES)
                return p->family == 4 ? find_record(p, err) : 1;
        if (p->family == 4 && strcmp(families, "ipv6") == 0)
                p->family = 6;
        if (p->family == 0 || (p->family == 6 && strcmp(families, "ipv4") == 0))
                return 1;
        return find_record(p, err);
}

/* The name is in the zone that is called like it, or like what stands behind its first word, and so on. */
static int other_zone(pic__provider *p, pic_error **err)
{
        char *dot = strchr(p->zone, '.');

        if (!pic__obj_has(p->domain, "zone") && dot != NULL && strchr(dot + 1, '.') != NULL) {
                memmove(p->zone, dot + 1, strlen(dot + 1) + 1);
                return ask_zone(p, err);
        }
        pic__fail(err, PIC_NOTFOUND, "Cloudflare has no zone of %s that this token may see", pic__obj_name(p->domain));
        pic__hint(err, "The token needs Zone/DNS/Edit for that zone.");
        return PIC_NOTFOUND;
}

/* An identity as they make them, and nothing that could lead elsewhere. */
static int is_id(const char *text)
{
        size_t len = strlen(text);

        return len > 0 && len <= 64 && strspn(text, "0123456789abcdefABCDEF") == len;
}

static int write_record(pic__provider *p, const pic__node *record, pic_error **err)
{
        const char *id = record != NULL ? pic__node_str(record, "id", "") : "", *want = wanted(p);
        const char *has = record != NULL ? pic__node_str(record, "content", "") : "";
        char path[300], body[900];

        if (want[0] == '\0' ? record == NULL : strcmp(has, want) == 0)
                return next_record(p, err);
        if (record != NULL && !is_id(id))
                return pic__fail(err, PIC_BACKEND, "Cloudflare names a record in a way that it should not");
        (void)snprintf(path, sizeof(path), "/client/v4/zones/%s/dns_records%s%s", p->zone_id, id[0] != '\0' ? "/" : "",
                       id);
        (void)snprintf(body, sizeof(body), "{\"type\":\"%s\",\"name\":\"%s\",\"content\":\"%s\",\"ttl\":%d%s}",
                       type_of(p), name_of(p), want, PIC__PROVIDER_TTL,
                       p->errand == PIC__ERRAND_ADDRESSES ? ",\"proxied\":false" : "");
        p->step = WRITE;
        if (want[0] == '\0')
                return ask(p, "DELETE", path, NULL, err);
        return ask(p, id[0] != '\0' ? "PATCH" : "POST", path, body, err);
}

static int refused(const pic__provider *p, int status, const pic__node *root, pic_error **err)
{
        const pic__node *errors = root != NULL ? pic__node_list(root, "errors") : NULL;
        const pic__node *first = errors != NULL ? errors->first : NULL;
        int denied = status == 400 || status == 401 || status == 403;
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        pic__provider_shown(first != NULL && first->type == PIC__N_MAP ? pic__node_str(first, "message", "no reason")
                                                                       : "no reason",
                            pic__buf_str(&p->by.secret), "", &shown);
        pic__fail(err, denied ? PIC_DENIED : PIC_BACKEND, "Cloudflare answers with status %d: %s", status,
                  pic__buf_str(&shown));
        if (denied)
                pic__hint(err,
                          "Is the token whole, and may it edit this zone's DNS? pic domain set NAME --token-file FILE");
        return denied ? PIC_DENIED : PIC_BACKEND;
}

static int answer(pic__provider *p, int status, const pic__buf *text, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *root = NULL, *list, *first;

        if (pic__doc_json(pic__buf_str(text), text->len, "answer", &doc, NULL) == 0 &&
            pic__doc_root(doc)->type == PIC__N_MAP)
                root = pic__doc_root(doc);
        if (root == NULL || status < 200 || status > 299 || !pic__node_bool(root, "success", 0))
                return refused(p, status, root, err);
        if (p->step == WRITE)
                return next_record(p, err);
        list = pic__node_list(root, "result");
        first = list != NULL && list->first != NULL && list->first->type == PIC__N_MAP ? list->first : NULL;
        if (p->step == FIND)
                return write_record(p, first, err);
        if (first == NULL || !is_id(pic__node_str(first, "id", "")))
                return other_zone(p, err);
        (void)snprintf(p->zone_id, sizeof(p->zone_id), "%s", pic__node_str(first, "id", ""));
        return next_record(p, err);
}

const struct pic__provider_way pic__provider_cloudflare = {
        "cloudflare", PIC__CAN_ADDRESSES | PIC__CAN_TXT, "token", NULL, 10000, begin, answer
};
