/* Owns: the type `wireguard`: the kernel's device where the kernel has it, else wireguard-go; both told what to do by
 * `wg`. The far end's address is a fact that changes while it runs: the peer is told, nothing is started again. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "backend/exit/carrier.h"
#include "sys/hash.h"

#define NAME "wireguard"
#define PROGRAM "wireguard-go"
#define STALE 180 /* seconds after which WireGuard itself gives up a session */

static int key_ok(const char *text)
{
        uint8_t key[32];
        size_t len = 0;
        int ok = pic__unbase64(text, strlen(text), key, sizeof(key), &len) == 0 && len == sizeof(key);

        explicit_bzero(key, sizeof(key));
        return ok;
}

static int check(const pic__exit_conf *c, pic_error **err)
{
        if (!key_ok(c->private_key))
                return pic__fail(err, PIC_VALUE, "connection %s: no private key", c->name);
        if (!key_ok(c->peer_key))
                return pic__fail(err, PIC_VALUE, "connection %s: no public key of the far end", c->name);
        if (c->preshared_key[0] != '\0' && !key_ok(c->preshared_key))
                return pic__fail(err, PIC_VALUE, "connection %s: not a preshared key", c->name);
        if (c->addresses.count == 0)
                return pic__fail(err, PIC_VALUE, "connection %s: no address in the tunnel", c->name);
        return 0;
}

/* Whether tun0 is the kernel's. The device itself says. */
static int is_kernel(const pic__carrier_env *env)
{
        static const char *const argv[] = { "ip", "-d", "link", "show", "dev", PIC__EXIT_DEVICE, NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;

        return pic__carrier_run(env, argv, NULL, 0, &out, NULL) == 0 &&
               strstr(pic__buf_str(&out), " wireguard ") != NULL;
}

static int make_kernel(const pic__carrier_env *env)
{
        static const char *const argv[] = { "ip", "link", "add", "dev", PIC__EXIT_DEVICE, "type", "wireguard", NULL };

        return pic__carrier_run(env, argv, NULL, 0, NULL, NULL) == 0 || is_kernel(env);
}

/* 1: somebody listens at its socket. */
static int ready(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        const char *path = pic__carrier_path(env, "wg/" PIC__EXIT_DEVICE ".sock");
        int fd, r;

        (void)c;
        (void)err;
        if (path == NULL || strlen(path) >= sizeof(to.sun_path))
                return -1;
        memcpy(to.sun_path, path, strlen(path) + 1);
        /* Where nobody accepts, connecting waits for ever once some have. */
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return 0;
        r = connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
        close(fd);
        return r;
}

static int processes(const pic__exit_conf *c, const pic__carrier_env *env, pic__process_spec *out, size_t max,
                     pic_error **err)
{
        (void)c;
        (void)err;
        if (make_kernel(env) || max == 0)
                return 0;
        out[0] = (pic__process_spec){ .name = NAME,
                                      .argv = { PROGRAM, "-f", PIC__EXIT_DEVICE, NULL },
                                      .env = { "WG_PROCESS_FOREGROUND=1", "LOG_LEVEL=error", NULL },
                                      .net_admin = 1,
                                      .ready = ready,
                                      .ready_ms = 3000 };
        return 1;
}

/* --- what it is told -------------------------------------------------------------------------------------------- */

static void put_endpoint(pic__buf *out, const pic__exit_conf *c)
{
        char text[PIC__ADDR_TEXT];
        const pic__exit_place *p = &c->remote.at[0];

        pic__addr_print(&p->addr, text);
        pic__buf_putf(out, p->addr.family == 6 ? "[%s]:%u" : "%s:%u", text, p->port);
}

static void put_allowed(pic__buf *out, const pic__exit_conf *c)
{
        char text[PIC__PREFIX_TEXT];
        size_t i;

        if (c->allowed.count == 0)
                pic__buf_puts(out, "0.0.0.0/0, ::/0");
        for (i = 0; i < c->allowed.count; i++) {
                pic__prefix p = c->allowed.at[i];

                pic__prefix_mask(&p);
                pic__buf_putf(out, "%s%s", i > 0 ? ", " : "", pic__prefix_print(&p, text));
        }
}

static void put_conf(pic__buf *out, const pic__exit_conf *c, int kernel)
{
        pic__buf_putf(out, "[Interface]\nPrivateKey = %s\n", c->private_key);
        if (kernel)
                pic__buf_putf(out, "FwMark = 0x%x\n", PIC__EXIT_MARK);
        pic__buf_putf(out, "[Peer]\nPublicKey = %s\n", c->peer_key);
        if (c->preshared_key[0] != '\0')
                pic__buf_putf(out, "PresharedKey = %s\n", c->preshared_key);
        pic__buf_puts(out, "AllowedIPs = ");
        put_allowed(out, c);
        pic__buf_putf(out, "\nPersistentKeepalive = %u\n", c->keepalive);
        if (c->remote.count > 0) {
                pic__buf_puts(out, "Endpoint = ");
                put_endpoint(out, c);
                pic__buf_putc(out, '\n');
        }
}

/* `wg` speaks to a program as that program's user, to the kernel as root. */
static int tell(const pic__carrier_env *env, int kernel, const char *const *argv, const pic__buf *input, pic__buf *out,
                pic_error **err)
{
        const void *data = input != NULL ? input->data : NULL;
        size_t len = input != NULL ? input->len : 0;

        return kernel ? pic__carrier_run(env, argv, data, len, out, err)
                      : pic__carrier_run_as(env, argv, data, len, out, err);
}

static int settle(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        static const char *const argv[] = { "wg", "syncconf", PIC__EXIT_DEVICE, "/dev/stdin", NULL };
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        int kernel = is_kernel(env);

        put_conf(&text, c, kernel);
        return text.failed ? pic__nomem(err) : tell(env, kernel, argv, &text, NULL, err);
}

static int same_places(const pic__exit_places *a, const pic__exit_places *b)
{
        return a->count > 0 && b->count > 0 && a->at[0].port == b->at[0].port &&
               pic__addr_cmp(&a->at[0].addr, &b->at[0].addr) == 0;
}

static int same_nets(const pic__exit_nets *a, const pic__exit_nets *b)
{
        return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof(a->at[0])) == 0;
}

static int only_far_end(const pic__exit_conf *a, const pic__exit_conf *b)
{
        return strcmp(a->private_key, b->private_key) == 0 && strcmp(a->peer_key, b->peer_key) == 0 &&
               strcmp(a->preshared_key, b->preshared_key) == 0 && a->keepalive == b->keepalive &&
               same_nets(&a->allowed, &b->allowed);
}

/* Another far end only: the session and its keys stay. */
static int change(const pic__exit_conf *from, const pic__exit_conf *to, const pic__carrier_env *env, pic_error **err)
{
        pic__auto_buf pic__buf endpoint = PIC__BUF_INIT;
        const char *argv[] = { "wg", "set", PIC__EXIT_DEVICE, "peer", to->peer_key, "endpoint", NULL, NULL };
        int r = 0;

        if (!only_far_end(from, to)) {
                r = settle(to, env, err);
        } else if (to->remote.count > 0 && !same_places(&from->remote, &to->remote)) {
                put_endpoint(&endpoint, to);
                argv[6] = pic__buf_str(&endpoint);
                r = endpoint.failed ? pic__nomem(err) : tell(env, is_kernel(env), argv, NULL, NULL, err);
        }
        return r < 0 ? r : 1;
}

static void fault(const pic__exit_conf *c, const pic__carrier_env *env, pic__buf *why)
{
        static const char *const argv[] = { "wg", "show", PIC__EXIT_DEVICE, "latest-handshakes", NULL };
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        long long at = 0, ago;
        int r;

        if (c->remote.count == 0) {
                pic__buf_puts(why, "the address of the far end is not known");
                return;
        }
        r = pic__carrier_ask(env, is_kernel(env), argv, &out, NULL);
        if (r == PIC_TIMEOUT) {
                pic__buf_puts(why, "its program does not answer: is it stopped? pic connection restart");
                return;
        }
        if (r < 0 || sscanf(pic__buf_str(&out), "%*s %lld", &at) != 1) {
                pic__carrier_last_words(env, NAME, 300, why);
                return;
        }
        ago = (long long)time(NULL) - at;
        if (at == 0)
                pic__buf_puts(why, "no handshake: the far end has never answered");
        else if (ago > STALE)
                pic__buf_putf(why, "no handshake for %lld seconds: the far end does not answer", ago);
}

/* The kernel always answers. */
static const char *silent(const pic__exit_conf *c, const pic__carrier_env *env)
{
        static const char *const argv[] = { "wg", "show", PIC__EXIT_DEVICE, "latest-handshakes", NULL };

        (void)c;
        return !is_kernel(env) && pic__carrier_ask(env, 0, argv, NULL, NULL) == PIC_TIMEOUT ? NAME : NULL;
}

const pic__carrier pic__carrier_wireguard = {
        .type = "wireguard",
        .flags = PIC__CARRIER_OWN_DEVICE,
        .check = check,
        .processes = processes,
        .settle = settle,
        .change = change,
        .silent = silent,
        .fault = fault,
};
