/* Owns: the machine that encrypts. A full chunk waits until more comes: only then it is not the last one. */
#include "age/seal.h"

#include <string.h>

#include "age/armor.h"
#include "age/header.h"
#include "sys/crypto.h"

struct pic__age_sealer {
        pic__age_stream stream;
        pic__age_sink sink;
        void *arg;
        int armored;
        int ended; /* or failed: nothing more is taken */
        pic__armor_out armor;
        size_t have;
        uint8_t plain[PIC__AGE_CHUNK];
        uint8_t box[PIC__AGE_BOX];
};

static int out(pic__age_sealer *s, const void *data, size_t len, pic_error **err)
{
        return s->armored ? pic__armor_put(&s->armor, data, len, err) : s->sink(data, len, s->arg, err);
}

static int put_header(pic__age_sealer *s, const pic__age_keys *keys, unsigned log_n, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint8_t key[PIC__AGE_KEY], nonce[PIC__AGE_NONCE];
        int r;

        pic__random(key, sizeof(key));
        pic__random(nonce, sizeof(nonce));
        r = pic__age_header_make(keys, log_n > 0 ? log_n : PIC__AGE_WORK, key, &text, err);
        pic__age_stream_start(&s->stream, key, nonce);
        pic__wipe(key, sizeof(key));
        if (r == 0)
                r = out(s, text.data, text.len, err);
        return r == 0 ? out(s, nonce, sizeof(nonce), err) : r;
}

int pic__age_seal_new(const pic__age_keys *keys, unsigned log_n, int armor, pic__age_sink sink, void *arg,
                      pic__age_sealer **ret, pic_error **err)
{
        pic__age_sealer *s = pic__alloc(sizeof(*s));
        int r;

        if (s == NULL)
                return pic__nomem(err);
        s->sink = s->armor.sink = sink;
        s->arg = s->armor.arg = arg;
        s->armored = armor;
        r = put_header(s, keys, log_n, err);
        if (r < 0)
                pic__age_seal_free(s);
        else
                *ret = s;
        return r;
}

static int chunk(pic__age_sealer *s, const uint8_t *plain, size_t len, int last, pic_error **err)
{
        pic__age_stream_seal(&s->stream, plain, len, last, s->box);
        return out(s, s->box, len + PIC__AGE_BOX - PIC__AGE_CHUNK, err);
}

static int put(pic__age_sealer *s, const uint8_t *data, size_t len, pic_error **err)
{
        int r = 0;

        while (r == 0 && len > 0) {
                size_t n;

                if (s->have == PIC__AGE_CHUNK) {
                        s->have = 0;
                        r = chunk(s, s->plain, PIC__AGE_CHUNK, 0, err);
                        continue;
                }
                if (s->have == 0 && len > PIC__AGE_CHUNK) { /* no copy */
                        r = chunk(s, data, PIC__AGE_CHUNK, 0, err);
                        data += PIC__AGE_CHUNK;
                        len -= PIC__AGE_CHUNK;
                        continue;
                }
                n = PIC__AGE_CHUNK - s->have < len ? PIC__AGE_CHUNK - s->have : len;
                memcpy(s->plain + s->have, data, n);
                s->have += n;
                data += n;
                len -= n;
        }
        return r;
}

int pic__age_seal_put(pic__age_sealer *s, const void *data, size_t len, pic_error **err)
{
        int r;

        if (s->ended)
                return pic__fail(err, PIC_BADSTATE, "this file has ended");
        r = put(s, data, len, err);
        s->ended = r < 0;
        return r;
}

int pic__age_seal_end(pic__age_sealer *s, pic_error **err)
{
        int r;

        if (s->ended)
                return pic__fail(err, PIC_BADSTATE, "this file has ended");
        s->ended = 1;
        r = chunk(s, s->plain, s->have, 1, err);
        return r == 0 && s->armored ? pic__armor_end(&s->armor, err) : r;
}

void pic__age_seal_free(pic__age_sealer *s)
{
        if (s == NULL)
                return;
        pic__wipe(s, sizeof(*s));
        pic__free(s);
}
