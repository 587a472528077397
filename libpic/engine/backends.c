/* Owns: which subsystems a world has. The only file that knows both the real ones and the pretend one. */
#include <stdio.h>

#include "backend/dns/dns.h"
#include "backend/exit/exit.h"
#include "backend/fake/fake.h"
#include "backend/front/front.h"
#include "backend/nft/nft.h"
#include "backend/ntp/ntp.h"
#include "backend/route/route.h"
#include "backend/wg/wg.h"
#include "engine/engine_i.h"
#include "engine/front.h"
#include "engine/frontleaf.h"
#include "sys/file.h"

/* One subsystem turns forwarding on, another one keeps who must not profit from it: here they meet. */
static int closed(int (*fn)(int family, const char *device, void *data), void *data, void *run_dir, pic_error **err)
{
        return pic__route_closed(run_dir, fn, data, err);
}

static int make_nft(const pic__engine *e, pic__backend **ret, pic_error **err)
{
        const pic__nft_opts opts = {
                .dir = e->dir, .run_dir = e->run_dir, .log = e->log, .closed = closed, .closed_data = e->run_dir
        };

        return pic__nft_new(&opts, ret, err);
}

static int make_wg(const pic__engine *e, pic__backend **ret, pic_error **err)
{
        const pic__wg_opts opts = { .run_dir = e->run_dir, .log_dir = e->log_dir, .keep_dir = e->dir, .log = e->log };

        return pic__wg_new(&opts, ret, err);
}

static int make_route(const pic__engine *e, pic__backend **ret, pic_error **err)
{
        const pic__route_opts opts = { .run_dir = e->run_dir, .log = e->log };

        return pic__route_new(&opts, ret, err);
}

/* What the filter before the name server reads, those before exits' resolvers read too. */
static void share_sieve(void *run_dir)
{
        pic__exit_share_sieve(run_dir);
}

static int make_dns(const pic__engine *e, pic__backend **ret, pic_error **err)
{
        const pic__dns_opts opts = { .run_dir = e->run_dir,
                                     .log_dir = e->log_dir,
                                     .share = share_sieve,
                                     .share_data = e->run_dir,
                                     .log = e->log };

        return pic__dns_new(&opts, ret, err);
}

static int make_exit(const pic__engine *e, pic__backend **ret, pic_error **err)
{
        pic__auto_free char *keep = pic__path_join(e->dir, "exits");
        const pic__exit_opts opts = { .run_dir = e->run_dir, .log_dir = e->log_dir, .keep_dir = keep, .log = e->log };

        return keep != NULL ? pic__exit_new(&opts, ret, err) : pic__nomem(err);
}

static int make_ntp(const pic__engine *e, pic__backend **ret, pic_error **err)
{
        const pic__ntp_opts opts = { .run_dir = e->run_dir, .log_dir = e->log_dir, .log = e->log };

        return pic__ntp_new(&opts, ret, err);
}

/* Only the engine can open the root's key. */
static int issue(const char *names, pic__buf *out, pic_time *ret_until, void *e, pic_error **err)
{
        return pic__engine_front_leaf(e, names, out, ret_until, err);
}

static pic_time now(void *data)
{
        const pic__engine *e = data;

        return e->clock->now(e->clock->data);
}

static int make_front(const pic__engine *e, pic__backend **ret, pic_error **err)
{
        pic__auto_free char *secret = pic__path_join(e->run_dir, PIC__FRONT_FILE);
        const pic__front_opts opts = { .run_dir = e->run_dir,
                                       .log_dir = e->log_dir,
                                       .secret_file = secret,
                                       .issue = issue,
                                       .now = now,
                                       .data = (void *)(uintptr_t)e,
                                       .log = e->log };

        return secret != NULL ? pic__front_new(&opts, ret, err) : pic__nomem(err);
}

static int (*const makers[PIC__BACKENDS])(const pic__engine *e, pic__backend **ret, pic_error **err) = {
        [PIC__B_NFT] = make_nft,   [PIC__B_WG] = make_wg,   [PIC__B_ROUTE] = make_route, [PIC__B_DNS] = make_dns,
        [PIC__B_EXIT] = make_exit, [PIC__B_NTP] = make_ntp, [PIC__B_FRONT] = make_front,
};

static int make_fake(const pic__engine *e, enum pic__backend_id id, pic__backend **ret, pic_error **err)
{
        pic__auto_free char *dir = pic__path_join(e->dir, "fake"), *path = NULL;
        int r;

        if (dir == NULL)
                return pic__nomem(err);
        r = pic__dir_make(dir, 0700, err);
        if (r < 0)
                return r;
        path = pic__path_join(dir, pic__backend_names[id]);
        return path != NULL ? pic__fake_new(id, path, e->log, ret, err) : pic__nomem(err);
}

void pic__engine_share_sieve(const pic__engine *e)
{
        pic__exit_share_sieve(e->run_dir);
}

int pic__engine_backends(pic__engine *e, pic_error **err)
{
        size_t i;

        for (i = 0; i < PIC__BACKENDS; i++) {
                int r = e->fake ? make_fake(e, (enum pic__backend_id)i, &e->backends[i], err)
                                : makers[i](e, &e->backends[i], err);

                if (r < 0)
                        return r;
        }
        return 0;
}
