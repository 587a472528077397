/* Owns: backups over HTTP: how they do, and having the agent make, look at or read one. */
#include <pic/target.h>
#include <string.h>

#include "http/http.h"

int get_backups(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_target_status(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

/* 202: it is begun, and told by GET. */
static int begin(struct call *c, const char *what, const char *name)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_target_do(c->ctx, what, body_text(c, "target"), name, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 202, report);
}

int post_backup(struct call *c)
{
        return begin(c, "run", NULL);
}

int post_backup_list(struct call *c)
{
        return begin(c, "list", NULL);
}

int post_backup_verify(struct call *c)
{
        return begin(c, "verify", body_text(c, "name"));
}

int post_backup_drill(struct call *c)
{
        return begin(c, "drill", body_text(c, "name"));
}

int post_backup_cancel(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_target_cancel(c->ctx, body_text(c, "target"), &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

/* Of old clients: a passphrase is a target's, and is not sent along with each backup. */
int post_config_backup(struct call *c)
{
        if (body_text(c, "passphrase") != NULL)
                return fail_field(c, "passphrase", "is set once, at the target: PATCH /api/backups/targets/{name}");
        return begin(c, "run", NULL);
}
