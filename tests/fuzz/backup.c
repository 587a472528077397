/* Backups of others: a manifest, what is compressed, and a tar behind a manifest that fits. What is taken is what its
 * manifest says, in pieces of any size the same. The first byte says which. */
#include "fuzz.h"

#include <zstd.h>

#include "backup/unpack.h"
#include "sys/crypto.h"
#include "sys/hash.h"

struct text {
        const char *data;
        size_t len;
        size_t piece;
};

static int next(void *arg, const void **ret_data, size_t *ret_len, pic_error **err)
{
        struct text *t = arg;
        size_t n = t->len < t->piece ? t->len : t->piece;

        (void)err;
        *ret_data = t->data;
        *ret_len = n;
        t->data += n;
        t->len -= n;
        return n > 0;
}

static int known(int r)
{
        return r == 0 || r == PIC_SYNTAX || r == PIC_UNSUPPORTED || r == PIC_DENIED || r == PIC_CORRUPT;
}

static void manifest(const char *text, size_t size)
{
        pic__auto_buf pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;
        pic__manifest m, n;
        size_t i;
        int r = pic__manifest_get(text, size, &m, NULL);

        must(known(r));
        if (r < 0)
                return;
        for (i = 0; i < m.count; i++)
                must(pic__member_name(m.members[i].name) && pic__manifest_find(&m, m.members[i].name) == &m.members[i]);
        pic__manifest_put(&m, &one);
        must(pic__manifest_get(one.data, one.len, &n, NULL) == 0);
        pic__manifest_put(&n, &two);
        must(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
        pic__manifest_clear(&m);
        pic__manifest_clear(&n);
}

static int unpack(const char *data, size_t size, size_t piece, pic__buf *all)
{
        struct text t = { data, size, piece };
        const pic__member *m;
        pic__unpack *u = NULL;
        const void *bytes;
        uint8_t sha256[32];
        size_t n, at;
        int r = pic__unpack_new(NULL, 0, 1 << 20, next, &t, &u, NULL);

        if (r < 0)
                return r;
        while ((r = pic__unpack_next(u, &m, NULL)) > 0) {
                at = all->len;
                while ((r = pic__unpack_read(u, &bytes, &n, NULL)) > 0)
                        pic__buf_put(all, bytes, n);
                if (r < 0)
                        break;
                pic__sha256(pic__buf_str(all) + at, all->len - at, sha256);
                must(all->len - at == m->size && memcmp(sha256, m->sha256, 32) == 0);
        }
        must(r < 0 || all->len == pic__unpack_manifest(u)->total);
        pic__unpack_free(u);
        return r;
}

static void whole(const char *data, size_t size)
{
        pic__auto_buf pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;
        int r = unpack(data, size, size + 1, &one);

        must(known(r));
        if (size >= 16)
                must((unpack(data, size, 16, &two) == 0) == (r == 0) && (r < 0 || one.len == two.len));
}

/* The same, compressed here: the fuzzer shall not have to find out how that goes. */
static void tar(const char *data, size_t size)
{
        size_t room = ZSTD_compressBound(size);
        char *packed = malloc(room);

        must(packed != NULL);
        room = ZSTD_compress(packed, room, data, size, 1);
        must(!ZSTD_isError(room));
        whole(packed, room);
        free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        char *text = text_of(data, size);

        must(pic__crypto_start(NULL) == 0);
        switch (mode % 4) {
        case 0: manifest(text, size); break;
        case 1: whole(text, size); break;
        default: tar(text, size); break;
        }
        free(text);
        return 0;
}
