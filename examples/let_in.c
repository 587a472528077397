/* What a server does for people: one logs in, changes the own password, and is seen in the list.
 *     let_in DIR USER PASSWORD NEW-PASSWORD [fake] */
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>

/* The cookie of a later request. */
static int come_again(pic_ctx *ctx, const char *cookie, pic_session **ret, pic_error **err)
{
        int r = pic_session_find(ctx, cookie, ret, err);

        if (r == PIC_DENIED)
                puts("that session is over: log in again");
        return r;
}

static int log_in(pic_ctx *ctx, const char *user, const char *password, pic_session **ret, pic_error **err)
{
        pic_login_opts opts = PIC_LOGIN_OPTS_INIT;
        int r;

        opts.user = user;
        opts.password = password;
        opts.address = "192.0.2.7"; /* of the browser */
        opts.agent = "example";
        r = pic_login(ctx, &opts, ret, err);
        if (r == PIC_BADSTATE && pic_error_detail(*err, "need") != NULL)
                puts("now ask for the code of the second factor, and call again");
        if (r == PIC_BUSY && pic_error_detail(*err, "retry_ms") != NULL)
                printf("not before %s ms\n", pic_error_detail(*err, "retry_ms"));
        return r;
}

/* As that user, in the journal too; the session in which it is done goes on, all others end. */
static int change_password(pic_ctx *ctx, const pic_session *session, const char *old, const char *new, pic_error **err)
{
        pic_login_opts opts = PIC_LOGIN_OPTS_INIT;
        const char *user = pic_session_user(session);
        pic_ctx *as = NULL;
        pic_edit *edit = NULL;
        int r;

        opts.user = user;
        opts.password = old;
        r = pic_password_check(ctx, &opts, err); /* whoever found the browser open does not know it */
        if (r >= 0)
                r = pic_ctx_as(ctx, user, "http", &as, err);
        if (r >= 0)
                r = pic_edit_new(as, &edit, err);
        if (r >= 0)
                r = pic_edit_set(edit, "user", user, "password", new, err);
        if (r >= 0)
                r = pic_edit_keep(edit, session, err);
        if (r >= 0)
                r = pic_edit_commit(edit, 0, NULL, err);
        pic_edit_unref(edit);
        pic_ctx_unref(as);
        return r;
}

/* No use of the session, as what a page asks by itself. What matters most wants a login of just now. */
static int is_new(pic_ctx *ctx, const char *token, pic_error **err)
{
        pic_session *session = NULL;
        int r = pic_session_watch(ctx, token, &session, err), is = pic_session_age(session) < 600;

        pic_session_unref(session);
        return r < 0 ? r : is;
}

static int visit(pic_ctx *ctx, char **argv, pic_error **err)
{
        pic_session *fresh = NULL, *session = NULL;
        pic_report *list = NULL;
        int r = log_in(ctx, argv[2], argv[3], &fresh, err);

        if (r >= 0) /* two cookies go to the browser; the page gets the other secret */
                printf("%s is %s; cookies of %zu and %zu bytes, csrf of %zu\n", pic_session_user(fresh),
                       pic_session_role(fresh), strlen(pic_session_token(fresh)), strlen(pic_session_device(fresh)),
                       strlen(pic_session_csrf(fresh)));
        if (r >= 0)
                r = come_again(ctx, pic_session_token(fresh), &session, err);
        r = r < 0 ? r : is_new(ctx, pic_session_token(fresh), err);
        if (r > 0)
                r = change_password(ctx, session, argv[3], argv[4], err);
        if (r >= 0)
                r = pic_session_list(ctx, pic_session_user(session), &list, err);
        if (r >= 0)
                printf("%s\n%s\n", pic_session_json(session), pic_report_text(list));
        if (r >= 0)
                r = pic_session_end(ctx, pic_session_id(session), err);
        pic_report_unref(list);
        pic_session_unref(session);
        pic_session_unref(fresh); /* wiped */
        return r;
}

int main(int argc, char **argv)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_error *err = NULL;
        pic_ctx *ctx = NULL;
        int r;

        if (argc < 5) {
                fprintf(stderr, "usage: let_in DIR USER PASSWORD NEW-PASSWORD [fake]\n");
                return 2;
        }
        opts.dir = argv[1];
        opts.world = argc > 5 ? argv[5] : NULL;
        opts.way = "http";
        r = pic_ctx_open(&opts, &ctx, &err);
        if (r >= 0)
                r = visit(ctx, argv, &err);
        if (r < 0)
                fprintf(stderr, "%s\n", pic_error_message(err));
        pic_error_free(err);
        pic_ctx_unref(ctx);
        return r < 0;
}
