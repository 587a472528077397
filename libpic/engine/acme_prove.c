/* Owns: proving that a name is ours while a CA is asked: a file at port 80, or a record. A record that was set is
 * cleared, whatever becomes of the try, and of this agent (acme_left.c). */
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/acme_i.h"

static void say(struct pic__acme *a, int yes)
{
        if (a->ask != NULL)
                pic__acme_ask_answer(a->ask, yes);
}

/* The first reason is the one that is told: the others follow from it. */
static void cannot(struct pic__acme *a, pic_error *bad)
{
        if (a->why == NULL)
                a->why = bad;
        else
                pic_error_free(bad);
}

static void set_timer(const struct pic__acme *a, unsigned ms)
{
        const struct itimerspec at = { .it_value = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 } };

        (void)timerfd_settime(a->timer, 0, &at, NULL);
}

/* --- a file --------------------------------------------------------------------------------------------------- */

static void open_answer(struct pic__acme *a, const pic__acme_word *w)
{
        const pic_obj *cell = pic__snap_cell(a->e->snap);
        pic__acme_answer_opts o = { .token = w->token, .auth = w->auth, .run_dir = a->e->run_dir };
        pic__prefix nets[2];
        pic_error *bad = NULL;

        o.skip = nets;
        o.skip_count += pic__prefix_parse(pic__obj_text(cell, "net4"), &nets[0]) == 0;
        o.skip_count += pic__prefix_parse(pic__obj_text(cell, "net6"), &nets[o.skip_count]) == 0;
        if (pic__acme_answer_open(&o, &a->answer, &bad) < 0) {
                cannot(a, bad);
                say(a, 0);
                return;
        }
        say(a, 1);
}

/* --- a record ------------------------------------------------------------------------------------------------- */

static int start_txt(struct pic__acme *a, enum pic__errand errand, pic_error **err)
{
        PIC__AUTO(pic__provider_keys_wipe) pic__provider_keys keys;
        const pic__provider_opts o = { .errand = errand,
                                       .domain = a->zone,
                                       .record = a->record,
                                       .text = a->value,
                                       .by = &keys,
                                       .now = pic__acme_now(a->e),
                                       .ca_file = a->e->web_ca };
        int r = pic__provider_keys_open(&keys, &a->e->seals, a->zone, pic__snap_cell(a->e->snap), err);

        a->txt = pic__provider_unref(a->txt);
        return r < 0 ? r : pic__provider_start(&o, &a->txt, err);
}

static void forget_record(struct pic__acme *a)
{
        a->txt = pic__provider_unref(a->txt);
        a->zone = pic__obj_unref(a->zone);
        a->proof = PIC__PROOF_NONE;
}

static void set_record(struct pic__acme *a, const pic__acme_word *w, const pic_obj *domain)
{
        pic_error *bad = NULL;

        forget_record(a);
        a->zone = pic__obj_ref((pic_obj *)(uintptr_t)domain);
        snprintf(a->record, sizeof(a->record), "_acme-challenge.%s", w->ident);
        snprintf(a->value, sizeof(a->value), "%.255s", w->auth);
        if (pic__acme_left_note(a, &bad) < 0 || start_txt(a, PIC__ERRAND_SET, &bad) < 0) {
                cannot(a, bad);
                pic__acme_left_done(a, NULL);
                forget_record(a);
                say(a, 0);
                return;
        }
        a->proof = PIC__PROOF_SETTING;
}

static void clear_record(struct pic__acme *a)
{
        pic__auto_err pic_error *bad = NULL;

        if (a->zone == NULL) {
                say(a, 1);
                return;
        }
        a->proof = PIC__PROOF_CLEARING;
        if (start_txt(a, PIC__ERRAND_CLEAR, &bad) < 0) {
                pic__acme_left_done(a, bad);
                forget_record(a);
                say(a, 1);
        }
}

int pic__acme_prove_clear(struct pic__acme *a, const pic_obj *domain, const pic__acme_left *left, pic_error **err)
{
        int r;

        forget_record(a);
        a->zone = pic__obj_ref((pic_obj *)(uintptr_t)domain);
        snprintf(a->record, sizeof(a->record), "%s", left->record);
        snprintf(a->value, sizeof(a->value), "%s", left->value);
        a->proof = PIC__PROOF_CLEARING;
        r = start_txt(a, PIC__ERRAND_CLEAR, err);
        if (r < 0)
                forget_record(a);
        return r;
}

/* --- what the hook says ---------------------------------------------------------------------------------------- */

void pic__acme_prove(const pic__acme_word *w, void *acme)
{
        struct pic__acme *a = acme;
        const pic_obj *domain = a->e->snap != NULL ? pic__acme_domain(a->e->snap, w->ident) : NULL;

        if (domain == NULL || strcmp(w->type, pic__acme_proof(domain)) != 0) {
                say(a, 0); /* another kind of proof is offered next */
                return;
        }
        a->answer = pic__acme_answer_unref(a->answer);
        if (strcmp(w->type, "http-01") == 0) {
                if (w->method == PIC__ACME_BEGIN)
                        open_answer(a, w);
                else
                        say(a, 1);
        } else if (w->method == PIC__ACME_BEGIN) {
                set_record(a, w, domain);
        } else {
                clear_record(a);
        }
}

static void on_txt(struct pic__acme *a)
{
        pic_error *bad = NULL;
        int r = pic__provider_go_on(a->txt, &bad), was = a->proof == PIC__PROOF_CLEARING;

        if (r == 0)
                return;
        a->txt = pic__provider_unref(a->txt);
        if (was) {
                pic__acme_left_done(a, bad);
                pic_error_free(bad);
                forget_record(a);
                say(a, 1);
        } else if (r < 0) { /* it may be there all the same */
                cannot(a, bad);
                say(a, 0);
        } else {
                a->proof = PIC__PROOF_SETTLING;
                set_timer(a, 1 + pic__provider_settle_ms(a->zone));
        }
}

void pic__acme_prove_on(struct pic__acme *a)
{
        uint64_t n;

        if (a->answer != NULL)
                pic__acme_answer_go_on(a->answer);
        if (a->txt != NULL)
                on_txt(a);
        if (a->proof == PIC__PROOF_SETTLING && read(a->timer, &n, sizeof(n)) == (ssize_t)sizeof(n)) {
                a->proof = PIC__PROOF_NONE; /* it stands */
                say(a, 1);
        }
}

int pic__acme_proving(const struct pic__acme *a)
{
        return a->zone != NULL;
}

void pic__acme_prove_end(struct pic__acme *a)
{
        a->answer = pic__acme_answer_unref(a->answer);
        if (a->zone != NULL && a->proof != PIC__PROOF_CLEARING)
                clear_record(a);
}
