/* A cell of the fake world in a directory of its own, for the engine's tests. */
#ifndef PIC_TEST_ENGINE_FIXTURE_H
#define PIC_TEST_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fake/fake.h"
#include "base/time.h"
#include "change/newkeys.h"
#include "engine/engine_i.h"
#include "engine/keyfile.h"
#include "engine/newcell.h"
#include "engine/paths.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define NOW ((pic_time)1800000000 * PIC__SECOND)

typedef struct cell {
        char dir[64];
        pic_time now;
        pic__clock clock;
        unsigned host; /* the last peer's number */
} cell;

static inline int fixture_rm(const char *path, const struct stat *st, int flag, struct FTW *f)
{
        (void)st;
        (void)flag;
        (void)f;
        return remove(path);
}

static inline void fixture_dir(char *dir, size_t size)
{
        snprintf(dir, size, "/tmp/pic-engine-XXXXXX");
        assert_non_null(mkdtemp(dir));
}

static inline void fixture_drop(const char *dir)
{
        (void)nftw(dir, fixture_rm, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void cell_make(cell *c)
{
        static const char *const fields[] = { "name", "home",      "net4",     "10.77.0.0/16",
                                              "net6", "fd77::/48", "endpoint", "vpn.example.org:51820",
                                              NULL };
        PIC__AUTO(pic__obj_unref_p) pic_obj *made = NULL;
        pic_error *err = NULL;
        pic__newcell_opts opts = { .fake = 1, .actor = "root", .way = "cli", .fields = fields };

        memset(c, 0, sizeof(*c));
        fixture_dir(c->dir, sizeof(c->dir));
        c->now = NOW;
        c->clock = pic__clock_fake(&c->now);
        c->host = 1;
        opts.dir = c->dir;
        opts.clock = &c->clock;
        if (pic__newcell_make(&opts, &made, &err) < 0)
                fail_msg("newcell: %s", pic_error_message(err));
}

static inline void cell_drop(cell *c)
{
        fixture_drop(c->dir);
}

static inline void cell_put(pic__txn *t, pic_obj *o, const char *const *fields)
{
        pic_error *err = NULL;

        for (; fields[0] != NULL; fields += 2)
                if (pic__obj_set(o, fields[0], fields[1], 1, &err) < 0)
                        fail_msg("%s: %s", fields[0], pic_error_message(err));
        if (pic__txn_put(t, o, NULL, NULL, &err) < 0)
                fail_msg("put: %s", pic_error_message(err));
}

static inline pic__store *cell_store(cell *c)
{
        pic__store *st = NULL;

        assert_int_equal(pic__store_open(c->dir, 1000, &c->clock, &st, NULL), 0);
        return st;
}

/* Adds a peer with keys made by the cell; more fields as name, value, …, NULL. */
static inline void cell_add_peer(cell *c, const char *name, const char *const *fields)
{
        static const char *const none[] = { NULL };
        pic__store *st = cell_store(c);
        pic__txn *t = NULL;
        pic_obj *o = NULL;
        uint8_t seal_key[32];
        char a4[32], a6[32];
        const char *basic[] = { "name", name, "address4", a4, "address6", a6, NULL };

        c->host++;
        snprintf(a4, sizeof(a4), "10.77.%u.%u", c->host / 250, c->host % 250 + 1);
        snprintf(a6, sizeof(a6), "fd77::%x", c->host);
        assert_int_equal(pic__store_seal_key(st, seal_key, NULL), 0);
        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__PEER, &o, NULL), 0);
        assert_int_equal(pic__txn_new_id(t, PIC__PEER, &o->id, NULL), 0);
        assert_int_equal(pic__newkeys_pair(o, seal_key, NULL), 0);
        assert_int_equal(pic__newkeys_preshared(o, seal_key, NULL), 0);
        for (const char *const *f = basic; f[0] != NULL; f += 2)
                assert_int_equal(pic__obj_set(o, f[0], f[1], 1, NULL), 0);
        cell_put(t, o, fields != NULL ? fields : none);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__store_unref(st);
}

static inline void cell_set(cell *c, enum pic__kind kind, const char *name, const char *const *fields)
{
        pic__store *st = cell_store(c);
        pic__txn *t = NULL;
        pic_obj *o = NULL, *edit = NULL;

        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__txn_get(t, kind, name, &o, NULL), 0);
        assert_int_equal(pic__obj_edit(o, &edit, NULL), 0);
        cell_put(t, edit, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__obj_unref(edit);
        pic__store_unref(st);
}

static inline void cell_remove_peer(cell *c, const char *name)
{
        pic__store *st = cell_store(c);
        pic__txn *t = NULL;

        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__txn_remove(t, PIC__PEER, name, NULL), 0);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__store_unref(st);
}

static inline pic__engine *cell_open_log(cell *c, const pic__log *log)
{
        const pic__engine_opts opts = { .dir = c->dir, .fake = 1, .clock = &c->clock, .log = log };
        pic__engine *e = NULL;
        pic_error *err = NULL;

        if (pic__engine_open(&opts, &e, &err) < 0)
                fail_msg("open: %s", pic_error_message(err));
        return e;
}

static inline pic__engine *cell_open(cell *c)
{
        return cell_open_log(c, NULL);
}

/* Items that the world has now. */
static inline size_t cell_world(pic__engine *e, pic__items *out)
{
        assert_int_equal(pic__engine_observe(e, out, NULL), 0);
        pic__items_sort(out);
        return out->count;
}

/* 1 when two worlds are the same. */
static inline int cell_same(pic__items *a, pic__items *b)
{
        size_t i;

        if (a->count != b->count)
                return 0;
        for (i = 0; i < a->count; i++)
                if (a->at[i].kind != b->at[i].kind || strcmp(a->at[i].key, b->at[i].key) != 0 ||
                    !pic__item_same(&a->at[i], &b->at[i]))
                        return 0;
        return 1;
}

/* 1 when the item is in the world with the wishes' value. */
static inline const char *cell_value(pic__engine *e, enum pic__item_kind kind, const char *key, char *to, size_t size)
{
        pic__items there = PIC__ITEMS_INIT;
        const pic__item *i;

        cell_world(e, &there);
        i = pic__items_find(&there, kind, key);
        if (i != NULL)
                snprintf(to, size, "%s", i->value);
        pic__items_wipe(&there);
        return i != NULL ? to : NULL;
}

/* How often each subsystem was read since cell_count. */
static const pic__backend_ops *cell_real[PIC__BACKENDS];
static unsigned cell_reads[PIC__BACKENDS];

static inline int cell_observe(pic__backend *b, pic__items *out, pic_error **err)
{
        cell_reads[b->id]++;
        return cell_real[b->id]->observe(b, out, err);
}

static inline int cell_news(pic__backend *b, pic__items *out, pic_error **err)
{
        int r = cell_real[b->id]->news(b, out, err);

        cell_reads[b->id] += r != 0;
        return r;
}

/* Of one engine at a time. */
static inline void cell_count(pic__engine *e)
{
        static pic__backend_ops counting[PIC__BACKENDS];
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++) {
                cell_reads[i] = 0;
                if (e->backends[i]->ops == &counting[i])
                        continue;
                cell_real[i] = e->backends[i]->ops;
                counting[i] = *cell_real[i];
                counting[i].observe = cell_observe;
                counting[i].news = cell_news;
                e->backends[i]->ops = &counting[i];
        }
}

/* Since the last such call exactly these were read, once. */
static inline void assert_read(pic__engine *e, unsigned parts)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++)
                if (cell_reads[i] != (parts >> i & 1))
                        fail_msg("%s was read %u times", pic__backend_names[i], cell_reads[i]);
        cell_count(e);
}

/* How many steps `pic drift` would tell. */
static inline size_t cell_drift(pic__engine *e)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t steps = 99;

        pic__json_open(&j, '{');
        assert_int_equal(pic__engine_compare(e, 1, &j, &steps, NULL), 0);
        return steps;
}

/* The world is what the wishes make of it: nothing is left to plan. */
static inline void assert_settled(pic__engine *e)
{
        pic__buf text = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&text);
        size_t steps = 99;

        assert_int_equal(pic__engine_plan(e, &j, &steps, NULL), 0);
        if (steps != 0)
                fail_msg("not settled: %s", pic__buf_str(&text));
        pic__buf_free(&text);
}

#endif
