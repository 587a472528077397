/* Shows: a link shows a configuration once, to one of those who come at once, and is not lost when nothing was shown.
 */
#include "people.h"

#include <pthread.h>

static char *link_of(world *w, const char *peer, uint32_t seconds)
{
        pic_blob *b = NULL;
        pic_error *err = NULL;
        char *text;

        ok(pic_link_make(w->ctx, peer, seconds, &b, &err));
        text = strdup(pic_blob_data(b));
        pic_blob_unref(b);
        return text;
}

static void once(void **state)
{
        pic_report *r = NULL;
        pic_error *err = NULL;
        pic_blob *b = NULL;
        char *old, *text;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "phone", NULL, &err));
        old = link_of(&w, "phone", 0);
        text = link_of(&w, "phone", 60);
        refused(pic_link_take(w.ctx, old, "192.0.2.7", &r, &err), PIC_DENIED, "no such link");
        ok(pic_link_take(w.ctx, text, "192.0.2.7", &r, &err));
        assert_non_null(strstr(pic_report_text(r), "{\"name\":\"phone\",\"config\":\""));
        assert_non_null(strstr(pic_report_text(r), "PrivateKey = "));
        pic_report_unref(r);
        refused(pic_link_take(w.ctx, text, "192.0.2.7", &r, &err), PIC_DENIED, "no such link");
        refused(pic_link_make(w.ctx, "phone", 0, &b, &err), PIC_BADSTATE, "shown already");
        refused(pic_link_make(w.ctx, "nobody", 0, &b, &err), PIC_NOTFOUND, "nobody");
        refused(pic_link_make(w.ctx, "phone", 604801, &b, &err), PIC_VALUE, "seconds");
        refused(pic_link_make(w.ctx, NULL, 0, &b, &err), PIC_INVALID, "peer");
        refused(pic_link_take(w.ctx, NULL, NULL, &r, &err), PIC_INVALID, "token");
        assert_int_equal(people_rows(&w, "link"), 2);
        free(old);
        free(text);
        world_end(&w);
}

/* What cannot be shown (there is no endpoint yet) leaves the link as it is. */
static void kept(void **state)
{
        pic_report *r = NULL;
        pic_error *err = NULL;
        char *text;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "phone", NULL, &err));
        text = link_of(&w, "phone", 0);
        ok(world_set(&w, "cell", NULL, "endpoint", NULL, &err));
        refused(pic_link_take(w.ctx, text, NULL, &r, &err), PIC_BADSTATE, "endpoint");
        ok(world_set(&w, "cell", NULL, "endpoint", "vpn.example.org:51820", &err));
        ok(pic_link_take(w.ctx, text, NULL, &r, &err));
        pic_report_unref(r);
        free(text);
        world_end(&w);
}

struct taker {
        pic_ctx *ctx;
        const char *text;
        int r;
};

static void *take(void *data)
{
        struct taker *t = data;
        pic_report *report = NULL;

        t->r = pic_link_take(t->ctx, t->text, NULL, &report, NULL);
        pic_report_unref(report);
        return NULL;
}

static void race(void **state)
{
        pic_error *err = NULL;
        struct taker takers[4];
        pthread_t threads[4];
        int i, got = 0;
        char *text;
        world w;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "peer", "phone", NULL, &err));
        text = link_of(&w, "phone", 0);
        for (i = 0; i < 4; i++) {
                takers[i] = (struct taker){ w.ctx, text, 1 };
                assert_int_equal(pthread_create(&threads[i], NULL, take, &takers[i]), 0);
        }
        for (i = 0; i < 4; i++) {
                pthread_join(threads[i], NULL);
                got += takers[i].r == 0;
        }
        assert_int_equal(got, 1);
        free(text);
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(once), cmocka_unit_test(kept), cmocka_unit_test(race) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
