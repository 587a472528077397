/* Owns: reports and blobs: texts and bytes that a call hands out. */
#include <string.h>

#include "api/api.h"

struct pic_report {
        pic__handle h;
        int good;
        char *text;
};

struct pic_blob {
        pic__handle h;
        size_t size;
        char data[]; /* and a NUL byte */
};

int pic__report_new(pic__buf *text, int good, pic_report **ret, pic_error **err)
{
        pic_report *r = pic__alloc(sizeof(*r));
        char *taken = r != NULL ? pic__buf_steal(text) : NULL;

        if (taken == NULL) {
                pic__free(r);
                return pic__nomem(err);
        }
        r->h = (pic__handle){ PIC__MAGIC_REPORT, 1 };
        r->good = good;
        r->text = taken;
        *ret = r;
        return 0;
}

const char *pic_report_text(const pic_report *report)
{
        return pic__api_is(report, PIC__MAGIC_REPORT) ? report->text : "";
}

int pic_report_good(const pic_report *report)
{
        return pic__api_is(report, PIC__MAGIC_REPORT) && report->good;
}

pic_report *pic_report_unref(pic_report *report)
{
        if (pic__api_is(report, PIC__MAGIC_REPORT) && __atomic_sub_fetch(&report->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                report->h.magic = 0;
                pic__free(report->text);
                pic__free(report);
        }
        return NULL;
}

int pic__blob_new(const void *data, size_t size, pic_blob **ret, pic_error **err)
{
        pic_blob *b = pic__alloc(sizeof(*b) + size + 1);

        if (b == NULL)
                return pic__nomem(err);
        b->h = (pic__handle){ PIC__MAGIC_BLOB, 1 };
        b->size = size;
        memcpy(b->data, data, size);
        *ret = b;
        return 0;
}

const void *pic_blob_data(const pic_blob *blob)
{
        return pic__api_is(blob, PIC__MAGIC_BLOB) ? blob->data : NULL;
}

size_t pic_blob_size(const pic_blob *blob)
{
        return pic__api_is(blob, PIC__MAGIC_BLOB) ? blob->size : 0;
}

pic_blob *pic_blob_unref(pic_blob *blob)
{
        if (pic__api_is(blob, PIC__MAGIC_BLOB) && __atomic_sub_fetch(&blob->h.refs, 1, __ATOMIC_ACQ_REL) == 0) {
                explicit_bzero(blob, sizeof(*blob) + blob->size);
                pic__free(blob);
        }
        return NULL;
}
