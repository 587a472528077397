/* Owns: the door to libnftables. It is never linked: it prints and exits when it runs out of memory, which other users
 * of this library have not asked for, and it costs two megabytes that are needed for milliseconds. So it is loaded,
 * used and let go. Before it is called the caller has seen that the kernel talks to us, because it also exits when that
 * fails. */
#include "backend/nft/text.h"

#include <dlfcn.h>
#include <nftables/libnftables.h>
#include <string.h>

#define SONAME "libnftables.so.1"

struct api {
        void *lib;
        struct nft_ctx *(*ctx_new)(uint32_t flags);
        void (*ctx_free)(struct nft_ctx *ctx);
        int (*buffer_output)(struct nft_ctx *ctx);
        int (*buffer_error)(struct nft_ctx *ctx);
        const char *(*error_buffer)(struct nft_ctx *ctx);
        int (*run)(struct nft_ctx *ctx, const char *text);
};

/* POSIX: a function's address fits into a data pointer. */
#define BIND(member, name) (api->member = (__typeof__(api->member))dlsym(api->lib, name))

static int bind_all(struct api *api)
{
        BIND(ctx_new, "nft_ctx_new");
        BIND(ctx_free, "nft_ctx_free");
        BIND(buffer_output, "nft_ctx_buffer_output");
        BIND(buffer_error, "nft_ctx_buffer_error");
        BIND(error_buffer, "nft_ctx_get_error_buffer");
        BIND(run, "nft_run_cmd_from_buffer");
        if (api->ctx_new == NULL || api->ctx_free == NULL || api->buffer_output == NULL)
                return -1;
        return api->buffer_error == NULL || api->error_buffer == NULL || api->run == NULL ? -1 : 0;
}

static int load(const char *soname, struct api *api)
{
        api->lib = dlopen(soname != NULL ? soname : SONAME, RTLD_NOW | RTLD_LOCAL);
        if (api->lib == NULL)
                return -1;
        if (bind_all(api) == 0)
                return 0;
        dlclose(api->lib);
        return -1;
}

/* The first line: "internal:0:0-0: Error: Could not process rule: …" */
static int refuse(const char *words, pic_error **err)
{
        int len = (int)strcspn(words, "\n"), r;

        r = pic__fail(err, PIC_BACKEND, "nftables refused the ruleset: %.*s", len > 200 ? 200 : len, words);
        pic__detail(err, "stderr", words);
        return r;
}

static int run(const struct api *api, const char *text, pic_error **err)
{
        struct nft_ctx *ctx = api->ctx_new(NFT_CTX_DEFAULT);
        int r = 0;

        if (ctx == NULL)
                return pic__nomem(err);
        if (api->buffer_output(ctx) != 0 || api->buffer_error(ctx) != 0)
                r = pic__nomem(err);
        else if (api->run(ctx, text) != 0)
                r = refuse(api->error_buffer(ctx), err);
        api->ctx_free(ctx);
        return r;
}

int pic__nft_text_run(const char *soname, const char *text, pic_error **err)
{
        struct api api;
        int r;

        if (load(soname, &api) < 0) {
                r = pic__fail(err, PIC_UNSUPPORTED, "%s is not there: no firewall without it",
                              soname != NULL ? soname : SONAME);
                pic__hint(err, "apt-get install libnftables1");
                return r;
        }
        r = run(&api, text, err);
        dlclose(api.lib);
        return r;
}

int pic__nft_text_can(const char *soname)
{
        struct api api;

        if (load(soname, &api) < 0)
                return 0;
        dlclose(api.lib);
        return 1;
}
