/* Owns: what was read lately. */
#include "api/recent.h"

#include <pthread.h>
#include <string.h>

enum { OBJS = 64, SESSIONS = 16, NAME = 64 };

struct kept_obj {
        pic__stamp at;
        enum pic__kind kind;
        char name[NAME]; /* as it was asked for */
        pic_obj *obj;    /* NULL: nothing is kept here */
};

struct kept_session {
        pic__stamp at;
        uint8_t hash[32];
        pic_time from, until;
        pic_session *session;
};

struct pic__recent {
        pthread_mutex_t lock;
        struct kept_obj objs[OBJS];
        struct kept_session sessions[SESSIONS];
        unsigned next; /* place of the next session */
};

int pic__recent_new(pic__recent **ret, pic_error **err)
{
        pic__recent *r = pic__alloc(sizeof(*r));

        if (r == NULL)
                return pic__nomem(err);
        pthread_mutex_init(&r->lock, NULL);
        *ret = r;
        return 0;
}

void pic__recent_free(pic__recent *r)
{
        size_t i;

        if (r == NULL)
                return;
        for (i = 0; i < OBJS; i++)
                pic__obj_unref(r->objs[i].obj);
        for (i = 0; i < SESSIONS; i++)
                pic_session_unref(r->sessions[i].session);
        pthread_mutex_destroy(&r->lock);
        pic__free(r);
}

/* --- objects -------------------------------------------------------------------------------------------------- */

static struct kept_obj *place_of(pic__recent *r, enum pic__kind kind, const char *name)
{
        uint32_t hash = 2166136261u + (uint32_t)kind;

        while (*name != '\0')
                hash = (hash ^ (unsigned char)*name++) * 16777619u;
        return &r->objs[(hash ^ hash >> 16) % OBJS];
}

pic_obj *pic__recent_obj(pic__recent *r, const pic__stamp *at, enum pic__kind kind, const char *name)
{
        struct kept_obj *k = place_of(r, kind, name);
        pic_obj *found = NULL;

        pthread_mutex_lock(&r->lock);
        if (k->obj != NULL && k->kind == kind && strcmp(k->name, name) == 0 && pic__stamp_same(&k->at, at))
                found = pic__obj_ref(k->obj);
        pthread_mutex_unlock(&r->lock);
        return found;
}

void pic__recent_keep_obj(pic__recent *r, const pic__stamp *at, enum pic__kind kind, const char *name,
                          const pic_obj *obj)
{
        struct kept_obj *k = place_of(r, kind, name);
        pic_obj *old;

        if (strlen(name) >= NAME)
                return;
        pthread_mutex_lock(&r->lock);
        old = k->obj;
        k->at = *at;
        k->kind = kind;
        memcpy(k->name, name, strlen(name) + 1);
        k->obj = pic__obj_ref(obj);
        pthread_mutex_unlock(&r->lock);
        pic__obj_unref(old);
}

/* --- sessions ------------------------------------------------------------------------------------------------- */

static struct kept_session *find(pic__recent *r, const uint8_t hash[32])
{
        size_t i;

        for (i = 0; i < SESSIONS; i++)
                if (r->sessions[i].session != NULL && memcmp(r->sessions[i].hash, hash, 32) == 0)
                        return &r->sessions[i];
        return NULL;
}

pic_session *pic__recent_session(pic__recent *r, const pic__stamp *at, const uint8_t hash[32], pic_time now)
{
        pic_session *found = NULL, *copy = NULL;
        struct kept_session *k;

        pthread_mutex_lock(&r->lock);
        k = find(r, hash);
        if (k != NULL && pic__stamp_same(&k->at, at) && now >= k->from && now < k->until)
                found = pic__session_ref(k->session);
        pthread_mutex_unlock(&r->lock);
        if (found != NULL)
                copy = pic__session_copy(found, now);
        pic_session_unref(found);
        return copy;
}

void pic__recent_keep_session(pic__recent *r, const pic__stamp *at, const uint8_t hash[32], const pic_session *session,
                              pic_time from, pic_time until)
{
        struct kept_session *k;
        pic_session *old;

        pthread_mutex_lock(&r->lock);
        k = find(r, hash);
        if (k == NULL)
                k = &r->sessions[r->next++ % SESSIONS];
        old = k->session;
        k->at = *at;
        memcpy(k->hash, hash, 32);
        k->from = from;
        k->until = until;
        k->session = pic__session_ref(session);
        pthread_mutex_unlock(&r->lock);
        pic_session_unref(old);
}
