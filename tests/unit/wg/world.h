/* A network namespace of the test's own, directories, and a backend on userspace WireGuard in them. Device names carry
 * the process number: wireguard-go's sockets are shared by all namespaces. */
#ifndef PIC_TESTS_UNIT_WG_WORLD_H
#define PIC_TESTS_UNIT_WG_WORLD_H

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/wg/wg.h"
#include "model/key.h"
#include "sys/child.h"
#include "sys/crypto.h"

static char world_dir[64];
static char world_dev[16];

/* 0, or 77 when this machine cannot have such a world. */
static inline int world_open(void)
{
        pic__auto_free char *program = pic__cmd_find("wireguard-go");

        if (geteuid() != 0) {
                fprintf(stderr, "SKIPPED: needs root for a network namespace\n");
                return 77;
        }
        if (program == NULL || access("/dev/net/tun", F_OK) != 0) {
                fprintf(stderr, "SKIPPED: needs wireguard-go and /dev/net/tun\n");
                return 77;
        }
        if (unshare(CLONE_NEWNET) < 0) {
                perror("SKIPPED: no network namespace of our own");
                return 77;
        }
        strcpy(world_dir, "/tmp/pic-test-wg-XXXXXX");
        snprintf(world_dev, sizeof(world_dev), "pct%d", (int)getpid());
        return mkdtemp(world_dir) != NULL && pic__crypto_start(NULL) == 0 ? 0 : 77;
}

static inline void world_forget(const char *file)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/%s", world_dir, file);
        unlink(path);
}

static inline void world_close(void)
{
        world_forget("wg.pid");
        world_forget("wg.log");
        rmdir(world_dir);
}

static inline pic__backend *world_backend(const pic__log *log)
{
        pic__wg_opts opts = { .run_dir = world_dir, .log_dir = world_dir, .userspace = 1, .log = log };
        pic__backend *b = NULL;

        assert_int_equal(pic__wg_new(&opts, &b, NULL), 0);
        return b;
}

/* A command that has to work; what it prints goes to out (may be NULL). */
static inline void world_run(pic__buf *out, const char *script)
{
        const char *const argv[] = { "sh", "-c", script, NULL };
        pic__auto_err pic_error *err = NULL;

        if (pic__cmd_run(argv, NULL, out, NULL, &err) < 0)
                fail_msg("%s: %s", script, pic_error_message(err));
}

static inline void world_device(pic__items *items, unsigned port, const uint8_t private_key[32])
{
        uint8_t public_key[32];
        char text[PIC__KEY_TEXT], value[100];

        pic__wg_public(private_key, public_key);
        pic__key_encode(public_key, text);
        snprintf(value, sizeof(value), "port=%u key=%s", port, text);
        assert_int_equal(pic__items_add(items, PIC__I_WG_DEVICE, world_dev, value, private_key, NULL, NULL), 0);
}

/* The n-th peer: key from its number, both addresses. */
static inline void world_key(unsigned n, char text[PIC__KEY_TEXT])
{
        uint8_t key[32];

        pic__digest(&n, sizeof(n), key);
        key[31] &= 0x7f;
        pic__key_encode(key, text);
}

static inline void world_peer(pic__items *items, unsigned n, unsigned keepalive, const uint8_t *psk)
{
        char key[PIC__KEY_TEXT], value[200];

        world_key(n, key);
        snprintf(value, sizeof(value), "allowed=10.%u.%u.%u/32,fd00::%x/128 keepalive=%u", n >> 16 & 255, n >> 8 & 255,
                 n & 255, n + 1, keepalive);
        assert_int_equal(pic__items_add(items, PIC__I_WG_PEER, key, value, psk, NULL, NULL), 0);
}

/* Makes the world as `wish` says: what is there is observed first. The number of steps, or the error. */
static inline int world_make(pic__backend *b, pic__items *wish, pic_error **err)
{
        pic__auto_items pic__items there = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        size_t done = 0;
        int r = b->ops->observe(b, &there, err);

        if (r < 0)
                return r;
        assert_int_equal(pic__plan_diff(&there, wish, &steps, NULL), 0);
        r = b->ops->apply(b, steps.at, steps.count, &done, err);
        if (r < 0)
                return r;
        assert_int_equal(done, steps.count);
        return (int)steps.count;
}

#endif
