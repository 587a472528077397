/* Owns: the backend's verbs, put together from the other files of this folder; and what is known of the shape that we
 * made last (made.h), kept in the run directory. */
#include "backend/nft/nft.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/nft/batch.h"
#include "backend/nft/doctor.h"
#include "backend/nft/flows.h"
#include "backend/nft/flows_late.h"
#include "backend/nft/made.h"
#include "backend/nft/read.h"
#include "backend/nft/shape.h"
#include "backend/nft/watch.h"
#include "backend/nft/world.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define AREA "nft"
#define LOUD 64 /* so many steps at once are worth hearing of */

struct nft {
        pic__backend base;
        pic__nft_sock sock;
        pic__nft_watch watch;
        char *block_path; /* NULL: nobody wants it */
        char *shape_path; /* NULL: only remembered here */
        pic__nft_made made;
        int (*closed)(int (*fn)(int family, const char *device, void *data), void *data, void *closed_data,
                      pic_error **err);
        void *closed_data;
        int known;           /* the table is as it was read last, with our own transactions since; and then this is */
        uint32_t generation; /* the ruleset's generation, unless somebody else was at work */
        pic__nft_elems late; /* devices whose flows are not ended yet: flows_late.h */
        int strange;         /* what a former agent left undone is not known: no flow was looked at yet */
};

static struct nft *self(pic__backend *b)
{
        return (struct nft *)b;
}

/* --- the shape that we made ----------------------------------------------------------------------------------- */

static void forget(struct nft *n)
{
        memset(&n->made, 0, sizeof(n->made));
}

/* The file says it: another instance may have been at work. Where there is none that can be read, what is remembered
 * here is as good; and when nothing is, the table is made anew. */
static void recall(struct nft *n)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (n->shape_path == NULL || pic__file_read(n->shape_path, 1024, &text, NULL) != 0)
                return;
        pic__nft_made_parse(pic__buf_str(&text), text.len, &n->made);
}

struct closing {
        const struct nft *n;
        pic__nft_shape *shape;
};

static int on_closed(int family, const char *device, void *data)
{
        struct closing *c = data;

        if (pic__nft_shape_close(c->shape, family, device) < 0)
                pic__log_put(c->n->base.log, PIC_LOG_WARNING, AREA,
                             "device '%s' cannot be kept from sending IPv%d through this host", device, family);
        return 0;
}

/* The item's value, and what of the machine the rules are made for. */
static int read_shape(const struct nft *n, const char *value, pic__nft_shape *ret, pic_error **err)
{
        struct closing c = { n, ret };
        int r = pic__nft_shape_parse(value, ret, err);

        return r < 0 || n->closed == NULL ? r : n->closed(on_closed, &c, n->closed_data, err);
}

/* Of the rules that this version of us makes for a shape; -1 when out of memory. */
static int text_digest(const pic__nft_shape *shape, char hex[PIC__NFT_HEX + 1])
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        uint8_t digest[32];

        pic__nft_shape_text(shape, NULL, 0, &text, NULL);
        if (text.failed)
                return -1;
        pic__digest(text.data, text.len, digest);
        pic__hex(digest, sizeof(digest), hex);
        return 0;
}

/* Neither file is worth the table: a full disk is no reason to take away what blocks. */
static void write_or_warn(const struct nft *n, const char *path, const pic__buf *text)
{
        pic__auto_err pic_error *bad = NULL;

        if (path == NULL || pic__file_write(path, text->data, text->len, 0600, &bad) == 0)
                return;
        pic__log_err(n->base.log, PIC_LOG_WARNING, AREA, bad);
}

static int remember(struct nft *n, const uint8_t digest[32], const pic__nft_shape *shape, const char *value,
                    pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        char hex[PIC__NFT_HEX + 1], made_from[PIC__NFT_HEX + 1];

        if (text_digest(shape, made_from) < 0)
                return pic__nomem(err);
        pic__hex(digest, 32, hex);
        pic__buf_putf(&text, "%s %s %s\n", hex, made_from, value);
        if (text.failed)
                return pic__nomem(err);
        pic__nft_made_parse(text.data, text.len, &n->made);
        if (n->shape_path != NULL)
                unlink(n->shape_path); /* what it says is over, whether or not it can be written */
        write_or_warn(n, n->shape_path, &text);
        return 0;
}

/* As we made it, and as we would make it today: after an upgrade the rules may be others. */
static const char *shape_value(const struct nft *n, const pic__nft_world *w)
{
        char hex[PIC__NFT_HEX + 1], made_from[PIC__NFT_HEX + 1];
        pic__nft_shape shape;

        pic__hex(w->digest, 32, hex);
        if (n->made.value[0] == '\0' || strcmp(hex, n->made.digest) != 0 ||
            read_shape(n, n->made.value, &shape, NULL) < 0 || text_digest(&shape, made_from) < 0 ||
            strcmp(made_from, n->made.made_from) != 0)
                return PIC__NFT_CHANGED;
        return n->made.value;
}

static int write_block(const struct nft *n, const pic__nft_shape *shape, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (n->block_path == NULL)
                return 0;
        pic__nft_block_text(shape, &text);
        if (text.failed)
                return pic__nomem(err);
        write_or_warn(n, n->block_path, &text);
        return 0;
}

/* --- observe -------------------------------------------------------------------------------------------------- */

static int observe(pic__backend *b, pic__items *out, pic_error **err)
{
        struct nft *n = self(b);
        pic__nft_world world;
        int r = pic__nft_world_read(&n->sock, &world, out, err);

        n->known = r == 0 && world.there;
        n->generation = world.generation;
        if (!n->known)
                return r;
        recall(n);
        return pic__items_add(out, PIC__I_NFT_SHAPE, "table", shape_value(n, &world), NULL, NULL, err);
}

/* The kernel counts every transaction on the ruleset, whoever makes it. */
static int news(pic__backend *b, pic__items *out, pic_error **err)
{
        struct nft *n = self(b);
        uint32_t now;
        int r;

        if (n->known && pic__nft_read_generation(&n->sock, &now, NULL) == 0 && now == n->generation)
                return 0;
        r = observe(b, out, err);
        return r < 0 ? r : 1;
}

/* --- apply ---------------------------------------------------------------------------------------------------- */

static const pic__step *shape_step(const pic__step *steps, size_t count)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (steps[i].kind == PIC__I_NFT_SHAPE)
                        return &steps[i];
        return NULL;
}

static int reshape(struct nft *n, const pic__step *shape, const pic__step *steps, size_t count, int *ret_done,
                   pic_error **err)
{
        pic__auto_items pic__items elements = PIC__ITEMS_INIT;
        pic__nft_world before = { .there = 0 }, after;
        pic__nft_shape wanted;
        int r = read_shape(n, shape->after->value, &wanted, err);

        if (r == 0)
                r = pic__nft_world_read(&n->sock, &before, &elements, err);
        if (r < 0)
                return r;
        if (before.there && shape->verb == PIC__ADD)
                return pic__fail(err, PIC_CONFLICT, "nftables: table inet " PIC__NFT_TABLE " is there already");
        if (!before.there && shape->verb == PIC__CHANGE)
                return pic__fail(err, PIC_BACKEND, "nftables: table inet " PIC__NFT_TABLE " is not there");
        r = pic__nft_world_replace(&n->sock, &wanted, &elements, steps, count, &after, ret_done, err);
        if (r < 0)
                return r;
        n->known = 1;
        n->generation = after.generation;
        r = remember(n, after.digest, &wanted, shape->after->value, err);
        return r < 0 ? r : write_block(n, &wanted, err);
}

static void unlink_file(const char *path)
{
        if (path != NULL)
                unlink(path);
}

static int drop(struct nft *n, pic_error **err)
{
        int r = pic__nft_batch_drop(&n->sock, err);

        if (r < 0)
                return r;
        unlink_file(n->shape_path);
        unlink_file(n->block_path);
        forget(n);
        return r;
}

static int remove_shape(struct nft *n, int *ret_done, pic_error **err)
{
        int r = drop(n, err);

        if (r == 0)
                return pic__fail(err, PIC_BACKEND, "nftables: table inet " PIC__NFT_TABLE " is not there");
        *ret_done = r > 0;
        return r < 0 ? r : 0;
}

/* A shape that somebody else made cannot be made again: going back to it leaves what is there. */
static int dispatch(struct nft *n, const pic__step *steps, size_t count, int *ret_done, pic_error **err)
{
        const pic__step *shape = shape_step(steps, count);
        int known = n->known, r;

        n->known = 0;
        if (shape != NULL && shape->verb == PIC__REMOVE)
                return remove_shape(n, ret_done, err);
        if (shape != NULL && strcmp(shape->after->value, PIC__NFT_CHANGED) != 0)
                return reshape(n, shape, steps, count, ret_done, err);
        n->known = known && shape == NULL;
        n->generation++; /* all elements of these steps are one transaction */
        r = pic__nft_batch_apply(&n->sock, steps, count, err);
        *ret_done = r == 0;
        return r;
}

/* Without listening meanwhile. The generation tells whether somebody else was at work in that time. */
static int quietly(struct nft *n, const pic__step *steps, size_t count, int *ret_done, pic_error **err)
{
        uint32_t before = 0, after = 0;
        int r = pic__nft_read_generation(&n->sock, &before, err);

        if (r < 0)
                return r;
        pic__nft_watch_pause(&n->watch);
        r = dispatch(n, steps, count, ret_done, err);
        pic__nft_watch_resume(&n->watch, 0);
        if (pic__nft_read_generation(&n->sock, &after, NULL) < 0 || after != before + (*ret_done ? 1 : 0))
                pic__nft_watch_resume(&n->watch, 1);
        malloc_trim(0); /* a table's text and libnftables' tree of it are ten times the table */
        return r;
}

/* The rules hold already; what is left are answers on flows that nobody may begin any more. Those that were put off end
 * with them. */
static void end_flows(struct nft *n, const pic__step *steps, size_t count)
{
        pic__auto_err pic_error *err = NULL;
        int ended = pic__nft_flows_end(&n->late, steps, count, &err);

        pic__vec_free(&n->late);
        if (shape_step(steps, count) != NULL)
                n->strange = 0;
        if (ended < 0)
                pic__log_err(n->base.log, PIC_LOG_WARNING, AREA, err);
        else if (ended > 0)
                pic__log_put(n->base.log, PIC_LOG_DEBUG, AREA, "%d flows ended", ended);
}

static int apply(pic__backend *b, const pic__step *steps, size_t count, size_t *ret_done, pic_error **err)
{
        struct nft *n = self(b);
        int done = 0, r;

        *ret_done = 0;
        if (count > LOUD || shape_step(steps, count) != NULL)
                r = quietly(n, steps, count, &done, err);
        else
                r = dispatch(n, steps, count, &done, err);
        if (r < 0)
                n->known = 0;
        if (done) {
                *ret_done = count;
                if (pic__nft_late_note(&n->late, steps, count, NULL) <= 0)
                        end_flows(n, steps, count);
        }
        return r;
}

/* After a start every flow is judged once, as if the table had just been made: the agent before us may have died
 * between a change of the table and the end of its flows. */
static void later(pic__backend *b)
{
        struct nft *n = self(b);
        pic__item made = { .kind = PIC__I_NFT_SHAPE, .key = "table", .value = n->made.value };
        pic__step step = { PIC__ADD, PIC__I_NFT_SHAPE, NULL, &made };

        if (n->strange && n->known && n->made.value[0] != '\0')
                end_flows(n, &step, 1);
        else if (n->late.count > 0)
                end_flows(n, NULL, 0);
}

/* --- the rest ------------------------------------------------------------------------------------------------- */

static int event_fd(pic__backend *b)
{
        return self(b)->watch.fd;
}

static int drain(pic__backend *b)
{
        return pic__nft_watch_drain(&self(b)->watch);
}

static int passed(pic__backend *b, pic__passed *ret, pic_error **err)
{
        return pic__nft_read_passed(&self(b)->sock, ret, err);
}

static void doctor(pic__backend *b, pic__finding_fn fn, void *data)
{
        (void)b;
        pic__nft_doctor(fn, data);
}

static void strangers(pic__backend *b, pic__finding_fn fn, void *data)
{
        struct nft *n = self(b);
        pic__nft_shape shape = { .port = 0 };

        recall(n);
        if (n->made.value[0] != '\0')
                (void)pic__nft_shape_parse(n->made.value, &shape, NULL);
        pic__nft_strangers(&n->sock, &shape, fn, data);
}

/* Every element is gone: so are the flows that they allowed. */
static int end_all_flows(struct nft *n, const pic__items *items, pic_error **err)
{
        pic__step *steps = pic__alloc((items->count + 1) * sizeof(*steps));
        size_t i;

        if (steps == NULL)
                return pic__nomem(err);
        for (i = 0; i < items->count; i++)
                steps[i] = (pic__step){ PIC__REMOVE, items->at[i].kind, &items->at[i], NULL };
        end_flows(n, steps, items->count);
        pic__free(steps);
        return 0;
}

/* The block is the table itself without elements: every source is unknown then, and dropped. So it is on the way to
 * nothing: flows end while nobody can begin new ones. One that was left when the table went, of an exit whose cable is
 * gone, brought a far end's packets back to an address that nobody has: out again by the wire (seen). */
static int take_down(struct nft *n, int keep_block, const pic__items *items, pic_error **err)
{
        int r = pic__nft_batch_empty(&n->sock, keep_block ? err : NULL), ended;

        if (r < 0 && keep_block)
                return r;
        ended = end_all_flows(n, items, err);
        if (keep_block)
                return ended;
        r = drop(n, ended < 0 ? NULL : err);
        return ended < 0 ? ended : r;
}

static int teardown(pic__backend *b, int keep_block, pic_error **err)
{
        pic__auto_items pic__items items = PIC__ITEMS_INIT;
        struct nft *n = self(b);
        pic__nft_world world;
        int r = pic__nft_world_read(&n->sock, &world, &items, err);

        n->known = 0;
        if (r < 0)
                return r;
        if (world.there) {
                r = take_down(n, keep_block, &items, err);
        } else if (!keep_block) {
                unlink_file(n->shape_path);
                unlink_file(n->block_path);
        }
        return r < 0 ? r : 0;
}

static void free_nft(pic__backend *b)
{
        struct nft *n = self(b);

        if (n == NULL)
                return;
        if (n->late.count > 0)
                end_flows(n, NULL, 0);
        pic__nft_watch_close(&n->watch);
        pic__nft_sock_close(&n->sock);
        pic__free(n->block_path);
        pic__free(n->shape_path);
        pic__free(n);
}

static const pic__backend_ops ops = {
        .observe = observe,
        .apply = apply,
        .later = later,
        .news = news,
        .event_fd = event_fd,
        .drain = drain,
        .passed = passed,
        .doctor = doctor,
        .strangers = strangers,
        .teardown = teardown,
        .free = free_nft,
};

static int fill(struct nft *n, const pic__nft_opts *opts, pic_error **err)
{
        int r = pic__crypto_start(err);

        if (r < 0)
                return r;
        if (opts->dir != NULL && (n->block_path = pic__path_join(opts->dir, "block.nft")) == NULL)
                return pic__nomem(err);
        if (opts->run_dir != NULL && (n->shape_path = pic__path_join(opts->run_dir, "nft.shape")) == NULL)
                return pic__nomem(err);
        r = pic__nft_sock_open(&n->sock, err);
        return r < 0 ? r : pic__nft_watch_open(&n->watch, n->sock.port, err);
}

int pic__nft_new(const pic__nft_opts *opts, pic__backend **ret, pic_error **err)
{
        struct nft *n = pic__alloc(sizeof(*n));
        int r;

        if (n == NULL)
                return pic__nomem(err);
        n->base = (pic__backend){ PIC__B_NFT, &ops, opts->log };
        n->closed = opts->closed;
        n->closed_data = opts->closed_data;
        n->strange = 1;
        n->sock = (pic__nft_sock)PIC__NFT_SOCK_INIT;
        n->watch = (pic__nft_watch)PIC__NFT_WATCH_INIT;
        r = fill(n, opts, err);
        if (r < 0) {
                free_nft(&n->base);
                return r;
        }
        *ret = &n->base;
        return 0;
}
