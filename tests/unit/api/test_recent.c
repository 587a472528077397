/* Shows: what was read lately is given again while nothing was committed, and not a moment longer, whoever commits. */
#include "people.h"

#include "api/recent.h"

#include <pthread.h>

static pic__stamp at(uint64_t n)
{
        return (pic__stamp){ .at = { n } };
}

static pic_obj *named(const char *name)
{
        pic_obj *o = NULL;
        pic_error *err = NULL;

        ok(pic__obj_new(PIC__GROUP, &o, &err));
        ok(pic__obj_set(o, "name", name, 1, &err));
        return o;
}

static void objects(void **state)
{
        char longest[65] = "";
        pic__stamp one = at(1), two = at(2);
        pic__recent *r = NULL;
        pic_obj *a = named("a"), *b = named("b"), *got;
        pic_error *err = NULL;

        (void)state;
        ok(pic__recent_new(&r, &err));
        assert_null(pic__recent_obj(r, &one, PIC__GROUP, "a"));
        pic__recent_keep_obj(r, &one, PIC__GROUP, "a", a);
        got = pic__recent_obj(r, &one, PIC__GROUP, "a");
        assert_ptr_equal(got, a);
        pic__obj_unref(got);
        assert_null(pic__recent_obj(r, &two, PIC__GROUP, "a"));
        assert_null(pic__recent_obj(r, &one, PIC__PEER, "a"));
        assert_null(pic__recent_obj(r, &one, PIC__GROUP, "A"));
        pic__recent_keep_obj(r, &two, PIC__GROUP, "a", b); /* instead of what was there */
        assert_null(pic__recent_obj(r, &one, PIC__GROUP, "a"));
        got = pic__recent_obj(r, &two, PIC__GROUP, "a");
        assert_ptr_equal(got, b);
        pic__obj_unref(got);
        memset(longest, 'x', sizeof(longest) - 1);
        pic__recent_keep_obj(r, &one, PIC__GROUP, longest, a);
        assert_null(pic__recent_obj(r, &one, PIC__GROUP, longest));
        longest[63] = '\0';
        pic__recent_keep_obj(r, &one, PIC__GROUP, longest, a);
        pic__obj_unref(got = pic__recent_obj(r, &one, PIC__GROUP, longest));
        assert_non_null(got);
        pic__obj_unref(a);
        pic__obj_unref(b);
        pic__recent_free(r);
        pic__recent_free(NULL);
}

static pic_session *made(pic_id id, pic_time created)
{
        pic__session_row row = { .id = id, .created = created, .seen = created, .role = "setup" };
        pic_session *s = NULL;
        pic_error *err = NULL;

        ok(pic__session_make(&(pic__session_is){ .row = &row, .role = "setup", .text = "x", .now = created }, &s,
                             &err));
        return s;
}

static pic_id id_of(pic__recent *r, const pic__stamp *stamp, uint8_t n, pic_time now)
{
        uint8_t hash[32] = { n };
        pic_session *s = pic__recent_session(r, stamp, hash, now);
        pic_id id = pic_session_id(s);

        if (s != NULL)
                assert_int_equal(pic_session_age(s), (now - 1000) / PIC__SECOND);
        pic_session_unref(s);
        return id;
}

static void sessions(void **state)
{
        pic_time begin = 1000, end = begin + 60 * PIC__SECOND;
        pic__stamp one = at(1), two = at(2);
        pic__recent *r = NULL;
        pic_error *err = NULL;
        uint8_t i;

        (void)state;
        ok(pic__recent_new(&r, &err));
        for (i = 1; i <= 17; i++) {
                uint8_t hash[32] = { i };
                pic_session *s = made(i, begin);

                assert_int_equal(id_of(r, &one, i, begin), 0);
                pic__recent_keep_session(r, &one, hash, s, begin, end);
                pic__recent_keep_session(r, &one, hash, s, begin, end); /* takes no other place */
                pic_session_unref(s);
                assert_int_equal(id_of(r, &one, i, begin), i);
        }
        assert_int_equal(id_of(r, &one, 1, begin), 0); /* the oldest went */
        assert_int_equal(id_of(r, &one, 2, begin), 2);
        assert_int_equal(id_of(r, &two, 2, begin), 0);
        assert_int_equal(id_of(r, &one, 2, begin - 1), 0); /* a clock that was put back */
        assert_int_equal(id_of(r, &one, 2, end - 1), 2);
        assert_int_equal(id_of(r, &one, 2, end), 0);
        pic__recent_free(r);
}

/* Two contexts, as two processes are: what one changes the other one knows at its next question. */
static void at_once(void **state)
{
        pic_ctx *other;
        pic_session *s = NULL, *again = NULL;
        pic_error *err = NULL;
        pic_obj *o = NULL;
        world w;
        int i;

        (void)state;
        world_init(&w);
        people_add(&w, "anna", "admin");
        people_add(&w, "ben", "admin");
        other = world_open(w.dir, "fake");
        ok(people_login(&w, "ben", PASSWORD, NULL, &s, &err));
        for (i = 0; i < 4; i++) { /* the second time without a look at the file */
                ok(pic_session_find(other, pic_session_token(s), &again, &err));
                assert_string_equal(pic_session_csrf(again), pic_session_csrf(s));
                assert_string_equal(pic_session_user(again), "ben");
                assert_non_null(strstr(pic_session_json(again), "\"agent\":\"test\""));
                assert_string_equal(pic_session_token(again), "");
                again = pic_session_unref(again);
        }
        for (i = 0; i < 20; i++) {
                char note[32];
                char *text;

                snprintf(note, sizeof(note), "note %d", i);
                ok(world_set(&w, "user", "ben", "note", note, &err));
                ok(pic_get(other, "user", "ben", &o, &err));
                pic_obj_unref(o);
                ok(pic_get(other, "user", "ben", &o, &err));
                text = pic_obj_get(o, "note");
                assert_string_equal(text, note);
                pic_text_free(text);
                pic_obj_unref(o);
        }
        ok(pic_session_find(other, pic_session_token(s), &again, &err));
        again = pic_session_unref(again);
        ok(world_set(&w, "user", "ben", "role", "viewer", &err)); /* ends it */
        assert_int_equal(pic_session_find(other, pic_session_token(s), &again, NULL), PIC_DENIED);
        ok(world_remove(&w, "user", "ben", &err));
        assert_int_equal(pic_get(other, "user", "ben", &o, NULL), PIC_NOTFOUND);
        pic_session_unref(s);
        pic_ctx_unref(other);
        world_end(&w);
}

struct reader {
        world *w;
        int over;
        unsigned long reads;
};

static void *read_on(void *data)
{
        struct reader *me = data;

        while (!__atomic_load_n(&me->over, __ATOMIC_RELAXED)) {
                pic_obj *o = NULL;

                if (pic_get(me->w->ctx, "group", "g", &o, NULL) < 0)
                        break;
                pic_obj_unref(o);
                me->reads++;
        }
        return NULL;
}

/* Threads that read while another one writes. */
static void threads(void **state)
{
        struct reader readers[4];
        pthread_t ids[4];
        pic_error *err = NULL;
        world w;
        int i;

        (void)state;
        world_init(&w);
        ok(world_add(&w, "group", "g", NULL, &err));
        for (i = 0; i < 4; i++) {
                readers[i] = (struct reader){ .w = &w };
                assert_int_equal(pthread_create(&ids[i], NULL, read_on, &readers[i]), 0);
        }
        for (i = 0; i < 20; i++) {
                char note[32];

                snprintf(note, sizeof(note), "note %d", i);
                ok(world_set(&w, "group", "g", "note", note, &err));
                world_is(&w, "group", "g", "note", note);
        }
        for (i = 0; i < 4; i++) {
                __atomic_store_n(&readers[i].over, 1, __ATOMIC_RELAXED);
                assert_int_equal(pthread_join(ids[i], NULL), 0);
                assert_true(readers[i].reads > 0);
        }
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(objects), cmocka_unit_test(sessions),
                                            cmocka_unit_test(at_once), cmocka_unit_test(threads) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
