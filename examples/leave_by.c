/* Sends one device out by a provider's tunnel, or directly again.
 *     leave_by DIR PEER FILE [fake]      FILE: what the provider gave out, for wg-quick or OpenVPN
 *     leave_by DIR PEER direct [fake]    and the connection goes */
#include <pic/pic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "provider"

/* Which fields of a device name a connection, by the library's own tables; and whether this one has set it. */
static void show(const pic_obj *peer)
{
        size_t i;

        for (i = 0; i < pic_field_count("peer"); i++) {
                const char *field = pic_field_name("peer", i), *kind = pic_field_ref("peer", i);
                char *value = pic_obj_get(peer, field);

                if (kind != NULL && strcmp(kind, "connection") == 0)
                        printf("%s: %s is %s\n", pic_obj_name(peer), field,
                               pic_obj_has(peer, field) ? value : "not its own");
                pic_text_free(value);
        }
}

/* What lies beside the profile is read by name only when it asks for it; here nothing does. */
static int wish_import(pic_edit *edit, const char *path, pic_error **err)
{
        pic_import_opts opts = PIC_IMPORT_OPTS_INIT;
        static char text[256 << 10];
        pic_report *told = NULL;
        FILE *in = fopen(path, "r");
        size_t len;
        int r;

        if (in == NULL) {
                fprintf(stderr, "cannot read %s\n", path);
                return PIC_IO;
        }
        len = fread(text, 1, sizeof(text), in);
        fclose(in);
        opts.file = path;
        r = pic_connection_import(edit, NAME, text, len, &opts, &told, err);
        if (r >= 0)
                puts(pic_report_text(told));
        pic_report_unref(told);
        return r;
}

/* The new exit and the device in one change: whole or not at all. */
static int change(pic_ctx *ctx, const char *peer, const char *what, pic_error **err)
{
        int direct = strcmp(what, "direct") == 0, r;
        pic_edit *edit = NULL;
        pic_obj *obj = NULL;

        r = pic_edit_new(ctx, &edit, err);
        if (r >= 0 && direct)
                r = pic_connection_move(edit, NAME, "direct", err);
        if (r >= 0 && direct)
                r = pic_edit_remove(edit, "connection", NAME, err);
        if (r >= 0 && !direct)
                r = wish_import(edit, what, err);
        if (r >= 0 && !direct)
                r = pic_edit_set(edit, "peer", peer, "exit", NAME, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        if (r >= 0)
                r = pic_get(ctx, "peer", peer, &obj, err);
        if (r >= 0)
                show(obj);
        pic_obj_unref(obj);
        pic_edit_unref(edit);
        return r;
}

/* What passes and what does not, and how it looks from outside. A far end that does not answer is no error here. */
static void try_out(pic_ctx *ctx, const char *peer)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_connection_policy(ctx, NAME, 0, &report, NULL) == 0)
                puts(pic_report_text(report));
        pic_report_unref(report);
        report = NULL;
        if (pic_connection_restart(ctx, NAME, &err) >= 0 && pic_connection_test(ctx, NAME, peer, &report, &err) >= 0)
                printf("%s: %s\n", pic_report_good(report) ? "works" : "does not work", pic_report_text(report));
        else
                printf("cannot be tested here: %s\n", pic_error_message(err));
        pic_report_unref(report);
        pic_error_free(err);
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: leave_by DIR PEER FILE|direct [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 4 && strcmp(argv[4], "fake") == 0 ? "fake" : NULL;
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = change(ctx, argv[2], argv[3], &err);
        if (r >= 0 && strcmp(argv[3], "direct") != 0)
                try_out(ctx, argv[2]);
        if (r < 0 && err != NULL)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
