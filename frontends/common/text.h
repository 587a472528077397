/* Small text helpers that front ends share. */
#ifndef PIC_FRONTEND_TEXT_H
#define PIC_FRONTEND_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* Writes `s` as a JSON string, quotes included; NULL writes null. */
void text_json(FILE *out, const char *s);
/* "500ms", "10s", "2m", "1h", or a bare number of seconds, to milliseconds. -1 for anything else or over a day. */
int64_t text_duration(const char *s);
/* "2026-11-25", "2026-11-25 19:30", "2026-11-25T19:30:00" (local time), the same with Z (UTC), "10m" (so long ago) to
 * microseconds since 1970. -1 for anything else. */
int64_t text_moment(const char *s, int64_t now);
/* "1.2 MiB" */
const char *text_bytes(uint64_t n, char *buf, size_t size);
/* RFC 3339 text (UTC) to "12 s ago", given the present time; "never" for NULL or "". */
const char *text_ago(const char *rfc3339, int64_t now, char *buf, size_t size);
/* 1: the locale's characters are UTF-8 (after setlocale). */
int text_is_utf8(void);
/* Columns that the text, which is UTF-8, takes on a terminal. */
size_t text_width(const char *s);
/* Prints at most `width` columns of it, with a mark where it was cut; answers how many columns that took. */
size_t text_put(FILE *out, const char *s, size_t width);
/* Prints words at column `indent` (where the cursor is), in lines of at most `width`, and a newline. */
void text_wrap(FILE *out, const char *s, size_t indent, size_t width);

#endif
