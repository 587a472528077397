/* Owns: the one thing that API tokens have and other kinds have not: a secret that is told once. */
#include <string.h>

#include "http/http.h"

/* Whose token it is, when that is not said: the caller's. */
static void wish_owner(struct call *c, pic_edit *edit, const char *name, struct wrongs *w)
{
        json_t *user = json_string(c->user);

        if (json_object_get(c->body, "user") == NULL)
                wish_field(edit, "token", name, "user", user, w);
        json_decref(user);
}

int post_token(struct call *c)
{
        static const char *const skip[] = { "name", NULL };
        const char *name = body_text(c, "name");
        struct done d = { .status = 201, .kind = "token", .name = name, .base = "/api/tokens" };
        struct wrongs w = { .count = 0 };
        pic_edit *edit = change_begin(c);
        pic_blob *secret = NULL;
        pic_error *err = NULL;

        if (edit == NULL)
                return -1;
        if (pic_edit_add(edit, "token", name, &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        wish_owner(c, edit, name, &w);
        wish_fields(edit, "token", name, c->body, skip, &w);
        if (w.count > 0) {
                pic_edit_unref(edit);
                return fail_wrongs(c, &w);
        }
        if (pic_edit_token(edit, name, &secret, &err) < 0) {
                pic_edit_unref(edit);
                return fail_err(c, err);
        }
        d.more = json_pack("{s:s}", "token", pic_blob_data(secret));
        pic_blob_unref(secret);
        c->res->wiped = 1;
        return change_finish(c, edit, &d);
}
