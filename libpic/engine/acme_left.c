/* Owns: records that prove a name to a CA and are to be cleared again. One is written down before it is set, so that
 * who kills the agent in between leaves none behind for good: the next one clears it, before any CA is asked. */
#include <string.h>

#include "base/time.h"
#include "engine/acme_i.h"
#include "model/net.h"

#define TRIES 10 /* then it stays: nobody can reach that provider, or its key is another's by now */
#define FIRST (5 * 60 * PIC__SECOND)
#define LONGEST (86400 * PIC__SECOND)

static void save(struct pic__acme *a)
{
        pic__auto_err pic_error *bad = NULL;

        if (pic__acme_state_save(&a->state, a->path, &bad) < 0)
                pic__log_err(a->e->log, PIC_LOG_WARNING, "acme", bad);
}

int pic__acme_left_note(struct pic__acme *a, pic_error **err)
{
        pic__acme_left *l = pic__acme_state_left(&a->state, a->record, a->value, 1);

        return l == NULL ? pic__nomem(err) : pic__acme_state_save(&a->state, a->path, err);
}

static pic_time wait_for(unsigned failures)
{
        pic_time wait = FIRST;

        while (failures-- > 1 && wait < LONGEST)
                wait *= 2;
        return wait < LONGEST ? wait : LONGEST;
}

void pic__acme_left_done(struct pic__acme *a, const pic_error *bad)
{
        pic__acme_left *l = pic__acme_state_left(&a->state, a->record, a->value, 0);

        if (bad != NULL)
                pic__log_put(a->e->log, PIC_LOG_WARNING, "acme", "the record %s is not cleared: %s", a->record,
                             pic_error_message(bad));
        if (l == NULL)
                return;
        if (bad == NULL || ++l->wait.failures >= TRIES) {
                pic__acme_state_cleared(&a->state, a->record, a->value);
        } else {
                pic__acme_state_say(&l->wait.why, pic_error_message(bad));
                l->wait.next = pic__acme_now(a->e) + wait_for(l->wait.failures);
                pic__acme_sooner(a, l->wait.next);
        }
        save(a);
}

/* Its file is read with distrust. NULL: it is nobody's here any more. */
static const pic_obj *domain_of(const struct pic__acme *a, const pic__acme_left *l)
{
        static const char prefix[] = "_acme-challenge.";
        size_t len = strlen(prefix);
        const pic_obj *domain = NULL;

        if (strncmp(l->record, prefix, len) == 0 && pic__hostname_ok(l->record + len))
                domain = pic__acme_domain(a->e->snap, l->record + len);
        return domain != NULL && strcmp(pic__acme_proof(domain), "dns-01") == 0 ? domain : NULL;
}

static const pic__acme_left *first_due(const struct pic__acme *a, pic_time now)
{
        size_t i;

        for (i = 0; i < a->state.left.count; i++)
                if (a->state.left.at[i].wait.next <= now)
                        return &a->state.left.at[i];
        return NULL;
}

int pic__acme_left_turn(struct pic__acme *a, pic_time now)
{
        const pic__acme_left *l;

        while ((l = first_due(a, now)) != NULL) {
                const pic_obj *domain = domain_of(a, l);
                pic__auto_err pic_error *bad = NULL;

                if (domain == NULL) {
                        pic__log_put(a->e->log, PIC_LOG_WARNING, "acme",
                                     "the record %s stays: this cell cannot change it any more", l->record);
                        pic__acme_state_cleared(&a->state, l->record, l->value);
                        save(a);
                        continue;
                }
                if (pic__acme_prove_clear(a, domain, l, &bad) == 0)
                        return 1;
                pic__acme_left_done(a, bad);
        }
        return 0;
}

pic_time pic__acme_left_due(const struct pic__acme *a)
{
        pic_time due = 0;
        size_t i;

        for (i = 0; i < a->state.left.count; i++)
                if (due == 0 || a->state.left.at[i].wait.next < due)
                        due = a->state.left.at[i].wait.next;
        return due;
}
