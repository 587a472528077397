/* Reads the answer to "get=1". Pure: bytes in, devices and peers out. */
#ifndef PIC_BACKEND_WG_UAPI_SCAN_H
#define PIC_BACKEND_WG_UAPI_SCAN_H

#include "backend/wg/transport.h"

typedef struct pic__uapi_scan {
        const pic__wg_reader *reader;
        pic_error **err;
        pic__wg_device device;
        pic__wg_peer peer;
        int peers;   /* one is being read */
        int started; /* the device was handed over */
        int result;  /* errno= of the answer */
        int done;    /* the empty line was seen */
} pic__uapi_scan;

/* Takes the whole lines at the start of text; *ret_used bytes of it. 0, or the negative code of the reader, PIC_NOMEM,
 * PIC_BACKEND (no such text). */
int pic__uapi_scan_lines(pic__uapi_scan *s, const char *text, size_t len, size_t *ret_used);
void pic__uapi_scan_free(pic__uapi_scan *s); /* wiped */
#define pic__auto_uapi_scan PIC__AUTO(pic__uapi_scan_free)

#endif
