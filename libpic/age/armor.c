/* Owns: armor, both ways. Ends of lines are LF or CR LF; white space is taken before the first line and after the last
 * one, and nowhere else; base64 is canonical. */
#include "age/armor.h"

#include <string.h>

#include "sys/hash.h"

enum { COLUMNS = 64, LINE_BYTES = 48, BLANK_MAX = 1024 };
enum { BEFORE, LINES, FOOT, AFTER };

static const char head[] = "-----BEGIN AGE ENCRYPTED FILE-----", foot[] = "-----END AGE ENCRYPTED FILE-----";

/* --- out ------------------------------------------------------------------------------------------------------- */

static int put_line(pic__armor_out *a, const uint8_t *data, size_t len, pic_error **err)
{
        char line[COLUMNS + 2];
        size_t n;

        pic__base64(data, len, line);
        n = strlen(line);
        line[n++] = '\n';
        return a->sink(line, n, a->arg, err);
}

static int put_head(pic__armor_out *a, pic_error **err)
{
        int r = a->begun ? 0 : a->sink(head, sizeof(head) - 1, a->arg, err);

        if (r == 0 && !a->begun)
                r = a->sink("\n", 1, a->arg, err);
        a->begun = 1;
        return r;
}

int pic__armor_put(pic__armor_out *a, const uint8_t *data, size_t len, pic_error **err)
{
        int r = put_head(a, err);

        while (r == 0 && len > 0) {
                size_t n = LINE_BYTES - a->have < len ? LINE_BYTES - a->have : len;

                memcpy(a->rest + a->have, data, n);
                a->have += n;
                data += n;
                len -= n;
                if (a->have < LINE_BYTES)
                        break;
                a->have = 0;
                r = put_line(a, a->rest, LINE_BYTES, err);
        }
        return r;
}

int pic__armor_end(pic__armor_out *a, pic_error **err)
{
        int r = put_head(a, err);

        if (r == 0 && a->have > 0)
                r = put_line(a, a->rest, a->have, err);
        if (r == 0)
                r = a->sink(foot, sizeof(foot) - 1, a->arg, err);
        return r == 0 ? a->sink("\n", 1, a->arg, err) : r;
}

/* --- in -------------------------------------------------------------------------------------------------------- */

static int malformed(pic_error **err, const char *what)
{
        int r = pic__fail(err, PIC_SYNTAX, "the armor is malformed: %s", what);

        pic__detail(err, "part", "armor");
        return r;
}

static int is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is(const pic__armor_in *a, size_t len, const char *line)
{
        return len == strlen(line) && memcmp(a->line, line, len) == 0;
}

static int take_data(pic__armor_in *a, size_t len, pic_error **err)
{
        uint8_t bytes[LINE_BYTES];
        size_t got = 0;

        if (len == 0 || len > COLUMNS || pic__unbase64(a->line, len, bytes, sizeof(bytes), &got) < 0)
                return malformed(err, "a line that is no base64, or not of 64 columns");
        if (len < COLUMNS || got < LINE_BYTES)
                a->where = FOOT;
        return a->sink(bytes, got, a->arg, err);
}

static int take_line(pic__armor_in *a, size_t len, pic_error **err)
{
        if (len > 0 && a->line[len - 1] == '\r')
                len--;
        if (a->where == BEFORE) {
                if (!is(a, len, head))
                        return malformed(err, "its first line");
                a->where = LINES;
                return 0;
        }
        if (is(a, len, foot)) {
                a->where = AFTER;
                return 0;
        }
        return a->where == LINES ? take_data(a, len, err) : malformed(err, "its last line");
}

/* 1: the byte is white space outside, and was taken. */
static int take_blank(pic__armor_in *a, char c, pic_error **err)
{
        if (a->where != AFTER && (a->where != BEFORE || a->have > 0 || !is_blank(c)))
                return 0;
        if (!is_blank(c))
                return malformed(err, "something follows it");
        if (a->blank++ >= BLANK_MAX)
                return malformed(err, "too much white space around it");
        return 1;
}

int pic__armor_take(pic__armor_in *a, const uint8_t *data, size_t len, pic_error **err)
{
        size_t i;
        int r;

        for (i = 0; i < len; i++) {
                r = take_blank(a, (char)data[i], err);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                if (data[i] != '\n') {
                        if (a->have >= sizeof(a->line))
                                return malformed(err, "a line that is too long");
                        a->line[a->have++] = (char)data[i];
                        continue;
                }
                r = take_line(a, a->have, err);
                if (r < 0)
                        return r;
                a->have = 0;
        }
        return 0;
}

int pic__armor_done(pic__armor_in *a, pic_error **err)
{
        int r = 0;

        if (a->have > 0 && a->where != AFTER) /* the last line may lack its end */
                r = take_line(a, a->have, err);
        a->have = 0;
        return r < 0 || a->where == AFTER ? r : malformed(err, "it has no end");
}
