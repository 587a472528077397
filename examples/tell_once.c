/* What is told once: a setup code that opens the setup, a program's token, a link to a device's configuration, a second
 * factor.
 *
 *     tell_once DIR setup [fake]            the code, used at once
 *     tell_once DIR token USER [fake]       a token "example" of that user
 *     tell_once DIR link PEER [fake]        a link, taken at once
 *     tell_once DIR totp USER [fake]        what the person's program needs; then its code is read */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

static int tell_setup(pic_ctx *ctx, const char *unused, pic_error **err)
{
        pic_session *session = NULL;
        pic_blob *code = NULL;
        int r = pic_setup_is(ctx, err);

        (void)unused;
        if (r <= 0)
                return r < 0 || puts("there is an admin: nothing is to be set up") < 0 ? -1 : 0;
        r = pic_setup_code(ctx, &code, err);
        if (r >= 0)
                r = pic_setup_open(ctx, pic_blob_data(code), "192.0.2.7", &session, err);
        if (r >= 0)
                printf("a session of role %s\n", pic_session_role(session));
        pic_session_unref(session);
        pic_blob_unref(code);
        return r;
}

static int tell_token(pic_ctx *ctx, const char *user, pic_error **err)
{
        pic_blob *secret = NULL;
        pic_edit *edit = NULL;
        int r = pic_edit_new(ctx, &edit, err);

        if (r >= 0)
                r = pic_edit_add(edit, "token", "example", err);
        if (r >= 0)
                r = pic_edit_set(edit, "token", "example", "user", user, err);
        if (r >= 0)
                r = pic_edit_set(edit, "token", "example", "scope", "viewer", err);
        if (r >= 0)
                r = pic_edit_token(edit, "example", &secret, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        if (r >= 0)
                printf("Authorization: Bearer %s\n", (const char *)pic_blob_data(secret));
        pic_edit_unref(edit);
        pic_blob_unref(secret);
        return r;
}

static int tell_link(pic_ctx *ctx, const char *peer, pic_error **err)
{
        pic_report *shown = NULL;
        pic_blob *token = NULL;
        int r = pic_link_make(ctx, peer, 600, &token, err);

        if (r >= 0)
                r = pic_link_take(ctx, pic_blob_data(token), "192.0.2.7", &shown, err);
        if (r >= 0 && !pic_front_check(ctx, pic_blob_data(token))) /* that would be another secret */
                puts(pic_report_text(shown));
        pic_report_unref(shown);
        pic_blob_unref(token);
        return r;
}

static int tell_totp(pic_ctx *ctx, const char *user, pic_error **err)
{
        char secret[80] = "", code[16] = "";
        pic_report *offer = NULL;
        pic_blob *codes = NULL;
        pic_edit *edit = NULL;
        int r = pic_totp_offer(ctx, user, &offer, err);

        if (r >= 0)
                puts(pic_report_text(offer));
        pic_report_unref(offer);
        if (r < 0 || fflush(stdout) != 0 || scanf("%79s %15s", secret, code) != 2)
                return r;
        r = pic_edit_new(ctx, &edit, err);
        if (r >= 0)
                r = pic_edit_totp(edit, user, secret, code, &codes, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        if (r >= 0)
                fputs(pic_blob_data(codes), stdout);
        pic_edit_unref(edit);
        pic_blob_unref(codes);
        return r;
}

int main(int argc, char **argv)
{
        static const struct {
                const char *word;
                int (*tell)(pic_ctx *ctx, const char *name, pic_error **err);
        } all[] = { { "setup", tell_setup }, { "token", tell_token }, { "link", tell_link }, { "totp", tell_totp } };
        const char *name = argc > 3 ? argv[3] : "";
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        size_t i;
        int r = -1;

        opts.dir = argc > 2 ? argv[1] : NULL;
        opts.world = argc > 3 && strcmp(argv[argc - 1], "fake") == 0 ? "fake" : NULL;
        if (argc > 2)
                r = pic_ctx_open(&opts, &ctx, &err);
        for (i = 0; i < 4 && ctx != NULL; i++)
                if (strcmp(argv[2], all[i].word) == 0)
                        r = all[i].tell(ctx, name, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", err != NULL ? pic_error_message(err) : "usage: tell_once DIR WHAT [NAME]");
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
