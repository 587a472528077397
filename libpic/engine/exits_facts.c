/* Owns: what is known of exits as a value and as a file. */
#include "engine/exits_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/exits_names.h"
#include "engine/paths.h"
#include "model/text.h"
#include "sys/file.h"

#define FILE_MAX ((size_t)1 << 20)
#define WORD PIC__NAMES_REMOTE_MAX
#define WORDS 5

void pic__exits_known_clear(pic__exits_known *k)
{
        pic__exit_facts_clear(&k->facts);
        memset(k->id, 0, sizeof(k->id));
}

int pic__exits_known_same(const pic__exits_known *a, const pic__exits_known *b)
{
        return memcmp(a->id, b->id, sizeof(a->id)) == 0 && pic__exit_facts_same(&a->facts, &b->facts);
}

int pic__exits_known_tell(const pic__exits_known *k, pic__snap *s, pic_error **err)
{
        pic__exit_facts facts = { .at = { { 0 } } };
        const pic_obj *c;
        size_t at = 0;
        int r = 0;

        while (r == 0 && (c = pic__snap_next(s, PIC__CONNECTION, &at)) != NULL) {
                unsigned slot = pic__exit_slot(c);
                const char *remote;

                if (slot == 0 || k->id[slot] != c->id)
                        continue;
                remote = k->facts.at[slot].remote;
                facts.at[slot] = k->facts.at[slot];
                facts.at[slot].remote = remote != NULL ? pic__strdup(remote) : NULL;
                if (remote != NULL && facts.at[slot].remote == NULL)
                        r = pic__nomem(err);
        }
        if (r == 0)
                r = pic__snap_tell_exits(s, &facts, err);
        pic__exit_facts_clear(&facts);
        return r;
}

/* --- text ------------------------------------------------------------------------------------------------------ */

void pic__exits_known_print(const pic__exits_known *k, pic__buf *out)
{
        unsigned slot;

        for (slot = 1; slot <= PIC__EXIT_SLOTS; slot++) {
                const pic__exit_fact *f = &k->facts.at[slot];

                if (k->id[slot] == 0)
                        continue;
                pic__buf_putf(out, "%u %" PRId64 " %s ", slot, (int64_t)k->id[slot], f->down ? "down" : "up");
                if (f->judged)
                        pic__buf_putf(out, "%u", f->active);
                else
                        pic__buf_putc(out, '-');
                pic__buf_putf(out, " %s\n", f->remote != NULL && f->remote[0] != '\0' ? f->remote : "-");
        }
}

/* What the text of a list of far ends is made of; what it means is judged where it is used. */
static int remote_ok(const char *text)
{
        return text[0] != '\0' && strspn(text, "0123456789abcdef.:[],/tcpudp46-") == strlen(text);
}

static int take_words(pic__exits_known *k, const char *const *words)
{
        pic__exit_fact *f;
        long slot, id, active = 0;

        if (pic__decimal(words[0], 1, PIC__EXIT_SLOTS, &slot) < 0 || pic__decimal(words[1], 1, INT64_MAX, &id) < 0 ||
            k->id[slot] != 0)
                return -1;
        if (strcmp(words[2], "up") != 0 && strcmp(words[2], "down") != 0)
                return -1;
        if (strcmp(words[3], "-") != 0 && pic__decimal(words[3], 0, PIC__EXIT_SLOTS, &active) < 0)
                return -1;
        if (!remote_ok(words[4]))
                return -1;
        f = &k->facts.at[slot];
        k->id[slot] = id;
        f->down = words[2][0] == 'd';
        f->judged = words[3][0] != '-';
        f->active = (uint8_t)active;
        if (strcmp(words[4], "-") == 0)
                return 0;
        f->remote = pic__strdup(words[4]);
        return f->remote != NULL ? 0 : 1;
}

/* One line without its end. 0; -1: none of ours; 1: out of memory. */
static int take_line(pic__exits_known *k, const char *line, size_t len)
{
        const char *words[WORDS];
        char text[WORD + 64];
        char *at = text;
        size_t i;

        if (len >= sizeof(text) || memchr(line, '\0', len) != NULL)
                return -1;
        memcpy(text, line, len);
        text[len] = '\0';
        for (i = 0; i < WORDS; i++) {
                words[i] = strsep(&at, " ");
                if (words[i] == NULL)
                        return -1;
        }
        return at == NULL ? take_words(k, words) : -1;
}

int pic__exits_known_parse(pic__exits_known *k, const char *text, pic_error **err)
{
        unsigned number = 1;

        pic__exits_known_clear(k);
        for (; *text != '\0'; number++) {
                size_t len = strcspn(text, "\n");
                int r = text[len] == '\n' ? take_line(k, text, len) : -1;

                if (r != 0) {
                        pic__exits_known_clear(k);
                        return r > 0 ? pic__nomem(err)
                                     : pic__fail(err, PIC_CORRUPT, "line %u says nothing of an exit", number);
                }
                text += len + 1;
        }
        return 0;
}

/* --- file ------------------------------------------------------------------------------------------------------ */

static int read_file(const char *path, pic__exits_known *k, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = pic__file_read(path, FILE_MAX, &text, err);

        if (r == 0)
                r = pic__exits_known_parse(k, pic__buf_str(&text), err);
        if (r < 0)
                (void)pic__wrap(err, "%s", path);
        return r;
}

int pic__exits_known_read(const char *run_dir, pic__exits_known *k, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(run_dir, PIC__EXITS_FILE);

        pic__exits_known_clear(k);
        if (path == NULL)
                return pic__nomem(err);
        return pic__file_exists(path) ? read_file(path, k, err) : 0;
}

int pic__exits_known_write(const char *run_dir, const pic__exits_known *k, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(run_dir, PIC__EXITS_FILE);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        pic__exits_known_print(k, &text);
        if (path == NULL || text.failed)
                return pic__nomem(err);
        return pic__file_write(path, pic__buf_str(&text), text.len, 0644, err);
}

void pic__exits_known_forget(const char *run_dir)
{
        pic__auto_free char *path = pic__path_join(run_dir, PIC__EXITS_FILE);

        if (path != NULL)
                (void)unlink(path);
}
