/* A cell with certificates whose clock the test turns. */
#ifndef TEST_ENGINE_CERTS_WORLD_H
#define TEST_ENGINE_CERTS_WORLD_H

#include "fixture.h"

#include "engine/certs_i.h"
#include "sys/hash.h"

typedef struct certs_world {
        cell c;
        pic__engine *e;
} certs_world;

static inline void cw_make(certs_world *w)
{
        cell_make(&w->c);
        w->c.clock = pic__clock_fake(&w->c.now);
        w->e = cell_open(&w->c);
}

static inline void cw_drop(certs_world *w)
{
        w->e = pic__engine_unref(w->e);
        cell_drop(&w->c);
}

/* name, value, …, NULL beside the name. */
static inline void cw_add(certs_world *w, const char *name, const char *const *fields)
{
        pic__store *st = cell_store(&w->c);
        pic__txn *t = NULL;
        pic_obj *o = NULL;

        assert_int_equal(pic__txn_begin(st, "root", "cli", &t, NULL), 0);
        assert_int_equal(pic__obj_new(PIC__CERTIFICATE, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", name, 0, NULL), 0);
        cell_put(t, o, fields);
        assert_int_equal(pic__txn_commit(t, NULL, NULL), 0);
        pic__obj_unref(o);
        pic__store_unref(st);
}

static inline int cw_round(certs_world *w)
{
        pic_error *err = NULL;
        int r = pic__engine_certs(w->e, &err);

        if (r < 0)
                fail_msg("certs: %s", pic_error_message(err));
        return r;
}

static inline pic_obj *cw_get(certs_world *w, enum pic__kind kind, const char *name)
{
        pic_obj *o = NULL;

        assert_int_equal(pic__store_get(w->e->store, kind, name, &o, NULL), 0);
        return o;
}

static inline void cw_text(certs_world *w, enum pic__kind kind, const char *name, const char *field, char *out,
                           size_t size)
{
        pic_obj *o = cw_get(w, kind, name);

        snprintf(out, size, "%s", pic__obj_text(o, field));
        pic__obj_unref(o);
}

static inline int64_t cw_int(certs_world *w, const char *name, const char *field)
{
        pic_obj *o = cw_get(w, PIC__CERTIFICATE, name);
        int64_t n = pic__obj_int(o, field);

        pic__obj_unref(o);
        return n;
}

struct cw_chain {
        pic__buf bufs[4];
        pic__der ders[4];
        size_t count;
};

static inline int cw_take(pic__der der, void *data)
{
        struct cw_chain *c = data;

        assert_true(c->count < 4);
        pic__buf_put(&c->bufs[c->count], der.data, der.len);
        c->ders[c->count] = pic__der_of(&c->bufs[c->count]);
        c->count++;
        return 0;
}

static inline void cw_chain_free(struct cw_chain *c)
{
        for (size_t i = 0; i < 4; i++)
                pic__buf_free(&c->bufs[i]);
}

/* Whether the certificate is good now, for that name, for who trusts this root (a field of the cell, or its text). */
static inline int cw_good(certs_world *w, const char *cert, const char *root, const char *name)
{
        struct cw_chain chain = { .count = 0 }, roots = { .count = 0 };
        pic_obj *o = cw_get(w, PIC__CERTIFICATE, cert), *cell_ = cw_get(w, PIC__CELL, NULL);
        pic_error *err = NULL;
        int r;

        assert_int_equal(pic__x509_text_each(pic__obj_text(o, "chain"), cw_take, &chain, NULL), 0);
        assert_int_equal(pic__x509_text_each(strncmp(root, "ca_", 3) == 0 ? pic__obj_text(cell_, root) : root, cw_take,
                                             &roots, NULL),
                         0);
        r = pic__x509_verify(roots.ders, roots.count, chain.ders, chain.count, w->c.now, name, &err);
        pic_error_free(err);
        cw_chain_free(&chain);
        cw_chain_free(&roots);
        pic__obj_unref(o);
        pic__obj_unref(cell_);
        return r == 0;
}

#endif
