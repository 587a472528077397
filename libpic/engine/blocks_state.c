/* Owns: what is known of block lists, as a file and as JSON, in doctor's words; what the reading child said. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/blocks_i.h"
#include "model/words.h"
#include "sieve/share.h"
#include "sys/file.h"

#define STATE_MAX (1 << 20)
#define FIRST (300 * PIC__SECOND)
#define LONGEST (6 * 3600 * PIC__SECOND)

void pic__block_keep(char **to, const char *text)
{
        pic__free(*to);
        *to = text != NULL && text[0] != '\0' ? pic__strdup(text) : NULL;
}

void pic__block_clear(pic__block *b)
{
        char *const texts[] = { b->source, b->etag, b->modified, b->faults, b->error, b->hint };
        size_t i;

        pic__http_unref(b->http);
        pic__job_unref(b->job);
        if (b->fd > 0)
                close(b->fd);
        for (i = 0; i < PIC__COUNT(texts); i++)
                pic__free(texts[i]);
        memset(b, 0, sizeof(*b));
}

pic_time pic__block_patience(unsigned failures, pic_time usual)
{
        pic_time wait = FIRST;

        for (; failures > 1 && wait < LONGEST; failures--)
                wait *= 2;
        wait = wait < LONGEST ? wait : LONGEST;
        return wait < usual ? wait : usual;
}

/* --- what the child said ---------------------------------------------------------------------------------------- */

int pic__block_said(const char *text, pic__block *b)
{
        pic__auto_buf pic__buf faults = PIC__BUF_INIT;
        int named = 0;

        while (*text != '\0') {
                size_t len = strcspn(text, "\n");

                if (strncmp(text, "names ", 6) == 0) {
                        b->names = strtoll(text + 6, NULL, 10);
                        named = b->names >= 0;
                } else if (strncmp(text, "lines ", 6) == 0) {
                        b->lines = strtoll(text + 6, NULL, 10);
                } else if (strncmp(text, "skipped ", 8) == 0) {
                        b->skipped = strtoll(text + 8, NULL, 10);
                } else if (strncmp(text, "line ", 5) == 0 && faults.len < 400) {
                        pic__buf_put(&faults, text + 5, len - 5);
                        pic__buf_putc(&faults, '\n');
                }
                text += len + (text[len] != '\0');
        }
        if (named && faults.len > 0)
                b->faults = pic__buf_steal(&faults);
        return named ? 0 : -1;
}

/* --- the file --------------------------------------------------------------------------------------------------- */

static const struct {
        const char *name;
        size_t at;
} numbers[] = {
        { "taken", offsetof(pic__block, taken) },         { "checked", offsetof(pic__block, checked) },
        { "tried", offsetof(pic__block, tried) },         { "next", offsetof(pic__block, next) },
        { "names", offsetof(pic__block, names) },         { "lines", offsetof(pic__block, lines) },
        { "skipped", offsetof(pic__block, skipped) },     { "file_time", offsetof(pic__block, file_time) },
        { "file_size", offsetof(pic__block, file_size) },
}, texts[] = {
        { "source", offsetof(pic__block, source) }, { "etag", offsetof(pic__block, etag) },
        { "modified", offsetof(pic__block, modified) }, { "faults", offsetof(pic__block, faults) },
        { "error", offsetof(pic__block, error) }, { "hint", offsetof(pic__block, hint) },
};

static void put_number(pic__buf *out, const char *name, int64_t value)
{
        char text[24];

        (void)snprintf(text, sizeof(text), "%" PRId64, value);
        pic__word_put(out, name, text);
}

static void put_line(const pic__block *b, pic__buf *out)
{
        size_t i;

        put_number(out, "id", b->id);
        put_number(out, "failures", b->failures);
        for (i = 0; i < PIC__COUNT(numbers); i++) {
                int64_t value;

                memcpy(&value, (const char *)b + numbers[i].at, sizeof(value));
                put_number(out, numbers[i].name, value);
        }
        for (i = 0; i < PIC__COUNT(texts); i++) {
                const char *text;

                memcpy(&text, (const char *)b + texts[i].at, sizeof(text));
                pic__word_put(out, texts[i].name, text != NULL ? text : "");
        }
        pic__buf_putc(out, '\n');
}

int pic__blocks_save(const char *dir, const pic__block *at, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(dir, PIC__BLOCKS_DIR "/" PIC__BLOCKS_FILE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;

        for (i = 0; i < PIC__BLOCKLISTS_MAX; i++)
                if (at[i].id != 0)
                        put_line(&at[i], &text);
        if (path == NULL || text.failed)
                return pic__nomem(err);
        return pic__file_write(path, text.data != NULL ? text.data : "", text.len, 0600, err);
}

static int64_t get_number(const char *line, const char *name)
{
        pic__auto_buf pic__buf value = PIC__BUF_INIT;

        return pic__word_get(line, name, &value) == 1 ? strtoll(pic__buf_str(&value), NULL, 10) : 0;
}

static void read_line(const char *line, pic__block *b)
{
        size_t i;

        b->id = get_number(line, "id");
        b->failures = (unsigned)(get_number(line, "failures") & 1023);
        for (i = 0; i < PIC__COUNT(numbers); i++) {
                int64_t value = get_number(line, numbers[i].name);

                memcpy((char *)b + numbers[i].at, &value, sizeof(value));
        }
        for (i = 0; i < PIC__COUNT(texts); i++) {
                pic__auto_buf pic__buf value = PIC__BUF_INIT;
                char *text = NULL;

                if (pic__word_get(line, texts[i].name, &value) == 1 && value.len > 0)
                        text = pic__buf_steal(&value);
                memcpy((char *)b + texts[i].at, &text, sizeof(text));
        }
}

void pic__blocks_read(char *text, pic__block at[PIC__BLOCKLISTS_MAX])
{
        char *line, *save = NULL;
        size_t count = 0;

        for (line = strtok_r(text, "\n", &save); line != NULL && count < PIC__BLOCKLISTS_MAX;
             line = strtok_r(NULL, "\n", &save)) {
                read_line(line, &at[count]);
                if (at[count].id <= 0)
                        pic__block_clear(&at[count]);
                else
                        count++;
        }
}

void pic__blocks_load(const char *dir, pic__block at[PIC__BLOCKLISTS_MAX])
{
        pic__auto_free char *path = pic__path_join(dir, PIC__BLOCKS_DIR "/" PIC__BLOCKS_FILE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (path != NULL && pic__file_read(path, STATE_MAX, &text, NULL) == 0 && text.len > 0)
                pic__blocks_read(text.data, at);
}

/* --- what the filters counted ----------------------------------------------------------------------------------- */

static void count_all(const pic__engine *e, pic__sieve_counts *c)
{
        char path[640];
        const struct dirent *one;
        DIR *exits;

        memset(c, 0, sizeof(*c));
        snprintf(path, sizeof(path), "%s/" PIC__SIEVE_DIR, e->run_dir);
        pic__sieve_counts_add(path, c);
        snprintf(path, sizeof(path), "%s/exit", e->run_dir);
        exits = opendir(path);
        while (exits != NULL && (one = readdir(exits)) != NULL)
                if (one->d_name[0] >= '1' && one->d_name[0] <= '9' &&
                    snprintf(path, sizeof(path), "%s/exit/%.8s/" PIC__SIEVE_DIR, e->run_dir, one->d_name) > 0)
                        pic__sieve_counts_add(path, c);
        if (exits != NULL)
                closedir(exits);
}

static int64_t blocked_by(const pic__sieve_counts *c, pic_id id)
{
        size_t i;

        for (i = 0; i < PIC__SIEVE_LISTS; i++)
                if (c->list[i].id == (uint64_t)id)
                        return (int64_t)c->list[i].blocked;
        return 0;
}

/* --- JSON ------------------------------------------------------------------------------------------------------- */

static void put_text(pic__json *j, const char *key, const char *text)
{
        pic__json_key(j, key);
        if (text != NULL && text[0] != '\0')
                pic__json_str(j, text);
        else
                pic__json_null(j);
}

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        put_text(j, key, t != 0 ? pic__time_print(t, text) : NULL);
}

static const char *state_of(const pic_obj *o, const pic__block *b)
{
        if (pic__obj_int(o, "enabled") == 0)
                return "off";
        if (b != NULL && (b->http != NULL || b->job != NULL))
                return "fetching";
        if (b == NULL || b->tried == 0)
                return "waiting";
        if (b->failures == 0)
                return "ok";
        return b->taken != 0 ? "old" : "failed";
}

/* [{"line":5,"what":"no name"}] */
static void put_faults(pic__json *j, const char *at)
{
        pic__json_key(j, "faults");
        pic__json_open(j, '[');
        while (at != NULL && *at != '\0') {
                size_t len = strcspn(at, "\n"), digits = strspn(at, "0123456789 ");
                char what[80];

                digits = digits < len ? digits : len;
                snprintf(what, sizeof(what), "%.*s", (int)(len - digits), at + digits);
                pic__json_open(j, '{');
                pic__json_kint(j, "line", strtoll(at, NULL, 10));
                pic__json_kstr(j, "what", what);
                pic__json_close(j, '}');
                at += len + (at[len] != '\0');
        }
        pic__json_close(j, ']');
}

static void put_list(const pic__engine *e, const pic_obj *o, const pic__sieve_counts *c, pic__json *j)
{
        static const pic__block none;
        const pic__block *known = pic__block_find(e, o->id), *b = known != NULL ? known : &none;

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", pic__obj_name(o));
        pic__json_kstr(j, "source", pic__obj_text(o, "source"));
        pic__json_kstr(j, "state", state_of(o, known));
        pic__json_kint(j, "names", b->taken != 0 ? b->names : 0);
        pic__json_kint(j, "lines", b->lines);
        pic__json_kint(j, "skipped", b->skipped);
        put_faults(j, b->faults);
        pic__json_kint(j, "blocked", blocked_by(c, o->id));
        put_time(j, "taken", b->taken);
        put_time(j, "checked", b->checked);
        put_time(j, "tried", b->tried);
        put_time(j, "next", b->next);
        put_text(j, "error", b->error);
        put_text(j, "hint", b->hint);
        pic__json_close(j, '}');
}

int pic__engine_blocks(pic__engine *e, pic__json *out, pic_error **err)
{
        PIC__AUTO(pic__snap_unref_p) pic__snap *own = NULL;
        const pic__snap *s = e->snap;
        pic__sieve_counts c;
        pic_revision revision;
        const pic_obj *o;
        size_t at = 0;
        int r = s == NULL ? pic__engine_load(e, &own, &revision, err) : 0;

        if (r < 0)
                return r;
        s = s != NULL ? s : own;
        count_all(e, &c);
        pic__json_open(out, '{');
        pic__json_kbool(out, "filter", pic__blocklists_any(s));
        pic__json_kint(out, "asked", (int64_t)c.asked);
        pic__json_kint(out, "blocked", (int64_t)c.blocked);
        put_text(out, "error", e->blocks != NULL ? e->blocks->build_error : NULL);
        pic__json_key(out, "lists");
        pic__json_open(out, '[');
        while ((o = pic__snap_next(s, PIC__BLOCKLIST, &at)) != NULL)
                put_list(e, o, &c, out);
        pic__json_close(out, ']');
        pic__json_close(out, '}');
        return 0;
}

void pic__blocks_put_counts(const pic__engine *e, const pic__snap *s, pic__json *out)
{
        pic__sieve_counts c;
        const pic_obj *o;
        size_t at = 0;

        if (pic__snap_count(s, PIC__BLOCKLIST) == 0)
                return;
        count_all(e, &c);
        pic__json_key(out, "lists");
        pic__json_open(out, '{');
        while ((o = pic__snap_next(s, PIC__BLOCKLIST, &at)) != NULL)
                pic__json_kint(out, pic__obj_name(o), blocked_by(&c, o->id));
        pic__json_close(out, '}');
}

/* --- doctor ----------------------------------------------------------------------------------------------------- */

void pic__blocks_look(pic__engine *e, pic__findings *f)
{
        const pic_obj *o;
        size_t at = 0;

        if (e->blocks == NULL || e->snap == NULL)
                return;
        if (e->blocks->build_error != NULL)
                pic__foundf(f, PIC_LOG_ERROR, "dns", "pic log", "%s", e->blocks->build_error);
        while ((o = pic__snap_next(e->snap, PIC__BLOCKLIST, &at)) != NULL) {
                const pic__block *b = pic__block_find(e, o->id);

                if (b == NULL || pic__obj_int(o, "enabled") == 0 || b->error == NULL)
                        continue;
                pic__foundf(f, PIC_LOG_WARNING | PIC__ACT_BLOCKS, "dns",
                            b->hint != NULL ? b->hint : "`pic dns block refresh` tries again at once",
                            b->taken != 0 ? "block list %s: the copy is old: %s"
                                          : "block list %s blocks nothing yet: %s",
                            pic__obj_name(o), b->error);
        }
}
