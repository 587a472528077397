/* Owns: ways out by a SOCKS5 or HTTP CONNECT proxy: redsocks takes what the namespace redirects to it, the far end does
 * the rest. TCP to IPv4 only. A proxy that has an IPv6 address and no other is reached by socat, which stands on
 * loopback in its place: redsocks knows IPv4 only. */
#include <string.h>

#include "backend/exit/fault.h"
#include "backend/exit/needs.h"
#include "backend/exit/redsocks.h"

#define RELAY "socat"
#define LOG_TAIL 4096

static const pic__addr loopback = { 4, { 127, 0, 0, 1 } };

/* The proxy where redsocks cannot go itself; NULL: it can, or nobody knows where it is. */
static const pic__exit_place *beyond(const pic__exit_conf *c)
{
        return pic__redsocks_far(c) == NULL && c->remote.count > 0 ? &c->remote.at[0] : NULL;
}

static int check(const pic__exit_conf *c, pic_error **err)
{
        char host[256];
        uint16_t port;
        int r;

        if (pic__endpoint_parse(c->endpoint, host, &port) < 0)
                return pic__fail(err, PIC_VALUE, "the proxy's endpoint is HOST:PORT");
        r = pic__redsocks_check(c->protocol, c->user, c->password, err);
        return r < 0 || beyond(c) == NULL ? r : pic__exit_program(RELAY, RELAY, err);
}

static int files(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        const pic__exit_place *far = pic__redsocks_far(c);
        pic__redsocks r = { .protocol = c->protocol, .user = c->user, .password = c->password };

        if (far == NULL && beyond(c) == NULL)
                return 0;
        r.addr = far != NULL ? &far->addr : &loopback;
        r.port = far != NULL ? far->port : PIC__EXIT_SOCKS_PORT;
        return pic__redsocks_file(env, &r, err);
}

static int relay_listens(const pic__exit_conf *c, const pic__carrier_env *env, pic_error **err)
{
        (void)c;
        (void)err;
        return pic__carrier_listens(env, PIC__EXIT_SOCKS_PORT) == 1;
}

static int put_relay(const pic__exit_place *far, const pic__carrier_env *env, pic__process_spec *out, pic_error **err)
{
        char addr[PIC__ADDR_TEXT];
        const char *to = pic__arena_printf(env->arena, "TCP6:[%s]:%u,connect-timeout=10,keepalive",
                                           pic__addr_print(&far->addr, addr), far->port);
        const char *at = pic__arena_printf(env->arena, "TCP4-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork,backlog=128",
                                           PIC__EXIT_SOCKS_PORT);

        if (to == NULL || at == NULL)
                return pic__nomem(err);
        *out = (pic__process_spec){
                .name = RELAY, .argv = { RELAY, at, to }, .ready = relay_listens, .tasks = 2048
        }; /* a process for each connection */
        return 0;
}

/* As long as nobody knows where the proxy is, nobody listens: connections are refused at once. */
static int processes(const pic__exit_conf *c, const pic__carrier_env *env, pic__process_spec *out, size_t max,
                     pic_error **err)
{
        const pic__exit_place *far = beyond(c);
        int n = 0, r;

        (void)max;
        if (c->remote.count == 0)
                return 0;
        if (far != NULL) {
                r = put_relay(far, env, &out[n++], err);
                if (r < 0)
                        return r;
        }
        pic__redsocks_process(&out[n++]);
        return n;
}

static const char *silent(const pic__exit_conf *c, const pic__carrier_env *env)
{
        const char *redirector = pic__redsocks_silent(env);

        (void)c;
        return redirector != NULL || !pic__carrier_waits(env, PIC__EXIT_SOCKS_PORT) ? redirector : RELAY;
}

/* As socat says it: "E connect(5, AF=10 [2001:db8::1]:1080, 28): Connection refused". */
static const pic__exit_fault faults[] = {
        { "connect(*Connection refused", "nobody listens at the proxy's address and port",
          "is it running, and is the port right?", 0 },
        { "connect(*Network is unreachable", "there is no way to the proxy", "is the internet up?", 0 },
        { "connect(*", "the proxy's address does not answer", "is it reachable from here?", 0 },
};

static void fault(const pic__exit_conf *c, const pic__carrier_env *env, pic__buf *why)
{
        pic__auto_buf pic__buf log = PIC__BUF_INIT;

        if (c->remote.count == 0 || pic__redsocks_fault(env, why) || beyond(c) == NULL)
                return;
        pic__carrier_log(env, RELAY, LOG_TAIL, &log);
        pic__exit_fault_find(faults, PIC__COUNT(faults), pic__buf_str(&log), why);
}

const pic__carrier pic__carrier_proxy = {
        .type = "proxy",
        .flags = PIC__CARRIER_TCP_ONLY | PIC__CARRIER_TCP_REMOTE,
        .check = check,
        .files = files,
        .processes = processes,
        .silent = silent,
        .fault = fault,
};
