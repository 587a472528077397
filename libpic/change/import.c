/* Owns: from a provider's file to wishes. The readers (codec) say fields and values; here they become SETs, secrets
 * sealed, and what is there already loses what the file does not say. */
#include "change/import.h"

#include <string.h>

#include "change/secret.h"
#include "codec/ovpn.h"
#include "codec/wgquick.h"
#include "model/connection.h"

static const struct reader {
        const char *type;
        int (*read)(const pic__import *in, pic__imported *told, pic_error **err);
} readers[] = {
        { "wireguard", pic__wgquick_read },
        { "openvpn", pic__ovpn_read },
};

/* What the person said beside the provider's file stays when there is a new one. */
static const char keeps[] = "name|type|enabled|failopen|note|probe|user|password|slot|created|public_key";

struct import {
        pic__wishes *w;
        const char *name;
        int only_fields; /* no type: the connection is somebody else's business */
        uint64_t told;   /* bits of fields */
        const pic__wish_import *in;
};

static const struct reader *find_reader(const char *type)
{
        size_t i;

        for (i = 0; type != NULL && i < PIC__COUNT(readers); i++)
                if (strcmp(readers[i].type, type) == 0)
                        return &readers[i];
        return NULL;
}

static int among(const char *words, const char *word)
{
        size_t len = strlen(word);
        const char *at = words;

        while ((at = strstr(at, word)) != NULL) {
                if ((at == words || at[-1] == '|') && (at[len] == '|' || at[len] == '\0'))
                        return 1;
                at += len;
        }
        return 0;
}

static int wish_field(struct import *m, const pic__op *op, int secret, pic_error **err)
{
        const char *field = pic__kinds[PIC__CONNECTION].fields[op->field].name;
        int r;

        if (secret && strcmp(field, "profile") == 0)
                return pic__secret_push_profile(m->w, op, err);
        if (secret)
                return pic__secret_push(m->w, op, err);
        r = pic__wish_check(PIC__CONNECTION, field, op->text, err);
        return r < 0 ? r : pic__wish_push(m->w, op, err);
}

static int on_field(const char *field, const char *text, int secret, int line, void *data, pic_error **err)
{
        struct import *m = data;
        pic__op op = { .wish = PIC__WISH_SET, .kind = PIC__CONNECTION, .name = m->name, .text = text };

        (void)line;
        if (m->only_fields && strcmp(field, "type") == 0)
                return 0;
        op.field = pic__field_find(PIC__CONNECTION, field);
        if (op.field < 0)
                return pic__fail(err, PIC_UNSUPPORTED, "%s is not known here", field);
        m->told |= (uint64_t)1 << op.field;
        return wish_field(m, &op, secret, err);
}

/* What the former file said, and this one does not. */
static int unset_rest(struct import *m, const char *type, pic_error **err)
{
        const pic__kind_info *k = &pic__kinds[PIC__CONNECTION];
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < k->count; i++) {
                pic__op op = { .wish = PIC__WISH_SET, .kind = PIC__CONNECTION, .name = m->name, .field = (int)i };

                if ((m->told >> i & 1) == 0 && pic__connection_has(type, k->fields[i].name) &&
                    !among(keeps, k->fields[i].name))
                        r = pic__wish_push(m->w, &op, err);
        }
        return r;
}

static int on_file(const char *name, pic__buf *out, void *data, pic_error **err)
{
        struct import *m = data;

        return m->in->get(name, out, m->in->data, err);
}

static int read_file(struct import *m, const struct reader *reader, pic__imported *told, pic_error **err)
{
        const pic__import import = { .text = m->in->text,
                                     .len = m->in->len,
                                     .name = m->in->file,
                                     .field = on_field,
                                     .file = m->in->get != NULL ? on_file : NULL,
                                     .data = m };

        return reader->read(&import, told, err);
}

static void tell_warning(const pic_error *e, pic__json *j)
{
        const char *line = pic_error_detail(e, "line");

        pic__json_open(j, '{');
        pic__json_kstr(j, "message", pic_error_message(e));
        pic__json_kstr(j, "hint", pic_error_hint(e));
        pic__json_key(j, "line");
        pic__json_raw(j, line != NULL ? line : "null");
        pic__json_close(j, '}');
}

static void tell(const struct import *m, const char *type, const pic__imported *told, pic__json *j)
{
        const pic__kind_info *k = &pic__kinds[PIC__CONNECTION];
        const pic_error *e;
        size_t i;

        pic__json_open(j, '{');
        pic__json_kstr(j, "name", m->name);
        pic__json_kstr(j, "type", type);
        pic__json_kbool(j, "login", told->login);
        pic__json_key(j, "fields");
        pic__json_open(j, '[');
        for (i = 0; i < k->count; i++)
                if ((m->told >> i & 1) != 0)
                        pic__json_str(j, k->fields[i].name);
        pic__json_close(j, ']');
        pic__json_key(j, "warnings");
        pic__json_open(j, '[');
        for (e = told->warnings; e != NULL; e = pic_error_next(e))
                tell_warning(e, j);
        pic__json_close(j, ']');
        pic__json_close(j, '}');
}

static int no_reader(const pic__wish_import *in, pic_error **err)
{
        int r;

        if (in->type != NULL) {
                r = pic__fail_value(err, NULL, "type", in->type,
                                    "has no files that could be read: wireguard and openvpn have");
                pic__hint(err, "Others are made field by field: pic help connection add");
                return r;
        }
        r = pic__fail(
                err, PIC_SYNTAX,
                "%s: is neither a WireGuard file (no [Interface]) nor an OpenVPN profile (no 'client' or 'remote')",
                in->file);
        pic__detail(err, "file", in->file);
        pic__hint(err, "If it is one all the same, say which: --type wireguard, or --type openvpn");
        return r;
}

/* An object that is new, or the one that is there. */
static int begin(struct import *m, pic_error **err)
{
        const pic__op op = { .wish = PIC__WISH_ADD, .kind = PIC__CONNECTION, .name = m->name };
        int r = pic__wish_check(PIC__CONNECTION, "name", m->name, err);

        if (r < 0) {
                pic__prefix_msg(err, "connection: ");
                return r;
        }
        return m->in->replace ? 0 : pic__wish_push(m->w, &op, err);
}

/* What nobody can see of a sealed profile, and has to be known. */
static int wish_login(struct import *m, int login, pic_error **err)
{
        const pic__op op = { .wish = PIC__WISH_SET,
                             .kind = PIC__CONNECTION,
                             .name = m->name,
                             .field = pic__field_find(PIC__CONNECTION, "login"),
                             .text = login ? "true" : NULL };

        if (!login && !m->only_fields) /* a new one has it not, and one that is there loses it with the rest */
                return 0;
        m->told |= (uint64_t)1 << op.field;
        return pic__wish_push(m->w, &op, err);
}

static int run(struct import *m, const struct reader *reader, pic__imported *told, pic_error **err)
{
        size_t had = m->w->ops.count;
        int r = m->only_fields ? 0 : begin(m, err);

        if (r == 0)
                r = read_file(m, reader, told, err);
        if (r == 0 && strcmp(reader->type, "openvpn") == 0)
                r = wish_login(m, told->login, err);
        if (r == 0 && m->in->replace && !m->only_fields)
                r = unset_rest(m, reader->type, err);
        if (r < 0)
                m->w->ops.count = had;
        return r;
}

int pic__wishes_import(pic__wishes *w, const pic__wish_import *in, pic__json *told, size_t *ret_warnings,
                       pic_error **err)
{
        const char *type = in->type != NULL ? in->type : pic__import_guess(in->text, in->len);
        const struct reader *reader = find_reader(type);
        struct import m = { .w = w, .name = in->name, .in = in };
        pic__imported also = { .login = 0 };
        int r;

        if (reader == NULL)
                return no_reader(in, err);
        r = run(&m, reader, &also, err);
        if (r == 0 && told != NULL)
                tell(&m, reader->type, &also, told);
        if (r == 0 && ret_warnings != NULL)
                *ret_warnings = pic__err_count(also.warnings);
        pic_error_free(also.warnings);
        return r;
}

int pic__import_profile(pic__wishes *w, const pic__op *op, pic_error **err)
{
        const pic__wish_import in = { .name = op->name, .text = op->text, .len = strlen(op->text), .file = "profile" };
        struct import m = { .w = w, .name = op->name, .in = &in, .only_fields = 1 };
        pic__imported also = { .login = 0 };
        const struct reader *reader = find_reader("openvpn");
        int r = reader != NULL ? run(&m, reader, &also, err) : pic__fail(err, PIC_INVALID, "no reader of profiles");

        pic_error_free(also.warnings);
        return r;
}
