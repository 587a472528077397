/* Owns: Argon2id, by libsodium, and the queue before it. The queue is the process's: what it bounds, memory and cores,
 * is too. */
#include "sys/argon.h"

#include <pthread.h>
#include <sodium.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int waiting;

static int compute(const pic__argon *how, const char *password, size_t len, uint8_t out[32])
{
        return crypto_pwhash(out, 32, password, len, how->salt, how->passes, (size_t)how->kib * 1024,
                             crypto_pwhash_ALG_ARGON2ID13);
}

int pic__argon2id(const pic__argon *how, const char *password, size_t len, uint8_t out[32], pic_error **err)
{
        int r;

        if (how->kib < 8 || how->kib > 65536 || how->passes < 1 || how->passes > 16)
                return pic__fail(err, PIC_VALUE, "a password is hashed with 8 to 65536 KiB and 1 to 16 passes");
        if (__atomic_add_fetch(&waiting, 1, __ATOMIC_ACQ_REL) > PIC__ARGON_WAIT + 1) {
                __atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQ_REL);
                (void)pic__fail(err, PIC_BUSY, "too many passwords are looked at in this moment");
                pic__hint(err, "Try again in a second.");
                pic__detail(err, "retry_ms", "1000");
                return PIC_BUSY;
        }
        pthread_mutex_lock(&turn);
        r = compute(how, password, len, out);
        pthread_mutex_unlock(&turn);
        __atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQ_REL);
        return r == 0 ? 0 : pic__nomem(err);
}
