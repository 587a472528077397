/* Owns: publishing at Cloudflare (developers.cloudflare.com/api, "DNS Records for a Zone"): the zone is found by its
 * name, then each family's record is found, and made, changed or removed. */
#include <stdio.h>
#include <string.h>

#include "codec/json_in.h"
#include "engine/ddns_i.h"

enum { ZONE, FIND, WRITE };

static int ask(pic__ddns *d, const char *method, const char *path, const char *body, pic_error **err)
{
        pic__auto_buf pic__buf url = PIC__BUF_INIT;
        pic__auto_wipe pic__buf bearer = PIC__BUF_SECRET;
        const char *headers[] = { NULL, "Content-Type: application/json", NULL };
        const pic__http_opts o = {
                .method = method, .headers = headers, .body = body, .body_len = body != NULL ? strlen(body) : 0
        };

        pic__ddns_base(d, &url);
        pic__buf_puts(&url, path);
        pic__buf_putf(&bearer, "Authorization: Bearer %s", pic__buf_str(&d->secret));
        headers[0] = pic__buf_str(&bearer);
        return url.failed || bearer.failed ? pic__nomem(err) : pic__ddns_fetch(d, pic__buf_str(&url), &o, err);
}

static int ask_zone(pic__ddns *d, pic_error **err)
{
        char path[400];

        (void)snprintf(path, sizeof(path), "/client/v4/zones?name=%s", d->zone);
        d->step = ZONE;
        return ask(d, "GET", path, NULL, err);
}

static int begin(pic__ddns *d, pic_error **err)
{
        const char *zone = pic__obj_text(d->domain, "zone");

        (void)snprintf(d->zone, sizeof(d->zone), "%s", zone[0] != '\0' ? zone : pic__obj_name(d->domain));
        return ask_zone(d, err);
}

/* What a family's record is to be; "" none. */
static const char *wanted(const pic__ddns *d)
{
        return d->family == 4 ? d->ip4 : d->ip6;
}

/* The next family that is ours to publish; 1: that was the last. */
static int next_family(pic__ddns *d, pic_error **err)
{
        const char *families = pic__obj_text(d->domain, "families");
        char path[500];

        d->family = d->family == 0 ? 4 : d->family == 4 ? 6 : 0;
        if (d->family == 4 && strcmp(families, "ipv6") == 0)
                d->family = 6;
        if (d->family == 0 || (d->family == 6 && strcmp(families, "ipv4") == 0))
                return 1;
        (void)snprintf(path, sizeof(path), "/client/v4/zones/%s/dns_records?type=%s&name=%s", d->zone_id,
                       d->family == 4 ? "A" : "AAAA", pic__obj_name(d->domain));
        d->step = FIND;
        return ask(d, "GET", path, NULL, err);
}

/* The name is in the zone that is called like it, or like what stands behind its first word, and so on. */
static int other_zone(pic__ddns *d, pic_error **err)
{
        char *dot = strchr(d->zone, '.');

        if (!pic__obj_has(d->domain, "zone") && dot != NULL && strchr(dot + 1, '.') != NULL) {
                memmove(d->zone, dot + 1, strlen(dot + 1) + 1);
                return ask_zone(d, err);
        }
        pic__fail(err, PIC_NOTFOUND, "Cloudflare has no zone of %s that this token may see", pic__obj_name(d->domain));
        pic__hint(err, "The token needs Zone/DNS/Edit for that zone.");
        return PIC_NOTFOUND;
}

/* An identity as they make them, and nothing that could lead elsewhere. */
static int is_id(const char *text)
{
        size_t len = strlen(text);

        return len > 0 && len <= 64 && strspn(text, "0123456789abcdefABCDEF") == len;
}

static int write_record(pic__ddns *d, const pic__node *record, pic_error **err)
{
        const char *id = record != NULL ? pic__node_str(record, "id", "") : "", *want = wanted(d);
        const char *has = record != NULL ? pic__node_str(record, "content", "") : "";
        char path[300], body[500];

        if (strcmp(has, want) == 0)
                return next_family(d, err);
        if (record != NULL && !is_id(id))
                return pic__fail(err, PIC_BACKEND, "Cloudflare names a record in a way that it should not");
        (void)snprintf(path, sizeof(path), "/client/v4/zones/%s/dns_records%s%s", d->zone_id, id[0] != '\0' ? "/" : "",
                       id);
        (void)snprintf(body, sizeof(body),
                       "{\"type\":\"%s\",\"name\":\"%s\",\"content\":\"%s\",\"ttl\":%d,\"proxied\":false}",
                       d->family == 4 ? "A" : "AAAA", pic__obj_name(d->domain), want, PIC__DDNS_TTL);
        d->step = WRITE;
        if (want[0] == '\0')
                return ask(d, "DELETE", path, NULL, err);
        return ask(d, id[0] != '\0' ? "PATCH" : "POST", path, body, err);
}

static int refused(const pic__ddns *d, int status, const pic__node *root, pic_error **err)
{
        const pic__node *errors = root != NULL ? pic__node_list(root, "errors") : NULL;
        const pic__node *first = errors != NULL ? errors->first : NULL;
        int denied = status == 400 || status == 401 || status == 403;
        pic__auto_buf pic__buf shown = PIC__BUF_INIT;

        pic__ddns_shown(first != NULL && first->type == PIC__N_MAP ? pic__node_str(first, "message", "no reason")
                                                                   : "no reason",
                        pic__buf_str(&d->secret), "", &shown);
        pic__fail(err, denied ? PIC_DENIED : PIC_BACKEND, "Cloudflare answers with status %d: %s", status,
                  pic__buf_str(&shown));
        if (denied)
                pic__hint(err,
                          "Is the token whole, and may it edit this zone's DNS? pic domain set NAME --token-file FILE");
        return denied ? PIC_DENIED : PIC_BACKEND;
}

static int answer(pic__ddns *d, int status, const pic__buf *text, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *root = NULL, *list, *first;

        if (pic__doc_json(pic__buf_str(text), text->len, "answer", &doc, NULL) == 0 &&
            pic__doc_root(doc)->type == PIC__N_MAP)
                root = pic__doc_root(doc);
        if (root == NULL || status < 200 || status > 299 || !pic__node_bool(root, "success", 0))
                return refused(d, status, root, err);
        if (d->step == WRITE)
                return next_family(d, err);
        list = pic__node_list(root, "result");
        first = list != NULL && list->first != NULL && list->first->type == PIC__N_MAP ? list->first : NULL;
        if (d->step == FIND)
                return write_record(d, first, err);
        if (first == NULL || !is_id(pic__node_str(first, "id", "")))
                return other_zone(d, err);
        (void)snprintf(d->zone_id, sizeof(d->zone_id), "%s", pic__node_str(first, "id", ""));
        return next_family(d, err);
}

const struct pic__ddns_way pic__ddns_cloudflare = { "cloudflare", begin, answer };
