/* A small cell of the pretend kernel in the target's directory, always the same to the last byte: chance and clock are
 * made up. Its files are kept in memory and put back at will. */
#ifndef PIC_FUZZ_CELL_H
#define PIC_FUZZ_CELL_H

#include <sodium.h>

#include "api/api.h"
#include "dir.h"
#include "sys/file.h"

static pic_time cell_now = (pic_time)1800000000 * 1000000;
static pic__clock cell_clock;
static pic__buf cell_db;

static uint64_t cell_dice = 88172645463325252ull;

static uint32_t cell_random(void)
{
        cell_dice ^= cell_dice << 13;
        cell_dice ^= cell_dice >> 7;
        cell_dice ^= cell_dice << 17;
        return (uint32_t)cell_dice;
}

static void cell_random_bytes(void *to, size_t len)
{
        uint8_t *at = to;

        while (len-- > 0)
                *at++ = (uint8_t)cell_random();
}

static const char *cell_random_name(void)
{
        return "fuzz";
}

static struct randombytes_implementation cell_chance = { cell_random_name,  cell_random, NULL, NULL,
                                                         cell_random_bytes, NULL };

/* A context that lives in the made-up time. */
static inline pic_ctx *cell_open(void)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic__engine_opts engine;
        pic_ctx *ctx = NULL;

        opts.dir = fuzz_dir();
        opts.world = "fake";
        opts.actor = "root";
        must(pic_ctx_open(&opts, &ctx, NULL) == 0);
        ctx->clock = &cell_clock;
        pic__ctx_engine_opts(ctx, &engine);
        ctx->link = pic__link_unref(ctx->link);
        must(pic__link_local(&engine, &ctx->link, NULL) == 0);
        return ctx;
}

static inline void cell_commit(pic_ctx *ctx, const char *document, const char *removed)
{
        pic_edit *edit = NULL;

        cell_now += 60 * 1000000;
        must(pic_edit_new(ctx, &edit, NULL) == 0);
        if (document != NULL)
                must(pic_edit_load(edit, document, strlen(document), "cell", 0, NULL) == 0);
        if (removed != NULL)
                must(pic_edit_remove(edit, "peer", removed, NULL) == 0);
        must(pic_edit_commit(edit, 0, NULL, NULL) == 0);
        pic_edit_unref(edit);
}

static inline void cell_read(const char *name, pic__buf *to)
{
        pic__auto_free char *path = pic__path_join(fuzz_dir(), name);

        must(path != NULL && pic__file_read(path, 1 << 20, to, NULL) == 0);
}

/* Once; leaves the cell in place. */
static inline void cell_make(void)
{
        static const char *const fields[] = { "name", "home",          "net4",     "10.77.0.0/16",
                                              "net6", "fd77:1:2::/48", "endpoint", "vpn.example.org:51820",
                                              NULL };
        pic__buf head = PIC__BUF_INIT;
        pic_blob *config = NULL;
        pic_ctx *ctx;

        if (cell_db.len > 0)
                return;
        must(randombytes_set_implementation(&cell_chance) == 0);
        cell_clock = pic__clock_fake(&cell_now);
        ctx = cell_open();
        must(pic_cell_init(ctx, fields, NULL, NULL) == 0);
        cell_commit(ctx,
                    "groups: {kids: {access: internet}}\n"
                    "peers:\n"
                    "  anna: {access: 'internet,lan,192.168.1.0/24:tcp/445-446', groups: kids, note: hers}\n"
                    "  ben: {access: 'peer:anna,group:kids,[fd00::5]:udp/53', subnets: '192.168.7.0/24,fd34::/64'}\n"
                    "  tv: {access: peers, tunnel: split, expires: 2027-06-01}\n",
                    NULL);
        cell_commit(ctx, "peers: {anna: {access: internet, enabled: false}}", NULL);
        cell_commit(ctx, "cell: {mtu: 1380, upstreams: '9.9.9.9@853#dns.quad9.net'}", "tv");
        must(pic_peer_config(ctx, "ben", &config, NULL) == 0);
        pic_blob_unref(config);
        must(pic__ctx_call(ctx, "head", NULL, 0, &head, NULL) == 0); /* signed */
        pic_ctx_unref(ctx);
        pic__buf_free(&head);
        cell_read("cell.db", &cell_db);
}

/* The cell as it was made: none of its files may be open. */
static inline void cell_put_back(const void *db, size_t size)
{
        static const char *const gone[] = { "cell.db-wal", "cell.db-shm", "fake/wg",
                                            "fake/nft",    "fake/route",  "fake/dns" };
        size_t i;

        for (i = 0; i < PIC__COUNT(gone); i++) {
                char path[320];

                snprintf(path, sizeof(path), "%s/%s", fuzz_dir(), gone[i]);
                (void)unlink(path);
        }
        fuzz_file("cell.db", db, size);
}

#endif
