/* Owns: what is told of the asking: its state, doctor's words, and the answer to who wants a renewal now. */
#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "change/ca.h"
#include "engine/acme_i.h"
#include "engine/port80.h"
#include "model/text.h"
#include "sys/child.h"

static const char *const wheres[] = { "first", "second", "rehearsal" };

/* --- asked for ------------------------------------------------------------------------------------------------- */

static int held(const pic__acme_limit *l, pic_time at, pic_error **err)
{
        char when[PIC__TIME_TEXT];

        (void)pic__fail(err, PIC_BUSY, "the CA was asked %u times within %" PRId64 " hours, which is the most", l->most,
                        l->window / (3600 * PIC__SECOND));
        pic__hint(err, "Not before %s. The CA's own limit: %s", pic__time_print(at, when), l->theirs);
        return PIC_BUSY;
}

static void note_asked(pic__engine *e, const pic_obj *cert, const char *actor, const char *way)
{
        PIC__AUTO(pic__txn_abort_p) pic__txn *t = NULL;
        pic__auto_err pic_error *bad = NULL;
        int r = pic__txn_begin(e->store, actor, way, &t, &bad);

        if (r == 0)
                r = pic__txn_note(t, cert->kind, cert->id, pic__obj_name(cert), "cert-ask", "asked for now", &bad);
        if (r >= 0)
                r = pic__txn_commit(pic__take(t), NULL, &bad);
        if (r < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "audit", bad);
}

int pic__engine_acme_renew(pic__engine *e, const pic_obj *cert, const char *actor, const char *way, pic_error **err)
{
        PIC__AUTO(pic__acme_wish_free) pic__acme_wish w = { .cert = NULL };
        const pic__acme_limit *limit = NULL;
        const pic_obj *now;
        pic__acme_track fresh;
        pic__acme_entry *entry;
        pic_time at = 0;
        int r;

        pic__engine_acme_turn(e);
        now = e->snap != NULL ? pic__snap_get(e->snap, PIC__CERTIFICATE, cert->id) : NULL;
        if (now == NULL || (e->fake && (e->acme == NULL || !e->acme->allowed)))
                return pic__fail(err, PIC_BADSTATE, "certificate %s: only an agent of the real world asks a public CA",
                                 pic__obj_name(cert));
        r = pic__acme_read_wish(e->snap, now, &w, err);
        if (r < 0)
                return r;
        if (e->acme == NULL)
                return pic__fail(err, PIC_BADSTATE, "certificate %s: there is no domain to ask for",
                                 pic__obj_name(cert));
        if (e->acme->ask != NULL && e->acme->cert == cert->id)
                return pic__fail(err, PIC_BADSTATE, "certificate %s is being asked for already", pic__obj_name(cert));
        entry = pic__acme_state_entry(&e->acme->state, cert->id, 1);
        if (entry == NULL)
                return pic__nomem(err);
        fresh = entry->track;
        pic__acme_again(&fresh);
        (void)pic__acme_plan(e->acme, &w, &fresh, pic__acme_now(e), &at, &limit);
        if (limit != NULL)
                return held(limit, at, err);
        entry->track = fresh;
        note_asked(e, cert, actor, way);
        e->acme->asked = cert->id;
        e->acme->seen = -1;
        pic__engine_acme_turn(e);
        return 0;
}

/* --- its state ------------------------------------------------------------------------------------------------ */

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t > 0 ? pic__time_print(t, text) : NULL);
}

static const char *state_of(pic__engine *e, const pic_obj *cert, const pic__acme_wish *w, const pic__acme_entry *entry)
{
        pic_time now = pic__acme_now(e);

        if (e->acme != NULL && e->acme->ask != NULL && e->acme->cert == cert->id)
                return "asking";
        if (w->domain == NULL)
                return "nobody"; /* proves its names */
        if (entry != NULL && entry->why != NULL)
                return "failing";
        return pic__acme_needs(w, now) == PIC__ACME_FINE ? "good" : "due";
}

static void put_names(pic__json *j, const char *list)
{
        char name[256];

        pic__json_key(j, "subjects");
        pic__json_open(j, '[');
        while (pic__list_next(&list, name, sizeof(name)))
                pic__json_str(j, name);
        pic__json_close(j, ']');
}

/* Of several papers of one object what is worst. */
static const pic__acme_wait *worst(const pic__engine *e, pic_id id)
{
        static const pic__acme_wait none = { .why = NULL };
        const pic__acme_wait *found = &none;
        size_t i;

        for (i = 0; e->acme != NULL && i < e->acme->state.papers.count; i++) {
                const pic__acme_paper *p = e->acme->state.papers.at[i];

                if (p->id == id && p->done == 0 && p->wait.failures >= found->failures)
                        found = &p->wait;
        }
        return found;
}

/* What is told of those that are, or are to be, withdrawn. */
static void put_withdrawn(pic__json *j, const pic__engine *e, pic_id id, const char *name, const pic_obj *cert)
{
        int due = e->snap != NULL && pic__acme_owes(e->snap, id) &&
                  (cert == NULL || pic__obj_int(cert, "not_after") > pic__acme_now(e));
        const pic__acme_wait *w = worst(e, id);

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", name);
        pic__json_kstr(j, "state", due ? "revoking" : "revoked");
        put_names(j, cert != NULL ? pic__obj_text(cert, "subjects") : "");
        pic__json_kstr(j, "domain", NULL);
        pic__json_kstr(j, "proof", NULL);
        pic__json_kstr(j, "directory", NULL);
        pic__json_kint(j, "failures", due ? (int64_t)w->failures : 0);
        put_time(j, "next", due ? w->next : 0);
        put_time(j, "tried", cert != NULL ? pic__obj_int(cert, "withdrawn") : 0);
        pic__json_kstr(j, "where", NULL);
        pic__json_kstr(j, "why", due ? w->why : NULL);
        pic__json_close(j, '}');
}

static void put_one(pic__engine *e, const pic_obj *cert, pic__json *j)
{
        PIC__AUTO(pic__acme_wish_free) pic__acme_wish w = { .cert = NULL };
        const pic__acme_entry *entry = pic__acme_entry_of(e, cert->id);
        pic__auto_err pic_error *bad = NULL;
        const pic__acme_limit *limit;
        pic_time next = 0, now = pic__acme_now(e);

        if (pic__acme_read_wish(e->snap, cert, &w, &bad) == 0) {
                next = pic__acme_needs_at(&w);
                if (e->acme != NULL && entry != NULL && next <= now)
                        (void)pic__acme_plan(e->acme, &w, &entry->track, now, &next, &limit);
        }
        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(cert));
        pic__json_kstr(j, "state", state_of(e, cert, &w, entry));
        put_names(j, w.domain != NULL ? pic__buf_str(&w.subjects) : pic__obj_text(cert, "subjects"));
        pic__json_kstr(j, "domain", w.domain != NULL ? pic__obj_name(w.domain) : NULL);
        pic__json_kstr(j, "proof", w.domain != NULL ? pic__acme_proof(w.domain) : NULL);
        pic__json_kstr(j, "directory", w.domain != NULL ? pic__acme_directory(w.domain, PIC__ACME_FIRST) : NULL);
        pic__json_kint(j, "failures", entry != NULL ? (int64_t)entry->track.failures : 0);
        put_time(j, "next", next);
        put_time(j, "tried", entry != NULL ? entry->ended : 0);
        pic__json_kstr(j, "where", entry != NULL && entry->ended > 0 ? wheres[entry->where] : NULL);
        pic__json_kstr(j, "why", bad != NULL ? pic_error_message(bad) : entry != NULL ? entry->why : NULL);
        pic__json_close(j, '}');
}

static void put_any(pic__engine *e, const pic_obj *cert, pic__json *j)
{
        if (pic__acme_is_revoked(cert))
                put_withdrawn(j, e, cert->id, pic__obj_name(cert), cert);
        else
                put_one(e, cert, j);
}

/* Those that were removed, of that name (NULL: all). 1: there are. */
static int put_removed(const pic__engine *e, const char *name, pic__json *j)
{
        const char *at = pic__acme_owed_list(e->snap);
        pic__owed o;
        int any = 0;

        while (pic__owed_next(&at, &o))
                if (name == NULL || pic__same_name(o.name, name)) {
                        put_withdrawn(j, e, o.id, o.name, NULL);
                        any = 1;
                }
        return any;
}

static int put_named(pic__engine *e, const char *name, pic__json *j, pic_error **err)
{
        const pic_obj *cert = e->snap != NULL ? pic__snap_named(e->snap, PIC__CERTIFICATE, name) : NULL;

        if (cert != NULL && strcmp(pic__obj_text(cert, "issuer"), "acme") != 0)
                return pic__fail(err, PIC_BADSTATE, "certificate %s is not of a public CA", name);
        pic__json_open(j, '[');
        if (cert != NULL)
                put_any(e, cert, j);
        if (!put_removed(e, name, j) && cert == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no certificate %s", name);
        pic__json_close(j, ']');
        return 0;
}

int pic__engine_acme_state(pic__engine *e, const char *name, pic__json *out, pic_error **err)
{
        const pic_obj *cert;
        size_t at = 0;

        if (name != NULL)
                return put_named(e, name, out, err);
        pic__json_open(out, '[');
        while (e->snap != NULL && (cert = pic__snap_next(e->snap, PIC__CERTIFICATE, &at)) != NULL)
                if (strcmp(pic__obj_text(cert, "issuer"), "acme") == 0)
                        put_any(e, cert, out);
        (void)put_removed(e, NULL, out);
        pic__json_close(out, ']');
        return 0;
}

void pic__engine_acme_accounts(pic__engine *e, pic__json *out)
{
        size_t i;

        pic__json_open(out, '[');
        for (i = 0; e->acme != NULL && i < e->acme->state.accounts.count; i++) {
                const pic__acme_account *account = &e->acme->state.accounts.at[i];
                const char *email;
                int other = pic__acme_has_news(e->acme, account, &email);

                pic__json_open(out, '{');
                pic__json_kstr(out, "directory", account->directory);
                pic__json_kbool(out, "known", account->known != 0);
                pic__json_kstr(out, "email", account->email);
                pic__json_kstr(out, "wished", other ? email : account->email);
                pic__json_kint(out, "failures", (int64_t)account->mail.failures);
                put_time(out, "next", other ? account->mail.next : 0);
                pic__json_kstr(out, "why", other ? account->mail.why : NULL);
                pic__json_close(out, '}');
        }
        pic__json_close(out, ']');
}

/* --- doctor --------------------------------------------------------------------------------------------------- */

static void look_at(pic__engine *e, const pic_obj *cert, pic__findings *f)
{
        PIC__AUTO(pic__acme_wish_free) pic__acme_wish w = { .cert = NULL };
        const pic__acme_entry *entry = pic__acme_entry_of(e, cert->id);
        pic__auto_err pic_error *bad = NULL;

        if (pic__acme_read_wish(e->snap, cert, &w, &bad) < 0) {
                pic__foundf(f, PIC_LOG_WARNING, "certs", "pic domain add, or pic cert remove",
                            "certificate %s is not asked for: %s", pic__obj_name(cert), pic_error_message(bad));
                return;
        }
        if (entry != NULL && entry->why != NULL)
                pic__foundf(f, pic__obj_has(cert, "chain") ? PIC_LOG_WARNING : PIC_LOG_ERROR, "certs",
                            "pic cert show NAME has the next try; what was mended is tried at once by: pic cert renew",
                            "no certificate for %s (%s, %u tries): %s", pic__obj_name(cert), wheres[entry->where],
                            entry->track.failures, entry->why);
}

/* What CAs were told in vain. */
static void look_at_telling(const pic__engine *e, pic__findings *f)
{
        static const char hint[] = "It is tried again by itself: pic cert status";
        const char *email;
        size_t i;

        for (i = 0; e->acme != NULL && i < e->acme->state.papers.count; i++) {
                const pic__acme_paper *p = e->acme->state.papers.at[i];

                if (p->done == 0 && p->wait.why != NULL && pic__acme_owes(e->snap, p->id))
                        pic__foundf(f, PIC_LOG_WARNING, "certs", hint,
                                    "certificate %s was revoked, which its CA does not know yet (%u tries): %s",
                                    p->name, p->wait.failures, p->wait.why);
        }
        for (i = 0; e->acme != NULL && i < e->acme->state.accounts.count; i++) {
                const pic__acme_account *account = &e->acme->state.accounts.at[i];

                if (account->mail.why != NULL && pic__acme_has_news(e->acme, account, &email))
                        pic__foundf(f, PIC_LOG_WARNING, "certs", hint,
                                    "%s does not know the e-mail address yet (%u tries): %s", account->directory,
                                    account->mail.failures, account->mail.why);
        }
}

static void look_at_port80(pic__engine *e, pic__findings *f)
{
        pic__auto_buf pic__buf who = PIC__BUF_INIT;
        const pic_obj *o;
        size_t at = 0;

        if (e->snap == NULL || e->fake)
                return;
        while ((o = pic__snap_next(e->snap, PIC__DOMAIN, &at)) != NULL) {
                pic__buf_clear(&who);
                if (pic__port80_wanted(o) && pic__port80_taken(pic__snap_cell(e->snap), &who))
                        pic__foundf(f, PIC_LOG_WARNING, "certs", PIC__PORT80_HINT,
                                    "port 80 is held by %s: a public CA that comes to prove %s (http-01) finds that "
                                    "instead of the cell",
                                    pic__buf_str(&who), pic__obj_name(o));
        }
}

void pic__acme_look(pic__engine *e, pic__findings *f)
{
        pic__auto_free char *program = NULL;
        const pic_obj *cert;
        size_t at = 0, count = 0;

        while (e->snap != NULL && (cert = pic__snap_next(e->snap, PIC__CERTIFICATE, &at)) != NULL)
                if (pic__acme_is(cert)) {
                        look_at(e, cert, f);
                        count++;
                }
        if (e->snap != NULL)
                look_at_telling(e, f);
        look_at_port80(e, f);
        if (count == 0 || e->fake)
                return;
        program = pic__cmd_find("uacme");
        if (program == NULL)
                pic__foundf(f, PIC_LOG_ERROR, "certs", "apt-get install uacme",
                            "uacme is not installed: it gets certificates from public CAs");
}
