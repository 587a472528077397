/* Shows: the agent runs, answers over its socket, and stops when told. */
#include <pthread.h>

#include "../../api/world.h"

static void refusals(void **state)
{
        pic_agent_opts o = PIC_AGENT_OPTS_INIT;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "fake");
        refused(pic_agent_run(NULL, NULL, &err), PIC_INVALID, "ctx");
        o.flags = 64;
        refused(pic_agent_run(w.ctx, &o, &err), PIC_INVALID, "flags");
        refused(pic_agent_down(NULL, 0, &err), PIC_INVALID, "ctx");
        refused(pic_agent_down(w.ctx, 64, &err), PIC_INVALID, "flags");
        o.flags = PIC_AGENT_KEEP_PRIVILEGES;
        refused(pic_agent_run(w.ctx, &o, &err), PIC_NOTFOUND, "");
        world_end(&w);
}

struct running {
        pic_ctx *ctx;
        pic_cancel *cancel;
        int ready[2];
        int result;
        pic_error *err;
};

static void on_ready(void *data)
{
        struct running *r = data;

        assert_int_equal(write(r->ready[1], "x", 1), 1);
}

static void *run(void *data)
{
        struct running *r = data;
        pic_agent_opts o = PIC_AGENT_OPTS_INIT;

        o.flags = PIC_AGENT_KEEP_PRIVILEGES;
        o.cancel = r->cancel;
        o.on_ready = on_ready;
        o.data = r;
        r->result = pic_agent_run(r->ctx, &o, &r->err);
        (void)!write(r->ready[1], "e", 1);
        return NULL;
}

/* An agent of the fake world, asked over its socket by a context of the real one: everything but the kernel is real. */
static void over_the_socket(void **state)
{
        struct running r = { .result = -99 };
        pic_report *report = NULL;
        pic_outcome *outcome = NULL;
        pic_error *err = NULL;
        pic_edit *e = NULL;
        pic_blob *blob = NULL;
        pthread_t t;
        char c;
        world w;

        (void)state;
        world_init(&w);
        r.ctx = w.ctx;
        ok(pic_cancel_new(&r.cancel, &err));
        assert_int_equal(pipe(r.ready), 0);
        assert_int_equal(pthread_create(&t, NULL, run, &r), 0);
        assert_int_equal(read(r.ready[0], &c, 1), 1);
        if (c != 'x')
                fail_msg("agent: %s", pic_error_message(r.err));
        w.ctx = world_open(w.dir, "real");
        ok(pic_edit_new(w.ctx, &e, &err));
        ok(pic_edit_add(e, "peer", "anna", &err));
        ok(pic_edit_commit(e, 0, &outcome, &err));
        if (pic_outcome_state(outcome) != PIC_OUTCOME_APPLIED)
                fail_msg("%s", pic_outcome_json(outcome));
        pic_outcome_unref(outcome);
        pic_edit_unref(e);
        ok(pic_status_get(w.ctx, 5000, &report, &err));
        assert_null(strstr(pic_report_text(report), "\"agent\":null"));
        pic_report_unref(report);
        ok(pic_peer_config(w.ctx, "anna", &blob, &err));
        assert_non_null(strstr(pic_blob_data(blob), "PrivateKey"));
        pic_blob_unref(blob);
        refused(pic_peer_config(w.ctx, "anna", &blob, &err), PIC_BADSTATE, "anna");
        ok(pic_doctor_run(w.ctx, &report, &err));
        pic_report_unref(report);
        ok(pic_agent_down(w.ctx, 0, &err)); /* tells it to stop */
        pthread_join(t, NULL);
        assert_int_equal(r.result, 0);
        pic_cancel_unref(r.cancel);
        pic_ctx_unref(r.ctx);
        close(r.ready[0]);
        close(r.ready[1]);
        world_end(&w);
}

static void down_without_agent(void **state)
{
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(pic_agent_down(w.ctx, PIC_DOWN_KEEP_BLOCK, &err));
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(refusals),
                cmocka_unit_test(over_the_socket),
                cmocka_unit_test(down_without_agent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
