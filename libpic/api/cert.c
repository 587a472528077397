/* Owns: certificates and the root, as others get them. What needs the root's key is the agent's. */
#include <string.h>

#include "api/api.h"
#include "api/apple.h"
#include "base/time.h"
#include "codec/json_in.h"
#include "model/cert.h"
#include "sys/crypto.h"
#include "sys/x509.h"

#define SECRET_ROOM 16384 /* taken at once: a growing buffer would leave copies behind */

/* --- by the agent --------------------------------------------------------------------------------------------- */

/* A verb about a certificate (NULL: the root), and its answer. */
static int ask(pic_ctx *ctx, const char *verb, const char *name, pic__buf *answer, pic__doc **ret, pic_error **err)
{
        pic__auto_buf pic__buf args = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&args);
        int r;

        pic__json_open(&j, '{');
        pic__json_kstr(&j, "name", name);
        pic__json_kstr(&j, "actor", ctx->actor);
        pic__json_kstr(&j, "way", ctx->way);
        pic__json_close(&j, '}');
        if (args.failed || pic__buf_room(answer, SECRET_ROOM) == NULL)
                return pic__nomem(err);
        r = pic__ctx_call(ctx, verb, pic__buf_str(&args), 0, answer, err);
        return r < 0 ? r : pic__api_answer(pic__buf_str(answer), answer->len, ret, err);
}

static int ask_text(pic_ctx *ctx, const char *verb, const char *name, pic_blob **ret, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_wipe pic__buf answer = PIC__BUF_SECRET;
        const char *text;
        int r = ask(ctx, verb, name, &answer, &doc, err);

        if (r < 0)
                return r;
        text = pic__node_str(pic__doc_root(doc), "text", NULL);
        if (text == NULL)
                return pic__fail(err, PIC_BACKEND, "the agent answered without a certificate");
        return pic__blob_new(text, strlen(text), ret, err);
}

int pic_cert_key(pic_ctx *ctx, const char *name, pic_blob **ret_pem, pic_error **err)
{
        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL || ret_pem == NULL)
                return pic__api_bad(err, "pic_cert_key", "ctx, name or ret_pem is not valid");
        return ask_text(ctx, "cert-key", name, ret_pem, err);
}

int pic_cert_renew(pic_ctx *ctx, const char *name, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX))
                return pic__api_bad(err, "pic_cert_renew", "ctx is not valid");
        return ask(ctx, "cert-renew", name, &answer, &doc, err);
}

static int is_bad(const pic__node *one)
{
        const char *state = pic__node_str(one, "state", "");

        return strcmp(state, "failing") == 0 || strcmp(state, "nobody") == 0 ||
               (strcmp(state, "revoking") == 0 && pic__node_str(one, "why", NULL) != NULL);
}

int pic_cert_state(pic_ctx *ctx, const char *name, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        pic__auto_buf pic__buf answer = PIC__BUF_INIT;
        const pic__node *list, *n;
        int good = 1, r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_cert_state", "ctx or ret_report is not valid");
        r = ask(ctx, "cert-state", name, &answer, &doc, err);
        if (r < 0)
                return r;
        list = pic__node_get(pic__doc_root(doc), "certificates");
        if (list == NULL || list->type != PIC__N_LIST)
                return pic__fail(err, PIC_BACKEND, "the agent answered without certificates");
        for (n = list->first; n != NULL; n = n->next)
                good &= n->type == PIC__N_MAP && !is_bad(n);
        list = pic__node_get(pic__doc_root(doc), "accounts");
        for (n = list != NULL && list->type == PIC__N_LIST ? list->first : NULL; n != NULL; n = n->next)
                good &= n->type == PIC__N_MAP && pic__node_str(n, "why", NULL) == NULL;
        return pic__report_new(&answer, good, ret_report, err);
}

/* --- from the store ------------------------------------------------------------------------------------------- */

static int get(pic_ctx *ctx, enum pic__kind kind, const char *name, pic_obj **ret, pic_error **err)
{
        pic__store *st = NULL;
        int r = pic__ctx_lock(ctx, &st, err);

        if (r < 0)
                return r;
        r = pic__store_get(st, kind, name, ret, err);
        pic__ctx_unlock(ctx);
        return r;
}

static int put_pem(pic__der der, void *data)
{
        pic__x509_pem_put("CERTIFICATE", der, data);
        return 0;
}

int pic_cert_export(pic_ctx *ctx, const char *name, pic_blob **ret_pem, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cert = NULL;
        pic__auto_buf pic__buf pem = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || name == NULL || ret_pem == NULL)
                return pic__api_bad(err, "pic_cert_export", "ctx, name or ret_pem is not valid");
        r = get(ctx, PIC__CERTIFICATE, name, &cert, err);
        if (r < 0)
                return r;
        if (!pic__obj_has(cert, "chain")) {
                (void)pic__fail(err, PIC_BADSTATE, "certificate %s is not issued yet", pic__obj_name(cert));
                pic__hint(err, "The agent issues it at once, when one runs: pic doctor");
                return PIC_BADSTATE;
        }
        r = pic__x509_text_each(pic__obj_text(cert, "chain"), put_pem, &pem, err);
        if (r == 0 && pem.failed)
                r = pic__nomem(err);
        return r < 0 ? r : pic__blob_new(pem.data, pem.len, ret_pem, err);
}

/* The cell, with a root: the agent makes it where there is none. */
static int get_cell(pic_ctx *ctx, pic_obj **ret, pic_error **err)
{
        pic_blob *list = NULL;
        int r = get(ctx, PIC__CELL, NULL, ret, err);

        if (r < 0 || pic__obj_has(*ret, "ca_certificate"))
                return r;
        r = ask_text(ctx, "cert-crl", NULL, &list, err);
        pic_blob_unref(list);
        *ret = pic__obj_unref(*ret);
        return r < 0 ? r : get(ctx, PIC__CELL, NULL, ret, err);
}

static int put_form(const pic_obj *cell, uint32_t form, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf der = PIC__BUF_INIT;
        int r = pic__x509_text_first(pic__obj_text(cell, "ca_certificate"), &der, err);

        if (r < 0)
                return r;
        if (form == PIC_CA_DER)
                pic__buf_put(out, der.data, der.len);
        if (form == PIC_CA_PROFILE)
                return pic__apple_profile(cell, &der, out, err);
        if (form != PIC_CA_PEM)
                return out->failed ? pic__nomem(err) : 0;
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&der), out);
        r = pic__x509_text_each(pic__obj_text(cell, "ca_former"), put_pem, out, err);
        return r == 0 && out->failed ? pic__nomem(err) : r;
}

int pic_ca_get(pic_ctx *ctx, uint32_t form, pic_blob **ret_bytes, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || form > PIC_CA_CRL || ret_bytes == NULL)
                return pic__api_bad(err, "pic_ca_get", "ctx, form or ret_bytes is not valid");
        if (form == PIC_CA_CRL)
                return ask_text(ctx, "cert-crl", NULL, ret_bytes, err);
        r = get_cell(ctx, &cell, err);
        if (r == 0)
                r = put_form(cell, form, &out, err);
        return r < 0 ? r : pic__blob_new(out.data, out.len, ret_bytes, err);
}

/* --- what it is ----------------------------------------------------------------------------------------------- */

static void put_time(pic__json *j, const char *key, pic_time t)
{
        char text[PIC__TIME_TEXT];

        pic__json_kstr(j, key, pic__time_print(t, text));
}

static int put_root(const pic_obj *cell, const char *field, pic__json *j, pic_error **err)
{
        pic__auto_buf pic__buf der = PIC__BUF_INIT;
        pic__x509_info info;
        int r = pic__x509_text_first(pic__obj_text(cell, field), &der, err);

        if (r == 0)
                r = pic__x509_read(pic__der_of(&der), &info, NULL, err);
        if (r < 0)
                return r;
        pic__json_kstr(j, "subject", info.subject);
        pic__json_kstr(j, "fingerprint", info.fingerprint);
        put_time(j, "not_before", info.from);
        put_time(j, "not_after", info.until);
        return 0;
}

/* "a,b" as a list. */
static void put_list(pic__json *j, const char *key, const char *text, size_t len)
{
        pic__auto_free char *list = pic__strndup(text, len);
        const char *at = list;
        char item[PIC__CERT_NAME];

        pic__json_key(j, key);
        pic__json_open(j, '[');
        while (at != NULL && pic__list_next(&at, item, sizeof(item)))
                pic__json_str(j, item);
        pic__json_close(j, ']');
}

static int put_former(const pic_obj *cell, pic__json *j, pic_error **err)
{
        int r;

        pic__json_key(j, "former");
        if (!pic__obj_has(cell, "ca_former")) {
                pic__json_null(j);
                return 0;
        }
        pic__json_open(j, '{');
        r = put_root(cell, "ca_former", j, err);
        put_time(j, "until", pic__obj_int(cell, "ca_former_until"));
        pic__json_close(j, '}');
        return r;
}

static int put_info(const pic_obj *cell, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf now = PIC__BUF_INIT;
        const char *scope = pic__obj_text(cell, "ca_scope");
        size_t zones = strcspn(scope, " ");
        pic__json j = PIC__JSON(out);
        int r;

        pic__cert_zones(cell, &now);
        pic__buf_putc(&now, ' ');
        pic__cert_nets(cell, &now);
        pic__json_open(&j, '{');
        r = put_root(cell, "ca_certificate", &j, err);
        put_list(&j, "zones", scope, zones);
        put_list(&j, "networks", scope + zones + (scope[zones] == ' '), strlen(scope));
        pic__json_kbool(&j, "fits", strcmp(scope, pic__buf_str(&now)) == 0);
        if (r == 0)
                r = put_former(cell, &j, err);
        pic__json_close(&j, '}');
        return r;
}

int pic_ca_info(pic_ctx *ctx, pic_report **ret_report, pic_error **err)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *cell = NULL;
        pic__auto_buf pic__buf out = PIC__BUF_INIT;
        int r;

        if (!pic__api_is(ctx, PIC__MAGIC_CTX) || ret_report == NULL)
                return pic__api_bad(err, "pic_ca_info", "ctx or ret_report is not valid");
        r = get_cell(ctx, &cell, err);
        if (r == 0)
                r = put_info(cell, &out, err);
        return r < 0 ? r : pic__report_new(&out, 1, ret_report, err);
}
