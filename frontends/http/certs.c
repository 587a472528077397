/* Owns: certificates beyond what all kinds have, and the root in each form. What the root is, is told without a login:
 * who has to trust it has none yet, and it is no secret: each certificate that the cell shows says the same. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

/* --- a certificate --------------------------------------------------------------------------------------------- */

/* The name of the one that is asked for, by name or number, as a JSON text; NULL after having answered. */
static json_t *name_of(struct call *c)
{
        pic_obj *obj = NULL;
        json_t *name;

        if (find_obj(c, "certificate", c->args[0], &obj) < 0)
                return NULL;
        name = json_string(pic_obj_name(obj));
        pic_obj_unref(obj);
        if (name == NULL)
                (void)fail_nomem(c);
        return name;
}

static void free_blob(void *blob)
{
        pic_blob_unref(blob);
}

/* Takes the blob. */
static int answer_blob(struct call *c, const char *type, pic_blob *blob)
{
        (void)answer_fixed(c, type, pic_blob_data(blob), pic_blob_size(blob));
        c->res->held = blob;
        c->res->held_free = free_blob;
        return 0;
}

int get_cert_pem(struct call *c)
{
        json_t *name = name_of(c);
        pic_blob *pem = NULL;
        pic_error *err = NULL;
        int r;

        if (name == NULL)
                return -1;
        r = pic_cert_export(app_ctx(c->app), json_string_value(name), &pem, &err);
        json_decref(name);
        return r < 0 ? fail_err(c, err) : answer_blob(c, "application/x-pem-file", pem);
}

int post_cert_key(struct call *c)
{
        json_t *name = name_of(c), *json;
        pic_blob *pem = NULL;
        pic_error *err = NULL;

        if (name == NULL)
                return -1;
        if (pic_cert_key(c->ctx, json_string_value(name), &pem, &err) < 0) {
                json_decref(name);
                return fail_err(c, err);
        }
        json = json_pack("{s:o,s:s}", "name", name, "pem", pic_blob_data(pem));
        pic_blob_unref(pem);
        c->res->wiped = 1;
        return answer_json(c, 200, json);
}

int get_cert_state(struct call *c)
{
        json_t *name = name_of(c);
        pic_report *report = NULL;
        pic_error *err = NULL;
        int r;

        if (name == NULL)
                return -1;
        r = pic_cert_state(app_ctx(c->app), json_string_value(name), &report, &err);
        json_decref(name);
        return r < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_acme(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        int r = pic_cert_state(app_ctx(c->app), NULL, &report, &err);

        return r < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

/* One of a public CA comes in the background. */
int post_cert_renew(struct call *c)
{
        pic_obj *obj = NULL;
        pic_error *err = NULL;
        char *issuer;
        int r, own;

        if (find_obj(c, "certificate", c->args[0], &obj) < 0)
                return -1;
        issuer = pic_obj_get(obj, "issuer");
        own = issuer == NULL || strcmp(issuer, "acme") != 0;
        pic_text_free(issuer);
        r = pic_cert_renew(c->ctx, pic_obj_name(obj), &err);
        pic_obj_unref(obj);
        return r < 0 ? fail_err(c, err) : answer_json(c, 200, json_pack("{s:b,s:b}", "renewed", own, "asked", 1));
}

/* --- the root --------------------------------------------------------------------------------------------------- */

int get_ca(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_ca_info(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int post_ca_rotate(struct call *c)
{
        pic_error *err = NULL;

        return pic_cert_renew(c->ctx, NULL, &err) < 0 ? fail_err(c, err) : get_ca(c);
}

/* A name that a browser saves it under. */
static int give_root(struct call *c, uint32_t form, const char *type, const char *file)
{
        pic_blob *blob = NULL;
        pic_error *err = NULL;

        if (pic_ca_get(app_ctx(c->app), form, &blob, &err) < 0)
                return fail_err(c, err);
        if (file != NULL)
                answer_header(c, "Content-Disposition", "attachment; filename=\"%s\"", file);
        return answer_blob(c, type, blob);
}

int get_ca_pem(struct call *c)
{
        return give_root(c, PIC_CA_PEM, "application/x-pem-file", "cell-ca.pem");
}

/* Android and Windows open what has this type. */
int get_ca_der(struct call *c)
{
        return give_root(c, PIC_CA_DER, "application/x-x509-ca-cert", "cell-ca.crt");
}

/* Safari wants to install it, not to save it: no name. */
int get_ca_profile(struct call *c)
{
        return give_root(c, PIC_CA_PROFILE, "application/x-apple-aspen-config", NULL);
}

/* The agent signs the list: not for each stranger anew. */
static struct {
        pthread_mutex_t lock;
        time_t made;
        char *text;
} list = { .lock = PTHREAD_MUTEX_INITIALIZER };

enum { LIST_S = 60 };

int get_ca_crl(struct call *c)
{
        pic_blob *blob = NULL;
        pic_error *err = NULL;
        time_t now = time(NULL);
        char *copy = NULL;
        int r = 0;

        pthread_mutex_lock(&list.lock);
        if (list.text == NULL || now < list.made || now > list.made + LIST_S) {
                r = pic_ca_get(app_ctx(c->app), PIC_CA_CRL, &blob, &err);
                if (r >= 0) {
                        free(list.text);
                        list.text = strdup(pic_blob_data(blob));
                        list.made = now;
                }
                pic_blob_unref(blob);
        }
        if (r >= 0 && list.text != NULL)
                copy = strdup(list.text);
        pthread_mutex_unlock(&list.lock);
        if (r < 0)
                return fail_err(c, err);
        r = copy != NULL ? answer_typed(c, "application/x-pem-file", copy) : fail_nomem(c);
        free(copy);
        return r;
}
