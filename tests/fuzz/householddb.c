/* Any bytes as wg-easy's database: read in bounded time or refused. The first byte says whether there is a log beside
 * it, the next two (times 16) how long the database is then. */
#include "household.h"

#include "dir.h"

#include "household/wgeasy.h"
#include "sys/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        int with_log = next_byte(&data, &size) & 1;
        size_t len = size;
        pic_error *err = NULL;
        pic__household h;
        char path[320], log[328];

        if (with_log) {
                size_t high = next_byte(&data, &size);

                len = (high << 8 | next_byte(&data, &size)) * 16;
                len = len < size ? len : size;
        }
        must(pic__crypto_start(NULL) == 0);
        snprintf(path, sizeof(path), "%s/db", fuzz_dir());
        snprintf(log, sizeof(log), "%s-wal", path);
        (void)unlink(log);
        fuzz_file("db", data, len);
        if (with_log)
                fuzz_file("db-wal", data + len, size - len);
        pic__household_init(&h, (int64_t)1800000000 * 1000000);
        must(pic__wgeasy_db(&h, path, "wg-easy.db", &err) == pic_error_code(err));
        if (err == NULL)
                settle_and_tell(&h);
        good_findings(&h);
        pic_error_free(err);
        pic__household_free(&h);
        return 0;
}
