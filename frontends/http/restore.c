/* Owns: what comes of a backup over HTTP: looked at, compared, and (some of) it as a change of the cell that runs; or
 * all of it in the cell's place. That is the agent's work: this program may not read the key, and what it sees of the
 * disk is the cell's directory alone. */
#include <fcntl.h>
#include <pic/target.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/http.h"

enum {
        WORK_MAX = 18, /* 256 MiB: what stock tools make, and no more than there is room for */
        ANSWERS = 32
};

struct opened {
        int fd;
        pic_age_keys *keys; /* NULL: it is not encrypted */
        pic_backup_opts o;
        const char *answers[2 * ANSWERS + 1];
};

static void opened_end(struct call *c, struct opened *x)
{
        files_give(c, x->fd);
        pic_age_keys_unref(x->keys);
}

/* What is no key is a wrong value of that field, whatever is wrong with it. */
static int fail_key(struct call *c, const char *field, pic_error *err)
{
        int r;

        if (pic_error_code(err) == PIC_NOMEM)
                return fail_err(c, err);
        r = fail_field(c, field, pic_error_message(err));
        pic_error_free(err);
        return r;
}

/* 0, or -1 after having answered. */
static int take_keys(struct call *c, struct opened *x)
{
        const char *passphrase = body_text(c, "passphrase"), *identity = body_text(c, "identity");
        pic_error *err = NULL;
        int r;

        if (passphrase != NULL && identity != NULL)
                return fail_field(c, "identity", "goes without a passphrase: one of them");
        if (passphrase == NULL && identity == NULL)
                return 0;
        if (pic_age_keys_new(&x->keys, &err) < 0)
                return fail_err(c, err);
        r = passphrase != NULL ? pic_age_keys_passphrase(x->keys, passphrase, &err)
                               : pic_age_keys_file(x->keys, PIC_AGE_IDENTITIES, identity, strlen(identity), &err);
        return r < 0 ? fail_key(c, passphrase != NULL ? "passphrase" : "identity", err) : 0;
}

static int open_it(struct call *c, const char *id, struct opened *x)
{
        *x = (struct opened){ .fd = files_take(c, id), .o = PIC_BACKUP_OPTS_INIT };
        if (x->fd < 0)
                return -1;
        x->o.work_factor = WORK_MAX;
        if (take_keys(c, x) == 0)
                return 0;
        opened_end(c, x);
        return -1;
}

/* That a passphrase is wrong is no question of who asks. */
static int fail_opened(struct call *c, pic_error *err)
{
        int denied = pic_error_code(err) == PIC_DENIED && pic_error_detail(err, "field") == NULL, r;

        if (!denied)
                return fail_err(c, err);
        r = fail(c, 422, PIC_DENIED, "Its passphrase, or who is named in it: identity.", "%s", pic_error_message(err));
        pic_error_free(err);
        return r;
}

static int answer_opened(struct call *c, struct opened *x, int r, pic_report *report, pic_error *err)
{
        opened_end(c, x);
        return r < 0 ? fail_opened(c, err) : answer_report(c, 200, report);
}

int post_backup_show(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct opened x;
        int r;

        if (open_it(c, c->args[0], &x) < 0)
                return -1;
        r = pic_backup_show(x.keys, x.fd, &x.o, &report, &err);
        return answer_opened(c, &x, r, report, err);
}

/* Fields of the cell, as texts. 0, or -1 after having answered. */
static int take_answers(struct call *c, struct opened *x)
{
        json_t *all = json_object_get(c->body, "answers"), *one;
        const char *name;
        size_t n = 0;

        json_object_foreach(all, name, one)
        {
                if (!json_is_string(one) || n == ANSWERS)
                        return fail_field(c, "answers", "must be names of fields, and a text for each");
                x->answers[2 * n] = name;
                x->answers[2 * n++ + 1] = json_string_value(one);
        }
        x->answers[2 * n] = NULL;
        x->o.answers = n > 0 ? x->answers : NULL;
        return 0;
}

static int open_with_answers(struct call *c, struct opened *x)
{
        if (open_it(c, c->args[0], x) < 0)
                return -1;
        if (take_answers(c, x) == 0)
                return 0;
        opened_end(c, x);
        return -1;
}

int post_backup_diff(struct call *c)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        struct opened x;
        int r;

        if (open_with_answers(c, &x) < 0)
                return -1;
        r = pic_backup_diff(c->ctx, x.keys, x.fd, &x.o, &plan, &err);
        opened_end(c, &x);
        if (r < 0)
                return fail_opened(c, err);
        r = answer_copy(c, 200, pic_plan_json(plan));
        pic_plan_unref(plan);
        return r;
}

/* It takes namespaces, which this program may not make: the agent's. */
int post_backup_file_drill(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct opened x;
        int r;

        if (open_it(c, c->args[0], &x) < 0)
                return -1;
        x.o.flags = PIC_BACKUP_AGENT;
        r = pic_backup_drill(c->ctx, x.keys, x.fd, &x.o, &report, &err);
        return answer_opened(c, &x, r, report, err);
}

static int restore(struct call *c, const char *id, const char *only)
{
        struct done d = { .status = 200 };
        pic_report *told = NULL;
        pic_error *err = NULL;
        pic_edit *edit;
        struct opened x;
        int r;

        if (open_it(c, id, &x) < 0)
                return -1;
        edit = change_begin(c);
        x.o.flags = json_is_true(json_object_get(c->body, "exact")) ? PIC_BACKUP_EXACT : 0;
        r = edit != NULL ? pic_backup_pick(edit, x.keys, x.fd, only, &x.o, &told, &err) : -1;
        opened_end(c, &x);
        if (edit == NULL)
                return -1;
        if (r < 0) {
                pic_edit_unref(edit);
                return fail_opened(c, err);
        }
        d.more = json_pack("{s:o}", "told", json_loads(pic_report_text(told), 0, NULL));
        pic_report_unref(told);
        return change_finish(c, edit, &d);
}

int post_backup_restore(struct call *c)
{
        const char *only = body_text(c, "only");

        return restore(c, c->args[0], only != NULL ? only : "all");
}

/* --- the whole cell ----------------------------------------------------------------------------------------------- */

/* Somebody who has seen which cell this is says that it is meant. 0, or -1 after having answered. */
static int check_meant(struct call *c)
{
        pic_error *err = NULL;
        pic_obj *cell = NULL;
        int same;

        if (pic_get(c->ctx, "cell", NULL, &cell, &err) < 0)
                return fail_err(c, err);
        same = strcmp(pic_obj_name(cell), body_text(c, "name")) == 0;
        pic_obj_unref(cell);
        return same ? 0 : fail_field(c, "name", "is not that of the cell that is here");
}

int post_backup_exchange(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        struct opened x;
        int r;

        if (check_meant(c) < 0 || open_with_answers(c, &x) < 0)
                return -1;
        x.o.flags = PIC_BACKUP_AGENT;
        r = pic_backup_restore(c->ctx, x.keys, x.fd, &x.o, &report, &err);
        opened_end(c, &x);
        if (r < 0)
                return fail_opened(c, err);
        app_leave(c->app);
        return answer_report(c, 202, report);
}

int get_backups_kept(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_backup_kept(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_kept_diff(struct call *c)
{
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        int r;

        if (pic_backup_undo_diff(app_ctx(c->app), c->args[0], &plan, &err) < 0)
                return fail_err(c, err);
        r = answer_copy(c, 200, pic_plan_json(plan));
        pic_plan_unref(plan);
        return r;
}

/* One that was put aside: the same way as that of a backup, from where it lies. */
int post_kept_exchange(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (check_meant(c) < 0)
                return -1;
        if (pic_backup_undo_order(c->ctx, c->args[0], &report, &err) < 0)
                return fail_err(c, err);
        app_leave(c->app);
        return answer_report(c, 202, report);
}

/* --- from a target ------------------------------------------------------------------------------------------------ */

static int fetch(struct call *c, const char *target, const char *name, char id[33], json_int_t *ret_size)
{
        pic_backup_opts o = PIC_BACKUP_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *told;
        int fd = files_open(c);

        if (fd < 0)
                return -1;
        o.flags = PIC_BACKUP_AGENT; /* what opens the target's secrets is not for this program to read */
        if (pic_target_fetch(c->ctx, target, name, fd, &o, &report, &err) < 0) {
                close(fd);
                return fail_err(c, err);
        }
        told = json_loads(pic_report_text(report), 0, NULL);
        *ret_size = json_integer_value(json_object_get(told, "size"));
        json_decref(told);
        pic_report_unref(report);
        return files_put(c, fd, (int64_t)*ret_size, id);
}

int post_backup_fetch(struct call *c)
{
        json_int_t size = 0;
        char id[33];

        if (fetch(c, body_text(c, "target"), body_text(c, "name"), id, &size) < 0)
                return -1;
        return answer_json(c, 201, json_pack("{s:s,s:I}", "id", id, "size", size));
}

/* Whose backup is called so; "": nobody's. 0, or -1 after having answered. */
static int find_holder(struct call *c, const char *name, char *target, size_t size)
{
        const json_t *one, *held;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *root;
        size_t i, k;

        target[0] = '\0';
        if (pic_target_status(c->ctx, &report, &err) < 0)
                return fail_err(c, err);
        root = json_loads(pic_report_text(report), 0, NULL);
        json_array_foreach(json_object_get(root, "targets"), i, one)
                json_array_foreach(json_object_get(one, "held"), k,
                                   held) if (strcmp(json_string_value(json_object_get(held, "name")), name) == 0)
                        snprintf(target, size, "%s", json_string_value(json_object_get(one, "name")));
        json_decref(root);
        pic_report_unref(report);
        return 0;
}

int post_config_restore(struct call *c)
{
        char target[128], id[33];
        json_int_t size;

        if (find_holder(c, c->args[0], target, sizeof(target)) < 0)
                return -1;
        snprintf(id, sizeof(id), "%s", c->args[0]);
        if (target[0] != '\0' && fetch(c, target, c->args[0], id, &size) < 0)
                return -1;
        return restore(c, id, "all");
}
