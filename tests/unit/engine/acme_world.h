/* A cell with a domain and its certificate, whose clock the test turns. */
#ifndef TEST_ENGINE_ACME_WORLD_H
#define TEST_ENGINE_ACME_WORLD_H

#include "certs_world.h"

#include <poll.h>

#include "change/secret.h"
#include "engine/acme_i.h"

static inline void aw_put(certs_world *w, enum pic__kind kind, const char *name, const char *const *fields)
{
        pic__store *st = cell_store(&w->c);
        pic__txn *t = NULL;
        pic_obj *o = NULL;

        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(kind, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", name, 0, NULL), 0);
        cell_put(t, o, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__store_unref(st);
}

static inline void aw_apply(certs_world *w)
{
        pic_error *err = NULL;

        if (pic__engine_apply(w->e, NULL, &err) < 0)
                fail_msg("apply: %s", pic_error_message(err));
}

static inline void aw_open(certs_world *w, const pic__acme_opts *opts)
{
        w->e = cell_open(&w->c);
        aw_apply(w);
        assert_int_equal(pic__engine_acme_allow(w->e, opts, NULL), 0);
}

static inline pic__acme_entry *aw_entry(certs_world *w, const char *cert)
{
        pic_obj *o = cw_get(w, PIC__CERTIFICATE, cert);
        pic__acme_entry *entry = pic__acme_entry_of(w->e, o->id);

        pic__obj_unref(o);
        return entry;
}

/* Until nothing is under way; no longer than that. */
static inline void aw_settle(certs_world *w)
{
        int i;

        pic__engine_acme_turn(w->e);
        for (i = 0; i < 3000 && w->e->acme != NULL && (w->e->acme->ask != NULL || pic__acme_proving(w->e->acme)); i++) {
                struct pollfd p = { .fd = pic__engine_acme_fd(w->e), .events = POLLIN };

                assert_true(poll(&p, 1, 30000) > 0);
                pic__engine_acme_turn(w->e);
        }
        aw_apply(w);
}

#endif
