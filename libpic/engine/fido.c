/* Owns: the door to libfido2. Once loaded it stays: OpenSSL cannot be let go. */
#include "engine/fido.h"

#include <dlfcn.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <pthread.h>
#include <string.h>

#define SONAME "libfido2.so.1"

#define CALLS(X)                           \
        X(fido_init)                       \
        X(fido_cred_new)                   \
        X(fido_cred_free)                  \
        X(fido_cred_set_type)              \
        X(fido_cred_set_authdata_raw)      \
        X(fido_cred_id_ptr)                \
        X(fido_cred_id_len)                \
        X(fido_cred_pubkey_ptr)            \
        X(fido_cred_pubkey_len)            \
        X(fido_assert_new)                 \
        X(fido_assert_free)                \
        X(fido_assert_set_count)           \
        X(fido_assert_set_rp)              \
        X(fido_assert_set_up)              \
        X(fido_assert_set_uv)              \
        X(fido_assert_set_clientdata_hash) \
        X(fido_assert_set_authdata_raw)    \
        X(fido_assert_set_sig)             \
        X(fido_assert_verify)              \
        X(es256_pk_new)                    \
        X(es256_pk_free)                   \
        X(es256_pk_from_ptr)               \
        X(rs256_pk_new)                    \
        X(rs256_pk_free)                   \
        X(rs256_pk_from_ptr)               \
        X(eddsa_pk_new)                    \
        X(eddsa_pk_free)                   \
        X(eddsa_pk_from_ptr)

#define MEMBER(name) __typeof__(&(name)) name;
struct api {
        CALLS(MEMBER)
        void *lib;
};

static struct api api;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int missing(pic_error **err)
{
        (void)pic__fail(err, PIC_UNSUPPORTED, "passkeys need libfido2, which is not installed");
        pic__hint(err, "apt install libfido2-1");
        return PIC_UNSUPPORTED;
}

/* POSIX: a function's address fits into a data pointer. */
#define BIND(name)                                          \
        ret->name = (__typeof__(&(name)))dlsym(lib, #name); \
        all &= ret->name != NULL;

static int bind_all(void *lib, struct api *ret)
{
        int all = 1;

        ret->lib = lib;
        CALLS(BIND)
        return all;
}

int pic__fido_load(const char *soname, pic_error **err)
{
        struct api found = { .lib = NULL };
        void *lib;
        int good = 1;

        pthread_mutex_lock(&lock);
        if (api.lib == NULL || soname != NULL) {
                lib = dlopen(soname != NULL ? soname : SONAME, RTLD_NOW | RTLD_LOCAL);
                good = lib != NULL && bind_all(lib, &found);
                if (good) {
                        api = found;
                        api.fido_init(0);
                } else if (lib != NULL) {
                        (void)dlclose(lib);
                }
        }
        pthread_mutex_unlock(&lock);
        return good ? 0 : missing(err);
}

/* --- a new credential ----------------------------------------------------------------------------------------- */

static int copy(const unsigned char *from, size_t len, uint8_t *to, size_t size, size_t *ret_len)
{
        if (from == NULL || len == 0 || len > size)
                return 0;
        memcpy(to, from, len);
        *ret_len = len;
        return 1;
}

/* 1: it is a key of this algorithm. */
static int key_of(pic__bytes auth, int alg, pic__fido_key *ret, pic_error **err)
{
        fido_cred_t *cred = api.fido_cred_new();
        int good;

        if (cred == NULL)
                return pic__nomem(err);
        good = api.fido_cred_set_type(cred, alg) == FIDO_OK &&
               api.fido_cred_set_authdata_raw(cred, auth.data, auth.len) == FIDO_OK &&
               copy(api.fido_cred_id_ptr(cred), api.fido_cred_id_len(cred), ret->id, sizeof(ret->id), &ret->id_len) &&
               copy(api.fido_cred_pubkey_ptr(cred), api.fido_cred_pubkey_len(cred), ret->bytes, sizeof(ret->bytes),
                    &ret->len);
        api.fido_cred_free(&cred);
        ret->alg = alg;
        return good;
}

int pic__fido_key_of(pic__bytes auth, pic__fido_key *ret, pic_error **err)
{
        static const int allowed[] = { PIC__COSE_ES256, PIC__COSE_EDDSA, PIC__COSE_RS256 };
        size_t i;
        int r = pic__fido_load(NULL, err);

        for (i = 0; r == 0 && i < PIC__COUNT(allowed); i++)
                r = key_of(auth, allowed[i], ret, err);
        if (r != 0)
                return r < 0 ? r : 0;
        return pic__fail_value(err, NULL, "passkey", NULL, "has no key of an algorithm that is known here");
}

/* --- a signature ---------------------------------------------------------------------------------------------- */

/* The key as its algorithm's functions want it; NULL: it is none, or there is no memory. */
static void *open_key(const pic__fido_key *k)
{
        es256_pk_t *es256;
        eddsa_pk_t *eddsa;
        rs256_pk_t *rs256;

        switch (k->alg) {
        case PIC__COSE_ES256:
                es256 = api.es256_pk_new();
                if (es256 != NULL && api.es256_pk_from_ptr(es256, k->bytes, k->len) != FIDO_OK)
                        api.es256_pk_free(&es256);
                return es256;
        case PIC__COSE_EDDSA:
                eddsa = api.eddsa_pk_new();
                if (eddsa != NULL && api.eddsa_pk_from_ptr(eddsa, k->bytes, k->len) != FIDO_OK)
                        api.eddsa_pk_free(&eddsa);
                return eddsa;
        case PIC__COSE_RS256:
                rs256 = api.rs256_pk_new();
                if (rs256 != NULL && api.rs256_pk_from_ptr(rs256, k->bytes, k->len) != FIDO_OK)
                        api.rs256_pk_free(&rs256);
                return rs256;
        default: return NULL;
        }
}

static void close_key(const pic__fido_key *k, void *open)
{
        es256_pk_t *es256 = k->alg == PIC__COSE_ES256 ? open : NULL;
        eddsa_pk_t *eddsa = k->alg == PIC__COSE_EDDSA ? open : NULL;
        rs256_pk_t *rs256 = k->alg == PIC__COSE_RS256 ? open : NULL;

        api.es256_pk_free(&es256);
        api.eddsa_pk_free(&eddsa);
        api.rs256_pk_free(&rs256);
}

/* What is wanted: that page, somebody there, and that it was the owner. libfido2 compares each with what was signed. */
static int fill(fido_assert_t *a, const pic__fido_signed *s)
{
        return api.fido_assert_set_rp(a, s->rp) == FIDO_OK && api.fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK &&
               api.fido_assert_set_uv(a, FIDO_OPT_TRUE) == FIDO_OK &&
               api.fido_assert_set_clientdata_hash(a, s->client_hash, sizeof(s->client_hash)) == FIDO_OK &&
               api.fido_assert_set_count(a, 1) == FIDO_OK &&
               api.fido_assert_set_authdata_raw(a, 0, s->auth.data, s->auth.len) == FIDO_OK &&
               api.fido_assert_set_sig(a, 0, s->signature.data, s->signature.len) == FIDO_OK;
}

int pic__fido_check(const pic__fido_signed *s, pic_error **err)
{
        fido_assert_t *a;
        void *key;
        int good, r = pic__fido_load(NULL, err);

        if (r < 0)
                return r;
        a = api.fido_assert_new();
        if (a == NULL)
                return pic__nomem(err);
        key = open_key(s->key);
        good = key != NULL && fill(a, s) && api.fido_assert_verify(a, 0, s->key->alg, key) == FIDO_OK;
        if (key != NULL)
                close_key(s->key, key);
        api.fido_assert_free(&a);
        return good;
}
