/* Owns: what time it is where a clock may be dead. */
#include <string.h>
#include <sys/timex.h>

#include "base/time.h"
#include "engine/certs_i.h"

#define ROWS 256

/* 1: somebody (chrony, timesyncd) keeps the clock right and told the kernel so. Asking changes nothing. */
static int is_kept(void)
{
        struct timex t;

        memset(&t, 0, sizeof(t));
        return adjtimex(&t) >= 0 && (t.status & STA_UNSYNC) == 0;
}

struct latest {
        pic_time time;
        unsigned rows;
};

static void later(struct latest *l, pic_time t)
{
        if (t > l->time)
                l->time = t;
}

static int see_row(const pic__journal_row *row, void *data)
{
        struct latest *l = data;

        later(l, row->time);
        return ++l->rows >= ROWS;
}

static int see_cert(const pic_obj *cert, void *data)
{
        later(data, pic__obj_int(cert, "not_before"));
        return 0;
}

/* A dead clock's own rows are among the newest ones, so more than the last is looked at, and certificates, of which
 * each was made after its beginning. */
static pic_time known(pic__engine *e)
{
        struct latest l = { PIC__CA_EPOCH, 0 };

        (void)pic__store_journal_back(e->store, 0, see_row, &l, NULL);
        (void)pic__store_each(e->store, PIC__CERTIFICATE, see_cert, &l, NULL);
        return l.time;
}

pic_time pic__engine_moment(pic__engine *e)
{
        pic_time now = e->clock->now(e->clock->data), least;

        if (e->clock == &pic__clock_real && is_kept())
                return now;
        least = known(e);
        return now > least ? now : least;
}
