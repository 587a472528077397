/* Small text helpers that front ends share. */
#ifndef PIC_FRONTEND_TEXT_H
#define PIC_FRONTEND_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* Writes `s` as a JSON string, quotes included; NULL writes null. */
void text_json(FILE *out, const char *s);
/* "500ms", "10s", "2m", "1h", or a bare number of seconds, to milliseconds. -1 for anything else or over a day. */
int64_t text_duration(const char *s);
/* "1.2 MiB" */
const char *text_bytes(uint64_t n, char *buf, size_t size);
/* RFC 3339 text (UTC) to "12 s ago", given the present time; "never" for NULL or "". */
const char *text_ago(const char *rfc3339, int64_t now, char *buf, size_t size);
/* Columns that the text takes on a terminal: characters, not bytes. */
size_t text_width(const char *s);

#endif
