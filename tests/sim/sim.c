/* sim SEED CHANGES: runs so many simulated changes; says what was done; exit status 1 at the first thing that must not
 * be, with the seed. */
#include "sim.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/fake/fake.h"
#include "base/time.h"
#include "codec/cellfile.h"
#include "engine/newcell.h"
#include "sys/crypto.h"

static uint64_t first_seed;

void sim_fail(const sim *s, const char *fmt, ...)
{
        va_list ap;

        fprintf(stderr, "sim: seed %" PRIu64 ", after %lu changes: ", first_seed, s->changes);
        va_start(ap, fmt);
        vfprintf(stderr, fmt, ap);
        va_end(ap);
        fprintf(stderr, "\n(%s) Again: sim %" PRIu64 " %lu\n", s->dir, first_seed, s->changes + 1);
        exit(1);
}

unsigned sim_roll(sim *s, unsigned sides)
{
        s->dice ^= s->dice << 13;
        s->dice ^= s->dice >> 7;
        s->dice ^= s->dice << 17;
        return (unsigned)((s->dice >> 20) % sides);
}

static pic_time read_wall(void *data)
{
        return ((sim *)data)->wall;
}

static pic_time read_mono(void *data)
{
        return ((sim *)data)->mono;
}

static void open_engine(sim *s)
{
        const pic__engine_opts opts = { .dir = s->dir, .fake = 1, .clock = &s->clock };
        pic_error *err = NULL;
        size_t i;

        if (pic__engine_open(&opts, &s->e, &err) < 0)
                sim_fail(s, "open: %s", pic_error_message(err));
        for (i = 0; i < PIC__BACKENDS; i++) {
                s->e->backends[i]->ops->free(s->e->backends[i]);
                s->e->backends[i] = s->world[i];
        }
}

static void close_engine(sim *s)
{
        memset(s->e->backends, 0, sizeof(s->e->backends));
        s->e = pic__engine_unref(s->e);
}

void sim_restart(sim *s)
{
        size_t i;

        close_engine(s);
        for (i = 0; i < PIC__BACKENDS; i++)
                pic__fake_fail_at(s->world[i], 0);
        open_engine(s);
        s->restarts++;
}

pic_revision sim_revision(sim *s)
{
        pic_revision r = 0;

        if (pic__store_revision(s->e->store, &r, NULL) < 0)
                sim_fail(s, "no revision");
        return r;
}

char *sim_document(sim *s, pic_revision revision)
{
        pic__buf text = PIC__BUF_INIT;
        pic_error *err = NULL;
        pic__snap *snap = NULL;
        int r = pic__snap_new(&snap, &err);

        if (r == 0)
                r = revision != 0 ? pic__store_at(s->e->store, revision, snap, &err)
                                  : pic__store_load(s->e->store, snap, NULL, &err);
        if (r == 0)
                r = pic__cellfile_write(snap, &text, &err);
        if (r < 0)
                sim_fail(s, "document of revision %" PRId64 ": %s", revision, pic_error_message(err));
        pic__snap_unref(snap);
        return pic__buf_steal(&text);
}

void sim_begin(sim *s, uint64_t seed)
{
        static const char *const fields[] = { "name", "sim", "net4", "10.77.0.0/20", "net6", "fd77::/48", NULL };
        pic__newcell_opts opts = { .fake = 1, .actor = "root", .way = "cli", .fields = fields };
        pic_error *err = NULL;
        pic_obj *cell = NULL;
        size_t i;

        memset(s, 0, sizeof(*s));
        first_seed = seed;
        s->dice = seed * 2862933555777941757u + 3037000493u;
        s->wall = (pic_time)1800000000 * PIC__SECOND;
        s->mono = 1000 * PIC__SECOND;
        s->clock = (pic__clock){ read_wall, read_mono, s };
        snprintf(s->dir, sizeof(s->dir), "%s/pic-sim-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (mkdtemp(s->dir) == NULL)
                sim_fail(s, "no directory");
        opts.dir = s->dir;
        opts.clock = &s->clock;
        if (pic__crypto_start(&err) < 0 || pic__newcell_make(&opts, &cell, &err) < 0)
                sim_fail(s, "new cell: %s", pic_error_message(err));
        pic__obj_unref(cell);
        for (i = 0; i < PIC__BACKENDS; i++)
                if (pic__fake_new((enum pic__backend_id)i, NULL, NULL, &s->world[i], &err) < 0)
                        sim_fail(s, "world: %s", pic_error_message(err));
        open_engine(s);
        if (pic__engine_apply(s->e, NULL, &err) < 0)
                sim_fail(s, "first apply: %s", pic_error_message(err));
}

static int rm_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

void sim_end(sim *s)
{
        size_t i;

        pic__view_drop(&s->view);
        close_engine(s);
        for (i = 0; i < PIC__BACKENDS; i++)
                s->world[i]->ops->free(s->world[i]);
        for (i = 0; i < SIM_KEPT; i++)
                pic__free(s->kept[i].text);
        pic__free(s->back_text);
        (void)nftw(s->dir, rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
        uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
        unsigned long changes = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
        const char *thin = getenv("PIC_SIM_THIN"); /* with all suites */
        static sim s;

        if (thin != NULL && atoi(thin) > 1)
                changes /= (unsigned long)atoi(thin);
        sim_begin(&s, seed);
        while (s.changes < changes)
                sim_step(&s);
        sim_judge_all(&s);
        printf("seed %" PRIu64
               ": %lu changes (%lu refused, %lu undone), %lu applies that failed, %lu gone back unconfirmed, %lu "
               "restarts, %lu tampered, %lu clock jumps, %lu deep checks, assertions held in %lu and were broken on "
               "purpose in %lu; "
               "revision %" PRId64 "\n",
               seed, s.changes, s.refused, s.undone, s.failed, s.reverts, s.restarts, s.tampered, s.jumps, s.checks,
               s.held, s.broken, sim_revision(&s));
        sim_end(&s);
        return 0;
}
