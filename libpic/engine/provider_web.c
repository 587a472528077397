/* Owns: providers that are asked by one address: DuckDNS (www.duckdns.org/spec.jsp), dyndns2 (help.dyn.com, "Remote
 * Access API": also no-ip and many others), and any other by a template of the owner's. Written from their public
 * documentation. */
#include <string.h>

#include "engine/provider_i.h"

/* --- DuckDNS -------------------------------------------------------------------------------------------------- */

static int begin_duckdns(pic__provider *p, pic_error **err)
{
        pic__auto_wipe pic__buf url = PIC__BUF_SECRET;
        const char *name = pic__obj_name(p->domain);
        const pic__http_opts plain = { .method = NULL };

        pic__provider_base(p, &url);
        pic__buf_putf(&url, "/update?domains=%.*s&token=", (int)strcspn(name, "."), name);
        pic__provider_encode(pic__buf_str(&p->by.secret), &url);
        if (p->errand != PIC__ERRAND_ADDRESSES)
                pic__buf_putf(&url, "&txt=%s%s", p->text, p->errand == PIC__ERRAND_CLEAR ? "&clear=true" : "");
        if (p->ip4[0] != '\0')
                pic__buf_putf(&url, "&ip=%s", p->ip4);
        if (p->ip6[0] != '\0')
                pic__buf_putf(&url, "&ipv6=%s", p->ip6);
        if (p->errand == PIC__ERRAND_ADDRESSES)
                pic__buf_puts(&url, "&verbose=true");
        return url.failed ? pic__nomem(err) : pic__provider_fetch(p, pic__buf_str(&url), &plain, err);
}

int pic__provider_read_duckdns(const char *text, pic_error **err)
{
        if (strncmp(text, "OK", 2) == 0)
                return 1;
        if (strncmp(text, "KO", 2) != 0)
                return pic__fail(err, PIC_BACKEND, "DuckDNS answers neither OK nor KO");
        pic__fail(err, PIC_DENIED, "DuckDNS answers KO: the token is wrong, or the name is not this account's");
        pic__hint(err, "Compare both with what DuckDNS' page shows: pic domain set NAME --token-file FILE");
        return PIC_DENIED;
}

static int answer_duckdns(pic__provider *p, int status, const pic__buf *text, pic_error **err)
{
        (void)p;
        if (status != 200)
                return pic__fail(err, PIC_BACKEND, "DuckDNS answers with status %d", status);
        return pic__provider_read_duckdns(pic__buf_str(text), err);
}

const struct pic__provider_way pic__provider_duckdns = {
        "duckdns", PIC__CAN_ADDRESSES | PIC__CAN_TXT, "token", NULL, 20000, begin_duckdns, answer_duckdns
};

/* --- dyndns2 -------------------------------------------------------------------------------------------------- */

static int begin_dyndns2(pic__provider *p, pic_error **err)
{
        pic__auto_buf pic__buf url = PIC__BUF_INIT;
        const pic__http_opts o = { .user = pic__obj_text(p->domain, "user"), .password = pic__buf_str(&p->by.secret) };

        pic__provider_base(p, &url);
        pic__buf_putf(&url, "/nic/update?hostname=%s&myip=%s%s%s", pic__obj_name(p->domain), p->ip4,
                      p->ip4[0] != '\0' && p->ip6[0] != '\0' ? "," : "", p->ip6);
        return url.failed ? pic__nomem(err) : pic__provider_fetch(p, pic__buf_str(&url), &o, err);
}

int pic__provider_read_dyndns2(const char *text, pic_error **err)
{
        static const struct {
                const char *word;
                int code;
                const char *means;
        } words[] = {
                { "good", 1, NULL },
                { "nochg", 1, NULL },
                { "badauth", PIC_DENIED, "user or password is wrong" },
                { "!donator", PIC_DENIED, "this account may not do that" },
                { "!yours", PIC_DENIED, "the name is another account's" },
                { "notfqdn", PIC_NOTFOUND, "that is no whole name" },
                { "nohost", PIC_NOTFOUND, "this account has no such name" },
                { "numhost", PIC_NOTFOUND, "too many names at once" },
                { "abuse", PIC_DENIED, "the name is blocked: it was updated too often" },
                { "badagent", PIC_DENIED, "this program is not let in" },
                { "dnserr", PIC_BACKEND, "their name servers have trouble" },
                { "911", PIC_BACKEND, "they have trouble themselves" },
        };
        size_t i, len = strcspn(text, " \t\r\n");

        for (i = 0; i < PIC__COUNT(words); i++)
                if (strlen(words[i].word) == len && strncmp(text, words[i].word, len) == 0)
                        break;
        if (i == PIC__COUNT(words))
                return pic__fail(err, PIC_BACKEND, "the provider answers with no word of dyndns2");
        return words[i].means == NULL
                       ? 1
                       : pic__fail(err, words[i].code, "the provider answers %s: %s", words[i].word, words[i].means);
}

static int answer_dyndns2(pic__provider *p, int status, const pic__buf *text, pic_error **err)
{
        (void)p;
        if (status == 401)
                return pic__fail(err, PIC_DENIED, "the provider answers with status 401: user or password is wrong");
        if (status != 200)
                return pic__fail(err, PIC_BACKEND, "the provider answers with status %d", status);
        return pic__provider_read_dyndns2(pic__buf_str(text), err);
}

const struct pic__provider_way pic__provider_dyndns2 = { "dyndns2", PIC__CAN_ADDRESSES, "password",    NULL,
                                                         0,         begin_dyndns2,      answer_dyndns2 };

/* --- an address to fetch -------------------------------------------------------------------------------------- */

/* "{name}" and the like filled in, each so that it can stand in a query. */
static void fill(const char *url, const pic__provider *p, pic__buf *out)
{
        const struct {
                const char *word, *value;
        } words[] = {
                { "{name}", pic__obj_name(p->domain) },
                { "{ip}", p->ip4[0] != '\0' ? p->ip4 : p->ip6 },
                { "{ip4}", p->ip4 },
                { "{ip6}", p->ip6 },
                { "{user}", pic__obj_text(p->domain, "user") },
                { "{password}", pic__buf_str(&p->by.secret) },
                { "{token}", pic__buf_str(&p->by.second) },
        };
        size_t i;

        while (*url != '\0') {
                for (i = 0; i < PIC__COUNT(words) && strncmp(url, words[i].word, strlen(words[i].word)) != 0; i++)
                        ;
                if (i == PIC__COUNT(words)) {
                        pic__buf_putc(out, *url++);
                        continue;
                }
                pic__provider_encode(words[i].value, out);
                url += strlen(words[i].word);
        }
}

static int begin_url(pic__provider *p, pic_error **err)
{
        pic__auto_wipe pic__buf url = PIC__BUF_SECRET;
        const pic__http_opts plain = { .method = NULL };

        fill(pic__obj_text(p->domain, "url"), p, &url);
        return url.failed ? pic__nomem(err) : pic__provider_fetch(p, pic__buf_str(&url), &plain, err);
}

static int answer_url(pic__provider *p, int status, const pic__buf *text, pic_error **err)
{
        (void)p, (void)text;
        if (status >= 200 && status < 300)
                return 1;
        return pic__fail(err, status == 401 || status == 403 ? PIC_DENIED : PIC_BACKEND,
                         "the provider answers with status %d", status);
}

const struct pic__provider_way pic__provider_url = { "url", PIC__CAN_ADDRESSES, "password", "token",
                                                     0,     begin_url,          answer_url };
