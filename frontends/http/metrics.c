/* Owns: /metrics: what a Prometheus reads. Each family has a bound, so that a large cell does not fill somebody else's
 * disk: what has no series of its own is counted (pic_series_left_out). Base units, and moments instead of ages: the
 * reader's clock does the rest. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/http.h"

enum { PEERS_USUAL = 1000, PEERS_MOST = 100000, FINDINGS_MAX = 256, FEW = 256, PARTS_MAX = 32 };

/* --- the text ------------------------------------------------------------------------------------------------- */

/* A name may have what a label may not. */
static void put_escaped(FILE *out, const char *value)
{
        for (; value != NULL && *value != '\0'; value++)
                if (*value == '"' || *value == '\\')
                        fprintf(out, "\\%c", *value);
                else if (*value == '\n')
                        fputs("\\n", out);
                else
                        fputc(*value, out);
}

static void head(FILE *out, const char *name, const char *type, const char *help)
{
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(FILE *out, const char *name, const char *help, json_int_t value)
{
        head(out, name, "gauge", help);
        fprintf(out, "%s %" JSON_INTEGER_FORMAT "\n", name, value);
}

static void put_labels(FILE *out, const char *name, const char *label, const char *value)
{
        fprintf(out, "%s{%s=\"", name, label);
        put_escaped(out, value);
}

/* "2026-11-26T22:18:43.5Z" as seconds; 0: never. */
static double seconds_of(const char *text)
{
        struct tm tm = { .tm_mday = 1 };

        return text != NULL && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) != NULL ? (double)timegm(&tm) : 0;
}

/* --- families of a list --------------------------------------------------------------------------------------- */

/* What becomes of a member of each of a list. */
enum reading {
        NUMBER, /* as it is */
        MICRO,  /* millionths */
        MILLI,  /* thousandths */
        CENT,   /* hundredths */
        IS_UP,  /* a word: "up" is 1, "off" is nothing at all, others are 0 */
        IS_SO,  /* true is 1, false 0, null nothing at all */
        MOMENT, /* a time, as seconds; one that never was is left out */
        WORD    /* a word, as a second label */
};

struct family {
        const char *name, *type, *help;
        const char *key;
        enum reading reading;
};

static int value_of(const struct family *f, const json_t *value, double *ret)
{
        static const double parts[] = { [NUMBER] = 1, [MICRO] = 1e-6, [MILLI] = 1e-3, [CENT] = 1e-2 };
        const char *text = json_string_value(value);

        switch (f->reading) {
        case NUMBER:
        case MICRO:
        case MILLI:
        case CENT: *ret = json_number_value(value) * parts[f->reading]; return json_is_number(value);
        case IS_UP: *ret = text != NULL && strcmp(text, "up") == 0; return text != NULL && strcmp(text, "off") != 0;
        case IS_SO: *ret = json_is_true(value); return json_is_boolean(value);
        case MOMENT: *ret = seconds_of(text); return *ret > 0;
        case WORD: *ret = 1; return text != NULL;
        }
        return 0;
}

static void put_family(FILE *out, const json_t *list, const char *label, size_t max, const struct family *f)
{
        size_t i;

        head(out, f->name, f->type, f->help);
        for (i = 0; i < json_array_size(list) && i < max; i++) {
                const json_t *at = json_array_get(list, i), *member = json_object_get(at, f->key);
                double value = 0;

                if (!value_of(f, member, &value))
                        continue;
                put_labels(out, f->name, label, json_string_value(json_object_get(at, "name")));
                if (f->reading == WORD) {
                        fputs("\",state=\"", out);
                        put_escaped(out, json_string_value(member));
                }
                fprintf(out, "\"} %.*f\n", value > 0 && value < 1e6 && value != (double)(long)value ? 6 : 0, value);
        }
}

/* How many of a list have no series of their own. */
static void put_left(FILE *out, const char *label, const json_t *list, size_t max)
{
        size_t count = json_array_size(list);

        fprintf(out, "pic_series_left_out{of=\"%s\"} %zu\n", label, count > max ? count - max : 0);
}

struct group {
        const char *label;
        const struct family *families;
        size_t count;
};

static void put_group(FILE *out, const struct group *g, const json_t *list, size_t max)
{
        size_t i;

        for (i = 0; i < g->count; i++)
                put_family(out, list, g->label, max, &g->families[i]);
}

#define GROUP(label, families)                                          \
        {                                                               \
                label, families, sizeof(families) / sizeof(families[0]) \
        }

static const struct family of_peers[] = {
        { "pic_peer_receive_bytes_total", "counter", "Bytes that came from a device", "rx", NUMBER },
        { "pic_peer_transmit_bytes_total", "counter", "Bytes that went to a device", "tx", NUMBER },
        { "pic_peer_last_handshake_timestamp_seconds", "gauge", "When a device was heard of last", "handshake",
          MOMENT },
};
static const struct family of_connections[] = {
        { "pic_connection_up", "gauge", "Whether a way out works; one that is turned off is not listed", "state",
          IS_UP },
        { "pic_connection_receive_bytes_total", "counter", "Bytes that came by a way out", "rx", NUMBER },
        { "pic_connection_transmit_bytes_total", "counter", "Bytes that left by a way out", "tx", NUMBER },
        { "pic_connection_latency_seconds", "gauge", "How long a question takes by a way out", "latency_us", MICRO },
        { "pic_connection_loss_ratio", "gauge", "How many of the last questions were not answered", "loss", CENT },
        { "pic_connection_devices", "gauge", "How many devices leave by it", "users", NUMBER },
};
static const struct family of_domains[] = {
        { "pic_domain_state", "gauge", "What became of publishing a name", "state", WORD },
        { "pic_domain_changes_total", "counter", "How often a public name was led elsewhere", "changes", NUMBER },
        { "pic_domain_last_success_timestamp_seconds", "gauge", "When it was published last", "published", MOMENT },
        { "pic_domain_next_try_timestamp_seconds", "gauge", "Not published again before", "next", MOMENT },
        { "pic_domain_certificate_end_timestamp_seconds", "gauge", "Until when its certificate lasts", "certificate",
          MOMENT },
};
static const struct family of_targets[] = {
        { "pic_backup_last_success_timestamp_seconds", "gauge",
          "When the last backup was made that was read back and right", "last", MOMENT },
        { "pic_backup_next_timestamp_seconds", "gauge", "When the next one is due", "next", MOMENT },
        { "pic_backup_state", "gauge", "How a target does: ok, waiting, running, queued, failed, stale, off", "state",
          WORD },
        { "pic_backup_bytes", "gauge", "Size of the last backup", "size", NUMBER },
        { "pic_backup_duration_seconds", "gauge", "How long the last backup took", "milliseconds", MILLI },
        { "pic_backup_failures", "gauge", "Failures since the last backup", "failures", NUMBER },
        { "pic_backup_restorable", "gauge", "Whether the backup that was tried last comes back as a cell that works",
          "restorable", IS_SO },
        { "pic_backup_drill_timestamp_seconds", "gauge", "When it was last tried whether one comes back", "drilled",
          MOMENT },
        { "pic_backup_drill_duration_seconds", "gauge", "How long that took", "drill_milliseconds", MILLI },
        { "pic_backup_drill_failures", "gauge", "Attempts since, that came to no verdict", "drill_failures", NUMBER },
};
static const struct family of_certificates[] = {
        { "pic_certificate_end_timestamp_seconds", "gauge",
          "Until when a certificate of the cell lasts; (front): the web page's, (root): that of its own CA",
          "not_after", MOMENT },
};
static const struct family of_services[] = {
        { "pic_service_up", "gauge", "Whether a service behind the front answers", "state", IS_UP },
        { "pic_service_connections", "gauge", "Connections to it", "connections", NUMBER },
};
static const struct family of_alerts[] = {
        { "pic_alert_sent_total", "counter", "Messages that were taken where an alert goes", "sent", NUMBER },
        { "pic_alert_lost_total", "counter", "Messages that were given up", "lost", NUMBER },
        { "pic_alert_queued", "gauge", "Messages that wait", "queued", NUMBER },
};

static const struct group peers = GROUP("peer", of_peers), connections = GROUP("connection", of_connections),
                          domains = GROUP("domain", of_domains), targets = GROUP("target", of_targets),
                          certificates = GROUP("certificate", of_certificates),
                          services = GROUP("service", of_services), alerts = GROUP("alert", of_alerts);

/* --- reports -------------------------------------------------------------------------------------------------- */

/* Takes both; NULL where there was none. */
static json_t *take(int r, pic_report *report, pic_error *err)
{
        json_t *json = r >= 0 ? json_loads(pic_report_text(report), 0, NULL) : NULL;

        pic_report_unref(report);
        pic_error_free(err);
        return json;
}

static json_t *ask(struct call *c, int (*fn)(pic_ctx *, pic_report **, pic_error **))
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        int r = fn(app_ctx(c->app), &report, &err);

        return take(r, report, err);
}

static json_t *found(struct call *c)
{
        pic_health_opts o = PIC_HEALTH_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        int r;

        o.max = FINDINGS_MAX;
        r = pic_health_history(app_ctx(c->app), &o, &report, &err);
        return take(r, report, err);
}

static json_t *passed(struct call *c)
{
        pic_traffic_opts o = PIC_TRAFFIC_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        int r;

        o.days = 1;
        r = pic_traffic_get(app_ctx(c->app), &o, &report, &err);
        return take(r, report, err);
}

/* --- what is no list ------------------------------------------------------------------------------------------ */

static void put_cell(FILE *out, const json_t *json)
{
        const json_t *counts = json_object_get(json, "counts");

        head(out, "pic_build_info", "gauge", "Which version this is");
        fprintf(out, "pic_build_info{version=\"%s\"} 1\n", pic_version());
        one(out, "pic_agent_up", "Whether the agent answers", json_is_object(json_object_get(json, "agent")));
        one(out, "pic_ready", "Whether the newest revision is applied", json_is_true(json_object_get(json, "ready")));
        one(out, "pic_revision", "The newest revision", json_integer_value(json_object_get(json, "revision")));
        one(out, "pic_peers", "Devices", json_integer_value(json_object_get(counts, "peers")));
        one(out, "pic_peers_active", "Devices that may connect", json_integer_value(json_object_get(counts, "active")));
        one(out, "pic_peers_online", "Devices with a recent handshake",
            json_integer_value(json_object_get(counts, "online")));
        one(out, "pic_drift_left", "Differences made by others that are left alone",
            json_integer_value(json_object_get(json_object_get(json, "drift"), "count")));
}

struct part {
        char area[32];
        unsigned errors, warnings;
};

static void count_finding(const json_t *f, struct part parts[PARTS_MAX])
{
        const char *area = json_string_value(json_object_get(f, "area"));
        const char *level = json_string_value(json_object_get(f, "level"));
        size_t i = 0;

        if (area == NULL || level == NULL || !json_is_null(json_object_get(f, "ended")))
                return;
        while (i < PARTS_MAX && parts[i].area[0] != '\0' && strcmp(parts[i].area, area) != 0)
                i++;
        if (i == PARTS_MAX)
                return;
        snprintf(parts[i].area, sizeof(parts[i].area), "%s", area);
        *(strcmp(level, "error") == 0 ? &parts[i].errors : &parts[i].warnings) += 1;
}

static void put_part(FILE *out, const char *area, const char *level, unsigned count)
{
        if (count == 0)
                return;
        put_labels(out, "pic_health_findings", "part", area);
        fprintf(out, "\",level=\"%s\"} %u\n", level, count);
}

/* What the agent found when it looked last: each minute. */
static void put_health(FILE *out, const json_t *findings)
{
        struct part parts[PARTS_MAX] = { { "", 0, 0 } };
        unsigned errors = 0, warnings = 0;
        size_t i;

        for (i = 0; i < json_array_size(findings); i++)
                count_finding(json_array_get(findings, i), parts);
        head(out, "pic_health_findings", "gauge", "What is wrong now, by part of the cell (see pic doctor)");
        for (i = 0; i < PARTS_MAX; i++) {
                put_part(out, parts[i].area, "error", parts[i].errors);
                put_part(out, parts[i].area, "warning", parts[i].warnings);
                errors += parts[i].errors;
                warnings += parts[i].warnings;
        }
        one(out, "pic_health_errors", "What is wrong now: errors", errors);
        one(out, "pic_health_warnings", "What is wrong now: warnings", warnings);
}

/* A counter that begins anew at midnight (UTC): increase() knows that. */
static void put_traffic(FILE *out, const json_t *json)
{
        static const char name[] = "pic_traffic_today_bytes_total";

        if (json == NULL)
                return;
        head(out, name, "counter", "Bytes of all devices since midnight UTC, as of the last five minutes");
        fprintf(out, "%s{direction=\"receive\"} %" JSON_INTEGER_FORMAT "\n", name,
                json_integer_value(json_object_get(json, "rx")));
        fprintf(out, "%s{direction=\"transmit\"} %" JSON_INTEGER_FORMAT "\n", name,
                json_integer_value(json_object_get(json, "tx")));
}

static void put_http(FILE *out, struct app *app)
{
        unsigned i;

        one(out, "pic_http_uptime_seconds", "Since pic-http was started", app_uptime(app));
        head(out, "pic_http_answers_total", "counter", "Answers by their first digit");
        for (i = 2; i < 6; i++)
                fprintf(out, "pic_http_answers_total{class=\"%uxx\"} %llu\n", i, app_answers(app, i));
}

/* --- certificates --------------------------------------------------------------------------------------------- */

static void add_certificate(json_t *list, const char *name, const json_t *from)
{
        const char *until = json_string_value(json_object_get(from, "not_after"));

        if (until != NULL)
                json_array_append_new(list, json_pack("{s:s,s:s}", "name", name, "not_after", until));
}

/* Those that are in use; and what stands in no list. */
static json_t *certificates_of(struct call *c, const json_t *front)
{
        json_t *list = json_array(), *ca = ask(c, pic_ca_info);
        pic_list *objs = NULL;
        const pic_obj *o;
        size_t i;

        if (pic_list_get(app_ctx(c->app), "certificate", &objs, NULL) < 0)
                objs = NULL;
        for (i = 0; objs != NULL && (o = pic_list_at(objs, i)) != NULL; i++) {
                char *until = pic_obj_has(o, "revoked") ? NULL : pic_obj_get(o, "not_after");

                if (until != NULL)
                        json_array_append_new(list,
                                              json_pack("{s:s,s:s}", "name", pic_obj_name(o), "not_after", until));
                pic_text_free(until);
        }
        pic_list_unref(objs);
        add_certificate(list, "(front)", front);
        add_certificate(list, "(root)", ca);
        json_decref(ca);
        return list;
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

static void put_all(struct call *c, FILE *out, const json_t *json, size_t max)
{
        json_t *front = ask(c, pic_front_get), *told = ask(c, pic_alert_status), *health = found(c);
        json_t *traffic = passed(c), *certs = certificates_of(c, front);
        const struct {
                const struct group *group;
                const json_t *list;
                size_t max;
        } lists[] = {
                { &peers, json_object_get(json, "peers"), max },
                { &connections, json_object_get(json, "connections"), FEW },
                { &domains, json_object_get(json, "domains"), FEW },
                { &targets, json_object_get(json, "backups"), FEW },
                { &certificates, certs, FEW },
                { &services, json_object_get(front, "services"), FEW },
                { &alerts, json_object_get(told, "alerts"), FEW },
        };
        size_t i;

        put_cell(out, json);
        for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
                put_group(out, lists[i].group, lists[i].list, lists[i].max);
        head(out, "pic_series_left_out", "gauge", "How many have no series of their own (devices: ?peers=NUMBER)");
        for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
                put_left(out, lists[i].group->label, lists[i].list, lists[i].max);
        put_health(out, json_object_get(health, "findings"));
        put_traffic(out, traffic);
        put_http(out, c->app);
        json_decref(front);
        json_decref(told);
        json_decref(health);
        json_decref(traffic);
        json_decref(certs);
}

int get_metrics(struct call *c)
{
        int64_t max = PEERS_USUAL;
        char *text = NULL;
        size_t size = 0;
        json_t *json;
        FILE *out;
        int r;

        if (param_number(c, "peers", PEERS_MOST, &max) < 0)
                return -1;
        json = load_status(c, 2000);
        if (json == NULL)
                return -1;
        out = open_memstream(&text, &size);
        if (out == NULL) {
                json_decref(json);
                return fail_nomem(c);
        }
        put_all(c, out, json, (size_t)max);
        json_decref(json);
        r = fclose(out) != 0 ? fail_nomem(c) : answer_text(c, 200, text);
        if (r == 0)
                c->res->type = "text/plain; version=0.0.4; charset=utf-8";
        else
                free(text);
        return r;
}
