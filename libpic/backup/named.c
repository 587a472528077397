/* Owns: names of backups, made and read. */
#include "backup/named.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "sys/hash.h"

#define ENDING ".tar.zst"
#define LOCKED ".age"
#define BARE ".tar"

enum { NAME_MAX_ = 200, MOMENT = 20 /* 2027-01-31T23-59-59Z */, MAKER = 9 /* .01234567 */ };

static int is_ours(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void pic__backup_id(const char *public_key, char id[PIC__BACKUP_ID])
{
        uint8_t digest[32];
        size_t i;

        pic__sha256(public_key, strlen(public_key), digest);
        for (i = 0; i < 4; i++)
                snprintf(id + 2 * i, 3, "%02x", digest[i]);
}

void pic__backup_name(const char *cell, const char *id, pic_time created, enum pic__named_form form, pic__buf *out)
{
        static const char *const endings[] = {
                [PIC__NAMED_PACKED] = ENDING, [PIC__NAMED_LOCKED] = ENDING LOCKED, [PIC__NAMED_TAR] = BARE
        };
        char when[PIC__TIME_TEXT], *at;
        size_t i;

        for (i = 0; cell[i] != '\0' && i < 64; i++)
                pic__buf_putc(out, is_ours(cell[i]) ? cell[i] : '-');
        (void)pic__time_print(created, when);
        for (at = when; *at != '\0'; at++)
                if (*at == ':')
                        *at = '-';
        pic__buf_putf(out, "-%s-%s%s", id, when, endings[form]);
}

/* The moment as RFC 3339 has it. */
static int read_moment(const char *text, pic_time *ret)
{
        char when[MOMENT + 1];

        memcpy(when, text, MOMENT);
        when[MOMENT] = '\0';
        if (when[10] != 'T' || when[13] != '-' || when[16] != '-' || when[19] != 'Z')
                return -1;
        when[13] = when[16] = ':';
        return pic__time_parse(when, ret);
}

static int ends(const char *text, size_t *len, const char *end)
{
        size_t n = strlen(end);

        if (*len < n || strncmp(text + *len - n, end, n) != 0)
                return 0;
        *len -= n;
        return 1;
}

void pic__backup_part(const char *name, uint32_t maker, pic__buf *out)
{
        pic__buf_putf(out, "%s.%08x" PIC__NAMED_PART, name, (unsigned)maker);
}

/* Of who makes it; one of before there were such has none. */
static void skip_maker(const char *name, size_t *len)
{
        if (*len > MAKER && name[*len - MAKER] == '.' &&
            strspn(name + *len - MAKER + 1, "0123456789abcdef") >= MAKER - 1)
                *len -= MAKER;
}

static int is_text(const char *name, size_t len)
{
        size_t i;

        for (i = 0; i < len; i++)
                if (!is_ours(name[i]) && name[i] != '.')
                        return 0;
        return len <= NAME_MAX_;
}

/* CELL-IDENTITY-MOMENT: what stands before the ending. */
static int is_of(const char *name, size_t len, const char *id, pic_time *ret_created)
{
        if (len < MOMENT + 1 + PIC__BACKUP_ID - 1 + 2)
                return 0;
        len -= MOMENT;
        if (name[len - 1] != '-' || read_moment(name + len, ret_created) < 0)
                return 0;
        len -= PIC__BACKUP_ID; /* with the '-' between them */
        return name[len - 1] == '-' && strncmp(name + len, id, PIC__BACKUP_ID - 1) == 0 &&
               memchr(name, '.', len) == NULL;
}

int pic__backup_named(const char *name, const char *id, pic_time *ret_created, int *ret_part)
{
        size_t len = strlen(name);

        if (!is_text(name, len))
                return 0;
        *ret_part = ends(name, &len, PIC__NAMED_PART);
        if (*ret_part)
                skip_maker(name, &len);
        (void)ends(name, &len, LOCKED);
        return ends(name, &len, ENDING) && is_of(name, len, id, ret_created);
}

int pic__backup_named_tar(const char *name, const char *id, pic_time *ret_created)
{
        size_t len = strlen(name);

        return is_text(name, len) && ends(name, &len, BARE) && is_of(name, len, id, ret_created);
}
