/* Owns: who gets which host number. Numbers are handed out upwards from a counter, so that a number comes back as late
 * as possible; only when the counter has reached the end is the one taken that was given back longest ago.
 *
 * A number that was given back rests for an hour. Both clocks must have gone that far, because the wall clock may jump
 * forward. Where one of them cannot know, the other counts alone: the clock since boot after a boot (it reads less than
 * what was noted), the wall clock after a jump back (the time of return lies in the future). Where neither can know,
 * the rest begins again. */
#include "store/host.h"

#include "base/time.h"
#include "store/row.h"

static int load_nets(pic__txn *t, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        int r;

        if (t->nets_known)
                return 0;
        r = pic__row_by_name(t->st->db, PIC__CELL, NULL, &cell, err);
        if (r < 0)
                return r;
        if (cell == NULL || pic__prefix_parse(pic__obj_text(cell, "net4"), &t->net4) < 0)
                t->net4.addr.family = 0;
        if (cell == NULL || pic__prefix_parse(pic__obj_text(cell, "net6"), &t->net6) < 0)
                t->net6.addr.family = 0;
        t->nets_known = 1;
        return 0;
}

/* The host number of an address, or 0 when it is in none of the cell's networks. */
static uint64_t host_of(const pic__prefix *net, const char *address)
{
        pic__addr a;

        if (net->addr.family == 0 || pic__addr_parse(address, &a) < 0 || !pic__prefix_has(net, &a))
                return 0;
        return pic__addr_sub(&a, &net->addr);
}

static int freed_row(pic__txn *t, enum pic__q q, uint64_t host, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(t->st->db, q, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, (int64_t)host);
        if (q == PIC__Q_FREED_PUT) {
                (void)sqlite3_bind_int64(s, 2, pic__store_now(t->st));
                (void)sqlite3_bind_int64(s, 3, t->st->clock.mono(t->st->clock.data));
        }
        return pic__db_run(t->st->db, s, err);
}

static int moved_one(pic__txn *t, const pic__prefix *net, const pic__val *was, const pic__val *is, pic_error **err)
{
        uint64_t from = was->tag == PIC__V_TEXT ? host_of(net, was->s) : 0;
        uint64_t to = is->tag == PIC__V_TEXT ? host_of(net, is->s) : 0;
        int r = 0;

        if (from == to)
                return 0;
        if (from != 0 && from < INT64_MAX)
                r = freed_row(t, PIC__Q_FREED_PUT, from, err);
        if (r >= 0 && to != 0 && to < INT64_MAX)
                r = freed_row(t, PIC__Q_FREED_DROP, to, err);
        return r;
}

int pic__host_moved(pic__txn *t, const pic_obj *before, const pic_obj *after, pic_error **err)
{
        static const pic__val none = PIC__VAL_NONE;
        enum pic__kind kind = before != NULL ? before->kind : after->kind;
        int a4 = pic__field_find(kind, "address4"), a6 = pic__field_find(kind, "address6"), r;

        r = load_nets(t, err);
        if (r >= 0)
                r = moved_one(t, &t->net4, before != NULL ? pic__obj_val(before, a4) : &none,
                              after != NULL ? pic__obj_val(after, a4) : &none, err);
        if (r >= 0)
                r = moved_one(t, &t->net6, before != NULL ? pic__obj_val(before, a6) : &none,
                              after != NULL ? pic__obj_val(after, a6) : &none, err);
        return r;
}

int pic__host_renumber(pic__txn *t, pic_error **err)
{
        t->nets_known = 0;
        return pic__meta_set(t->st->db, "next_host", PIC__HOST_FIRST, err);
}

static const char *address_of(const pic__prefix *net, uint64_t host, char text[PIC__ADDR_TEXT])
{
        pic__addr a;

        if (net->addr.family == 0 || pic__addr_add(&net->addr, host, &a) < 0)
                return NULL;
        return pic__addr_print(&a, text);
}

/* 1 when a peer or a service has an address with this number, in either family. */
static int occupied(pic__txn *t, uint64_t host, pic_error **err)
{
        char text4[PIC__ADDR_TEXT], text6[PIC__ADDR_TEXT];
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(t->st->db, PIC__Q_PEER_AT, &s, err);

        if (r < 0)
                return r;
        (void)pic__bind_text(s, 1, address_of(&t->net4, host, text4));
        (void)pic__bind_text(s, 2, address_of(&t->net6, host, text6));
        return pic__db_step(t->st->db, s, err);
}

static int resting(pic__txn *t, uint64_t host, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(t->st->db, PIC__Q_FREED_HAS, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, (int64_t)host);
        return pic__db_step(t->st->db, s, err);
}

/* The next number that was never given out; *ret 0 when the counter is at its end. */
static int take_fresh(pic__txn *t, uint64_t capacity, uint64_t *ret, pic_error **err)
{
        int64_t next = 0;
        uint64_t h;
        int r = pic__meta_get(t->st->db, "next_host", &next, err);

        if (r < 0)
                return r;
        if (next < PIC__HOST_FIRST)
                next = PIC__HOST_FIRST;
        for (h = (uint64_t)next; h <= capacity; h++) {
                r = occupied(t, h, err);
                if (r == 0)
                        r = resting(t, h, err);
                if (r < 0)
                        return r;
                if (r == 0)
                        break;
        }
        *ret = h <= capacity ? h : 0;
        if (h == (uint64_t)next && *ret == 0)
                return 0;
        return pic__meta_set(t->st->db, "next_host", (int64_t)(*ret != 0 ? h + 1 : h), err);
}

/* The number whose rest ended first; 0 when none has. */
static int oldest_rested(pic__txn *t, uint64_t capacity, uint64_t *ret, pic_error **err)
{
        pic_time now = pic__store_now(t->st), mono = t->st->clock.mono(t->st->clock.data);
        pic__auto_stmt sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(t->st->db, PIC__Q_FREED_OLDEST, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, (int64_t)capacity);
        (void)sqlite3_bind_int64(s, 2, now);
        (void)sqlite3_bind_int64(s, 3, now - PIC__HOST_QUARANTINE);
        (void)sqlite3_bind_int64(s, 4, mono);
        (void)sqlite3_bind_int64(s, 5, mono - PIC__HOST_QUARANTINE);
        r = pic__db_step(t->st->db, s, err);
        *ret = r > 0 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
        return r < 0 ? r : 0;
}

static int wake_future(pic__txn *t, pic_error **err)
{
        sqlite3_stmt *s = NULL;
        int r = pic__db_stmt(t->st->db, PIC__Q_FREED_FUTURE, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, pic__store_now(t->st));
        (void)sqlite3_bind_int64(s, 2, t->st->clock.mono(t->st->clock.data));
        return pic__db_run(t->st->db, s, err);
}

static int take_rested(pic__txn *t, uint64_t capacity, uint64_t *ret, pic_error **err)
{
        int r = wake_future(t, err);

        while (r >= 0) {
                r = oldest_rested(t, capacity, ret, err);
                if (r < 0 || *ret == 0)
                        return r;
                r = freed_row(t, PIC__Q_FREED_DROP, *ret, err);
                if (r >= 0)
                        r = occupied(t, *ret, err); /* the other family's address may be in use */
                if (r == 0)
                        return 0;
        }
        return r;
}

static int fail_none_left(pic__txn *t, uint64_t capacity, pic_error **err)
{
        pic__auto_stmt sqlite3_stmt *s = NULL;
        char text[PIC__TIME_TEXT];
        pic_time first = 0;
        int r = pic__db_stmt(t->st->db, PIC__Q_FREED_FIRST, &s, err);

        if (r < 0)
                return r;
        (void)sqlite3_bind_int64(s, 1, (int64_t)capacity);
        r = pic__db_step(t->st->db, s, err);
        if (r < 0)
                return r;
        if (r > 0)
                first = pic__col_int(s, 0) + PIC__HOST_QUARANTINE;
        r = pic__fail(err, PIC_CONFLICT, "no address is left in the cell's network");
        if (first != 0)
                pic__hint(err,
                          "an address that was given back rests for an hour: the first is free at %s; or give the cell "
                          "a larger "
                          "network",
                          pic__time_print(first, text));
        else
                pic__hint(err, "give the cell a larger network ('pic cell set --net4 PREFIX'), or remove peers");
        return r;
}

int pic__txn_alloc_host(pic__txn *t, uint64_t capacity, uint64_t *ret_host, pic_error **err)
{
        uint64_t host = 0;
        int r = pic__txn_alive(t, err);

        if (r >= 0)
                r = load_nets(t, err);
        if (r >= 0)
                r = take_fresh(t, capacity, &host, err);
        if (r >= 0 && host == 0)
                r = take_rested(t, capacity, &host, err);
        if (r < 0)
                return r;
        if (host == 0)
                return fail_none_left(t, capacity, err);
        *ret_host = host;
        return 0;
}
