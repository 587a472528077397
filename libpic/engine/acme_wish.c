/* Owns: what follows from domains and certificates for the asking of public CAs. */
#include "engine/acme_wish.h"

#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "model/domain.h"
#include "model/text.h"
#include "sys/crypto.h"

#define ACME_NAME 256

/* The CAs that are known by name. */
static const struct {
        const char *directory, *rehearsal;
} known[] = {
        { "https://acme-v02.api.letsencrypt.org/directory", "https://acme-staging-v02.api.letsencrypt.org/directory" },
};

int pic__acme_is(const pic_obj *cert)
{
        return strcmp(pic__obj_text(cert, "issuer"), "acme") == 0 && pic__obj_int(cert, "revoked") == 0;
}

const char *pic__acme_directory(const pic_obj *domain, enum pic__acme_where where)
{
        const char *first = pic__obj_text(domain, "acme"), *second = pic__obj_text(domain, "acme_fallback");
        size_t i;

        first = first[0] != '\0' ? first : known[0].directory;
        if (where == PIC__ACME_FIRST)
                return first;
        if (where == PIC__ACME_SECOND)
                return second[0] != '\0' ? second : NULL;
        for (i = 0; i < PIC__COUNT(known); i++)
                if (strcmp(known[i].directory, first) == 0)
                        return known[i].rehearsal;
        return NULL;
}

int pic__acme_is_public(const char *directory)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(known); i++)
                if (strcmp(known[i].directory, directory) == 0)
                        return 1;
        return 0;
}

void pic__acme_mark(const char *directory, char out[65])
{
        uint8_t digest[32];

        pic__digest(directory, strlen(directory), digest);
        pic__hex(digest, sizeof(digest), out);
}

const char *pic__acme_proof(const pic_obj *domain)
{
        return (pic__domain_mode(domain)->can & PIC__MODE_DNS01) != 0 ? "dns-01" : "http-01";
}

/* The name itself, or below it. */
static int is_of(const char *name, const char *domain)
{
        size_t n = strlen(name), d = strlen(domain);

        return n >= d && pic__same_name(name + n - d, domain) && (n == d || name[n - d - 1] == '.');
}

const pic_obj *pic__acme_domain(const pic__snap *s, const char *name)
{
        const pic_obj *o, *best = NULL;
        size_t at = 0;

        name += strncmp(name, "*.", 2) == 0 ? 2 : 0;
        while ((o = pic__snap_next(s, PIC__DOMAIN, &at)) != NULL)
                if (pic__obj_int(o, "enabled") != 0 && is_of(name, pic__obj_name(o)) &&
                    (best == NULL || strlen(pic__obj_name(o)) > strlen(pic__obj_name(best))))
                        best = o;
        return best;
}

/* All that could make a try come out otherwise. */
static void put_wished(const pic_obj *domain, pic__buf *out)
{
        static const char *const fields[] = { "name", "mode",  "server",        "zone",  "user",     "url", "script",
                                              "acme", "email", "acme_fallback", "token", "password", "key" };
        size_t i;

        for (i = 0; i < PIC__COUNT(fields); i++) {
                const char *text = pic__obj_text(domain, fields[i]);

                pic__buf_put(out, text, strlen(text) + 1);
        }
}

struct sum {
        const pic__snap *s;
        pic__acme_wish *w;
        pic__buf all;
        size_t count;
};

static int add(struct sum *sum, const char *text, pic_error **err)
{
        char name[ACME_NAME];
        const pic_obj *domain;
        size_t len;

        if (pic__fold(text, name, sizeof(name)) < 0)
                return pic__fail(err, PIC_VALUE, "%s is too long", text);
        len = strlen(name);
        if (len > 0 && name[len - 1] == '.')
                name[len - 1] = '\0';
        domain = pic__acme_domain(sum->s, name);
        if (domain == NULL) {
                (void)pic__fail(err, PIC_NOTFOUND, "%s is not of a domain of this cell that is in use", name);
                pic__hint(err, "pic domain list; a public CA vouches for such names only");
                return PIC_NOTFOUND;
        }
        if (strncmp(name, "*.", 2) == 0 && strcmp(pic__acme_proof(domain), "dns-01") != 0)
                return pic__fail(err, PIC_VALUE,
                                 "%s cannot be proved in mode %s: that takes a mode that sets DNS records", name,
                                 pic__obj_text(domain, "mode"));
        if (pic__list_has(pic__buf_str(&sum->w->subjects), name))
                return 0;
        if (sum->count++ >= PIC__ACME_NAMES)
                return pic__fail(err, PIC_VALUE, "a certificate has at most %d names", PIC__ACME_NAMES);
        pic__buf_putf(&sum->w->subjects, "%s%s", sum->w->subjects.len > 0 ? "," : "", name);
        sum->w->domain = sum->w->domain != NULL ? sum->w->domain : domain;
        pic__buf_put(&sum->all, name, strlen(name) + 1);
        put_wished(domain, &sum->all);
        return 0;
}

/* Without names it is its domain's own: that, and what is below it where that can be proved. */
static int add_own(struct sum *sum, const char *name, pic_error **err)
{
        const pic_obj *domain = pic__snap_named(sum->s, PIC__DOMAIN, name);
        char star[ACME_NAME + 2] = "*.";
        int r = add(sum, name, err);

        if (r < 0 || domain == NULL || !pic__domain_is_wild(domain) || strcmp(pic__acme_proof(domain), "dns-01") != 0)
                return r;
        memcpy(star + 2, name, strnlen(name, ACME_NAME - 1) + 1);
        return add(sum, star, err);
}

int pic__acme_read_wish(const pic__snap *s, const pic_obj *cert, pic__acme_wish *ret, pic_error **err)
{
        struct sum sum = { s, ret, PIC__BUF_INIT, 0 };
        const char *at = pic__obj_text(cert, "names");
        char name[ACME_NAME];
        uint8_t digest[32];
        int r = 0;

        memset(ret, 0, sizeof(*ret));
        ret->cert = cert;
        if (at[0] == '\0')
                r = add_own(&sum, pic__obj_name(cert), err);
        while (r == 0 && at[0] != '\0' && pic__list_next(&at, name, sizeof(name)))
                r = add(&sum, name, err);
        pic__digest(pic__buf_str(&sum.all), sum.all.len, digest);
        pic__hex(digest, sizeof(digest), ret->wished);
        if (r == 0 && (sum.all.failed || ret->subjects.failed))
                r = pic__nomem(err);
        pic__buf_free(&sum.all);
        if (r < 0)
                pic__acme_wish_free(ret);
        return r;
}

void pic__acme_wish_free(pic__acme_wish *w)
{
        pic__buf_free(&w->subjects);
        memset(w, 0, sizeof(*w));
}

/* By the domain's first CA, or the second. */
static int is_of_ours(const pic__acme_wish *w)
{
        const char *is = pic__obj_text(w->cert, "issuer_key"), *url;
        char mark[65];
        int i;

        for (i = PIC__ACME_FIRST; i <= PIC__ACME_SECOND; i++) {
                url = pic__acme_directory(w->domain, (enum pic__acme_where)i);
                if (url == NULL)
                        continue;
                pic__acme_mark(url, mark);
                if (strcmp(mark, is) == 0)
                        return 1;
        }
        return 0;
}

pic_time pic__acme_needs_at(const pic__acme_wish *w)
{
        if (!pic__obj_has(w->cert, "chain") || !is_of_ours(w) ||
            strcmp(pic__obj_text(w->cert, "subjects"), pic__buf_str(&w->subjects)) != 0)
                return 0;
        return pic__obj_int(w->cert, "renew_at");
}

enum pic__acme_need pic__acme_needs(const pic__acme_wish *w, pic_time due)
{
        if (!pic__obj_has(w->cert, "chain"))
                return PIC__ACME_ISSUE;
        return pic__acme_needs_at(w) <= due ? PIC__ACME_RENEW : PIC__ACME_FINE;
}
