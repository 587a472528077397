/* What both readers of profiles promise about any bytes. */
#ifndef PIC_FUZZ_PROFILE_H
#define PIC_FUZZ_PROFILE_H

#include "fuzz.h"

#include "base/utf8.h"
#include "codec/import.h"

/* Every message is one printable line with its place, its code is one that the reader answers. */
static inline void good_errors(const pic_error *err)
{
        must(pic__err_count(err) <= PIC__IMPORT_ERRORS);
        for (; err != NULL; err = pic_error_next(err)) {
                must(strncmp(pic_error_message(err), "f:", 2) == 0);
                must(pic__utf8_printable(pic_error_message(err)));
                must(pic_error_hint(err) == NULL || pic__utf8_printable(pic_error_hint(err)));
                must(pic_error_code(err) == PIC_SYNTAX || pic_error_code(err) == PIC_VALUE ||
                     pic_error_code(err) == PIC_UNSUPPORTED);
                must(strcmp(pic_error_detail(err, "file"), "f") == 0);
        }
}

/* A secret that was told is in no message. Short ones are words like any other. */
static inline void untold(const pic_error *err, const char *secret)
{
        if (strlen(secret) < 16)
                return;
        for (; err != NULL; err = pic_error_next(err)) {
                must(strstr(pic_error_message(err), secret) == NULL);
                must(pic_error_hint(err) == NULL || strstr(pic_error_hint(err), secret) == NULL);
        }
}

#endif
