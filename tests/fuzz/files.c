/* Files that stand beside the store and that somebody else may have written. The first byte says which: the key, a pid
 * file, a lock, logs, former values of kernel settings, wireguard-go's log, what is known of exits, levels of the log.
 */
#include "dir.h"

#include <sys/stat.h>

#include "backend/route/inside.h"
#include "backend/wg/words.h"
#include "engine/exits_facts.h"
#include "engine/keyfile.h"
#include "engine/lockfile.h"
#include "engine/logahead.h"
#include "engine/loglevels.h"
#include "sys/child.h"
#include "sys/file.h"

#define NOW ((pic_time)1800000000000000)

static void one_line(const pic_error *err)
{
        must(pic_error_message(err)[0] != '\0' && strpbrk(pic_error_message(err), "\n\r\x1b") == NULL);
}

static void key(const uint8_t *data, size_t size)
{
        pic__auto_err pic_error *err = NULL;
        uint8_t secret[32];

        fuzz_file(PIC__KEYFILE, data, size);
        if (pic__keyfile_read(fuzz_dir(), secret, &err) < 0) {
                must(pic_error_code(err) == PIC_CORRUPT && pic_error_hint(err) != NULL);
                one_line(err);
        } else {
                must(size == 64 || size == 65);
        }
}

/* Whatever it says, no process is taken for ours: none has this name. */
static void pid(const uint8_t *data, size_t size)
{
        pic__child *c = NULL;

        fuzz_file("fuzz.pid", data, size);
        must(pic__child_new("fuzz", fuzz_dir(), fuzz_dir(), NULL, &c, NULL) == 0);
        must(pic__child_adopt(c, "no-such-program") == 0 && pic__child_pid(c) == 0);
        pic__child_unref(c);
}

static void lock(const uint8_t *data, size_t size)
{
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        pic__auto_err pic_error *err = NULL;
        char path[320];
        int fd, got = -1;

        fuzz_file("agent.lock", data, size);
        snprintf(path, sizeof(path), "%s/agent.lock", fuzz_dir());
        fd = open(path, O_RDWR | O_CLOEXEC);
        must(fd >= 0 && fcntl(fd, F_OFD_SETLK, &whole) == 0);
        must(pic__lock_take(fuzz_dir(), "agent.lock", 0, "another agent", &got, &err) == PIC_BUSY);
        one_line(err);
        close(fd);
}

/* The agent's log up to a NUL byte, a child's behind it. What is told is bounded, printable, and the same again when it
 * is asked for page by page. */
static void logs(const uint8_t *data, size_t size)
{
        static const char *const areas[] = { NULL, "agent", "engine", "dns", "wg" };
        static const char *const names[] = { "unbound.log", "wg.log", "exit3-tor.log", "haproxy.log", "chronyd.log" };
        PIC__AUTO(pic__logs_close) pic__logs l = PIC__LOGS_INIT;
        pic__logwant w = PIC__LOGWANT_ALL;
        size_t lines = next_byte(&data, &size), head = strnlen((const char *)data, size), i, n, seen;
        const char *name = names[lines % PIC__COUNT(names)];
        int more;

        fuzz_file("agent.log", data, head);
        fuzz_file(name, data + head, size - head);
        for (i = 0; i < PIC__COUNT(areas); i++) {
                pic__auto_buf pic__buf out = PIC__BUF_INIT;

                must(pic__logs_tail(fuzz_dir(), areas[i], lines, NOW, &out, NULL) == 0);
                for (n = seen = 0; n < out.len; n++) {
                        must(out.data[n] == '\n' || (unsigned char)out.data[n] >= ' ');
                        seen += out.data[n] == '\n';
                }
                must(seen <= lines);
        }
        must(pic__logs_open(fuzz_dir(), NOW, &l, NULL) == 0);
        w.fold = (lines & 1) != 0;
        w.text = "e";
        w.text_len = 1;
        for (i = 0; i < 2; i++) {
                pic__auto_buf pic__buf out = PIC__BUF_INIT, next = PIC__BUF_INIT;
                pic__auto_free char *after = pic__strndup(i == 0 ? "1" : (const char *)data, i == 0 ? 1 : size);
                int r = pic__logs_ahead(&l, &w, after, 1, NOW, &out, &next, &more, NULL);

                must(i == 0 ? r == 0 : r == 0 || r == PIC_VALUE);
        }
        must(unlinkat(l.dir, name, 0) == 0);
}

/* Only looks: what it names is read, never written. */
static void settings(const uint8_t *data, size_t size)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        pic__route b = { .links = PIC__VEC_INIT };
        size_t i;

        fuzz_file("sysctl", data, size);
        b.record_path = pic__path_join(fuzz_dir(), "sysctl");
        must(b.record_path != NULL && pic__route_sysctl_observe(&b, &items, NULL) == 0);
        for (i = 0; i < items.count; i++)
                must(strncmp(items.at[i].key, "net.", 4) == 0 && strstr(items.at[i].key, "..") == NULL);
        (void)pic__route_sysctl_drifted(&b);
        pic__vec_free(&b.held);
        pic__free(b.record_path);
}

static void words(const uint8_t *data, size_t size)
{
        char path[320], text[100];

        fuzz_file("wg.log", data, size);
        snprintf(path, sizeof(path), "%s/wg.log", fuzz_dir());
        pic__wg_last_words(path, text, sizeof(text));
        must(strlen(text) < sizeof(text));
        (void)unlink(path);
}

/* What is taken prints and reads the same; what is not leaves nothing. */
static void facts(const uint8_t *data, size_t size)
{
        static const pic__exits_known nothing;
        pic__exits_known k = { .id = { 0 } }, again = { .id = { 0 } };
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;

        fuzz_file("exits.facts", data, size);
        if (pic__exits_known_read(fuzz_dir(), &k, &err) < 0) {
                must(pic_error_code(err) == PIC_CORRUPT && pic__exits_known_same(&k, &nothing));
                one_line(err);
                return;
        }
        pic__exits_known_print(&k, &text);
        must(pic__exits_known_parse(&again, pic__buf_str(&text), NULL) == 0 && pic__exits_known_same(&k, &again));
        pic__exits_known_clear(&k);
        pic__exits_known_clear(&again);
}

/* Whatever it says, the levels are levels, and what is saved reads the same. */
static void levels(const uint8_t *data, size_t size)
{
        pic__loglevels l, again;
        size_t i;

        fuzz_file("levels", data, size);
        pic__loglevels_load(fuzz_dir(), &l);
        for (i = 0; i < PIC__LOG_AREAS; i++)
                must(pic__loglevels_of(&l, pic__log_areas[i], PIC_LOG_INFO) >= PIC_LOG_ERROR &&
                     pic__loglevels_of(&l, pic__log_areas[i], PIC_LOG_INFO) <= pic__loglevels_most(&l, PIC_LOG_INFO));
        must(pic__loglevels_most(&l, PIC_LOG_INFO) <= PIC_LOG_DEBUG);
        must(pic__loglevels_save(fuzz_dir(), &l, NULL) == 0);
        pic__loglevels_load(fuzz_dir(), &again);
        must(memcmp(&l, &again, sizeof(l)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        switch (next_byte(&data, &size) % 8) {
        case 0: key(data, size); break;
        case 1: pid(data, size); break;
        case 2: lock(data, size); break;
        case 3: logs(data, size); break;
        case 4: settings(data, size); break;
        case 6: facts(data, size); break;
        case 7: levels(data, size); break;
        default: words(data, size); break;
        }
        return 0;
}
