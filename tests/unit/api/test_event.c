/* Shows: events are the journal: complete, resumable, seen across processes, waited for by descriptor. */
#include <poll.h>
#include <pthread.h>

#include "../../api/world.h"
#include "base/mem.h"

static void from_the_start(void **state)
{
        pic_error *err = NULL;
        pic_event *e = NULL;
        pic_sub *sub = NULL;
        int64_t last = 0;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "anna", NULL, &err));
        ok(world_set(&w, "peer", "anna", "note", "x", &err));
        ok(world_remove(&w, "peer", "anna", &err));
        ok(pic_sub_open(w.ctx, 0, &sub, &err));
        assert_int_equal(pic_sub_next(sub, 0, &e, &err), 1);
        assert_string_equal(pic_event_kind(e), "cell");
        assert_string_equal(pic_event_verb(e), "add");
        pic_event_unref(e);
        assert_int_equal(pic_sub_next(sub, 0, &e, &err), 1);
        assert_string_equal(pic_event_kind(e), "peer");
        assert_string_equal(pic_event_name(e), "anna");
        assert_string_equal(pic_event_verb(e), "add");
        assert_string_equal(pic_event_actor(e), "tester");
        assert_true(pic_event_time(e) > 0);
        assert_int_equal(pic_event_revision(e), 2);
        assert_true(strlen(pic_event_text(e)) > 5);
        assert_non_null(strstr(pic_event_json(e), "\"way\":\"cli\""));
        assert_null(strstr(pic_event_json(e), "private_key\":\"A"));
        last = pic_event_seq(e);
        pic_event_unref(e);
        pic_sub_unref(sub);
        ok(pic_sub_open(w.ctx, last, &sub, &err)); /* resumed */
        assert_int_equal(pic_sub_next(sub, 0, &e, &err), 1);
        assert_string_equal(pic_event_verb(e), "change");
        assert_true(pic_event_seq(e) > last);
        pic_event_unref(e);
        assert_int_equal(pic_sub_next(sub, 0, &e, &err), 1);
        assert_string_equal(pic_event_verb(e), "remove");
        assert_int_equal(pic_sub_next(sub, 0, &e, &err), 0);
        assert_int_equal(pic_sub_next(sub, 30, &e, &err), 0);
        pic_ctx_unref(w.ctx);
        w.ctx = NULL;
        assert_string_equal(pic_event_name(e), "anna");
        pic_event_unref(e);
        pic_sub_unref(sub);
        world_end(&w);
}

static void *add_later(void *data)
{
        world other = *(world *)data;
        pic_error *err = NULL;

        usleep(50000);
        other.ctx = world_open(other.dir, "fake"); /* like another process */
        if (world_add(&other, "peer", "late", NULL, &err) < 0)
                return err;
        pic_ctx_unref(other.ctx);
        return NULL;
}

static void waits(void **state)
{
        pic_error *err = NULL;
        pic_event *e = NULL;
        pic_sub *sub = NULL;
        struct pollfd p;
        pthread_t t;
        void *bad;
        world w;

        (void)state;
        world_init(&w);
        ok(pic_sub_open(w.ctx, -1, &sub, &err));
        assert_int_equal(pic_sub_next(sub, 0, &e, &err), 0);
        p = (struct pollfd){ pic_sub_fd(sub), POLLIN, 0 };
        assert_int_equal(pthread_create(&t, NULL, add_later, &w), 0);
        assert_int_equal(poll(&p, 1, 10000), 1);
        assert_int_equal(pic_sub_next(sub, 10000, &e, &err), 1);
        assert_string_equal(pic_event_name(e), "late");
        pic_event_unref(e);
        pthread_join(t, &bad);
        assert_null(bad);
        pic_sub_unref(sub);
        world_end(&w);
}

static void refusals(void **state)
{
        pic_error *err = NULL;
        pic_event *e = NULL;
        pic_sub *sub = NULL;
        world w;

        (void)state;
        world_dir(&w);
        w.ctx = world_open(w.dir, "fake");
        refused(pic_sub_open(w.ctx, 0, &sub, &err), PIC_NOTFOUND, "");
        refused(pic_sub_open(w.ctx, -2, &sub, &err), PIC_INVALID, "after");
        refused(pic_sub_open(NULL, 0, &sub, &err), PIC_INVALID, "ctx");
        refused(pic_sub_next(NULL, 0, &e, &err), PIC_INVALID, "sub");
        assert_int_equal(pic_sub_fd(NULL), -1);
        assert_null(pic_sub_unref(NULL));
        assert_int_equal(pic_event_seq(NULL), 0);
        assert_int_equal(pic_event_revision(NULL), 0);
        assert_int_equal(pic_event_time(NULL), 0);
        assert_string_equal(pic_event_kind(NULL), "");
        assert_string_equal(pic_event_name(NULL), "");
        assert_string_equal(pic_event_verb(NULL), "");
        assert_string_equal(pic_event_actor(NULL), "");
        assert_string_equal(pic_event_text(NULL), "");
        assert_string_equal(pic_event_json(NULL), "{}");
        assert_null(pic_event_unref(NULL));
        world_end(&w);
}

static void out_of_memory(void **state)
{
        unsigned long n, made;
        world w;

        (void)state;
        world_init(&w);
        for (n = 1;; n++) {
                pic_error *err = NULL;
                pic_event *e = NULL;
                pic_sub *sub = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic_sub_open(w.ctx, 0, &sub, &err);
                if (r == 0)
                        r = pic_sub_next(sub, 0, &e, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 1 || r == PIC_NOMEM);
                pic_event_unref(e);
                pic_sub_unref(sub);
                pic_error_free(err);
                if (made < n)
                        break;
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(from_the_start),
                cmocka_unit_test(waits),
                cmocka_unit_test(refusals),
                cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
