/* Encrypted files of others: what is taken has passed its authentication, in pieces of any size the same; a header that
 * opens for our key can be made by who has it only. The first byte says: a file, armor alone, a header alone, a file of
 * keys, a payload behind a true header, a file of ours with a byte changed. */
#include "fuzz.h"

#include "age/armor.h"
#include "age/header.h"
#include "age/open.h"
#include "age/seal.h"
#include "base/buf.h"
#include "sys/crypto.h"

static const char identity[] = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
static pic__age_keys keys;

static int collect(const void *data, size_t len, void *arg, pic_error **err)
{
        (void)err;
        pic__buf_put(arg, data, len);
        return 0;
}

static int known(const pic_error *err, int r)
{
        return r == pic_error_code(err) &&
               (r == 0 || ((r == PIC_SYNTAX || r == PIC_UNSUPPORTED || r == PIC_DENIED || r == PIC_CORRUPT) &&
                           pic_error_detail(err, "part") != NULL));
}

static int open_it(const char *data, size_t size, size_t piece, pic__buf *out)
{
        pic__auto_err pic_error *err = NULL;
        pic__age_opener *o = NULL;
        size_t at, n;
        int r = 0;

        must(pic__age_open_new(&keys, 4, collect, out, &o, NULL) == 0);
        for (at = 0; at < size && r == 0; at += n) {
                n = size - at < piece ? size - at : piece;
                r = pic__age_open_put(o, data + at, n, &err);
        }
        if (r == 0)
                r = pic__age_open_end(o, &err);
        pic__age_open_free(o);
        must(known(err, r));
        return r;
}

static void file(const char *data, size_t size)
{
        pic__auto_buf pic__buf one = PIC__BUF_INIT, two = PIC__BUF_INIT;
        int r = open_it(data, size, size + 1, &one);

        must(r == open_it(data, size, 7, &two));
        must(one.len == two.len && (one.len == 0 || memcmp(one.data, two.data, one.len) == 0));
}

/* What is no armor is refused, what is one says the same when it is made again. */
static void armor(const char *data, size_t size)
{
        pic__auto_buf pic__buf bytes = PIC__BUF_INIT, text = PIC__BUF_INIT, again = PIC__BUF_INIT;
        pic__armor_in in = { .sink = collect, .arg = &bytes }, back = { .sink = collect, .arg = &again };
        pic__armor_out out = { .sink = collect, .arg = &text };
        pic__auto_err pic_error *err = NULL;
        int r = pic__armor_take(&in, (const uint8_t *)data, size, &err);

        if (r == 0)
                r = pic__armor_done(&in, &err);
        must(known(err, r));
        if (r < 0)
                return;
        must(pic__armor_put(&out, (const uint8_t *)pic__buf_str(&bytes), bytes.len, NULL) == 0);
        must(pic__armor_end(&out, NULL) == 0);
        must(pic__armor_take(&back, (const uint8_t *)text.data, text.len, NULL) == 0 &&
             pic__armor_done(&back, NULL) == 0);
        must(again.len == bytes.len && (bytes.len == 0 || memcmp(again.data, bytes.data, bytes.len) == 0));
}

static void header(const char *data, size_t size)
{
        pic__auto_err pic_error *err = NULL;
        pic__age_header h = { .where = 0 };
        uint8_t key[PIC__AGE_KEY];
        size_t used = 0;
        int r = pic__age_header_take(&h, (const uint8_t *)data, size, &used, &err);

        must(used <= size && known(err, r == 1 ? 0 : r));
        if (r == 1) {
                must(data[used - 1] == '\n' && h.known <= h.count && h.mac_at < used);
                r = pic__age_header_open(&h, &keys, 4, key, &err);
                must(known(err, r));
        }
        pic__age_header_clear(&h);
}

static void lines(const char *data, size_t size, int secret)
{
        pic__auto_err pic_error *err = NULL;
        pic__age_keys some = { .passphrase = NULL };
        int r = pic__age_keys_lines(&some, data, size, secret, &err);

        must(r == 0 || r == PIC_SYNTAX || r == PIC_UNSUPPORTED || r == PIC_NOTFOUND || r == PIC_VALUE);
        must(r == pic_error_code(err) && (r != 0 || some.identity_count + some.recipient_count > 0));
        pic__age_keys_clear(&some);
}

/* A true header, and a payload that somebody made up. */
static void payload(const char *data, size_t size)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, out = PIC__BUF_INIT;
        static const uint8_t key[PIC__AGE_KEY] = { 1, 2, 3 };

        must(pic__age_header_make(&keys, 1, key, &text, NULL) == 0);
        pic__buf_put(&text, data, size);
        must(open_it(text.data, text.len, 100, &out) < 0 && out.len == 0);
}

static void changed(const char *data, size_t size)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT, out = PIC__BUF_INIT;
        pic__age_sealer *s = NULL;
        size_t at = 0;

        memcpy(&at, data, size < 2 ? size : 2);
        must(pic__age_seal_new(&keys, 1, 0, collect, &text, &s, NULL) == 0);
        must(pic__age_seal_put(s, data, size, NULL) == 0 && pic__age_seal_end(s, NULL) == 0);
        pic__age_seal_free(s);
        must(open_it(text.data, text.len, 1000, &out) == 0);
        must(out.len == size && (size == 0 || memcmp(out.data, data, size) == 0));
        text.data[at % text.len] ^= 1;
        must(open_it(text.data, text.len, 1000, &out) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        char *text = text_of(data, size);

        must(pic__crypto_start(NULL) == 0);
        if (keys.identity_count == 0) {
                must(pic__age_keys_identity(&keys, identity, strlen(identity), NULL) == 0);
                must(pic__age_keys_own(&keys, NULL) == 0);
        }
        switch (mode % 8) {
        case 0:
        case 1: file(text, size); break;
        case 2: armor(text, size); break;
        case 3: header(text, size); break;
        case 4: payload(text, size); break;
        case 5: changed(text, size); break;
        default: lines(text, size, mode % 8 == 6); break;
        }
        free(text);
        return 0;
}
