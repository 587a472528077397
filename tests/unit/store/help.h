/* What every test of the store needs: a directory of its own, a clock of its own, and objects in few words. */
#ifndef TEST_STORE_HELP_H
#define TEST_STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "store/inner.h"
#include "store/store.h"

#define NOON ((pic_time)1800000000 * PIC__SECOND)

static char test_dir[64];
static pic_time test_now = NOON;
static pic__clock test_clock;
static const uint8_t test_seal[32] = { 9, 1, 2, 3 };

static inline void need(int r, pic_error *err)
{
        if (r < 0)
                print_error("code %d: %s\n", r, pic_error_message(err));
        assert_true(r >= 0);
}

/* needs(call(…, &err)): it must succeed. */
#define needs(call)                    \
        do {                           \
                pic_error *err = NULL; \
                int r_ = (call);       \
                need(r_, err);         \
        } while (0)

/* refused(CODE, call(…, &err)) and then look at *ret_err. */
#define refused(code, call, ret_err)                       \
        do {                                               \
                pic_error *err = NULL;                     \
                int r_ = (call);                           \
                assert_int_equal(r_, (code));              \
                assert_int_equal(pic_error_code(err), r_); \
                if ((ret_err) != NULL)                     \
                        *(pic_error **)(ret_err) = err;    \
                else                                       \
                        pic_error_free(err);               \
        } while (0)

static inline int new_dir(void **state)
{
        (void)state;
        strcpy(test_dir, "/tmp/pic-test-store.XXXXXX");
        test_now = NOON;
        test_clock = pic__clock_fake(&test_now);
        return mkdtemp(test_dir) == NULL;
}

static inline int drop_dir(void **state)
{
        char cmd[128];

        (void)state;
        pic__mem_fail_at(0);
        snprintf(cmd, sizeof(cmd), "rm -rf -- '%s'", test_dir);
        return system(cmd);
}

static inline pic__store *new_store(void)
{
        pic__store *st = NULL;

        needs(pic__store_create(test_dir, test_seal, &test_clock, &st, &err));
        return st;
}

static inline pic__store *open_store(void)
{
        pic__store *st = NULL;

        needs(pic__store_open(test_dir, 100, &test_clock, &st, &err));
        return st;
}

static inline pic__txn *begin(pic__store *st)
{
        pic__txn *t = NULL;

        needs(pic__txn_begin(st, "root", "cli", &t, &err));
        return t;
}

static inline pic_revision commit(pic__txn *t)
{
        pic_revision rev = -1;

        needs(pic__txn_commit(t, &rev, &err));
        return rev;
}

/* obj(kind, "name", "anna", "access", "lan", NULL) */
static inline pic_obj *obj(enum pic__kind kind, ...)
{
        pic_obj *o = NULL;
        const char *field;
        va_list ap;

        needs(pic__obj_new(kind, &o, &err));
        va_start(ap, kind);
        while ((field = va_arg(ap, const char *)) != NULL)
                needs(pic__obj_set(o, field, va_arg(ap, const char *), 1, &err));
        va_end(ap);
        return o;
}

/* Puts it and lets it go. */
static inline pic_id put_obj(pic__txn *t, pic_obj *o)
{
        pic_id id = 0;

        needs(pic__txn_put(t, o, NULL, &id, &err));
        pic__obj_unref(o);
        return id;
}

static inline void add_cell(pic__txn *t, const char *net4)
{
        put_obj(t, obj(PIC__CELL, "name", "home", "net4", net4, "net6", "fd12:3456:789a::/64", NULL));
}

/* An edited copy of what is stored, to be put. */
static inline pic_obj *copy_of(pic__txn *t, enum pic__kind kind, const char *name)
{
        pic_obj *was = NULL, *o = NULL;

        needs(pic__txn_get(t, kind, name, &was, &err));
        needs(pic__obj_edit(was, &o, &err));
        pic__obj_unref(was);
        return o;
}

static inline void change(pic__txn *t, enum pic__kind kind, const char *name, const char *field, const char *text)
{
        pic_obj *o = copy_of(t, kind, name);

        needs(pic__obj_set(o, field, text, 1, &err));
        put_obj(t, o);
}

static inline int64_t number(pic__store *st, const char *sql)
{
        int64_t n = -1;

        needs(pic__db_number(st->db, sql, &n, &err));
        return n;
}

/* Text of one field as it is stored, into `to`. */
static inline const char *stored(pic__store *st, enum pic__kind kind, const char *name, const char *field, char to[512])
{
        pic_obj *o = NULL;

        needs(pic__store_get(st, kind, name, &o, &err));
        snprintf(to, 512, "%s", pic__obj_text(o, field));
        pic__obj_unref(o);
        return to;
}

/* The last row's line for people. */
static inline int keep_row(const pic__journal_row *row, void *data)
{
        snprintf(data, 1024, "%s|%s|%s|%s|%s", row->kind, row->verb, row->before != NULL ? row->before : "-",
                 row->after != NULL ? row->after : "-", row->text);
        return 0;
}

static inline const char *last_row(pic__store *st, char to[1024])
{
        needs(pic__store_journal(st, pic__store_last_seq(st) - 1, 1, keep_row, to, &err));
        return to;
}

#define STORE_TEST(fn) cmocka_unit_test_setup_teardown(fn, new_dir, drop_dir)

#endif
