/* Writes a device's configuration as a PNG and an SVG image.   qr_files DIR NAME FILE.png FILE.svg [fake]
 *
 * A key that is shown once is gone from the cell after one showing: so the text is asked for once, and drawn twice. */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

static int write_file(const char *path, const pic_blob *blob)
{
        FILE *f = fopen(path, "wb");
        int bad = f == NULL || fwrite(pic_blob_data(blob), 1, pic_blob_size(blob), f) != pic_blob_size(blob);

        if (f != NULL && fclose(f) != 0)
                bad = 1;
        return bad ? -1 : 0;
}

static int draw(const char *text, int format, const char *path, pic_error **err)
{
        pic_blob *image = NULL;
        int r = pic_qr_make(text, format, &image, err);

        if (r >= 0 && write_file(path, image) < 0)
                perror(path);
        pic_blob_unref(image); /* wiped: it held a private key */
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_blob *text = NULL;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 5) {
                fprintf(stderr, "usage: qr_files DIR NAME FILE.png FILE.svg [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 5 ? argv[5] : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0 && strcmp(argv[4], "-") == 0) { /* one image only: the same in one call */
                r = pic_peer_qr(ctx, argv[2], PIC_QR_PNG, &text, &err);
                if (r >= 0 && write_file(argv[3], text) < 0)
                        perror(argv[3]);
        } else if (r >= 0) {
                r = pic_peer_config(ctx, argv[2], &text, &err);
                if (r >= 0)
                        r = draw(pic_blob_data(text), PIC_QR_PNG, argv[3], &err);
                if (r >= 0)
                        r = draw(pic_blob_data(text), PIC_QR_SVG, argv[4], &err);
        }
        /* Later: does it need another one? And when somebody typed that into it: it has it. */
        if (r >= 0 && pic_peer_outdated(ctx, argv[2], &err) > 0)
                r = pic_peer_installed(ctx, argv[2], &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_blob_unref(text);
        pic_ctx_unref(ctx);
        return r < 0;
}
