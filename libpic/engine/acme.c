/* Owns: the round over certificates of public CAs: what is due when, one try at a time, and what becomes of it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/map.h"
#include "base/time.h"
#include "engine/acme_i.h"
#include "engine/certs.h"
#include "engine/notes.h"
#include "engine/wire.h"
#include "sys/crypto.h"
#include "sys/file.h"
#include "sys/spawn.h"

#define DAY (86400 * PIC__SECOND)
#define AGAIN (60 * PIC__SECOND)  /* what of our own failed: a full disk */
#define CONFIRM (5 * PIC__SECOND) /* a change waits: it may go back */
#define ACCOUNT "acme/account"

pic_time pic__acme_now(const pic__engine *e)
{
        return e->clock->now(e->clock->data);
}

pic__acme_entry *pic__acme_entry_of(const pic__engine *e, pic_id cert)
{
        return e->acme != NULL ? pic__acme_state_entry(&e->acme->state, cert, 0) : NULL;
}

const char *pic__acme_url(const struct pic__acme *a, const pic_obj *domain, enum pic__acme_where where)
{
        const char *url = pic__acme_directory(domain, where);

        return where == PIC__ACME_REHEARSAL && a->opts.rehearsal != NULL ? a->opts.rehearsal : url;
}

/* --- its life ------------------------------------------------------------------------------------------------- */

/* A damaged file is told, and replaced by the next try. */
static int open_it(pic__engine *e, pic_error **err)
{
        struct pic__acme *a = pic__alloc(sizeof(*a));
        pic__auto_err pic_error *bad = NULL;

        if (a == NULL)
                return pic__nomem(err);
        e->acme = a;
        a->e = e;
        a->seen = -1;
        a->epoll = pic__fd_above(epoll_create1(EPOLL_CLOEXEC));
        a->timer = pic__fd_above(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
        a->path = pic__path_join(e->dir, PIC__ACME_STATE);
        if (a->path == NULL)
                return pic__nomem(err);
        if (a->epoll < 0 || a->timer < 0)
                return pic__fail_errno(err, errno, "cannot watch certificates");
        pic__acme_ask_sweep(e->run_dir);
        if (pic__acme_state_load(a->path, &a->state, &bad) < 0)
                pic__log_err(e->log, PIC_LOG_WARNING, "acme", bad);
        return 0;
}

void pic__engine_acme_drop(pic__engine *e)
{
        struct pic__acme *a = pic__take(e->acme);

        if (a == NULL)
                return;
        pic__acme_ask_unref(a->ask);
        pic__acme_answer_unref(a->answer);
        pic__provider_unref(a->txt);
        pic__obj_unref(a->zone);
        pic__acme_state_free(&a->state);
        pic_error_free(a->why);
        if (a->epoll >= 0)
                close(a->epoll);
        if (a->timer >= 0)
                close(a->timer);
        pic__free(a->path);
        pic__free(a->directory);
        pic__free(a->subjects);
        pic__free(a);
}

int pic__engine_acme_allow(pic__engine *e, const pic__acme_opts *opts, pic_error **err)
{
        int r = e->acme != NULL ? 0 : open_it(e, err);

        if (r < 0)
                return r;
        e->acme->opts = *opts;
        e->acme->allowed = 1;
        return 0;
}

/* Where nobody has such a certificate nothing is read, opened or written. */
static int wanted(const pic__engine *e)
{
        return e->snap != NULL && e->applied >= 0 && (!e->fake || (e->acme != NULL && e->acme->allowed)) &&
               ((pic__snap_count(e->snap, PIC__CERTIFICATE) > 0 && pic__snap_count(e->snap, PIC__DOMAIN) > 0) ||
                pic__acme_owes_any(e->snap));
}

static void watch(const struct pic__acme *a, int fd)
{
        struct epoll_event ev = { .events = EPOLLIN, .data = { .fd = fd } };

        if (fd >= 0)
                (void)epoll_ctl(a->epoll, EPOLL_CTL_ADD, fd, &ev); /* it may be there already; closed ones are gone */
}

static void watch_all(const struct pic__acme *a)
{
        watch(a, a->timer);
        if (a->ask != NULL)
                watch(a, pic__acme_ask_fd(a->ask));
        if (a->answer != NULL)
                watch(a, pic__acme_answer_fd(a->answer));
        if (a->txt != NULL)
                watch(a, pic__provider_fd(a->txt));
}

int pic__engine_acme_fd(const pic__engine *e)
{
        return e->acme != NULL ? e->acme->epoll : -1;
}

pic_time pic__engine_acme_due(const pic__engine *e)
{
        return e->acme != NULL && e->acme->ask == NULL && !pic__acme_proving(e->acme) ? e->acme->due : 0;
}

/* --- a try begins --------------------------------------------------------------------------------------------- */

int pic__acme_account_key(struct pic__acme *a, const char *directory, pic__buf *der, int *ret_known, pic_error **err)
{
        pic__acme_account *account = pic__acme_state_account(&a->state, directory, 1);
        PIC__AUTO(pic__x509_key_unref_p) pic__x509_key *key = NULL;
        uint8_t plain[512];
        size_t len = 0;
        int r;

        if (account == NULL)
                return pic__nomem(err);
        if (account->sealed != NULL &&
            pic__unseal(a->e->seals.key, ACCOUNT, account->sealed, plain, sizeof(plain), &len, NULL) == 0) {
                pic__buf_put(der, plain, len);
                pic__wipe(plain, sizeof(plain));
                *ret_known = account->known != 0;
                return der->failed ? pic__nomem(err) : 0;
        }
        r = pic__x509_key_new(&key, err);
        if (r == 0)
                r = pic__x509_key_write(key, der, err);
        if (r < 0)
                return r;
        pic__free(account->sealed);
        account->sealed = NULL;
        account->known = *ret_known = 0;
        return pic__seal(a->e->seals.public_key, ACCOUNT, (const uint8_t *)der->data, der->len, &account->sealed, err);
}

/* One account of a CA has one address, whatever the domains say. */
static const char *address(const struct pic__acme *a, const pic_obj *domain)
{
        const char *email = pic__acme_email(a, a->directory);

        return email != NULL ? email : pic__obj_text(domain, "email");
}

static int start_program(struct pic__acme *a, const pic__acme_wish *w, const pic__buf *account, int known,
                         pic_error **err)
{
        const char *names[PIC__ACME_NAMES + 1];
        pic__auto_free char *list = pic__strdup(a->subjects);
        pic__acme_ask_opts o = { .run_dir = a->e->run_dir,
                                 .program = a->opts.program,
                                 .hook = a->opts.hook,
                                 .directory = a->directory,
                                 .email = address(a, w->domain),
                                 .account = pic__der_of(account),
                                 .known = known,
                                 .names = names,
                                 .hear = pic__acme_prove,
                                 .data = a };
        char *at = list;
        size_t n = 0;

        if (list == NULL)
                return pic__nomem(err);
        while (n < PIC__ACME_NAMES && *at != '\0') {
                names[n++] = at;
                at += strcspn(at, ",");
                if (*at == ',')
                        *at++ = '\0';
        }
        names[n] = NULL;
        return pic__acme_ask_start(&o, &a->ask, err);
}

static int note_try(struct pic__acme *a, const pic__acme_wish *w, pic__acme_entry *entry, enum pic__acme_where where,
                    pic_error **err)
{
        const char *url = pic__acme_url(a, w->domain, where);

        a->cert = w->cert->id;
        a->where = where;
        a->renewal = pic__obj_has(w->cert, "chain");
        pic__free(a->directory);
        pic__free(a->subjects);
        a->directory = url != NULL ? pic__strdup(url) : NULL;
        a->subjects = pic__strdup(pic__buf_str(&w->subjects));
        if (a->directory == NULL || a->subjects == NULL)
                return pic__nomem(err);
        memcpy(entry->wished, w->wished, sizeof(entry->wished));
        entry->where = (int)where;
        entry->under_way = 1;
        pic__acme_tried(&entry->track, where, pic__acme_now(a->e));
        return 0;
}

static void finish(struct pic__acme *a, int r, pic_error *bad);

/* That it is made is written down before: who cannot write asks nobody. */
static void begin(struct pic__acme *a, const pic__acme_wish *w, pic__acme_entry *entry, enum pic__acme_where where)
{
        pic__auto_wipe pic__buf account = PIC__BUF_SECRET;
        pic_error *bad = NULL;
        int known = 0, r = note_try(a, w, entry, where, &bad);

        a->asked = a->asked == a->cert ? 0 : a->asked;
        if (r == 0)
                r = pic__acme_account_key(a, a->directory, &account, &known, &bad);
        if (r == 0)
                r = pic__acme_state_save(&a->state, a->path, &bad);
        if (r == 0) {
                pic__log_put(a->e->log, PIC_LOG_INFO, "acme", "asking %s for %s", a->directory, a->subjects);
                r = start_program(a, w, &account, known, &bad);
        }
        if (r < 0)
                finish(a, r, bad);
}

/* --- and ends ------------------------------------------------------------------------------------------------- */

static void remark(struct pic__acme *a, const char *verb, const char *text)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;

        if (pic__store_get_id(a->e->store, PIC__CERTIFICATE, a->cert, &cert, NULL) == 0)
                pic__engine_remark_on(a->e, cert, verb, text, &pic__bound_trouble);
}

static void failed(struct pic__acme *a, pic__acme_entry *entry, const pic_error *bad)
{
        pic__auto_free char *former = entry->why;

        entry->why = NULL;
        pic__acme_state_why(entry, pic_error_message(bad));
        pic__acme_failed(&entry->track, a->ask != NULL && pic__acme_ask_limited(a->ask), pic__acme_now(a->e));
        pic__log_put(a->e->log, PIC_LOG_WARNING, "acme", "no certificate for %s from %s: %s", a->subjects, a->directory,
                     pic_error_message(bad));
        if (former == NULL || entry->why == NULL || strcmp(former, entry->why) != 0)
                remark(a, "cert-fail", pic_error_message(bad));
}

static void succeeded(struct pic__acme *a, pic__acme_entry *entry)
{
        pic__acme_done(&entry->track, pic__acme_now(a->e));
        pic__log_put(a->e->log, PIC_LOG_INFO, "acme", "%s for %s from %s",
                     a->where == PIC__ACME_REHEARSAL ? "rehearsed: it works" : "a certificate", a->subjects,
                     a->directory);
        if (a->where == PIC__ACME_REHEARSAL)
                return;
        pic__acme_state_why(entry, NULL);
        entry->told = PIC__ACME_TOLD_NOTHING;
}

static void note_account(const struct pic__acme *a, pic__acme_account *account)
{
        account->known = pic__acme_ask_known(a->ask) ? pic__acme_now(a->e) : 0;
        if (!pic__acme_ask_new(a->ask))
                return;
        pic__free(account->email);
        account->email = pic__strdup(pic__acme_ask_email(a->ask));
}

/* Takes bad. */
static void finish(struct pic__acme *a, int r, pic_error *bad)
{
        pic__acme_entry *entry = pic__acme_state_entry(&a->state, a->cert, 0);
        pic__acme_account *account = a->directory != NULL ? pic__acme_state_account(&a->state, a->directory, 0) : NULL;
        pic__auto_err pic_error *own = NULL;

        if (r > 0)
                r = a->where == PIC__ACME_REHEARSAL ? 0 : pic__acme_put(a, &bad);
        if (r < 0 && a->why != NULL) { /* that the CA was not satisfied follows from it */
                pic_error_free(bad);
                bad = pic__take(a->why);
        }
        if (account != NULL && a->ask != NULL)
                note_account(a, account);
        if (entry != NULL) {
                entry->under_way = 0;
                entry->ended = pic__acme_now(a->e);
                if (r < 0)
                        failed(a, entry, bad);
                else
                        succeeded(a, entry);
        }
        a->ask = pic__acme_ask_unref(a->ask);
        pic__acme_prove_end(a);
        pic_error_free(bad);
        pic_error_free(pic__take(a->why));
        a->seen = -1;
        if (pic__acme_state_save(&a->state, a->path, &own) < 0)
                pic__log_err(a->e->log, PIC_LOG_WARNING, "acme", own);
}

/* What is wished is otherwise by now: a CA that hangs keeps that waiting no longer. */
static int is_stale(struct pic__acme *a)
{
        const pic__snap *s = a->e->snap;
        const pic__acme_entry *entry = pic__acme_state_entry(&a->state, a->cert, 0);
        PIC__AUTO(pic__acme_wish_free) pic__acme_wish w = { .cert = NULL };
        const pic_obj *cert;

        if (a->ask == NULL || a->told != NULL || s == NULL || a->e->applied == a->kept)
                return 0;
        a->kept = a->e->applied;
        cert = pic__snap_get(s, PIC__CERTIFICATE, a->cert);
        return cert == NULL || !pic__acme_is(cert) || entry == NULL || pic__acme_read_wish(s, cert, &w, NULL) < 0 ||
               strcmp(w.wished, entry->wished) != 0;
}

static void follow(struct pic__acme *a)
{
        pic_error *bad = NULL;
        int r;

        pic__acme_prove_on(a);
        if (is_stale(a))
                r = pic__fail(&bad, PIC_STALE, "it was changed while the CA was asked");
        else
                r = a->ask != NULL ? pic__acme_ask_go_on(a->ask, &bad) : 0;
        if (r != 0 && a->told != NULL)
                pic__acme_told(a, r, bad);
        else if (r != 0)
                finish(a, r, bad);
}

/* --- what is due ---------------------------------------------------------------------------------------------- */

static size_t all_tracks(const struct pic__acme *a, const pic__acme_track **list, size_t room)
{
        size_t i;

        for (i = 0; i < a->state.entries.count && i < room; i++)
                list[i] = &a->state.entries.at[i]->track;
        return i;
}

enum pic__acme_where pic__acme_plan(struct pic__acme *a, const pic__acme_wish *w, const pic__acme_track *t,
                                    pic_time now, pic_time *ret_at, const pic__acme_limit **ret_held)
{
        const pic__acme_track *list[256];
        size_t count = all_tracks(a, list, PIC__COUNT(list));
        enum pic__acme_where where = pic__acme_next_where(t, pic__acme_url(a, w->domain, PIC__ACME_SECOND) != NULL,
                                                          pic__acme_url(a, w->domain, PIC__ACME_REHEARSAL) != NULL);
        *ret_at = pic__acme_next_at(t, where, list, count, now);
        *ret_held = pic__acme_held(t, where, list, count, now);
        return where;
}

void pic__acme_sooner(struct pic__acme *a, pic_time at)
{
        if (at > 0 && (a->due == 0 || at < a->due))
                a->due = at;
}

/* Half of what is left after the moment of renewal, and the end: each is told once, wherever events are listened to. */
static void warn(struct pic__acme *a, const pic_obj *cert, pic__acme_entry *entry, pic_time now)
{
        pic_time until = pic__obj_int(cert, "not_after"), renew = pic__obj_int(cert, "renew_at");
        pic_time late = renew + (until - renew) / 2;
        char when[PIC__TIME_TEXT];
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int is = now >= until ? PIC__ACME_TOLD_ENDED : now >= late ? PIC__ACME_TOLD_LATE : PIC__ACME_TOLD_NOTHING;

        if (!pic__obj_has(cert, "chain"))
                return;
        pic__acme_sooner(a, now < late ? late : now < until ? until : 0);
        if (is <= entry->told) {
                entry->told = is; /* less than before: the clock ran ahead then */
                return;
        }
        entry->told = is;
        pic__buf_putf(&text, is == PIC__ACME_TOLD_ENDED ? "ended at %s: %s" : "ends at %s and was not renewed: %s",
                      pic__time_print(until, when), entry->why != NULL ? entry->why : "it was not tried yet");
        a->cert = cert->id;
        remark(a, is == PIC__ACME_TOLD_ENDED ? "cert-ended" : "cert-late", pic__buf_str(&text));
        pic__log_put(a->e->log, PIC_LOG_ERROR, "acme", "certificate %s %s", pic__obj_name(cert), pic__buf_str(&text));
        if (pic__acme_state_save(&a->state, a->path, NULL) < 0)
                pic__acme_sooner(a, now + AGAIN);
}

/* What was cut short by a restart has counted already. Something else is wished: a new beginning, within the table. */
static pic__acme_entry *entry_for(struct pic__acme *a, const pic__acme_wish *w)
{
        pic__acme_entry *entry = pic__acme_state_entry(&a->state, w->cert->id, 1);

        if (entry == NULL)
                return NULL;
        if (entry->under_way) {
                entry->under_way = 0;
                pic__acme_state_why(entry, "the agent ended in the middle of it");
        }
        if (entry->wished[0] != '\0' && strcmp(entry->wished, w->wished) != 0) {
                pic__acme_again(&entry->track);
                entry->wished[0] = '\0';
        }
        return entry;
}

struct moment {
        pic_time now, due_by; /* the clock; by what is judged what is due */
        int waits;            /* a change waits for its confirmation */
};

/* 1: it was begun. */
static int consider(struct pic__acme *a, const pic_obj *cert, const struct moment *m)
{
        pic_time now = m->now, at = 0;
        PIC__AUTO(pic__acme_wish_free) pic__acme_wish w;
        const pic__acme_limit *held;
        pic__acme_entry *entry;
        enum pic__acme_where where;

        if (pic__acme_read_wish(a->e->snap, cert, &w, NULL) < 0) { /* doctor tells why */
                entry = pic__acme_state_entry(&a->state, cert->id, 1);
                if (entry != NULL)
                        warn(a, cert, entry, now);
                return 0;
        }
        entry = entry_for(a, &w);
        if (entry == NULL)
                return 0;
        warn(a, cert, entry, now);
        if (pic__acme_needs(&w, m->due_by) == PIC__ACME_FINE && a->asked != cert->id) {
                pic__acme_sooner(a, pic__acme_needs_at(&w));
                return 0;
        }
        where = pic__acme_plan(a, &w, &entry->track, now, &at, &held);
        if (at > now || m->waits) {
                pic__acme_sooner(a, at > now ? at : now + CONFIRM);
                return 0;
        }
        begin(a, &w, entry, where);
        return 1;
}

static int is_there(pic_id id, void *data)
{
        const struct pic__acme *a = data;

        return pic__snap_get(a->e->snap, PIC__CERTIFICATE, id) != NULL;
}

/* Of what all follows from: of many changes few are about that. */
static uint64_t sum_of(const pic__snap *s)
{
        static const enum pic__kind kinds[] = { PIC__CERTIFICATE, PIC__DOMAIN };
        const char *owed;
        uint64_t sum;
        const pic_obj *o;
        size_t i, at;

        owed = pic__acme_owed_list(s);
        sum = pic__hash(owed, strlen(owed));
        for (i = 0; i < PIC__COUNT(kinds); i++)
                for (at = 0; (o = pic__snap_next(s, kinds[i], &at)) != NULL;)
                        sum = (sum ^ ((uint64_t)o->id << 40 ^ (uint64_t)o->revision << 4 ^ kinds[i])) *
                              UINT64_C(0x9e3779b97f4a7c15);
        return sum;
}

/* Whether anything can be due now that was not at the last look. */
static int is_news(struct pic__acme *a, pic_time now)
{
        uint64_t sum;

        if (a->seen >= 0 && (a->due == 0 || now < a->due) && now + DAY >= a->looked) {
                if (a->e->applied == a->seen)
                        return 0;
                a->seen = a->e->applied;
                sum = sum_of(a->e->snap);
                if (sum == a->sum)
                        return 0;
        }
        a->sum = sum_of(a->e->snap);
        a->seen = a->e->applied;
        return 1;
}

static void look(struct pic__acme *a)
{
        struct moment m = { .now = pic__acme_now(a->e) };
        pic__confirm c;
        const pic_obj *cert;
        size_t at = 0;

        if (!is_news(a, m.now))
                return;
        a->looked = m.now;
        a->due = 0;
        pic__acme_state_prune(&a->state, m.now, is_there, a);
        m.waits = pic__store_confirm(a->e->store, &c, NULL) > 0;
        m.due_by = pic__engine_due_by(a->e, pic__engine_moment(a->e));
        pic__acme_sooner(a, pic__acme_left_due(a));
        if (pic__acme_tell(a, m.now, m.waits ? m.now + CONFIRM : 0))
                return;
        while ((cert = pic__snap_next(a->e->snap, PIC__CERTIFICATE, &at)) != NULL)
                if (pic__acme_is(cert) && consider(a, cert, &m))
                        return;
}

void pic__engine_acme_turn(pic__engine *e)
{
        pic__auto_err pic_error *bad = NULL;
        struct pic__acme *a = e->acme;

        if (a == NULL && (!wanted(e) || open_it(e, &bad) < 0)) {
                if (bad != NULL)
                        pic__log_err(e->log, PIC_LOG_WARNING, "acme", bad);
                pic__engine_acme_drop(e);
                return;
        }
        a = e->acme;
        follow(a);
        if (a->ask == NULL && !pic__acme_proving(a) && wanted(e) && !pic__acme_left_turn(a, pic__acme_now(e)))
                look(a);
        watch_all(a);
}
