/* Owns: levels of the log, as values, as words, as a file. */
#include "engine/loglevels.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/logline.h"
#include "sys/file.h"

#define FILE_NAME "levels"
#define FILE_BYTES ((size_t)4096)
#define ROOT "root"

const char *const pic__log_areas[PIC__LOG_AREAS] = { "agent",  "acme",   "alert", "audit",  "backup",
                                                     "blocks", "certs",  "dns",   "doctor", "domains",
                                                     "engine", "exit",   "front", "nft",    "ntp",
                                                     "route",  "router", "store", "wg" };
static const char *const names[] = { "error", "warning", "info", "debug" };

static int find(const char *const *list, size_t count, const char *word)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (strcmp(list[i], word) == 0)
                        return (int)i;
        return -1;
}

static int find_area(const char *area)
{
        return find(pic__log_areas, PIC__LOG_AREAS, area);
}

static int no_area(const char *area, pic_error **err)
{
        (void)pic__fail_value(err, NULL, "area", area, "is no area of the log");
        pic__hint(err, PIC__LOG_AREAS_HINT);
        return PIC_VALUE;
}

int pic__loglevels_set(pic__loglevels *l, const char *area, const char *level, pic_error **err)
{
        int at = area != NULL ? find_area(area) : 0;
        int n = level != NULL ? find(names, PIC__COUNT(names), level) : PIC__LOG_UNSAID;

        if (at < 0)
                return no_area(area, err);
        if (level != NULL && n < 0)
                return pic__fail_value(err, NULL, "level", level, "must be error, warning, info or debug");
        if (area != NULL)
                l->area[at] = (int8_t)n;
        else
                l->root = (int8_t)n;
        return 0;
}

static int root_of(const pic__loglevels *l, int def)
{
        return l->root >= 0 ? l->root : def;
}

int pic__loglevels_of(const pic__loglevels *l, const char *area, int def)
{
        const char *known = pic__log_area(area, strlen(area)); /* a child's own name is of its area */
        int at = known != NULL ? find_area(known) : -1;

        return at >= 0 && l->area[at] >= 0 ? l->area[at] : root_of(l, def);
}

int pic__loglevels_most(const pic__loglevels *l, int def)
{
        int most = root_of(l, def);
        size_t i;

        for (i = 0; i < PIC__LOG_AREAS; i++)
                most = l->area[i] > most ? l->area[i] : most;
        return most;
}

void pic__loglevels_json(const pic__loglevels *l, int def, pic__json *out)
{
        size_t i;

        pic__json_open(out, '{');
        pic__json_kstr(out, ROOT, names[root_of(l, def)]);
        pic__json_key(out, "areas");
        pic__json_open(out, '{');
        for (i = 0; i < PIC__LOG_AREAS; i++)
                pic__json_kstr(out, pic__log_areas[i], names[pic__loglevels_of(l, pic__log_areas[i], def)]);
        pic__json_close(out, '}');
        pic__json_key(out, "own");
        pic__json_open(out, '[');
        for (i = 0; i < PIC__LOG_AREAS; i++)
                if (l->area[i] >= 0)
                        pic__json_str(out, pic__log_areas[i]);
        pic__json_close(out, ']');
        pic__json_close(out, '}');
}

/* --- the file -------------------------------------------------------------------------------------------------- */

static void take_line(const char *line, pic__loglevels *l)
{
        char area[16], level[16], more;

        if (sscanf(line, "%15s %15s %c", area, level, &more) == 2)
                (void)!pic__loglevels_set(l, strcmp(area, ROOT) == 0 ? NULL : area, level, NULL);
}

void pic__loglevels_load(const char *log_dir, pic__loglevels *ret)
{
        static const pic__loglevels none = PIC__LOGLEVELS_INIT;
        pic__auto_free char *path = pic__path_join(log_dir, FILE_NAME);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char *line, *rest = NULL;

        *ret = none;
        if (path == NULL || pic__file_read(path, FILE_BYTES, &text, NULL) < 0)
                return;
        pic__buf_putc(&text, '\0');
        if (text.failed)
                return;
        for (line = strtok_r(text.data, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
                take_line(line, ret);
}

int pic__loglevels_save(const char *log_dir, const pic__loglevels *l, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(log_dir, FILE_NAME);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        size_t i;

        if (l->root >= 0)
                pic__buf_putf(&text, ROOT " %s\n", names[l->root]);
        for (i = 0; i < PIC__LOG_AREAS; i++)
                if (l->area[i] >= 0)
                        pic__buf_putf(&text, "%s %s\n", pic__log_areas[i], names[l->area[i]]);
        if (path == NULL || text.failed)
                return pic__nomem(err);
        return pic__file_write(path, pic__buf_str(&text), text.len, 0640, err);
}
