/* A cell of the fake world in a directory of its own, for tests. Public headers only. */
#ifndef PIC_TEST_WORLD_H
#define PIC_TEST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pic/pic.h>

typedef struct world {
        char dir[64];
        pic_ctx *ctx;
} world;

static inline int world_rm_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

static inline void world_rm(const char *dir)
{
        (void)nftw(dir, world_rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline pic_ctx *world_open(const char *dir, const char *kind)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_ctx *ctx = NULL;

        opts.dir = dir;
        opts.world = kind;
        opts.way = "cli";
        opts.actor = "tester";
        opts.agent_ms = 5000;
        assert_int_equal(pic_ctx_open(&opts, &ctx, NULL), 0);
        return ctx;
}

/* A directory that is not there yet. */
static inline void world_dir(world *w)
{
        strcpy(w->dir, "/tmp/pic-test-XXXXXX");
        assert_non_null(mkdtemp(w->dir));
        assert_int_equal(rmdir(w->dir), 0);
}

static inline void world_init(world *w)
{
        static const char *const fields[] = { "name", "home",         "endpoint", "vpn.example.org:51820",
                                              "net4", "10.77.0.0/16", "net6",     "fd77:1:2::/48",
                                              NULL };
        pic_error *err = NULL;

        world_dir(w);
        w->ctx = world_open(w->dir, "fake");
        if (pic_cell_init(w->ctx, fields, NULL, &err) < 0)
                fail_msg("init: %s", pic_error_message(err));
}

static inline void world_end(world *w)
{
        w->ctx = pic_ctx_unref(w->ctx);
        world_rm(w->dir);
}

/* name, value, …, NULL of a new object; commits. Answers the code of what failed first. */
static inline int world_add(world *w, const char *kind, const char *name, const char *const *fields, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_add(e, kind, name, err);
        for (; r == 0 && fields != NULL && fields[0] != NULL; fields += 2)
                r = pic_edit_set(e, kind, name, fields[0], fields[1], err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static inline int world_set(world *w, const char *kind, const char *name, const char *field, const char *text,
                            pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = text != NULL ? pic_edit_set(e, kind, name, field, text, err) : pic_edit_unset(e, kind, name, field, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static inline int world_remove(world *w, const char *kind, const char *name, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_remove(e, kind, name, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

static inline int world_load(world *w, const char *text, uint32_t flags, pic_error **err)
{
        pic_edit *e = NULL;
        int r;

        assert_int_equal(pic_edit_new(w->ctx, &e, NULL), 0);
        r = pic_edit_load(e, text, strlen(text), "cell.yaml", flags, err);
        if (r == 0)
                r = pic_edit_commit(e, 0, NULL, err);
        pic_edit_unref(e);
        return r;
}

/* A field's text, for pic_text_free(); "(none)" without a value. */
static inline char *world_get(world *w, const char *kind, const char *name, const char *field)
{
        pic_obj *o = NULL;
        pic_error *err = NULL;
        char *text;

        if (pic_get(w->ctx, kind, name, &o, &err) < 0)
                fail_msg("get %s %s: %s", kind, name != NULL ? name : "", pic_error_message(err));
        text = pic_obj_get(o, field);
        pic_obj_unref(o);
        return text;
}

static inline void world_is(world *w, const char *kind, const char *name, const char *field, const char *want)
{
        char *text = world_get(w, kind, name, field);

        if (want == NULL)
                assert_null(text);
        else if (text == NULL || strcmp(text, want) != 0)
                fail_msg("%s %s: %s is %s, not %s", kind, name != NULL ? name : "", field,
                         text != NULL ? text : "(none)", want);
        pic_text_free(text);
}

static inline void ok_(int r, pic_error **err, const char *what, int line)
{
        if (r < 0)
                fail_msg("line %d: %s: %s: %s", line, what, pic_code_name(r), pic_error_message(*err));
}
/* A call that must succeed. The variable `err` is at hand. */
#define ok(call) ok_((call), &err, #call, __LINE__)

static inline void refused_(int r, int want, pic_error **err, const char *words, int line)
{
        if (r != want || pic_error_code(*err) != want)
                fail_msg("line %d: %s (%s), wanted %s", line, pic_code_name(r), pic_error_message(*err),
                         pic_code_name(want));
        if (strstr(pic_error_message(*err), words) == NULL)
                fail_msg("line %d: '%s' is not in '%s'", line, words, pic_error_message(*err));
        pic_error_free(*err);
        *err = NULL;
}
/* A call that must be refused with this code, the words in its message. */
#define refused(call, code, words) refused_((call), (code), &err, (words), __LINE__)

#endif
