/* What the agent remembers over restarts, in files of the cell's directory: alerts, targets of backups, block lists.
 * The first byte says which. Whatever is in them, it is bounded, and what was taken is written and taken the same. */
#include "dir.h"

#include "engine/alerts_i.h"
#include "engine/blocks_i.h"
#include "engine/keep_i.h"

#define MONO ((pic_time)1 << 50)

static void clear(struct pic__alerts *d)
{
        size_t i;

        for (i = 0; i < PIC__ALERTS_MAX; i++)
                pic__alert_one_clear(&d->at[i]);
        free(d);
}

static void write_alerts(char *text, pic__buf *out)
{
        struct pic__alerts *d = calloc(1, sizeof(*d));
        size_t i, k;

        must(d != NULL);
        pic__alerts_read(text, d, MONO);
        for (i = 0; i < PIC__ALERTS_MAX; i++) {
                const pic__alert_one *a = &d->at[i];

                must(a->id >= 0 && a->queued <= PIC__ALERT_QUEUE && a->watch.list.count <= PIC__ALERT_ENTRIES_MAX);
                for (k = 0; k < a->watch.list.count; k++) {
                        const pic__alert_entry *e = &a->watch.list.at[k];

                        must((unsigned)e->event < PIC__ALERT_EVENT_COUNT && (unsigned)e->stage < PIC__ALERT_STAGES);
                        must(e->level >= 0 && e->level <= 3);
                }
                for (k = 0; k < a->queued; k++)
                        must(memchr(a->queue[k].id, '\0', sizeof(a->queue[k].id)) != NULL);
        }
        pic__alerts_write(d, MONO, out);
        clear(d);
}

static void alerts(char *text)
{
        pic__buf once = PIC__BUF_INIT, twice = PIC__BUF_INIT, thrice = PIC__BUF_INIT;
        char *copy;

        write_alerts(text, &once); /* times that cannot be are put right */
        copy = text_of((const uint8_t *)pic__buf_str(&once), once.len);
        write_alerts(copy, &twice);
        free(copy);
        copy = text_of((const uint8_t *)pic__buf_str(&twice), twice.len);
        write_alerts(copy, &thrice);
        free(copy);
        must(strcmp(pic__buf_str(&twice), pic__buf_str(&thrice)) == 0);
        pic__buf_free(&once);
        pic__buf_free(&twice);
        pic__buf_free(&thrice);
}

/* Reads the file, judges, writes it again. */
static void read_and_write(pic__buf *out)
{
        pic__keep_target *at = calloc(PIC__TARGETS_MAX, sizeof(*at));
        pic__json j = PIC__JSON(out);
        size_t i, k;

        must(at != NULL);
        pic__keep_load(fuzz_dir(), at);
        pic__json_open(&j, '[');
        for (i = 0; i < PIC__TARGETS_MAX; i++) {
                must(at[i].id >= 0 && at[i].held.count <= PIC__KEEP_HELD && at[i].failures < 1024);
                for (k = 0; k < at[i].held.count; k++)
                        must(at[i].held.at[k].name != NULL && at[i].held.at[k].state >= -1 &&
                             at[i].held.at[k].state <= 1);
                pic__keep_put_held(&at[i], 0, &j);
        }
        pic__json_close(&j, ']');
        must(pic__keep_save(fuzz_dir(), at, NULL) == 0);
        for (i = 0; i < PIC__TARGETS_MAX; i++)
                pic__keep_clear(&at[i]);
        free(at);
}

static void targets(const uint8_t *data, size_t size)
{
        pic__buf once = PIC__BUF_INIT, twice = PIC__BUF_INIT;

        fuzz_file(PIC__KEEP_STATE, data, size);
        read_and_write(&once);
        read_and_write(&twice);
        must(strcmp(pic__buf_str(&once), pic__buf_str(&twice)) == 0);
        pic__buf_free(&once);
        pic__buf_free(&twice);
}

static void blocks(char *text)
{
        pic__block *at = calloc(PIC__BLOCKLISTS_MAX, sizeof(*at));
        size_t i;

        must(at != NULL);
        pic__blocks_read(text, at);
        for (i = 0; i < PIC__BLOCKLISTS_MAX; i++) {
                must(at[i].id >= 0);
                pic__block_clear(&at[i]);
        }
        free(at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t which = next_byte(&data, &size);
        char *text = text_of(data, size);

        if (which % 3 == 0)
                alerts(text);
        else if (which % 3 == 1)
                targets(data, size);
        else
                blocks(text);
        free(text);
        return 0;
}
