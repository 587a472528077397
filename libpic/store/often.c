/* Owns: rows of what a person may do as often as a program can: log in and out. Each such row is evidence, and none is
 * ever taken out; so it is their coming that is bounded, for each object of its own, so that who floods hides nobody
 * else. What has no row is counted, and the next row tells the count. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "store/inner.h"

#define HOUR (3600 * PIC__SECOND)
#define DAY (24 * HOUR)
#define LOOK_BACK 512 /* rows at most */

struct lately {
        const char *kind, *verb;
        pic_id id;
        pic_time now;
        unsigned seen, hour, day;
};

static int see(const pic__journal_row *row, void *data)
{
        struct lately *q = data;

        if (row->time < q->now - DAY || ++q->seen > LOOK_BACK)
                return 1;
        if (row->id != q->id || strcmp(row->verb, q->verb) != 0 || strcmp(row->kind, q->kind) != 0)
                return 0;
        q->hour += row->time >= q->now - HOUR;
        return q->hour >= PIC__OFTEN_HOUR || ++q->day >= PIC__OFTEN_DAY;
}

static int count(pic__txn *t, const char *key, int64_t unsaid, pic_error **err)
{
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = pic__meta_set(t->st->db, key, unsaid, err);
        if (r >= 0)
                t->noted = 1;
        return r < 0 ? r : 0;
}

static int put_row(pic__txn *t, const pic_obj *o, const char *verb, const char *text, int64_t unsaid, pic_error **err)
{
        pic__auto_buf pic__buf line = PIC__BUF_INIT;

        pic__buf_puts(&line, text);
        if (unsaid > 0)
                pic__buf_putf(&line, " (and before it %" PRId64 " times without a row)", unsaid);
        if (line.failed)
                return pic__nomem(err);
        return pic__txn_note(t, o->kind, o->id, pic__obj_name(o), verb, pic__buf_str(&line), err);
}

int pic__txn_note_often(pic__txn *t, const pic_obj *about, const char *verb, const char *text, pic_error **err)
{
        struct lately q = { .kind = pic__kinds[about->kind].name, .verb = verb, .id = about->id };
        int64_t unsaid = 0;
        char key[80];
        int r;

        q.now = pic__store_now(t->st);
        snprintf(key, sizeof(key), "unsaid %s %s %" PRId64, verb, q.kind, (int64_t)about->id);
        r = pic__meta_get(t->st->db, key, &unsaid, err);
        if (r >= 0)
                r = pic__store_journal_back(t->st, 0, see, &q, err);
        if (r < 0)
                return r;
        if (q.hour >= PIC__OFTEN_HOUR || q.day >= PIC__OFTEN_DAY)
                return count(t, key, unsaid + 1, err);
        r = put_row(t, about, verb, text, unsaid, err);
        if (r >= 0 && unsaid > 0)
                r = count(t, key, 0, err);
        return r < 0 ? r : 1;
}
