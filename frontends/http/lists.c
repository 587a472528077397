/* Owns: lists of objects as of one revision, kept for all callers as long as the store stays there. A list is a
 * snapshot that does not change, so that many threads may read one. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

enum { KINDS_MAX = 12 };

struct list {
        pic_list *list;
        pic_revision revision;
        unsigned refs;
};

struct lists {
        pthread_mutex_t lock;
        struct list *at[KINDS_MAX]; /* by the kind's place */
};

struct lists *lists_new(void)
{
        struct lists *l = calloc(1, sizeof(*l));

        if (l != NULL)
                pthread_mutex_init(&l->lock, NULL);
        return l;
}

void list_unref(struct list *l)
{
        if (l == NULL || __atomic_sub_fetch(&l->refs, 1, __ATOMIC_ACQ_REL) != 0)
                return;
        pic_list_unref(l->list);
        free(l);
}

void lists_free(struct lists *l)
{
        size_t i;

        for (i = 0; l != NULL && i < KINDS_MAX; i++)
                list_unref(l->at[i]);
        if (l != NULL)
                pthread_mutex_destroy(&l->lock);
        free(l);
}

pic_list *list_of(const struct list *l)
{
        return l->list;
}

pic_revision list_revision(const struct list *l)
{
        return l->revision;
}

static size_t place_of(const char *kind)
{
        size_t i = 0;
        const char *at;

        while ((at = pic_kind_at(i)) != NULL && strcmp(at, kind) != 0)
                i++;
        return at != NULL && i < KINDS_MAX ? i : KINDS_MAX;
}

static struct list *find(struct lists *l, size_t place, pic_revision revision)
{
        struct list *found;

        pthread_mutex_lock(&l->lock);
        found = l->at[place];
        if (found != NULL && found->revision == revision)
                __atomic_add_fetch(&found->refs, 1, __ATOMIC_RELAXED);
        else
                found = NULL;
        pthread_mutex_unlock(&l->lock);
        return found;
}

static void keep(struct lists *l, size_t place, struct list *made)
{
        struct list *old = made;

        pthread_mutex_lock(&l->lock);
        if (l->at[place] == NULL || l->at[place]->revision <= made->revision) {
                old = l->at[place];
                l->at[place] = made;
        }
        pthread_mutex_unlock(&l->lock);
        list_unref(old);
}

/* What is read may be newer than the revision that was read before it, never older: it is read again until both are
 * one, or else kept by nobody. */
static int read_list(struct call *c, const char *kind, struct list *made, int *ret_exact)
{
        pic_ctx *ctx = app_ctx(c->app);
        pic_revision after = made->revision;
        pic_error *err = NULL;
        int tries = 0;

        do {
                pic_list_unref(made->list);
                made->list = NULL;
                made->revision = after;
                if (pic_list_get(ctx, kind, &made->list, &err) < 0)
                        return fail_err(c, err);
                if (find_revision(c, &after) < 0)
                        return -1;
        } while (after != made->revision && ++tries < 3);
        *ret_exact = after == made->revision;
        return 0;
}

struct list *list_get(struct call *c, const char *kind)
{
        struct lists *l = app_lists(c->app);
        size_t place = place_of(kind);
        pic_revision revision = 0;
        struct list *made;
        int exact = 0;

        if (find_revision(c, &revision) < 0)
                return NULL;
        made = place < KINDS_MAX ? find(l, place, revision) : NULL;
        if (made != NULL)
                return made;
        made = calloc(1, sizeof(*made));
        if (made == NULL) {
                (void)fail_nomem(c);
                return NULL;
        }
        made->refs = 1;
        made->revision = revision;
        if (read_list(c, kind, made, &exact) < 0) {
                list_unref(made);
                return NULL;
        }
        if (exact && place < KINDS_MAX) {
                made->refs = 2;
                keep(l, place, made);
        }
        return made;
}
