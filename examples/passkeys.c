/* Passkeys: what a page does between a browser and the cell. The browser is whoever answers on standard input.
 *
 *     passkeys DIR add USER PASSWORD [fake]   what navigator.credentials.create() gets; then its answer is read
 *     passkeys DIR login [fake]               what navigator.credentials.get() gets; then its answer is read
 *     passkeys DIR rename USER ID NAME [fake]
 *     passkeys DIR remove USER ID [fake]      and the list after it */
#include <pic/pic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORIGIN "http://localhost:3000" /* where the page is: the program knows, and does not ask the browser */

/* A page keeps "state" in a cookie, and sends "public_key" to the browser. */
static int talk(pic_ctx *ctx, const pic_session *session, char state[64], char answer[8192], pic_error **err)
{
        pic_report *offer = NULL;
        int r = pic_passkey_offer(ctx, session, ORIGIN, &offer, err);

        if (r < 0)
                return r;
        puts(pic_report_text(offer));
        (void)sscanf(pic_report_text(offer), "{\"state\":\"%63[^\"]", state);
        pic_report_unref(offer);
        return fflush(stdout) == 0 && fgets(answer, 8192, stdin) != NULL ? 0 : -1;
}

static int add(pic_ctx *ctx, char **word, pic_error **err)
{
        pic_passkey_opts opts = PIC_PASSKEY_OPTS_INIT;
        pic_login_opts who = PIC_LOGIN_OPTS_INIT;
        char state[64] = "", answer[8192] = "";
        pic_session *session = NULL;
        pic_id id = 0;
        int r;

        who.user = word[0];
        who.password = word[1];
        r = pic_login(ctx, &who, &session, err);
        if (r >= 0)
                r = talk(ctx, session, state, answer, err);
        opts.origin = ORIGIN;
        opts.state = state;
        opts.answer = answer;
        opts.name = "example";
        if (r >= 0)
                r = pic_passkey_add(ctx, session, &opts, &id, err);
        if (r >= 0)
                printf("passkey %lld\n", (long long)id);
        pic_session_unref(session);
        return r;
}

static int login(pic_ctx *ctx, char **word, pic_error **err)
{
        pic_passkey_opts opts = PIC_PASSKEY_OPTS_INIT;
        char state[64] = "", answer[8192] = "";
        pic_session *session = NULL;
        int r = talk(ctx, NULL, state, answer, err);

        (void)word;
        opts.origin = ORIGIN;
        opts.state = state;
        opts.answer = answer;
        opts.address = "192.0.2.7";
        if (r >= 0)
                r = pic_passkey_login(ctx, &opts, &session, err);
        if (r >= 0)
                printf("%s is %s\n", pic_session_user(session), pic_session_role(session));
        pic_session_unref(session);
        return r;
}

static int rename_one(pic_ctx *ctx, char **word, pic_error **err)
{
        return pic_passkey_rename(ctx, word[0], strtoll(word[1], NULL, 10), word[2], err);
}

static int remove_one(pic_ctx *ctx, char **word, pic_error **err)
{
        pic_report *left = NULL;
        int r = pic_passkey_remove(ctx, word[0], strtoll(word[1], NULL, 10), err);

        if (r >= 0)
                r = pic_passkey_list(ctx, word[0], &left, err);
        if (r >= 0)
                puts(pic_report_text(left));
        pic_report_unref(left);
        return r;
}

int main(int argc, char **argv)
{
        static const struct {
                const char *word;
                int words;
                int (*run)(pic_ctx *ctx, char **word, pic_error **err);
        } all[] = {
                { "add", 2, add }, { "login", 0, login }, { "rename", 3, rename_one }, { "remove", 2, remove_one }
        };
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        size_t i;
        int r = -1;

        opts.dir = argc > 2 ? argv[1] : NULL;
        opts.world = argc > 3 && strcmp(argv[argc - 1], "fake") == 0 ? "fake" : NULL;
        if (argc > 2)
                r = pic_ctx_open(&opts, &ctx, &err);
        for (i = 0; i < sizeof(all) / sizeof(all[0]) && ctx != NULL; i++)
                if (strcmp(argv[2], all[i].word) == 0)
                        r = argc >= 3 + all[i].words ? all[i].run(ctx, argv + 3, &err) : -1;
        if (r < 0)
                fprintf(stderr, "%s\n", err != NULL ? pic_error_message(err) : "usage: passkeys DIR WHAT [WORDS]");
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
