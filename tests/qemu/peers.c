/* How long peers take, next to what a person would run: `wg setconf` of the same content, `wg set` of one peer, `wg
 * show dump`. For the kernel if it has WireGuard, else for wireguard-go. Prints a table; fails only when something does
 * not work.
 *
 *   t_qemu_peers [COUNT]     default 10000 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/wg/transport.h"
#include "backend/wg/wg.h"
#include "model/key.h"
#include "sys/child.h"
#include "sys/crypto.h"

#define ONES 200
#define ROUNDS 3

static char dir[64];
static char device[16];
static uint8_t private_key[32];

static double now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* CPU time of this process alone: what is ours of a time that is mostly wireguard-go's. */
static double cpu_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void need(int r, const char *what, pic_error **err)
{
        if (r >= 0)
                return;
        printf("%s: %s\n", what, pic_error_message(*err));
        exit(1);
}

static void add_device(pic__items *items)
{
        uint8_t public_key[32];
        char text[PIC__KEY_TEXT], value[100];

        pic__wg_public(private_key, public_key);
        pic__key_encode(public_key, text);
        snprintf(value, sizeof(value), "port=41820 key=%s", text);
        pic__items_add(items, PIC__I_WG_DEVICE, device, value, private_key, NULL, NULL);
}

static void add_peer(pic__items *items, pic__buf *conf, unsigned n)
{
        uint8_t key[32], psk[32];
        char text[PIC__KEY_TEXT], shared[PIC__KEY_TEXT], value[200];

        pic__digest(&n, sizeof(n), key);
        pic__digest(key, sizeof(key), psk);
        key[31] &= 0x7f;
        pic__key_encode(key, text);
        pic__key_encode(psk, shared);
        snprintf(value, sizeof(value), "allowed=10.%u.%u.%u/32,fd00::%x/128 keepalive=0", n >> 16 & 255, n >> 8 & 255,
                 n & 255, n + 1);
        pic__items_add(items, PIC__I_WG_PEER, text, value, psk, NULL, NULL);
        if (conf != NULL)
                pic__buf_putf(conf,
                              "[Peer]\nPublicKey = %s\nPresharedKey = %s\nAllowedIPs = 10.%u.%u.%u/32, fd00::%x/128\n",
                              text, shared, n >> 16 & 255, n >> 8 & 255, n & 255, n + 1);
}

static void wg(const char *const *argv, const void *input, size_t len)
{
        pic__cmd_opts opts = { .input = input, .input_len = len, .timeout_ms = 120000, .max_output = (size_t)64 << 20 };
        pic_error *err = NULL;

        need(pic__cmd_run(argv, &opts, NULL, NULL, &err), "wg", &err);
}

/* From what is there to the wish; the time of apply alone. */
static double make(pic__backend *b, pic__items *there, pic__items *wish)
{
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic_error *err = NULL;
        size_t done;
        double from;

        need(pic__plan_diff(there, wish, &steps, &err), "diff", &err);
        from = now_ms();
        need(b->ops->apply(b, steps.at, steps.count, &done, &err), "apply", &err);
        return now_ms() - from;
}

static int by_size(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static void row(const char *what, double ours, double theirs)
{
        printf("%-38s %10.3f ms %10.3f ms %8.2fx\n", what, ours, theirs, ours / theirs);
}

/* One more peer, many times: the median. */
static double one_by_one(pic__backend *b, unsigned from)
{
        double times[ONES];
        unsigned i;

        for (i = 0; i < ONES; i++) {
                pic__auto_items pic__items none = PIC__ITEMS_INIT, one = PIC__ITEMS_INIT;

                add_peer(&one, NULL, from + i);
                times[i] = make(b, &none, &one);
        }
        qsort(times, ONES, sizeof(times[0]), by_size);
        return times[ONES / 2];
}

static double one_by_wg(unsigned from)
{
        double times[20];
        unsigned i;

        for (i = 0; i < 20; i++) {
                uint8_t key[32];
                char text[PIC__KEY_TEXT], allowed[80];
                const char *const argv[] = { "wg", "set", device, "peer", text, "allowed-ips", allowed, NULL };
                unsigned n = from + i;

                pic__digest(&n, sizeof(n), key);
                pic__key_encode(key, text);
                snprintf(allowed, sizeof(allowed), "10.%u.%u.%u/32,fd00::%x/128", n >> 16 & 255, n >> 8 & 255, n & 255,
                         n + 1);
                times[i] = now_ms();
                wg(argv, NULL, 0);
                times[i] = now_ms() - times[i];
        }
        qsort(times, 20, sizeof(times[0]), by_size);
        return times[10];
}

static double least(double a, double b)
{
        return a < b ? a : b;
}

static void measure(pic__backend *b, unsigned count)
{
        pic__auto_items pic__items none = PIC__ITEMS_INIT, bare = PIC__ITEMS_INIT, all = PIC__ITEMS_INIT,
                                   seen = PIC__ITEMS_INIT;
        const char *const setconf[] = { "wg", "setconf", device, "/dev/stdin", NULL }, *const dump[] = { "wg", "show",
                                                                                                         device, "dump",
                                                                                                         NULL };
        pic__auto_buf pic__buf conf = PIC__BUF_INIT;
        char key[PIC__KEY_TEXT];
        double ours = 1e9, theirs = 1e9, removed = 0, from, cpu;
        pic_error *err = NULL;
        unsigned i;

        pic__key_encode(private_key, key);
        pic__buf_putf(&conf, "[Interface]\nPrivateKey = %s\nListenPort = 41820\n", key);
        add_device(&bare);
        add_device(&all);
        for (i = 0; i < count; i++)
                add_peer(&all, &conf, i);
        /* In turn, the best of each counts; once in the kernel, where taking the device away again takes so long. */
        for (i = 0; i < (pic__wg_kernel_there() ? 1 : ROUNDS); i++) {
                b->ops->teardown(b, 0, NULL);
                make(b, &none, &bare);
                from = now_ms();
                wg(setconf, conf.data, conf.len);
                theirs = least(theirs, now_ms() - from);
                from = now_ms();
                need(b->ops->teardown(b, 0, &err), "teardown", &err);
                removed = now_ms() - from;
                make(b, &none, &bare);
                ours = least(ours, make(b, &bare, &all));
        }
        row("all peers set | wg setconf", ours, theirs);
        from = now_ms();
        cpu = cpu_ms();
        need(b->ops->observe(b, &seen, &err), "observe", &err);
        ours = now_ms() - from;
        cpu = cpu_ms() - cpu;
        from = now_ms();
        wg(dump, NULL, 0);
        row("all peers read | wg show dump", ours, now_ms() - from);
        if (seen.count != count + 1) {
                printf("read %zu items instead of %u\n", seen.count, count + 1);
                exit(1);
        }
        ours = one_by_one(b, count);
        row("one peer added | wg set", ours, one_by_wg(count + ONES));
        printf("%-38s %10.3f ms\n", "our CPU time in reading all", cpu);
        printf("%-38s %10.3f ms\n", "device removed with all peers", removed);
}

int main(int argc, char **argv)
{
        unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 10000, public_key[8];
        pic__wg_opts opts = { .run_dir = dir, .log_dir = dir };
        pic__backend *b = NULL;
        pic_error *err = NULL;
        char path[96];

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                printf("SKIP: needs root for a network namespace of its own\n");
                return 77;
        }
        strcpy(dir, "/tmp/pic-peers-XXXXXX");
        if (mkdtemp(dir) == NULL || pic__crypto_start(NULL) < 0)
                return 1;
        snprintf(device, sizeof(device), "pcp%d", (int)getpid());
        pic__wg_keypair(private_key, (uint8_t *)public_key);
        need(pic__wg_new(&opts, &b, &err), "backend", &err);
        printf("%u peers, %s; one peer: the median\n%-38s %13s %13s %9s\n", count,
               pic__wg_kernel_there() ? "kernel" : "wireguard-go", "", "ours", "wg", "ratio");
        measure(b, count);
        b->ops->teardown(b, 0, NULL);
        b->ops->free(b);
        snprintf(path, sizeof(path), "%s/wg.log", dir);
        unlink(path);
        rmdir(dir);
        return 0;
}
