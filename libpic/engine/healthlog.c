/* Owns: what of findings is kept: which are the same as before though they are said with other numbers, and how they
 * are told. */
#include "engine/healthlog.h"

#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/time.h"

#define KEY_MAX 200

static int is_kept(const pic__finding *f)
{
        return f->level <= PIC_LOG_WARNING;
}

/* "no answer for 12 s" is what "no answer for 9 s" was; vpn1 is not vpn2. */
static void put_key(const char *what, char key[KEY_MAX])
{
        size_t n = 0;
        char last = ' ';

        for (; *what != '\0' && n + 1 < KEY_MAX; what++) {
                if (isdigit((unsigned char)*what) && !isalnum((unsigned char)last) && last != '_' && last != '-') {
                        key[n++] = '#';
                        while (isdigit((unsigned char)what[1]) || (what[1] == '.' && isdigit((unsigned char)what[2])))
                                what++;
                        last = '0';
                        continue;
                }
                key[n++] = last = *what;
        }
        key[n] = '\0';
}

static uint64_t digest_of(const pic__findings *f)
{
        uint64_t sum = 0;
        char key[KEY_MAX];
        size_t i;

        for (i = 0; i < f->list.count; i++) {
                const pic__finding *one = &f->list.at[i];

                if (!is_kept(one))
                        continue;
                put_key(one->what, key);
                sum += pic__hash(key, strlen(key)) * 31 + pic__hash(one->area, strlen(one->area));
        }
        return sum;
}

int pic__healthlog_news(const pic__findings *f, uint64_t digest)
{
        return digest_of(f) != digest;
}

int pic__healthlog_note(pic__stats *st, const pic__findings *f, pic_time now, uint64_t *digest, pic_error **err)
{
        pic__health_row rows[PIC__FINDINGS_MAX];
        char keys[PIC__FINDINGS_MAX][KEY_MAX];
        size_t i, n = 0;
        int r;

        for (i = 0; i < f->list.count && n < PIC__FINDINGS_MAX; i++) {
                const pic__finding *one = &f->list.at[i];

                if (!is_kept(one))
                        continue;
                put_key(one->what, keys[n]);
                rows[n] = (pic__health_row){
                        .level = one->level, .area = one->area, .key = keys[n], .what = one->what, .fix = one->fix
                };
                n++;
        }
        r = pic__stats_begin(st, err);
        if (r == 0)
                r = pic__stats_found(st, rows, n, now, err);
        if (r == 0)
                r = pic__stats_end(st, err);
        pic__stats_abort(st);
        if (r == 0)
                *digest = digest_of(f);
        return r;
}

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static int put_row(const pic__health_row *row, void *data)
{
        pic__json *j = data;

        pic__json_open(j, '{');
        pic__json_kstr(j, "level", row->level == PIC_LOG_ERROR ? "error" : "warning");
        pic__json_kstr(j, "area", row->area);
        pic__json_kstr(j, "what", row->what);
        pic__json_kstr(j, "fix", row->fix);
        put_time(j, "began", row->began);
        put_time(j, "ended", row->ended);
        pic__json_close(j, '}');
        return 0;
}

int pic__healthlog_read(const char *dir, pic_time since, pic_time until, uint32_t max, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__stats_unref_p) pic__stats *st = NULL;
        pic__auto_err pic_error *bad = NULL;
        int r = pic__stats_open(dir, 0, &st, NULL, &bad);

        if (r < 0 && r != PIC_NOTFOUND) {
                pic__err_append(err, pic__take(bad));
                return r;
        }
        pic__json_open(out, '{');
        pic__json_key(out, "findings");
        pic__json_open(out, '[');
        r = st != NULL ? pic__stats_health(st, since, until, max, put_row, out, err) : 0;
        pic__json_close(out, ']');
        pic__json_close(out, '}');
        return r;
}
