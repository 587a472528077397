/* Owns: which files of a profile may be read. The name must be a plain one: a profile that says "../../etc/shadow", or
 * a path of the machine on which it was made, gets nothing. */
#include <string.h>

#include "codec/ovpn_parts.h"
#include "model/text.h"

/* NULL, or what is wrong with it. */
static const char *name_rule(const char *name)
{
        size_t len = strlen(name);

        if (len == 0 || len > 255)
                return "must be the name of a file beside the profile";
        if (name[0] == '/' || (pic__is_alnum(name[0]) && name[1] == ':'))
                return "is an absolute path: a file must be beside the profile";
        if (strpbrk(name, "/\\") != NULL || strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
                return "leads to another directory: a file must be beside the profile";
        if (name[0] == '-' || name[0] == '~')
                return "must not begin with '-' or '~'";
        return NULL;
}

void pic__ovpn_file_wrong(pic__ovpn_reader *r, pic__place at, const char *name, const char *rule)
{
        pic_error *err = NULL;

        (void)pic__fail_value(&err, NULL, r->imp.key, name, rule);
        pic__hint(&err, "put its text between <%s> and </%s>, or copy it beside the profile and name it alone",
                  r->imp.key, r->imp.key);
        pic__import_take(&r->imp, at, err);
}

int pic__ovpn_file(pic__ovpn_reader *r, pic__place at, const char *name, pic__buf *out)
{
        const char *rule = name_rule(name);
        pic_error *err = NULL;
        int code;

        if (rule != NULL) {
                pic__ovpn_file_wrong(r, at, name, rule);
                return -1;
        }
        if (r->imp.in->file == NULL)
                return 0;
        (void)pic__buf_room(out, PIC__OVPN_FILE_MAX); /* at once: growing would leave copies of a key */
        code = r->imp.in->file(name, out, r->imp.in->data, &err);
        if (code == PIC_NOTFOUND) {
                pic_error_free(err);
                return 0;
        }
        if (code == 0 && out->failed)
                code = pic__nomem(&err);
        if (code < 0) {
                pic__import_take(&r->imp, at, err);
                return -1;
        }
        if (out->len <= PIC__OVPN_FILE_MAX)
                return 1;
        pic__import_wrong(&r->imp, at, PIC_SYNTAX, NULL, "%s: the file is longer than %zu KiB", r->imp.key,
                          PIC__OVPN_FILE_MAX >> 10);
        return -1;
}
