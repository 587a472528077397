/* Owns: the judgement of what a CA sent, and the one transaction in which it takes the old one's place. */
#include <string.h>

#include "base/time.h"
#include "change/newkeys.h"
#include "engine/acme_i.h"
#include "model/text.h"
#include "sys/file.h"

#define CHAIN 8
#define CHAIN_BYTES ((size_t)11000) /* haproxy is told all of it as PEM at once, and takes 16 KiB */
#define ROOTS_MAX ((size_t)4 << 20)
#define ROOTS 512

struct chain {
        pic__buf bufs[CHAIN];
        pic__der ders[CHAIN];
        size_t count;
};

struct roots {
        pic__buf all;
        size_t at[ROOTS + 1];
        size_t count;
};

static int take_one(pic__der der, void *data)
{
        struct chain *c = data;

        if (c->count == CHAIN)
                return PIC_VALUE;
        pic__buf_put(&c->bufs[c->count], der.data, der.len);
        c->ders[c->count] = pic__der_of(&c->bufs[c->count]);
        c->count++;
        return 0;
}

static void chain_free(struct chain *c)
{
        size_t i;

        for (i = 0; i < CHAIN; i++)
                pic__buf_free(&c->bufs[i]);
}

static int take_root(pic__der der, void *data)
{
        struct roots *r = data;

        if (r->count == ROOTS)
                return 1;
        r->at[r->count++] = r->all.len;
        pic__buf_put(&r->all, der.data, der.len);
        r->at[r->count] = r->all.len;
        return 0;
}

/* Whom this machine trusts. */
static int by_system(const struct chain *c, const char *path, pic_time now, pic_error **err)
{
        struct roots *r = pic__alloc(sizeof(*r));
        pic__der *list = pic__alloc(ROOTS * sizeof(*list));
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;
        int code = r != NULL && list != NULL ? pic__file_read(path, ROOTS_MAX, &text, err) : pic__nomem(err);

        if (code == 0)
                code = pic__x509_pem_each(pic__buf_str(&text), text.len, take_root, r, err);
        for (i = 0; code >= 0 && i < r->count; i++)
                list[i] = (pic__der){ (const uint8_t *)r->all.data + r->at[i], r->at[i + 1] - r->at[i] };
        if (code >= 0)
                code = pic__x509_verify(list, r->count, c->ders, c->count, now, NULL, err);
        if (r != NULL)
                pic__buf_free(&r->all);
        pic__free(r);
        pic__free(list);
        return code < 0 ? code : 0;
}

/* Each of the names has to be good, and no other may be in it. */
static int judge_names(const char *is, const char *subjects, pic_error **err)
{
        const char *at = subjects;
        char name[256];

        while (pic__list_next(&at, name, sizeof(name)))
                if (!pic__list_has(is, name))
                        return pic__fail(err, PIC_BACKEND, "the CA's certificate is not for %s", name);
        at = is;
        while (pic__list_next(&at, name, sizeof(name)))
                if (!pic__list_has(subjects, name))
                        return pic__fail(err, PIC_BACKEND, "the CA's certificate is for %s too", name);
        return 0;
}

/* What could not be served must not take the place of what is. */
static int judge_size(const struct chain *c, pic_error **err)
{
        size_t i, all = 0;

        for (i = 0; i < c->count; i++)
                all += c->ders[i].len;
        return all <= CHAIN_BYTES ? 0
                                  : pic__fail(err, PIC_BACKEND,
                                              "the CA's certificates are too large to be served: %zu bytes", all);
}

/* Each is signed by the next one: the last is taken for a root here. */
static int judge_links(const struct chain *c, pic_error **err)
{
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i + 1 < c->count; i++)
                r = pic__x509_signed_by(c->ders[i], c->ders[i + 1], err);
        return r;
}

static int judge_leaf(const struct chain *c, const pic__x509_key *key, const char *subjects, pic_time now,
                      pic__x509_info *info, pic_error **err)
{
        pic__auto_buf pic__buf names = PIC__BUF_INIT;
        int r = pic__x509_read(c->ders[0], info, &names, err);

        if (r < 0)
                return r;
        if (!pic__x509_key_fits(key, c->ders[0]))
                return pic__fail(err, PIC_BACKEND, "the CA's certificate is of another key");
        if (info->from > now + 3600 * PIC__SECOND || info->until <= now)
                return pic__fail(err, PIC_BACKEND, "the CA's certificate is not good at this time: see the clock");
        return judge_names(pic__buf_str(&names), subjects, err);
}

int pic__acme_judge(const char *pem, size_t len, const pic__x509_key *key, const char *subjects, pic_time now,
                    const char *roots, pic__buf *chain, pic__x509_info *info, pic_error **err)
{
        PIC__AUTO(chain_free) struct chain c = { .count = 0 };
        pic__auto_err pic_error *bad = NULL;
        size_t i;
        int r = pic__x509_pem_each(pem, len, take_one, &c, &bad);

        if (r != 0 || c.count == 0)
                return pic__fail(err, PIC_BACKEND, "the CA sent no certificate that can be read");
        r = judge_leaf(&c, key, subjects, now, info, err);
        if (r == 0)
                r = judge_size(&c, err);
        if (r == 0)
                r = judge_links(&c, err);
        if (r == 0 && roots != NULL && by_system(&c, roots, now, &bad) < 0)
                r = pic__fail(err, PIC_BACKEND, "this machine does not trust the CA's certificate: %s",
                              pic_error_message(bad));
        for (i = 0; r == 0 && i < c.count; i++)
                pic__x509_text_put(c.ders[i], chain);
        return r == 0 && chain->failed ? pic__nomem(err) : r;
}

/* --- the transaction ------------------------------------------------------------------------------------------ */

static int set_all(const struct pic__acme *a, pic_obj *now, const pic__x509_info *info, const pic__buf *chain,
                   pic_error **err)
{
        pic__auto_wipe pic__buf key = PIC__BUF_SECRET;
        char mark[65];
        size_t i;
        int r = 0;

        pic__acme_mark(a->directory, mark);
        {
                const struct {
                        const char *field, *text;
                } texts[] = { { "subjects", a->subjects },
                              { "serial", info->serial },
                              { "fingerprint", info->fingerprint },
                              { "issuer_key", mark },
                              { "chain", pic__buf_str(chain) } };

                for (i = 0; r == 0 && i < PIC__COUNT(texts); i++)
                        r = pic__obj_set(now, texts[i].field, texts[i].text, 1, err);
        }
        if (r == 0)
                r = pic__obj_set_int(now, "not_before", info->from, err);
        if (r == 0)
                r = pic__obj_set_int(now, "not_after", info->until, err);
        if (r == 0)
                r = pic__obj_set_int(now, "renew_at", info->from + (info->until - info->from) / 3 * 2, err);
        if (r == 0)
                r = pic__x509_key_write(pic__acme_ask_key(a->ask), &key, err);
        return r < 0 ? r : pic__newkeys_sealed(now, "key", a->e->seals.public_key, key.data, key.len, err);
}

static int swap(struct pic__acme *a, const pic__x509_info *info, const pic__buf *chain, pic_error **err)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *was = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        const char *old;
        int r = pic__txn_begin(a->e->store, "agent", "agent", &t, err);

        if (r == 0)
                r = pic__store_get_id(a->e->store, PIC__CERTIFICATE, a->cert, &was, err);
        if (r < 0 || was == NULL)
                return r;
        if (!pic__acme_is(was))
                return pic__fail(err, PIC_STALE, "certificate %s was revoked meanwhile", pic__obj_name(was));
        r = pic__obj_edit(was, &now, err);
        if (r == 0)
                r = set_all(a, now, info, chain, err);
        if (r == 0)
                r = pic__txn_put(t, now, pic__obj_has(was, "chain") ? "cert-renew" : "cert-issue", NULL, err);
        pic__acme_keep_former(a, was);
        old = pic__obj_text(was, "key");
        if (r >= 0 && old[0] != '\0') /* keys of former certificates are nobody's business */
                r = pic__txn_forget(t, PIC__CERTIFICATE, was->id, "key", old, err);
        return r < 0 ? r : pic__txn_commit(pic__take(t), NULL, err);
}

int pic__acme_put(struct pic__acme *a, pic_error **err)
{
        const pic__buf *pem = pic__acme_ask_chain(a->ask);
        pic__auto_buf pic__buf chain = PIC__BUF_INIT;
        pic__x509_info info;
        int r = pic__acme_judge(pic__buf_str(pem), pem->len, pic__acme_ask_key(a->ask), a->subjects,
                                pic__acme_now(a->e), pic__acme_is_public(a->directory) ? PIC__ACME_ROOTS : NULL, &chain,
                                &info, err);

        if (r == 0)
                r = swap(a, &info, &chain, err);
        if (r == 0 && a->e->applied >= 0) /* who serves it takes it up */
                (void)pic__engine_apply(a->e, NULL, NULL);
        return r;
}
