/* Owns: the answer to "what time is it, and who says so?", and what doctor says of the machine's clock. Two witnesses:
 * other clocks that chronyd follows, and the journal, whose rows were written in the past. */
#include "engine/timecheck.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "engine/engine_i.h"
#include "model/net.h"
#include "model/wgconf.h"

#define WRONG_US 1000000                        /* from here on it is worth a word */
#define WRONG_BADLY_US 300000000                /* and from here on certificates and one-time codes fail */
#define BEFORE_THIS_PROGRAM INT64_C(1735689600) /* 2025: no cell was made before it was written */

static int ask(pic__engine *e, pic__clock_fact *fact)
{
        pic__backend *b = e->backends[PIC__B_NTP];

        memset(fact, 0, sizeof(*fact));
        return b->ops->clock != NULL && b->ops->clock(b, fact);
}

static int64_t away(int64_t us)
{
        return us < 0 ? -us : us;
}

static int take_time(const pic__journal_row *row, void *data)
{
        *(pic_time *)data = row->time;
        return 1; /* the newest is enough */
}

/* When the journal was written last; 0: it is empty, or does not say. */
static pic_time last_row(pic__engine *e)
{
        pic_time last = 0;

        (void)pic__store_journal_back(e->store, INT64_MAX, take_time, &last, NULL);
        return last;
}

/* What proves that the clock is behind; 0: nothing does. */
static pic_time proof(pic__engine *e, pic_time now)
{
        pic_time last = last_row(e);

        if (now < last - WRONG_BADLY_US)
                return last;
        return now < BEFORE_THIS_PROGRAM * PIC__SECOND ? BEFORE_THIS_PROGRAM * PIC__SECOND : 0;
}

static int is_wrong(pic__engine *e, const pic__clock_fact *fact)
{
        return proof(e, e->clock->now(e->clock->data)) != 0 ||
               (fact->follows && away(fact->offset_us) - fact->error_us > WRONG_US);
}

static void put_addresses(pic__json *out, const pic_obj *cell)
{
        static const char *const nets[] = { "net4", "net6" };
        char text[PIC__ADDR_TEXT];
        pic__prefix net;
        size_t i;

        pic__json_key(out, "addresses");
        pic__json_open(out, '[');
        for (i = 0; i < PIC__COUNT(nets); i++)
                if (pic__prefix_parse(pic__obj_text(cell, nets[i]), &net) == 0 &&
                    pic__addr_add(&net.addr, 1, &net.addr) == 0)
                        pic__json_str(out, pic__addr_print(&net.addr, text));
        pic__json_close(out, ']');
}

static void put_servers(pic__json *out, const pic_obj *cell)
{
        const char *at = pic__obj_text(cell, "ntp_servers");
        char one[256];

        pic__json_key(out, "servers");
        pic__json_open(out, '[');
        while (pic__list_next(&at, one, sizeof(one)))
                pic__json_str(out, one);
        pic__json_close(out, ']');
}

static void put_fact(pic__json *out, const pic__clock_fact *fact, int known)
{
        pic__json_kbool(out, "follows", fact->follows);
        pic__json_kstr(out, "reference", known && fact->reference[0] != '\0' ? fact->reference : NULL);
        pic__json_kint(out, "stratum", fact->stratum);
        pic__json_kint(out, "offset_us", fact->follows ? fact->offset_us : 0);
        pic__json_kint(out, "error_us", fact->follows ? fact->error_us : 0);
}

static void put_cell(pic__engine *e, const pic_obj *cell, pic__json *out)
{
        char name[300], now[PIC__TIME_TEXT];
        pic__clock_fact fact;
        int wished = pic__obj_int(cell, "ntp") != 0, known = ask(e, &fact), kept = e->fake ? -1 : pic__clock_kept();

        snprintf(name, sizeof(name), "ntp.%s.%s", pic__obj_name(cell), pic__obj_text(cell, "domain"));
        pic__json_open(out, '{');
        pic__json_kstr(out, "now", pic__time_print(e->clock->now(e->clock->data), now));
        pic__json_kbool(out, "wished", wished);
        pic__json_kbool(out, "serving", e->fake ? wished : known);
        pic__json_kstr(out, "name", wished ? name : NULL);
        put_addresses(out, cell);
        put_fact(out, &fact, known);
        put_servers(out, cell);
        pic__json_kbool(out, "sets_clock", wished && pic__obj_int(cell, "ntp_clock") != 0);
        pic__json_key(out, "kept");
        if (kept < 0)
                pic__json_null(out);
        else
                pic__json_bool(out, kept);
        pic__json_kbool(out, "wrong", is_wrong(e, &fact));
        pic__json_close(out, '}');
}

int pic__engine_time(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *fresh = NULL;
        const pic_obj *cell;
        pic_revision revision;
        int r = e->snap == NULL ? pic__engine_load(e, &fresh, &revision, err) : 0;

        if (r < 0)
                return r;
        cell = pic__snap_cell(e->snap != NULL ? e->snap : fresh);
        if (cell == NULL)
                return pic__fail(err, PIC_NOTFOUND, "there is no cell in this store");
        put_cell(e, cell, out);
        return 0;
}

/* "2 h 5 min", "3.2 s" */
static void print_span(int64_t us, char *text, size_t size)
{
        int64_t s = away(us) / 1000000;

        if (s >= 86400)
                snprintf(text, size, "%" PRId64 " d %" PRId64 " h", s / 86400, s / 3600 % 24);
        else if (s >= 3600)
                snprintf(text, size, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
        else if (s >= 60)
                snprintf(text, size, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
        else
                snprintf(text, size, "%" PRId64 ".%" PRId64 " s", s, away(us) / 100000 % 10);
}

static void told_by_others(const pic_obj *cell, const pic__clock_fact *fact, pic__findings *f)
{
        int64_t off = away(fact->offset_us);
        char span[48];

        if (off - fact->error_us <= WRONG_US)
                return;
        print_span(off, span, sizeof(span));
        pic__foundf(f, off > WRONG_BADLY_US ? PIC_LOG_ERROR : PIC_LOG_WARNING, "clock",
                    pic__obj_int(cell, "ntp_clock") != 0
                            ? "it is set by the cell: pic log ntp says how far that is"
                            : "let the cell set it: pic cell set --ntp-clock yes; or what keeps it here: timedatectl",
                    "this machine's clock is %s %s, says %s: certificates and one-time codes depend on it", span,
                    fact->offset_us > 0 ? "behind" : "ahead",
                    fact->reference[0] != '\0' ? fact->reference : pic__obj_text(cell, "ntp_servers"));
}

static void told_by_nobody(const pic_obj *cell, int serving, pic__findings *f)
{
        int kept = pic__clock_kept();

        if (serving && pic__obj_text(cell, "ntp_servers")[0] != '\0')
                pic__foundf(f, kept == 1 ? PIC_LOG_INFO : PIC_LOG_WARNING, "clock",
                            "do their names lead somewhere, and does UDP port 123 get out of here?",
                            "none of the time servers answers: %s", pic__obj_text(cell, "ntp_servers"));
        else if (kept == 0)
                pic__foundf(f, PIC_LOG_INFO, "clock",
                            "pic cell set --ntp-servers HOST,... --ntp-clock yes; or: timedatectl set-ntp true",
                            "nobody keeps this machine's clock right, as the kernel knows: certificates depend on it");
}

void pic__engine_doctor_time(pic__engine *e, const pic_obj *cell, pic__findings *f)
{
        pic_time now = e->clock->now(e->clock->data), since = proof(e, now);
        char is[PIC__TIME_TEXT], was[PIC__TIME_TEXT];
        pic__clock_fact fact;
        int serving;

        if (since != 0)
                pic__foundf(f, PIC_LOG_ERROR, "clock", "set it: timedatectl set-time, or pic cell set --ntp-clock yes",
                            "this machine's clock says %s, but it must be later than %s: certificates and one-time "
                            "codes fail",
                            pic__time_print(now, is), pic__time_print(since, was));
        if (e->fake)
                return;
        serving = ask(e, &fact);
        if (serving && fact.follows)
                told_by_others(cell, &fact, f);
        else
                told_by_nobody(cell, serving, f);
}
