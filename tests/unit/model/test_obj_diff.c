/* Shows: JSON of objects from the table, and differences of two, without secrets. */
#include "help.h"

static char *json(const pic_obj *o)
{
        pic__buf b = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&b);

        pic__obj_json(o, &j);
        return pic__buf_steal(&b);
}

static void as_json(void **state)
{
        PIC__AUTO(pic__obj_unref_p)
        pic_obj *o = obj("peer", 7, "name=anna", "access=internet,peer:bob", "groups=", "expires=2027-01-31",
                         "keepalive=0", "private_key=YWI=", NULL);
        pic__auto_free char *text = NULL;

        (void)state;
        o->revision = 12;
        text = json(o);
        assert_string_equal(
                text,
                "{\"id\":7,\"revision\":12,\"name\":\"anna\",\"enabled\":true,\"address4\":null,\"address6\":null,"
                "\"access\":[\"internet\",\"peer:bob\"],\"groups\":[],\"exit\":null,\"failopen\":null,\"tunnel\":null,"
                "\"subnets\":null,\"keepalive\":0,"
                "\"expires\":\"2027-01-31T00:00:00Z\",\"note\":null,\"public_key\":null,\"key_mode\":\"sealed\","
                "\"preshared\":true,\"config_shown\":null,\"created\":null}");
}

struct seen {
        char text[1024];
        int stop_after;
};

static int note(const pic__field *f, const char *before, const char *after, void *data)
{
        struct seen *s = data;
        size_t n = strlen(s->text);

        snprintf(s->text + n, sizeof(s->text) - n, "%s:%s>%s;", f->name, before != NULL ? before : "",
                 after != NULL ? after : "");
        return --s->stop_after == 0 ? 5 : 0;
}

static void differences(void **state)
{
        PIC__AUTO(pic__obj_unref_p)
        pic_obj *a = obj("peer", 7, "name=anna", "access=lan", "private_key=YWI=", "keepalive=25", NULL);
        PIC__AUTO(pic__obj_unref_p)
        pic_obj *b = obj("peer", 7, "name=anna", "access=", "private_key=YWJj", "note=hello", NULL);
        struct seen s = { "", 0 };

        (void)state;
        assert_int_equal(pic__obj_diff(a, a, note, &s), 0);
        assert_string_equal(s.text, "");
        assert_int_equal(pic__obj_diff(a, b, note, &s), 0);
        assert_string_equal(s.text, "access:lan>;keepalive:25>;note:>hello;private_key:(secret)>(secret);");
        s = (struct seen){ "", 0 };
        assert_int_equal(pic__obj_diff(NULL, b, note, &s), 0);
        assert_string_equal(s.text, "name:>anna;access:>;note:>hello;private_key:>(secret);");
        s = (struct seen){ "", 0 };
        assert_int_equal(pic__obj_diff(b, NULL, note, &s), 0);
        assert_string_equal(s.text, "name:anna>;access:>;note:hello>;private_key:(secret)>;");
        s = (struct seen){ "", 2 };
        assert_int_equal(pic__obj_diff(a, b, note, &s), 5);
        assert_string_equal(s.text, "access:lan>;keepalive:25>;");
        assert_int_equal(pic__obj_diff(NULL, NULL, note, &s), 0);
}

static int all(void *data)
{
        struct seen s = { "", 0 };
        pic__auto_free char *text = json(data);

        return text != NULL ? pic__obj_diff(NULL, data, note, &s) : PIC_NOMEM;
}

static void memory(void **state)
{
        PIC__AUTO(pic__obj_unref_p) pic_obj *o = obj("peer", 7, "name=anna", "access=lan", "expires=2027-01-31", NULL);

        (void)state;
        out_of_memory(all, o);
}

RUN(T(as_json), T(differences), T(memory))
