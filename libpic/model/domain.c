/* Owns: the table of modes, and what is wrong with a public name by itself. What needs other objects is judged in
 * snap_record.c. */
#include "model/domain.h"

#include <stdio.h>
#include <string.h>

#include "model/text.h"

/* Of every mode; and of those that publish. */
static const char common[] = "name,mode,enabled,note,email,acme,acme_fallback", publishing[] = "ddns,families";

#define ALL (PIC__MODE_PUBLISHES | PIC__MODE_DNS01 | PIC__MODE_WILDCARD)

static const pic__mode modes[] = {
        { "pic_ngo", "", "token,server", ALL, "ddns.pic.ngo" },
        { "cloudflare", "token", "zone,server", ALL, "api.cloudflare.com" },
        { "duckdns", "token", "server", ALL, "www.duckdns.org" },
        { "http01", "", "", 0, NULL },
        { "rfc2136", "server,key", "zone", ALL, NULL },
        { "dyndns2", "server,user,password", "", PIC__MODE_PUBLISHES, NULL },
        { "url", "url", "user,password,token", PIC__MODE_PUBLISHES, NULL },
        { "exec", "script", "user,token", ALL, NULL },
};

/* What to do about what is missing. */
static const struct {
        const char *mode, *field, *hint;
} hints[] = {
        { "cloudflare", "token",
          "Make one at Cloudflare that may edit the zone's DNS (My Profile, API Tokens, Edit zone DNS), and give it: "
          "--token-file FILE" },
        { "duckdns", "token", "It stands on top of DuckDNS' page once you are logged in there: --token-file FILE" },
        { "rfc2136", "server", "The name server that takes changes for the zone: --server ns1.example.org" },
        { "rfc2136", "key",
          "A TSIG key that may change the name: tsig-keygen NAME (BIND) or keymgr -t NAME (Knot) make one; give the "
          "file: --key-file FILE" },
        { "dyndns2", "server", "Where the provider takes updates: --server dynupdate.no-ip.com" },
        { "dyndns2", "user", "The account, or what the provider gives in place of it: --user NAME" },
        { "dyndns2", "password", "Give it: --password-file FILE" },
        { "url", "url", "For example: --url 'https://example.org/update?name={name}&ip={ip}&key={token}'" },
        { "exec", "script", "What it is called with: pic help domains. --script /usr/local/sbin/my-dns" },
};

static const pic__mode *mode_of(const char *name)
{
        size_t i;

        for (i = 0; i + 1 < PIC__COUNT(modes); i++)
                if (strcmp(modes[i].name, name) == 0)
                        break;
        return &modes[i];
}

const pic__mode *pic__domain_mode_at(size_t index)
{
        return index < PIC__COUNT(modes) ? &modes[index] : NULL;
}

const pic__mode *pic__domain_mode(const pic_obj *domain)
{
        return mode_of(pic__obj_text(domain, "mode"));
}

int pic__domain_publishes(const pic_obj *domain)
{
        return pic__obj_int(domain, "enabled") != 0 && (pic__domain_mode(domain)->can & PIC__MODE_PUBLISHES) != 0 &&
               (!pic__obj_has(domain, "ddns") || pic__obj_int(domain, "ddns") != 0);
}

int pic__domain_is_wild(const pic_obj *domain)
{
        return pic__obj_int(domain, "enabled") != 0 && (pic__domain_mode(domain)->can & PIC__MODE_WILDCARD) != 0;
}

int pic__domain_has(const pic_obj *domain, const char *name)
{
        const char *own = pic__obj_name(domain);
        size_t n, o = strlen(own);
        int star = strncmp(name, "*.", 2) == 0;

        name += star ? 2 : 0;
        n = strlen(name);
        n -= n > 0 && name[n - 1] == '.';
        if (n == o && strncmp(name, own, n) == 0)
                return !star || pic__domain_is_wild(domain);
        return pic__domain_is_wild(domain) && n > o && name[n - o - 1] == '.' && strncmp(name + n - o, own, o) == 0;
}

int pic__public_parse(const char *text, pic__public *ret)
{
        pic__public p = { .name = "" };
        size_t len = strcspn(text, "/");
        char one[PIC__ADDR_TEXT];

        if (len == 0 || len >= sizeof(p.name) || text[len] != '/')
                return -1;
        memcpy(p.name, text, len);
        p.name[len] = '\0';
        for (text += len; p.count < PIC__PUBLIC_ADDRS && *text == (p.count == 0 ? '/' : '+'); p.count++) {
                len = strcspn(++text, "+/");
                if (len >= sizeof(one))
                        return -1;
                memcpy(one, text, len);
                one[len] = '\0';
                if (pic__addr_parse(one, &p.at[p.count]) < 0)
                        return -1;
                text += len;
        }
        p.wild = strcmp(text, "/wild") == 0;
        if (p.count == 0 || (!p.wild && *text != '\0') || !pic__hostname_ok(p.name))
                return -1;
        *ret = p;
        return 0;
}

/* --- findings ------------------------------------------------------------------------------------------------- */

static void found(const pic_obj *o, const char *field, const char *value, const char *rule, const char *hint,
                  pic_error **list)
{
        char object[96];
        pic_error *one = NULL;

        snprintf(object, sizeof(object), "domain %s", pic__obj_name(o));
        (void)pic__fail_value(&one, object, field, value, rule);
        if (hint != NULL)
                pic__hint(&one, "%s", hint);
        pic__err_append(list, one);
}

int pic__mode_has(const pic__mode *m, const char *field)
{
        return pic__list_has(common, field) || pic__list_has(m->needs, field) || pic__list_has(m->may, field) ||
               ((m->can & PIC__MODE_PUBLISHES) != 0 && pic__list_has(publishing, field));
}

static const char *hint_for(const char *mode, const char *field)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(hints); i++)
                if (strcmp(hints[i].mode, mode) == 0 && strcmp(hints[i].field, field) == 0)
                        return hints[i].hint;
        return NULL;
}

/* One that is turned off may wait for its secrets: so can one that came by a document, which has none. */
static void check_needs(const pic_obj *o, const pic__mode *m, pic_error **list)
{
        const pic__kind_info *k = &pic__kinds[PIC__DOMAIN];
        int off = pic__obj_int(o, "enabled") == 0;
        const char *at = m->needs;
        char field[32], rule[64];

        while (pic__list_next(&at, field, sizeof(field))) {
                int secret = (k->fields[pic__field_find(PIC__DOMAIN, field)].flags & PIC__F_SECRET) != 0;

                if (pic__obj_has(o, field) || (off && secret))
                        continue;
                snprintf(rule, sizeof(rule), "is required for mode %s", m->name);
                found(o, field, NULL, rule, hint_for(m->name, field), list);
        }
}

/* "only modes cloudflare, duckdns have it" */
static void check_foreign(const pic_obj *o, const pic__mode *m, const char *field, pic_error **list)
{
        pic__auto_buf pic__buf rule = PIC__BUF_INIT;
        const char *comma = "";
        size_t i;

        pic__buf_putf(&rule, "does not go with mode %s: only ", m->name);
        for (i = 0; i < PIC__COUNT(modes); i++) {
                if (!pic__mode_has(&modes[i], field))
                        continue;
                pic__buf_putf(&rule, "%s%s", comma, modes[i].name);
                comma = ", ";
        }
        pic__buf_puts(&rule, " can use it");
        found(o, field, NULL, pic__buf_str(&rule), "Leave it out, or take it away: --unset FIELD", list);
}

static void check_fields(const pic_obj *o, const pic__mode *m, pic_error **list)
{
        const pic__kind_info *k = &pic__kinds[PIC__DOMAIN];
        size_t i;

        for (i = 0; i < k->count; i++)
                if (pic__obj_has(o, k->fields[i].name) && !pic__mode_has(m, k->fields[i].name))
                        check_foreign(o, m, k->fields[i].name, list);
}

/* --- single values -------------------------------------------------------------------------------------------- */

int pic__domain_server(const char *text, char host[256], unsigned *ret_port)
{
        uint16_t port;
        size_t len = strlen(text);
        pic__addr a;

        if (pic__endpoint_parse(text, host, &port) == 0) {
                *ret_port = port;
                return 0;
        }
        if (len >= 256 || (pic__addr_parse(text, &a) < 0 && !pic__hostname_ok(text)))
                return -1;
        memcpy(host, text, len + 1);
        *ret_port = 0;
        return 0;
}

/* Text that may stand in a request: printable ASCII without what ends a word somewhere. */
static int is_plain(const char *text)
{
        for (; *text != '\0'; text++)
                if (*text <= ' ' || *text > '~' || strchr("\"'\\<>`", *text) != NULL)
                        return 0;
        return 1;
}

static int is_web(const char *url)
{
        return strncmp(url, "https://", 8) == 0 && url[8] != '\0' && url[8] != '/' && is_plain(url);
}

static void check_urls(const pic_obj *o, pic_error **list)
{
        static const char *const fields[] = { "acme", "acme_fallback" };
        size_t i;

        for (i = 0; i < PIC__COUNT(fields); i++)
                if (pic__obj_has(o, fields[i]) && !is_web(pic__obj_text(o, fields[i])))
                        found(o, fields[i], pic__obj_text(o, fields[i]), "must be an address of the web: https://…",
                              "The issuer's directory, as its documentation says it.", list);
        if (pic__obj_has(o, "acme_fallback") &&
            strcmp(pic__obj_text(o, "acme"), pic__obj_text(o, "acme_fallback")) == 0)
                found(o, "acme_fallback", NULL, "is the same as acme: it would fail when that does", NULL, list);
}

/* {ip4} and the like; each is told once. */
static void check_template(const pic_obj *o, pic_error **list)
{
        static const char words[] = "name,ip,ip4,ip6,user,password,token", secret[] = "user,password,token";
        const char *url = pic__obj_text(o, "url"), *at = url;
        char word[32];

        if (url[0] == '\0')
                return;
        if (!is_web(url)) {
                found(o, "url", url, "must be an address of the web: https://…",
                      "Over http anybody in between could read the password, and change the answer.", list);
                return;
        }
        if (memchr(url + 8, '@', strcspn(url + 8, "/?#")) != NULL)
                found(o, "url", url, "must not have a user before its host: put {user} and {password} behind it", NULL,
                      list);
        while ((at = strchr(at, '{')) != NULL) {
                size_t len = strcspn(++at, "}");

                snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word) - 1), at);
                if (at[len] != '}' || !pic__list_has(words, word))
                        found(o, "url", word,
                              "has a word in braces that nobody fills: {name}, {ip}, {ip4}, {ip6}, {user}, {password} "
                              "and {token} are",
                              NULL, list);
                else if (pic__list_has(secret, word) && !pic__obj_has(o, word) && pic__obj_int(o, "enabled") != 0)
                        found(o, word, NULL, "is required: the url has it in braces", NULL, list);
        }
}

static void check_script(const pic_obj *o, pic_error **list)
{
        const char *script = pic__obj_text(o, "script");

        if (script[0] != '\0' && (script[0] != '/' || strstr(script, "/../") != NULL))
                found(o, "script", script, "must be the whole path of a program: /usr/local/sbin/my-dns", NULL, list);
}

/* A provider's own zone is asked of that provider. */
static void check_name(const pic_obj *o, const pic__mode *m, pic_error **list)
{
        static const struct {
                const char *mode, *end, *rule;
        } ends[] = { { "pic_ngo", ".pic.ngo", "must end in .pic.ngo for mode pic_ngo, unless another server is asked" },
                     { "duckdns", ".duckdns.org",
                       "must end in .duckdns.org for mode duckdns, unless another server is asked" } };
        const char *name = pic__obj_name(o), *zone = pic__obj_text(o, "zone");
        size_t i, len = strlen(name), z = strlen(zone);

        for (i = 0; i < PIC__COUNT(ends); i++) {
                size_t end = strlen(ends[i].end);

                if (strcmp(ends[i].mode, m->name) == 0 && !pic__obj_has(o, "server") &&
                    (len <= end || strcmp(name + len - end, ends[i].end) != 0 || memchr(name, '.', len - end) != NULL))
                        found(o, "name", name, ends[i].rule, NULL, list);
        }
        if (z > 0 && (len < z || strcmp(name + len - z, zone) != 0 || (len > z && name[len - z - 1] != '.')))
                found(o, "zone", zone, "is not the zone of this name: the name must end in it", NULL, list);
}

static void check_server(const pic_obj *o, pic_error **list)
{
        const char *server = pic__obj_text(o, "server");
        char host[256];
        unsigned port;

        if (server[0] != '\0' && pic__domain_server(server, host, &port) < 0)
                found(o, "server", server, "must be HOST or HOST:PORT, without https:// and without a path", NULL,
                      list);
}

static void check_user(const pic_obj *o, pic_error **list)
{
        const char *user = pic__obj_text(o, "user"), *email = pic__obj_text(o, "email");

        if (strchr(user, ':') != NULL)
                found(o, "user", user, "must not have ':' in it", NULL, list);
        if (email[0] != '\0' && (!is_plain(email) || strchr(email, '@') == NULL || strchr(email, ',') != NULL ||
                                 email[0] == '-')) /* uacme would take it for an option: -h/a/program@x */
                found(o, "email", email, "must be an address of mail: you@example.org", NULL, list);
}

void pic__domain_check(const pic_obj *o, pic_error **list)
{
        const pic__mode *m;

        if (!pic__obj_has(o, "mode"))
                return; /* what is required is told by others */
        m = pic__domain_mode(o);
        check_needs(o, m, list);
        check_fields(o, m, list);
        if (pic__obj_has(o, "name"))
                check_name(o, m, list);
        check_server(o, list);
        check_user(o, list);
        check_script(o, list);
        check_template(o, list);
        check_urls(o, list);
}
