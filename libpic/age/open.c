/* Owns: the machine that decrypts. A chunk is opened when it is known whether it is the last one. */
#include "age/open.h"

#include <string.h>

#include "age/armor.h"
#include "age/header.h"
#include "sys/crypto.h"

enum { FORM, BINARY, ARMOR };          /* what comes in */
enum { HEADER, NONCE, CHUNKS, ENDED }; /* ended: or failed */

struct pic__age_opener {
        const pic__age_keys *keys;
        unsigned max_work;
        pic__age_sink sink;
        void *arg;
        int form;
        int where;
        pic__armor_in armor;
        pic__age_header header;
        uint8_t key[PIC__AGE_KEY];
        pic__age_stream stream;
        size_t have; /* of the nonce, of a chunk */
        uint8_t box[PIC__AGE_BOX];
        uint8_t plain[PIC__AGE_CHUNK];
};

static int bad_payload(pic_error **err, const char *what)
{
        int r = pic__fail(err, PIC_CORRUPT, "%s", what);

        pic__detail(err, "part", "payload");
        return r;
}

/* What is authentic comes out also when it stands where it may not. */
static int open_chunk(pic__age_opener *o, const uint8_t *box, size_t len, int last, pic_error **err)
{
        size_t plain = len - (PIC__AGE_BOX - PIC__AGE_CHUNK);
        int r, other = 0;

        if (len < PIC__AGE_BOX - PIC__AGE_CHUNK)
                return bad_payload(err, "it is cut off");
        if (pic__age_stream_open(&o->stream, box, len, last, o->plain) < 0) {
                other = len == PIC__AGE_BOX && pic__age_stream_open(&o->stream, box, len, !last, o->plain) == 0;
                if (!other)
                        return bad_payload(err, last ? "it was changed by another hand, or is cut off"
                                                     : "it was changed by another hand");
        }
        if (plain == 0 && o->stream.number > 1)
                return bad_payload(err, "its last chunk is empty");
        r = plain > 0 ? o->sink(o->plain, plain, o->arg, err) : 0;
        if (r == 0 && other)
                return bad_payload(err, last ? "it is cut off" : "something follows its end");
        return r;
}

static int take_chunks(pic__age_opener *o, const uint8_t *data, size_t len, pic_error **err)
{
        int r = 0;

        while (r == 0 && len > 0) {
                size_t n;

                if (o->have == PIC__AGE_BOX) {
                        o->have = 0;
                        r = open_chunk(o, o->box, PIC__AGE_BOX, 0, err);
                        continue;
                }
                if (o->have == 0 && len > PIC__AGE_BOX) { /* no copy */
                        r = open_chunk(o, data, PIC__AGE_BOX, 0, err);
                        data += PIC__AGE_BOX;
                        len -= PIC__AGE_BOX;
                        continue;
                }
                n = PIC__AGE_BOX - o->have < len ? PIC__AGE_BOX - o->have : len;
                memcpy(o->box + o->have, data, n);
                o->have += n;
                data += n;
                len -= n;
        }
        return r;
}

static int take_nonce(pic__age_opener *o, const uint8_t *data, size_t len, pic_error **err)
{
        size_t n = PIC__AGE_NONCE - o->have < len ? PIC__AGE_NONCE - o->have : len;

        memcpy(o->box + o->have, data, n);
        o->have += n;
        if (o->have < PIC__AGE_NONCE)
                return 0;
        pic__age_stream_start(&o->stream, o->key, o->box);
        pic__wipe(o->key, sizeof(o->key));
        o->have = 0;
        o->where = CHUNKS;
        return take_chunks(o, data + n, len - n, err);
}

static int take_header(pic__age_opener *o, const uint8_t *data, size_t len, pic_error **err)
{
        size_t used = 0;
        int r = pic__age_header_take(&o->header, data, len, &used, err);

        if (r <= 0)
                return r;
        r = pic__age_header_open(&o->header, o->keys, o->max_work, o->key, err);
        if (r < 0)
                return r;
        pic__age_header_clear(&o->header);
        o->where = NONCE;
        return take_nonce(o, data + used, len - used, err);
}

/* Bytes of the binary form. */
static int take(const void *data, size_t len, void *arg, pic_error **err)
{
        pic__age_opener *o = arg;

        if (o->where == HEADER)
                return take_header(o, data, len, err);
        return o->where == NONCE ? take_nonce(o, data, len, err) : take_chunks(o, data, len, err);
}

/* Armor has a dash before anything but white space; a binary file begins with a letter. */
static void choose_form(pic__age_opener *o, const uint8_t *data, size_t len)
{
        size_t i = 0;

        while (i < len && (data[i] == ' ' || data[i] == '\t' || data[i] == '\r' || data[i] == '\n'))
                i++;
        if (i < len)
                o->form = data[i] == '-' ? ARMOR : BINARY;
}

static int feed(pic__age_opener *o, const uint8_t *data, size_t len, pic_error **err)
{
        if (o->form == FORM)
                choose_form(o, data, len);
        if (o->form == BINARY) /* white space before it is no part of an age file, and was refused as armor's */
                return o->armor.blank > 0 ? take("\n", 1, o, err) : take(data, len, o, err);
        return pic__armor_take(&o->armor, data, len, err);
}

int pic__age_open_new(const pic__age_keys *keys, unsigned max_work, pic__age_sink sink, void *arg,
                      pic__age_opener **ret, pic_error **err)
{
        pic__age_opener *o = pic__alloc(sizeof(*o));

        if (o == NULL)
                return pic__nomem(err);
        o->keys = keys;
        o->max_work = max_work > 0 ? max_work : PIC__AGE_WORK_MAX;
        o->sink = sink;
        o->arg = arg;
        o->armor.sink = take;
        o->armor.arg = o;
        *ret = o;
        return 0;
}

int pic__age_open_put(pic__age_opener *o, const void *data, size_t len, pic_error **err)
{
        int r;

        if (o->where == ENDED)
                return pic__fail(err, PIC_BADSTATE, "this file has ended");
        if (len == 0)
                return 0;
        r = feed(o, data, len, err);
        if (r < 0)
                o->where = ENDED;
        return r;
}

static int cut_off(const pic__age_opener *o, pic_error **err)
{
        int r = pic__fail(err, PIC_SYNTAX,
                          o->form == FORM ? "this is no age file: it is empty" : "the header is cut off");

        pic__detail(err, "part", "header");
        return r;
}

int pic__age_open_end(pic__age_opener *o, pic_error **err)
{
        int r = 0, where;

        if (o->where == ENDED)
                return pic__fail(err, PIC_BADSTATE, "this file has ended");
        if (o->form == ARMOR)
                r = pic__armor_done(&o->armor, err); /* may bring the last bytes */
        where = o->where;
        o->where = ENDED;
        if (r < 0)
                return r;
        return where == CHUNKS ? open_chunk(o, o->box, o->have, 1, err) : cut_off(o, err);
}

void pic__age_open_free(pic__age_opener *o)
{
        if (o == NULL)
                return;
        pic__age_header_clear(&o->header);
        pic__wipe(o, sizeof(*o));
        pic__free(o);
}
