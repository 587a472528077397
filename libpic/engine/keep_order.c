/* Owns: what the keeper is told, and what its answer is made of. */
#include <stdio.h>
#include <string.h>

#include "codec/json_in.h"
#include "engine/keep_i.h"
#include "model/text.h"

static void put_list(pic__json *j, const char *key, const char *list)
{
        char one[PIC__ITEM_MAX];

        pic__json_key(j, key);
        pic__json_open(j, '[');
        while (pic__list_next(&list, one, sizeof(one)))
                pic__json_str(j, one);
        pic__json_close(j, ']');
}

static int put_secrets(const pic__seals *seals, const pic_obj *target, pic__json *j, pic_error **err)
{
        static const char *const fields[] = { "password", "key", "passphrase" };
        size_t i;
        int r = 0;

        for (i = 0; r == 0 && i < PIC__COUNT(fields); i++) {
                pic__auto_wipe pic__buf text = PIC__BUF_SECRET;

                if (!pic__obj_has(target, fields[i]))
                        continue;
                r = pic__seals_open_text(seals, target, fields[i], &text, err);
                if (r == 0)
                        pic__json_kstr(j, fields[i], pic__buf_str(&text));
        }
        return r;
}

int pic__keep_order(const char *dir, const pic__seals *seals, const pic_obj *cell, const pic_obj *target,
                    const char *what, const char *name, const char *known, pic__buf *out, pic_error **err)
{
        static const char *const texts[] = { "url", "user", "host_key", "endpoint", "region", "ca" };
        static const char *const counts[] = { "last", "daily", "weekly", "monthly" };
        pic__json j = PIC__JSON(out);
        char field[32];
        size_t i;
        int r;

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "op", what);
        pic__json_kstr(&j, "dir", dir);
        pic__json_kstr(&j, "public_key", pic__obj_text(cell, "public_key"));
        pic__json_kstr(&j, "name", name);
        for (i = 0; i < PIC__COUNT(texts); i++)
                if (pic__obj_has(target, texts[i]))
                        pic__json_kstr(&j, texts[i], pic__obj_text(target, texts[i]));
        pic__json_kbool(&j, "plain", pic__obj_int(target, "plain") != 0);
        put_list(&j, "recipients", pic__obj_text(target, "recipients"));
        pic__json_key(&j, "keep");
        pic__json_open(&j, '{');
        for (i = 0; i < PIC__COUNT(counts); i++) {
                snprintf(field, sizeof(field), "keep_%s", counts[i]);
                pic__json_kint(&j, counts[i], pic__obj_int(target, field));
        }
        pic__json_close(&j, '}');
        if (known != NULL) {
                pic__json_key(&j, "known");
                pic__json_raw(&j, known);
        }
        r = put_secrets(seals, target, &j, err);
        pic__json_close(&j, '}');
        return r == 0 && out->failed ? pic__nomem(err) : r;
}

int pic__keep_said(const char *text, pic__doc **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const char *at = text, *last = NULL, *none[] = { NULL };
        const pic__node *root;
        int code;

        for (; at != NULL; at = strchr(at, '\n')) {
                at += *at == '\n';
                if (*at == '{')
                        last = at;
        }
        if (last == NULL || pic__doc_json(last, strcspn(last, "\n"), "keeper", &doc, NULL) < 0)
                return pic__fail(err, PIC_BACKEND, "the keeper ended without an answer: %.100s", text);
        root = pic__doc_root(doc);
        if (pic__node_bool(root, "ok", 0)) {
                *ret = pic__take(doc);
                return 0;
        }
        code = (int)pic__node_int_or(root, "code", PIC_BACKEND);
        return pic__err_make(err, code < 0 ? code : PIC_BACKEND, pic__node_str(root, "message", "it failed"),
                             pic__node_str(root, "hint", NULL), none);
}
