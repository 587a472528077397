/* Owns: what public CAs are still to be told: that a certificate was revoked, that the address of a domain is another
 * one. What is wished stands in the store, so it is found again whatever happens; what was tried stands in acme.state.
 * Certificates that were renewed and have not ended yet are withdrawn with their successor. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "change/ca.h"
#include "engine/acme_i.h"
#include "engine/notes.h"
#include "sys/crypto.h"

/* --- what is wished ------------------------------------------------------------------------------------------- */

int pic__acme_is_revoked(const pic_obj *cert)
{
        return strcmp(pic__obj_text(cert, "issuer"), "acme") == 0 && pic__obj_int(cert, "revoked") != 0;
}

/* 1: its CA is to withdraw it, and has not yet. */
static int is_wished(const pic_obj *cert)
{
        return pic__acme_is_revoked(cert) && pic__obj_has(cert, "chain") && pic__obj_int(cert, "withdrawn") == 0;
}

const char *pic__acme_owed_list(const pic__snap *s)
{
        const pic_obj *cell = s != NULL ? pic__snap_cell(s) : NULL;

        return cell != NULL ? pic__obj_text(cell, "ca_owed") : "";
}

int pic__acme_owes(const pic__snap *s, pic_id id)
{
        const pic_obj *cert = pic__snap_get(s, PIC__CERTIFICATE, id);
        const char *at = pic__acme_owed_list(s);
        pic__owed o;

        if (cert != NULL && is_wished(cert))
                return 1;
        while (pic__owed_next(&at, &o))
                if (o.id == id)
                        return 1;
        return 0;
}

int pic__acme_owes_any(const pic__snap *s)
{
        const pic_obj *cert;
        size_t at = 0;

        if (pic__acme_owed_list(s)[0] != '\0')
                return 1;
        while ((cert = pic__snap_next(s, PIC__CERTIFICATE, &at)) != NULL)
                if (is_wished(cert))
                        return 1;
        return 0;
}

const char *pic__acme_email(const struct pic__acme *a, const char *directory)
{
        const char *found = NULL;
        const pic_obj *o;
        size_t at = 0;
        int i;

        while (a->e->snap != NULL && (o = pic__snap_next(a->e->snap, PIC__DOMAIN, &at)) != NULL)
                for (i = PIC__ACME_FIRST; pic__obj_int(o, "enabled") != 0 && i < PIC__ACME_WHERES; i++) {
                        const char *url = pic__acme_url(a, o, (enum pic__acme_where)i);

                        if (url == NULL || strcmp(url, directory) != 0)
                                continue;
                        found = pic__obj_text(o, "email");
                        if (found[0] != '\0')
                                return found;
                }
        return found;
}

/* --- papers --------------------------------------------------------------------------------------------------- */

static pic__acme_paper *keep(struct pic__acme *a, const pic__owed *o)
{
        pic__acme_paper *p = pic__acme_state_paper(&a->state, o->text, o->len, 1);

        if (p == NULL || p->name != NULL)
                return p;
        p->id = o->id;
        p->until = o->until;
        memcpy(p->issuer, o->issuer, sizeof(p->issuer));
        p->name = pic__strdup(o->name);
        return p->name != NULL ? p : NULL;
}

void pic__acme_keep_former(struct pic__acme *a, const pic_obj *cert)
{
        pic__owed o;

        if (pic__owed_of(cert, pic__acme_now(a->e), &o))
                (void)keep(a, &o); /* without memory it is only not told with its successor */
}

static int is_over(const pic__acme_paper *p, void *data)
{
        const struct pic__acme *a = data;
        int wished = pic__acme_owes(a->e->snap, p->id);

        return p->name == NULL || p->until <= pic__acme_now(a->e) || (p->done != 0 && !wished) ||
               (!wished && pic__snap_get(a->e->snap, PIC__CERTIFICATE, p->id) == NULL);
}

static void collect(struct pic__acme *a, pic_time now)
{
        const char *at = pic__acme_owed_list(a->e->snap);
        const pic_obj *cert;
        size_t k = 0;
        pic__owed o;

        while (pic__owed_next(&at, &o))
                if (o.until > now)
                        (void)keep(a, &o);
        while ((cert = pic__snap_next(a->e->snap, PIC__CERTIFICATE, &k)) != NULL)
                if (is_wished(cert) && pic__owed_of(cert, now, &o))
                        (void)keep(a, &o);
        pic__acme_state_drop(&a->state, is_over, a);
}

/* 1: all of that object's have been withdrawn, or have ended. */
static int is_settled(const struct pic__acme *a, pic_id id)
{
        size_t i;

        for (i = 0; i < a->state.papers.count; i++)
                if (a->state.papers.at[i]->id == id && a->state.papers.at[i]->done == 0)
                        return 0;
        return 1;
}

/* --- what the store says of it -------------------------------------------------------------------------------- */

/* Its key is of no use any more. */
static int mark_cert(struct pic__acme *a, pic__txn *t, pic_id id, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *was = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        pic__auto_free char *key = NULL;
        int r = pic__store_get_id(a->e->store, PIC__CERTIFICATE, id, &was, err);

        if (r < 0 || !is_wished(was))
                return r;
        key = pic__strdup(pic__obj_text(was, "key"));
        r = key != NULL ? pic__obj_edit(was, &now, err) : pic__nomem(err);
        if (r == 0)
                r = pic__obj_set_int(now, "withdrawn", pic__acme_now(a->e), err);
        if (r == 0)
                r = pic__obj_set(now, "key", NULL, 1, err);
        if (r == 0)
                r = pic__txn_put(t, now, "cert-withdrawn", NULL, err);
        if (r >= 0 && key[0] != '\0')
                r = pic__txn_forget(t, PIC__CERTIFICATE, id, "key", key, err);
        return r < 0 ? r : 0;
}

static int is_done(const struct pic__acme *a, const pic__owed *o, pic_time now)
{
        size_t i;

        if (o->until <= now)
                return 1;
        for (i = 0; i < a->state.papers.count; i++)
                if (a->state.papers.at[i]->id == o->id)
                        return is_settled(a, o->id);
        return 0;
}

/* Of those that were removed: what remains of the list. */
static int mark_cell(const struct pic__acme *a, pic__txn *t, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *was = NULL;
        PIC__AUTO(pic__obj_unref_p) pic_obj *now = NULL;
        pic__auto_buf pic__buf left = PIC__BUF_INIT;
        const char *at;
        pic__owed o;
        int r = pic__txn_get(t, PIC__CELL, NULL, &was, err);

        if (r < 0)
                return r;
        at = pic__obj_text(was, "ca_owed");
        while (pic__owed_next(&at, &o))
                if (!is_done(a, &o, pic__acme_now(a->e)))
                        pic__owed_put(&o, &left);
        if (left.failed || strcmp(pic__buf_str(&left), pic__obj_text(was, "ca_owed")) == 0)
                return 0;
        r = pic__obj_edit(was, &now, err);
        if (r == 0)
                r = pic__obj_set(now, "ca_owed", left.len > 0 ? pic__buf_str(&left) : NULL, 1, err);
        r = r == 0 ? pic__txn_put(t, now, "cert-withdrawn", NULL, err) : r;
        return r < 0 ? r : 0;
}

static int is_done_cert(const struct pic__acme *a, const pic_obj *cert, pic_time now)
{
        pic__owed o;

        return is_wished(cert) && pic__owed_of(cert, now, &o) && is_done(a, &o, now);
}

/* 1: the store has to be told something. */
static int is_news(const struct pic__acme *a, pic_time now)
{
        const char *owed = pic__acme_owed_list(a->e->snap);
        const pic_obj *cert;
        size_t at = 0;
        pic__owed o;

        while (pic__owed_next(&owed, &o))
                if (is_done(a, &o, now))
                        return 1;
        while ((cert = pic__snap_next(a->e->snap, PIC__CERTIFICATE, &at)) != NULL)
                if (is_done_cert(a, cert, now))
                        return 1;
        return 0;
}

/* What has been done is written into the store, so that it is wished no more. */
static void settle(struct pic__acme *a, pic_time now)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic__auto_err pic_error *bad = NULL;
        const pic_obj *cert;
        size_t at = 0;
        int r = pic__txn_begin(a->e->store, "agent", "agent", &t, &bad);

        while (r == 0 && (cert = pic__snap_next(a->e->snap, PIC__CERTIFICATE, &at)) != NULL)
                if (is_done_cert(a, cert, now))
                        r = mark_cert(a, t, cert->id, &bad);
        if (r == 0)
                r = mark_cell(a, t, &bad);
        if (r == 0)
                r = pic__txn_commit(pic__take(t), NULL, &bad);
        if (r < 0)
                pic__log_err(a->e->log, PIC_LOG_WARNING, "acme", bad);
        else if (a->e->applied >= 0)
                (void)pic__engine_apply(a->e, NULL, NULL);
        pic__acme_state_drop(&a->state, is_over, a);
        (void)pic__acme_state_save(&a->state, a->path, NULL); /* what is left there is forgotten the next time */
}

/* --- one errand ------------------------------------------------------------------------------------------------ */

/* By what it says of who issued it: an account is kept as long as the cell is. */
static const char *directory_of(const struct pic__acme *a, const char *issuer)
{
        char mark[65];
        const pic_obj *o;
        size_t i, at = 0;

        for (i = 0; i < a->state.accounts.count; i++) {
                pic__acme_mark(a->state.accounts.at[i].directory, mark);
                if (strcmp(mark, issuer) == 0)
                        return a->state.accounts.at[i].directory;
        }
        while ((o = pic__snap_next(a->e->snap, PIC__DOMAIN, &at)) != NULL)
                for (i = PIC__ACME_FIRST; i <= PIC__ACME_SECOND; i++) {
                        const char *url = pic__acme_url(a, o, (enum pic__acme_where)i);

                        pic__acme_mark(url != NULL ? url : "", mark);
                        if (url != NULL && strcmp(mark, issuer) == 0)
                                return url;
                }
        return NULL;
}

/* The certificate's own key, as long as the cell has it. */
static void own_key(const struct pic__acme *a, const pic__acme_paper *p, pic__buf *out)
{
        const pic_obj *cert = pic__snap_get(a->e->snap, PIC__CERTIFICATE, p->id);
        size_t len = strlen(p->text);

        if (cert == NULL || !pic__obj_has(cert, "key") || strncmp(pic__obj_text(cert, "chain"), p->text, len) != 0)
                return;
        (void)pic__seals_open_text(&a->e->seals, cert, "key", out, NULL);
}

static int start_telling(struct pic__acme *a, pic__acme_ask_opts *o, const char *directory, pic_error **err)
{
        pic__auto_wipe pic__buf account = PIC__BUF_SECRET;
        int r = 0;

        if (directory == NULL)
                return pic__fail(err, PIC_NOTFOUND, "it is not known any more which CA issued it");
        if (o->leaf_key.len == 0)
                r = pic__acme_account_key(a, directory, &account, &o->known, err);
        if (r == 0) /* before it begins: killing the agent again and again makes nobody be asked more often */
                r = pic__acme_state_save(&a->state, a->path, err);
        pic__free(a->directory);
        a->directory = pic__strdup(directory);
        if (r == 0 && a->directory == NULL)
                r = pic__nomem(err);
        o->run_dir = a->e->run_dir;
        o->program = a->opts.program;
        o->hook = a->opts.hook;
        o->directory = a->directory;
        o->account = pic__der_of(&account);
        o->hear = pic__acme_prove;
        o->data = a;
        return r < 0 ? r : pic__acme_ask_start(o, &a->ask, err);
}

static void try_it(struct pic__acme *a, pic__acme_wait *w)
{
        w->failures++;
        w->next = pic__acme_tell_at(w->failures, pic__acme_now(a->e));
        a->told = w;
}

/* By the account's word; where that was refused, or there is none, by the certificate's own. */
static void withdraw(struct pic__acme *a, pic__acme_paper *p)
{
        const char *directory = directory_of(a, p->issuer);
        pic__acme_ask_opts o = { .errand = PIC__ACME_WITHDRAW };
        pic__auto_wipe pic__buf key = PIC__BUF_SECRET;
        pic__auto_buf pic__buf leaf = PIC__BUF_INIT;
        pic_error *bad = NULL;
        int r = pic__x509_text_first(p->text, &leaf, &bad), known;

        a->paper = p;
        try_it(a, &p->wait);
        known = directory != NULL && pic__acme_state_account(&a->state, directory, 0) != NULL;
        if (!known || p->wait.failures % 2 == 0)
                own_key(a, p, &key);
        o.leaf = pic__der_of(&leaf);
        o.leaf_key = pic__der_of(&key);
        if (r == 0 && !known && key.len == 0)
                r = pic__fail(&bad, PIC_NOTFOUND, "neither the account that got it nor its key is here any more");
        if (r == 0)
                r = start_telling(a, &o, directory, &bad);
        if (r < 0)
                pic__acme_told(a, r, bad);
}

static void change_address(struct pic__acme *a, pic__acme_account *account, const char *email)
{
        pic__acme_ask_opts o = { .errand = PIC__ACME_CONTACT, .email = email };
        pic_error *bad = NULL;
        int r;

        a->paper = NULL;
        try_it(a, &account->mail);
        pic__free(a->subjects);
        a->subjects = pic__strdup(email);
        r = a->subjects != NULL ? start_telling(a, &o, account->directory, &bad) : pic__nomem(&bad);
        if (r < 0)
                pic__acme_told(a, r, bad);
}

/* --- and its end ---------------------------------------------------------------------------------------------- */

static void remark(struct pic__acme *a, const char *verb, const pic_error *bad)
{
        const pic_obj *cert = a->paper != NULL ? pic__snap_get(a->e->snap, PIC__CERTIFICATE, a->paper->id) : NULL;
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (a->paper != NULL)
                pic__buf_putf(&text, "certificate %s at %s%s%s", a->paper->name,
                              a->directory != NULL ? a->directory : "its CA", bad != NULL ? ": " : "",
                              pic_error_message(bad));
        else
                pic__buf_putf(&text, "e-mail address at %s%s%s", a->directory, bad != NULL ? ": " : "",
                              pic_error_message(bad));
        pic__log_put(a->e->log, bad != NULL ? PIC_LOG_WARNING : PIC_LOG_INFO, "acme", "%s: %s", verb,
                     pic__buf_str(&text));
        if (cert == NULL)
                cert = pic__snap_cell(a->e->snap);
        pic__engine_remark_on(a->e, cert, verb, pic__buf_str(&text), &pic__bound_trouble);
}

static int is_same(const char *former, const char *now)
{
        return former != NULL && now != NULL && strcmp(former, now) == 0;
}

static void keep_address(struct pic__acme *a)
{
        pic__acme_account *account = pic__acme_state_account(&a->state, a->directory, 0);

        if (account == NULL)
                return;
        account->known = pic__acme_now(a->e);
        pic__free(account->email);
        account->email = pic__strdup(a->subjects);
}

void pic__acme_told(struct pic__acme *a, int r, pic_error *bad)
{
        pic__acme_wait *w = a->told;
        pic__auto_free char *former = pic__take(w->why);
        pic__auto_err pic_error *why = bad, *own = NULL;

        a->ask = pic__acme_ask_unref(a->ask);
        if (r > 0) {
                *w = (pic__acme_wait){ .failures = 0 };
                if (a->paper != NULL)
                        a->paper->done = pic__acme_now(a->e);
                else
                        keep_address(a);
                remark(a, "cert-told", NULL);
        } else {
                pic__acme_state_say(&w->why, pic_error_message(why));
                if (!is_same(former, w->why))
                        remark(a, "cert-tell-fail", why);
        }
        a->told = NULL;
        a->paper = NULL;
        a->seen = -1;
        if (pic__acme_state_save(&a->state, a->path, &own) < 0)
                pic__log_err(a->e->log, PIC_LOG_WARNING, "acme", own);
}

/* --- what is due ---------------------------------------------------------------------------------------------- */

int pic__acme_has_news(const struct pic__acme *a, const pic__acme_account *account, const char **ret_email)
{
        *ret_email = pic__acme_email(a, account->directory);
        return account->known != 0 && *ret_email != NULL &&
               strcmp(account->email != NULL ? account->email : "", *ret_email) != 0;
}

/* 1: an errand was begun. */
int pic__acme_tell(struct pic__acme *a, pic_time now, pic_time not_before)
{
        pic_time at = not_before > now ? not_before : now;
        size_t i;

        collect(a, now);
        if (is_news(a, now))
                settle(a, now);
        for (i = 0; i < a->state.papers.count; i++) {
                pic__acme_paper *p = a->state.papers.at[i];
                pic_time next = pic__acme_until(p->wait.next, now);

                if (p->done != 0 || !pic__acme_owes(a->e->snap, p->id))
                        continue;
                if (next <= now && at <= now) {
                        withdraw(a, p);
                        return 1;
                }
                pic__acme_sooner(a, next > at ? next : at);
        }
        for (i = 0; i < a->state.accounts.count; i++) {
                pic__acme_account *account = &a->state.accounts.at[i];
                pic_time next = pic__acme_until(account->mail.next, now);
                const char *email;

                if (!pic__acme_has_news(a, account, &email))
                        continue;
                if (next <= now && at <= now) {
                        change_address(a, account, email);
                        return 1;
                }
                pic__acme_sooner(a, next > at ? next : at);
        }
        return 0;
}
