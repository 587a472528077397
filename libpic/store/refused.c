/* Owns: rows that say what was refused. Whoever is refused may come again as often as he likes, so these rows are few,
 * and what is more than that is counted in one place of the file: the next row says how many there were. The journal
 * itself says what was written lately, so neither a restart nor a second program changes the bounds. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "store/inner.h"

#define HOUR (3600 * PIC__SECOND)
#define LOOK_BACK 256        /* rows at most */
#define REFUSED "refused"    /* the verb, and the counter's name */
#define MORE " (and before " /* what stands behind the words of a row that tells of others */

struct lately {
        const char *actor, *text;
        pic_time since;
        unsigned seen, all, own, same;
};

static int is_same(const char *row, const char *text)
{
        size_t len = strlen(text);

        return strncmp(row, text, len) == 0 && (row[len] == '\0' || strncmp(row + len, MORE, strlen(MORE)) == 0);
}

static int see(const pic__journal_row *row, void *data)
{
        struct lately *q = data;
        int own = strcmp(row->actor, q->actor) == 0;

        if (row->time < q->since || ++q->seen > LOOK_BACK)
                return 1;
        if (strcmp(row->verb, REFUSED) != 0)
                return 0;
        q->all++;
        q->own += (unsigned)own;
        q->same += (unsigned)(own && q->text != NULL && is_same(row->text, q->text));
        return q->all >= PIC__REFUSED_ALL; /* there is no room, whatever comes before */
}

/* 1: there is room for a row. */
static int look_back(pic__txn *t, const char *text, struct lately *q, pic_error **err)
{
        int r;

        *q = (struct lately){ .actor = t->actor, .text = text, .since = pic__store_now(t->st) - HOUR };
        r = pic__store_journal_back(t->st, 0, see, q, err);
        return r < 0 ? r : q->same == 0 && q->own < PIC__REFUSED_OWN && q->all < PIC__REFUSED_ALL;
}

static int put_row(pic__txn *t, const char *text, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r = pic__txn_get(t, PIC__CELL, NULL, &cell, err);

        return r < 0 ? r : pic__txn_note(t, PIC__CELL, cell->id, pic__obj_name(cell), REFUSED, text, err);
}

static int count(pic__txn *t, int64_t unsaid, pic_error **err)
{
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__meta_set(t->st->db, REFUSED, unsaid, err);
        if (r >= 0)
                t->noted = 1;
        return r < 0 ? r : 0;
}

int pic__txn_refused(pic__txn *t, const char *text, unsigned more, pic_error **err)
{
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        struct lately q;
        int64_t unsaid = 0;
        int r = pic__meta_get(t->st->db, REFUSED, &unsaid, err), room = 0;

        unsaid += more;
        if (r >= 0 && text != NULL)
                r = room = look_back(t, text, &q, err);
        if (r < 0)
                return r;
        if (!room)
                return count(t, unsaid + (text != NULL), err);
        pic__buf_puts(&line, text);
        if (unsaid > 0)
                pic__buf_putf(&line, MORE "it %" PRId64 " times without a row)", unsaid);
        if (line.failed)
                return pic__nomem(err);
        r = put_row(t, pic__buf_str(&line), err);
        if (r >= 0 && unsaid > 0)
                r = count(t, 0, err);
        return r < 0 ? r : 1;
}

int pic__txn_refused_rest(pic__txn *t, pic_error **err)
{
        char line[96];
        struct lately q;
        int64_t unsaid = 0;
        int r = pic__meta_get(t->st->db, REFUSED, &unsaid, err);

        if (r < 0 || unsaid <= 0)
                return r < 0 ? r : 0;
        r = look_back(t, NULL, &q, err);
        if (r < 0 || q.all > 0) /* the next row tells it, or a later call */
                return r < 0 ? r : 0;
        snprintf(line, sizeof(line), "refused %" PRId64 " times without a row", unsaid);
        r = put_row(t, line, err);
        if (r >= 0)
                r = count(t, 0, err);
        return r < 0 ? r : 1;
}
