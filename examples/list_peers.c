/* Lists the devices of a cell with their addresses.   list_peers DIR [fake] */
#include <pic/pic.h>
#include <stdio.h>

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_ctx *ctx = NULL;
        pic_list *peers = NULL;
        pic_error *err = NULL;
        size_t i;

        opts.dir = argc > 1 ? argv[1] : NULL;
        opts.world = argc > 2 ? argv[2] : NULL;
        if (pic_ctx_open(&opts, &ctx, &err) < 0 || pic_list_get(ctx, "peer", &peers, &err) < 0) {
                fprintf(stderr, "%s\n", pic_error_message(err));
                pic_error_free(err);
                pic_ctx_unref(ctx);
                return 1;
        }
        for (i = 0; i < pic_list_count(peers); i++) {
                const pic_obj *peer = pic_list_at(peers, i);
                char *a4 = pic_obj_get(peer, "address4"), *a6 = pic_obj_get(peer, "address6");

                printf("%s %s %s\n", pic_obj_name(peer), a4, a6);
                pic_text_free(a4);
                pic_text_free(a6);
        }
        pic_ctx_unref(ctx); /* the list outlives the context */
        pic_list_unref(peers);
        return 0;
}
