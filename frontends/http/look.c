/* Owns: what is true now: status, trouble, reach. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

static void stamp(char *when, size_t size)
{
        time_t now = time(NULL);
        struct tm tm;

        strftime(when, size, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
}

int get_health_check(struct call *c)
{
        char when[32];

        stamp(when, sizeof(when));
        return answer_json(c, 200,
                           json_pack("{s:s,s:s,s:s,s:s}", "status", "ok", "timestamp", when, "version", pic_version(),
                                     "service", "pic"));
}

/* --- reports -------------------------------------------------------------------------------------------------- */

int get_why(struct call *c)
{
        const char *from = param(c, "from"), *to = param(c, "to"), *family = param(c, "family");
        pic_report *report = NULL;
        pic_error *err = NULL;
        int64_t n = 0;

        if (family != NULL && (text_int(family, 0, 6, &n) < 0 || (n != 0 && n != 4 && n != 6)))
                return fail(c, 400, PIC_VALUE, NULL, "family: must be 4, 6 or 0");
        if (pic_why_get(app_ctx(c->app), from, to, (int)n, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

static int drift(struct call *c, pic_ctx *ctx, uint32_t flags)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_drift_get(ctx, flags, &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_drift(struct call *c)
{
        return drift(c, app_ctx(c->app), 0);
}

int post_drift_repair(struct call *c)
{
        return drift(c, c->ctx, PIC_DRIFT_REPAIR);
}

int get_domains(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_domain_status(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int post_publish(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_obj *obj = NULL;
        int r;

        if (find_obj(c, "domain", c->args[0], &obj) < 0)
                return -1;
        r = pic_domain_publish(c->ctx, pic_obj_name(obj), &report, &err);
        pic_obj_unref(obj);
        return r < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_ntp(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_ntp_get(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_dns_stats(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_dns_stats(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_alerts(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_alert_status(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int post_alert_test(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        pic_obj *obj = NULL;
        int r;

        if (find_obj(c, "alert", c->args[0], &obj) < 0)
                return -1;
        r = pic_alert_test(c->ctx, pic_obj_name(obj), &report, &err);
        pic_obj_unref(obj);
        return r < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_dns_blocks(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_dns_blocks(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_dns_block_test(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (param(c, "name") == NULL)
                return fail(c, 400, PIC_VALUE, NULL, "name: is required");
        if (pic_dns_block_test(app_ctx(c->app), param(c, "name"), param(c, "as"), &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

int post_dns_block_refresh(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_block_refresh(c->ctx, body_text(c, "name"), &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

int get_dns_query(struct call *c)
{
        pic_dns_query_opts opts = PIC_DNS_QUERY_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (param(c, "name") == NULL)
                return fail(c, 400, PIC_VALUE, NULL, "name: is required");
        opts.type = param(c, "type");
        opts.peer = param(c, "as");
        if (pic_dns_query(app_ctx(c->app), param(c, "name"), &opts, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

int get_dns_log(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        int64_t lines = 0;

        if (param(c, "lines") != NULL && text_int(param(c, "lines"), 1, 10000, &lines) < 0)
                return fail(c, 400, PIC_VALUE, NULL, "lines: must be a number from 1 to 10000");
        if (pic_dns_log(app_ctx(c->app), param(c, "peer"), (uint32_t)lines, &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

int post_dns_flush(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (pic_dns_flush(c->ctx, body_text(c, "name"), &report, &err) < 0)
                return fail_err(c, err);
        return answer_report(c, 200, report);
}

int get_front(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_front_get(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int get_doctor(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_doctor_run(app_ctx(c->app), &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

int post_doctor_fix(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;

        return pic_doctor_fix(c->ctx, &report, &err) < 0 ? fail_err(c, err) : answer_report(c, 200, report);
}

json_t *load_status(struct call *c, unsigned age_ms)
{
        char *text = NULL;
        json_t *json;

        if (live_status(c, age_ms, &text) < 0)
                return NULL;
        json = json_loads(text, 0, NULL);
        free(text);
        if (json == NULL)
                (void)fail_nomem(c);
        return json;
}

static char *cell_field(struct call *c, const char *field)
{
        pic_obj *cell = NULL;
        char *text = pic_get(app_ctx(c->app), "cell", NULL, &cell, NULL) == 0 ? pic_obj_get(cell, field) : NULL;

        pic_obj_unref(cell);
        return text;
}

/* The library's report, and the old words for some of it. */
int get_status(struct call *c)
{
        json_t *json = load_status(c, 500);
        char when[32], *domain;

        if (json == NULL)
                return -1;
        domain = cell_field(c, "domain");
        stamp(when, sizeof(when));
        json_object_set(json, "cell_name", json_object_get(json, "name"));
        json_object_set_new(json, "domain", domain != NULL ? json_string(domain) : json_null());
        json_object_set_new(json, "uptime", json_integer(app_uptime(c->app)));
        json_object_set(json, "peer_count", json_object_get(json_object_get(json, "counts"), "peers"));
        json_object_set_new(json, "timestamp", json_string(when));
        json_object_set_new(json, "services", json_object());
        pic_text_free(domain);
        return answer_json(c, 200, json);
}

int get_wireguard(struct call *c)
{
        json_t *json = load_status(c, 500), *peers, *out, *answer;
        char *device;
        size_t i;

        if (json == NULL)
                return -1;
        peers = json_object_get(json, "peers");
        out = json_array();
        for (i = 0; i < json_array_size(peers); i++) {
                const json_t *p = json_array_get(peers, i);

                json_array_append_new(
                        out, json_pack("{s:O?,s:O?,s:O?,s:O?,s:O?,s:O?,s:O?}", "name", json_object_get(p, "name"),
                                       "address4", json_object_get(p, "address4"), "address6",
                                       json_object_get(p, "address6"), "endpoint", json_object_get(p, "endpoint"),
                                       "latest_handshake", json_object_get(p, "handshake"), "transfer_rx",
                                       json_object_get(p, "rx"), "transfer_tx", json_object_get(p, "tx")));
        }
        device = cell_field(c, "device");
        answer = json_pack("{s:s?,s:b,s:O?,s:O?,s:O?,s:O?,s:o}", "interface", device, "running",
                           json_is_string(json_object_get(json, "wg")), "implementation", json_object_get(json, "wg"),
                           "public_key", json_object_get(json, "public_key"), "listen_port",
                           json_object_get(json, "listen_port"), "endpoint", json_object_get(json, "endpoint"), "peers",
                           out);
        pic_text_free(device);
        json_decref(json);
        return answer_json(c, 200, answer);
}
