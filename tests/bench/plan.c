/* Plans one change after the other on a warm context of the fake world. Prints "what microseconds", one a line.
 * bench_plan DIR COUNT PEERS */
#include <pic/pic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* The wishes of one kind of change. */
static int wish(pic_edit *e, int what, long i, long peers, pic_error **err)
{
        char name[32];
        int r;

        snprintf(name, sizeof(name), "d%ld", i * 37 % peers);
        switch (what) {
        case 0:
                snprintf(name, sizeof(name), "new%ld", i);
                r = pic_edit_add(e, "peer", name, err);
                return r < 0 ? r : pic_edit_set(e, "peer", name, "access", "internet", err);
        case 1: return pic_edit_set(e, "peer", name, "access", "192.168.1.10:tcp/445,lan", err);
        case 2: return pic_edit_remove(e, "peer", name, err);
        case 3: return pic_edit_set(e, "peer", name, "address4", "10.20.250.250", err);
        case 4: return pic_edit_set(e, "peer", name, "note", "x", err);
        default: return pic_edit_set(e, "group", "few", "access", "lan,[fd00::5]:udp/53", err);
        }
}

static int plan(pic_ctx *ctx, int what, long i, long peers, pic_error **err)
{
        pic_edit *e = NULL;
        pic_plan *p = NULL;
        int r = pic_edit_new(ctx, &e, err);

        if (r >= 0)
                r = wish(e, what, i, peers, err);
        if (r >= 0)
                r = pic_edit_plan(e, &p, err);
        pic_plan_unref(p);
        pic_edit_unref(e);
        return r;
}

int main(int argc, char **argv)
{
        static const char *const kinds[] = { "add", "rights", "remove", "address", "note", "group" };
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        long count, peers, i;
        double began;
        int what;

        if (argc < 4)
                return 2;
        count = strtol(argv[2], NULL, 10);
        peers = strtol(argv[3], NULL, 10);
        opts.dir = argv[1];
        opts.world = "fake";
        if (pic_ctx_open(&opts, &ctx, &err) < 0)
                goto failed;
        began = now_us();
        if (plan(ctx, 0, 0, peers, &err) < 0)
                goto failed;
        printf("first %.1f\n", now_us() - began);
        for (i = 0; i < count; i++) {
                for (what = 0; what < 6; what++) {
                        began = now_us();
                        if (plan(ctx, what, i, peers, &err) < 0)
                                goto failed;
                        printf("%s %.1f\n", kinds[what], now_us() - began);
                }
        }
        pic_ctx_unref(ctx);
        return 0;
failed:
        fprintf(stderr, "bench_plan: %s\n", pic_error_message(err));
        pic_error_free(err);
        return 1;
}
