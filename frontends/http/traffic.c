/* Owns: what was: how much passed, by hour or day; what was wrong. */
#include <stdlib.h>

#include "http/http.h"

/* Hours and days; 0: not said. */
static int read_spans(struct call *c, pic_traffic_opts *o)
{
        int64_t hours = 0, days = 0;

        if (param_number(c, "hours", UINT32_MAX, &hours) < 0 || param_number(c, "days", UINT32_MAX, &days) < 0)
                return -1;
        o->hours = (uint32_t)hours;
        o->days = (uint32_t)days;
        return 0;
}

int get_traffic(struct call *c)
{
        pic_traffic_opts o = PIC_TRAFFIC_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;

        if (read_spans(c, &o) < 0 || param_moment(c, "since", &o.since) < 0 || param_moment(c, "until", &o.until) < 0)
                return -1;
        o.peer = param(c, "peer");
        o.connection = param(c, "connection");
        return pic_traffic_get(app_ctx(c->app), &o, &report, &err) < 0 ? fail_err(c, err)
                                                                       : answer_report(c, 200, report);
}

int add_buckets(struct call *c, const char *peer, json_t *to)
{
        pic_traffic_opts o = PIC_TRAFFIC_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *traffic;

        if (read_spans(c, &o) < 0)
                return -1;
        if (o.hours == 0 && o.days == 0)
                return 0;
        o.peer = peer;
        if (pic_traffic_get(app_ctx(c->app), &o, &report, &err) < 0)
                return fail_err(c, err);
        traffic = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        json_object_set(to, "buckets", json_object_get(traffic, "buckets"));
        json_decref(traffic);
        return 0;
}

int get_health_history(struct call *c)
{
        pic_health_opts o = PIC_HEALTH_OPTS_INIT;
        pic_report *report = NULL;
        pic_error *err = NULL;
        int64_t limit = 0;

        if (param_number(c, "limit", 5000, &limit) < 0 || param_moment(c, "since", &o.since) < 0 ||
            param_moment(c, "until", &o.until) < 0)
                return -1;
        o.max = (uint32_t)limit;
        return pic_health_history(app_ctx(c->app), &o, &report, &err) < 0 ? fail_err(c, err)
                                                                          : answer_report(c, 200, report);
}
