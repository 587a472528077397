/* What was (stats.db), after somebody tampered with it: bytes that were flipped (an offset of three bytes and what to
 * do to it; 0: cut off there). It is read, or refused with a code, or put aside and begun anew; then it counts on. */
#include "dir.h"

#include "store/stats.h"

#include <pic/log.h>

#define WHEN (1800000000 * PIC__SECOND)

static uint8_t whole[1 << 17];
static size_t whole_len;

static void count(pic__stats *st, uint64_t says, pic_error **err)
{
        const pic__health_row rows[] = { { .level = PIC_LOG_ERROR, .area = "exit", .key = "k", .what = "far is down" },
                                         { .level = PIC_LOG_WARNING, .area = "dns", .key = "l", .what = "slow" } };
        const uint64_t now[2] = { says, says };
        uint64_t came[2] = { 0, 0 };
        int first = 0, r = pic__stats_begin(st, err);

        if (r == 0)
                r = pic__stats_boot(st, "boot", &first, err);
        if (r >= 0)
                r = pic__stats_counter(st, PIC__COUNTED_PEER, 1, now, 0, came, err);
        if (r >= 0)
                r = pic__stats_add(st, PIC__COUNTED_PEER, 1, came, WHEN, err);
        if (r >= 0)
                r = pic__stats_found(st, rows, says % 2 + 1, WHEN, err);
        if (r >= 0)
                (void)pic__stats_end(st, err);
        pic__stats_abort(st);
}

static void make(void)
{
        pic__stats *st = NULL;
        char path[300];
        uint64_t n;
        FILE *f;

        if (whole_len > 0)
                return;
        must(pic__stats_open(fuzz_dir(), 1, &st, NULL, NULL) == 0);
        for (n = 1; n <= 4; n++)
                count(st, n * 1000, NULL);
        pic__stats_unref(st);
        snprintf(path, sizeof(path), "%s/" PIC__STATS_FILE, fuzz_dir());
        f = fopen(path, "re");
        must(f != NULL);
        whole_len = fread(whole, 1, sizeof(whole), f);
        must(whole_len > 4096 && whole_len < sizeof(whole));
        (void)fclose(f);
}

static void put_back(const uint8_t *data, size_t size)
{
        static const char *const others[] = { "-wal", "-shm", ".bad" };
        uint8_t *db = bytes_of(whole, whole_len);
        size_t len = whole_len, i;
        char path[320];

        for (i = 0; i < 3; i++) {
                snprintf(path, sizeof(path), "%s/" PIC__STATS_FILE "%s", fuzz_dir(), others[i]);
                (void)unlink(path);
        }
        for (; size >= 4; data += 4, size -= 4) {
                size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % whole_len;

                if (data[3] == 0)
                        len = at + 1;
                else
                        db[at] ^= data[3];
        }
        fuzz_file(PIC__STATS_FILE, db, len);
        free(db);
}

static int a_bucket(const pic__traffic_row *row, void *data)
{
        (void)row;
        return ++*(long *)data > 100000 ? -1 : 0;
}

static int a_finding(const pic__health_row *row, void *data)
{
        must(row->area != NULL && row->what != NULL);
        return ++*(long *)data > 100000 ? -1 : 0;
}

static void told(int r, pic_error **err)
{
        must(r >= -1 || r == pic_error_code(*err));
        pic_error_free(*err);
        *err = NULL;
}

static void ask(pic__stats *st)
{
        const int64_t range[2] = { 0, (int64_t)1 << 40 };
        pic_error *err = NULL;
        long rows = 0;

        told(pic__stats_traffic(st, PIC__SPAN_HOUR, PIC__COUNTED_PEER, 0, range, a_bucket, &rows, &err), &err);
        told(pic__stats_totals(st, PIC__SPAN_DAY, PIC__COUNTED_PEER, range, a_bucket, &rows, &err), &err);
        told(pic__stats_health(st, 0, 0, 1000, a_finding, &rows, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__stats *st = NULL;
        pic_error *err = NULL;
        int r, anew = 0;

        make();
        put_back(data, size);
        r = pic__stats_open(fuzz_dir(), 0, &st, NULL, &err); /* who only reads */
        told(r, &err);
        if (r == 0)
                ask(st);
        st = pic__stats_unref(st);
        r = pic__stats_open(fuzz_dir(), 1, &st, &anew, &err); /* the agent */
        told(r, &err);
        if (r < 0)
                return 0;
        count(st, 9000, &err);
        must(!anew || err == NULL); /* what began anew works */
        pic_error_free(err);
        ask(st);
        pic__stats_unref(st);
        return 0;
}
