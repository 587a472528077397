/* Owns: what time it is where a clock may be wrong. A dead battery says 1970, or the day the machine was built: before
 * the cell was made, or at least before what the journal has. A clock that ran ahead for a moment leaves some rows of
 * the future behind, which must not count: so a few of the newest times are passed over. */
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/certs_i.h"

#define ROWS 256
#define SEEN 8192 /* rows at most, of which those of a dead clock do not count */
#define ODD 32    /* of so many one may be of a clock that ran ahead */

/* Who keeps the clock right (timesyncd; chrony and ntpd by the kernel) says so. The agent's own filter lets it not ask
 * the kernel, nor does its unit: then only the file is left. */
static int is_kept(void)
{
        struct timex t;

        if (access("/run/systemd/timesync/synchronized", F_OK) == 0)
                return 1;
        memset(&t, 0, sizeof(t));
        return adjtimex(&t) >= 0 && (t.status & STA_UNSYNC) == 0;
}

struct times {
        pic_time at[ROWS];
        size_t count, seen;
        pic_time birth;
};

static int see_row(const pic__journal_row *row, void *data)
{
        struct times *t = data;

        if (row->time >= t->birth)
                t->at[t->count++] = row->time;
        return t->count >= ROWS || ++t->seen >= SEEN;
}

static int later_first(const void *a, const void *b)
{
        pic_time x = *(const pic_time *)a, y = *(const pic_time *)b;

        return (x < y) - (x > y);
}

/* Since when there is a cell; no clock that is right says less. */
static pic_time birth(pic__engine *e)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__auto_buf pic__buf der = PIC__BUF_INIT;
        pic__x509_info info;

        if (pic__store_get(e->store, PIC__CELL, NULL, &cell, NULL) < 0 ||
            pic__x509_text_first(pic__obj_text(cell, "ca_certificate"), &der, NULL) < 0 ||
            pic__x509_read(pic__der_of(&der), &info, NULL, NULL) < 0 || info.from < PIC__CA_EPOCH)
                return PIC__CA_EPOCH;
        return info.from;
}

static pic_time known(pic__engine *e, pic_time since)
{
        struct times t = { .birth = since };

        (void)pic__store_journal_back(e->store, 0, see_row, &t, NULL);
        if (t.count == 0)
                return since;
        qsort(t.at, t.count, sizeof(t.at[0]), later_first);
        return t.at[t.count / ODD];
}

pic_time pic__engine_moment(pic__engine *e)
{
        pic_time now = e->clock->now(e->clock->data), least;

        if (e->clock == &pic__clock_real && is_kept())
                return now;
        least = known(e, birth(e));
        return now > least ? now : least;
}

pic_time pic__engine_due_by(pic__engine *e, pic_time moment)
{
        pic_time now = e->clock->now(e->clock->data);

        return now >= moment || now >= birth(e) ? now : moment;
}
