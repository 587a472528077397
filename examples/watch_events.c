/* Prints each change of a cell as it comes, whoever makes it, for some seconds.   watch_events DIR SECONDS [fake] */
#include <pic/pic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A program that keeps the number can go on after it another time: pic_sub_open(ctx, number, …). */
static void show(const pic_event *event)
{
        printf("%lld at %lld: %s %s of %s %s, revision %lld\n    %s\n    %s\n", (long long)pic_event_seq(event),
               (long long)(pic_event_time(event) / 1000000), pic_event_actor(event), pic_event_verb(event),
               pic_event_kind(event), pic_event_name(event), (long long)pic_event_revision(event),
               pic_event_text(event), pic_event_json(event));
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_ctx *ctx = NULL;
        pic_sub *sub = NULL;
        pic_error *err = NULL;
        time_t end;
        int r;

        if (argc < 3) {
                fprintf(stderr, "usage: watch_events DIR SECONDS [fake]\n");
                return 2;
        }
        end = time(NULL) + strtol(argv[2], NULL, 10);
        opts.dir = argv[1];
        opts.world = argc > 3 ? argv[3] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = pic_sub_open(ctx, 0, &sub, &err);
        while (r >= 0 && time(NULL) < end) {
                struct pollfd fd = { .fd = pic_sub_fd(sub), .events = POLLIN }; /* any event loop can wait for it */
                pic_event *event = NULL;

                while ((r = pic_sub_next(sub, 0, &event, &err)) > 0) {
                        show(event);
                        event = pic_event_unref(event);
                }
                fflush(stdout);
                poll(&fd, 1, 500);
        }
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_sub_unref(sub);
        pic_ctx_unref(ctx);
        return r < 0;
}
