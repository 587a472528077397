/* Shows: which changes cut the session of the one who makes them, and which do not. */
#include "plan/session.h"
#include "plan/touch.h"
#include "sample.h"

#define ADMIN "name=admin address4=10.1.0.2 address6=fd12:3456:789a::2 "

static pic__snap *world(void)
{
        pic__snap *s = sample_snap();

        sample_put(s, PIC__GROUP, 50, "name=ops access=10.1.0.1:tcp/22");
        sample_put(s, PIC__PEER, 20, ADMIN "access=192.168.1.1:tcp/22 groups=ops");
        sample_put(s, PIC__PEER, 21,
                   "name=site address4=10.1.0.3 address6=fd12:3456:789a::3 subnets=192.168.9.0/24 groups=ops");
        sample_now(s, SAMPLE_NOW);
        return s;
}

/* "" or the reason, after one object became `fields` (NULL: went). */
static const char *judge(const char *source, const char *destination, enum pic__kind kind, pic_id id,
                         const char *fields, pic__verdict *v)
{
        SNAP_AUTO s = world();
        OBJ_AUTO o = fields != NULL ? sample_obj(kind, id, fields) : NULL;
        pic__session session = { .port = 22 };
        char key[PIC__KEY_TEXT];
        pic__change c = { kind, id, NULL, o };

        if (o != NULL && kind == PIC__PEER && !pic__obj_has(o, "public_key"))
                sample_set(o, "public_key", sample_key((uint64_t)id, key));
        assert_int_equal(pic__addr_parse(source, &session.source), 0);
        if (destination != NULL)
                assert_int_equal(pic__addr_parse(destination, &session.destination), 0);
        assert_int_equal(pic__session_before(&session, s, v, NULL), 0);
        assert_int_equal(pic__changes_tell(s, &c, 1, NULL), 0);
        assert_int_equal(pic__session_after(&session, s, v, NULL), 0);
        pic__verdict_free(v);
        return v->reason;
}

static void cases(void **state)
{
        static const struct {
                const char *source, *destination;
                enum pic__kind kind;
                pic_id id;
                const char *fields;
                int inside, cut;
                const char *reason;
        } table[] = {
                { "10.1.0.2", NULL, PIC__PEER, 20, NULL, 1, 1, "removed" },
                { "10.1.0.2", NULL, PIC__PEER, 20, ADMIN "groups=ops enabled=no", 1, 1, "disabled" },
                { "10.1.0.2", NULL, PIC__PEER, 20, ADMIN "groups=ops expires=2020-01-01", 1, 1, "expires" },
                { "10.1.0.2", NULL, PIC__PEER, 20, ADMIN "groups=ops note=x", 1, 0, "" },
                { "10.1.0.2", NULL, PIC__PEER, 20, ADMIN "access=10.1.0.1", 1, 0, "" },
                { "10.1.0.2", NULL, PIC__PEER, 20, ADMIN "access=internet", 1, 1, "may not reach tcp/22 of 10.1.0.1" },
                { "10.1.0.2", "192.168.1.1", PIC__PEER, 20, ADMIN "groups=ops", 1, 1, "tcp/22 of 192.168.1.1" },
                { "10.1.0.2", "192.168.1.1", PIC__GROUP, 50, "name=ops", 1, 0, "" },
                { "10.1.0.2", NULL, PIC__GROUP, 50, "name=ops", 1, 1, "may not reach" },
                { "fd12:3456:789a::2", NULL, PIC__GROUP, 50, "name=ops", 1, 0, "" }, /* that was not let before */
                { "10.1.0.2", NULL, PIC__PEER, 20, "name=admin address4=10.1.0.9 groups=ops", 1, 1, "this address" },
                { "10.1.0.2", NULL, PIC__PEER, 20,
                  ADMIN "groups=ops public_key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=", 1, 1, "another key" },
                { "10.1.0.2", NULL, PIC__PEER, 20, ADMIN "groups=ops preshared=no", 1, 1, "another key" },
                { "10.1.0.2", NULL, PIC__PEER, 21, NULL, 1, 0, "" },
                { "192.168.9.7", NULL, PIC__PEER, 21, NULL, 1, 1, "removed" },
                { "192.168.9.7", NULL, PIC__PEER, 21, "name=site address4=10.1.0.3 groups=ops", 1, 1, "this address" },
                { "10.1.0.2", NULL, PIC__CELL, 1, SAMPLE_CELL " listen_port=51821", 1, 1, "another port" },
                { "10.1.0.2", NULL, PIC__CELL, 1, SAMPLE_CELL " device=pic7", 1, 1, "interface" },
                { "10.1.0.2", NULL, PIC__CELL, 1, SAMPLE_CELL " mtu=1300", 1, 0, "" },
                { "203.0.113.7", NULL, PIC__CELL, 1, SAMPLE_CELL " listen_port=51821", 0, 0, "" },
                { "203.0.113.7", NULL, PIC__PEER, 20, NULL, 0, 0, "" },
                { "10.1.7.7", NULL, PIC__PEER, 20, NULL, 0, 0, "" }, /* nobody's */
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(table); i++) {
                pic__verdict v = PIC__VERDICT_INIT;
                const char *reason =
                        judge(table[i].source, table[i].destination, table[i].kind, table[i].id, table[i].fields, &v);

                if (v.inside != table[i].inside || v.cut != table[i].cut || strstr(reason, table[i].reason) == NULL ||
                    (table[i].cut == 0 && reason[0] != '\0'))
                        fail_msg("row %zu: inside %d, cut %d: %s", i, v.inside, v.cut, reason);
                if (table[i].inside)
                        assert_true(v.peer[0] != '\0');
        }
}

/* The cell moves, its devices with it. */
static void the_cell_moves(void **state)
{
        SNAP_AUTO s = world();
        pic__session session = { .port = 22 };
        pic__verdict v = PIC__VERDICT_INIT;
        OBJ_AUTO cell = sample_obj(PIC__CELL, 1, SAMPLE_CELL " net4=10.2.0.0/16");
        OBJ_AUTO admin = sample_obj(PIC__PEER, 20, "name=admin address4=10.2.0.2 groups=ops");
        const pic__change changes[] = { { PIC__CELL, 1, NULL, cell }, { PIC__PEER, 20, NULL, admin } };

        (void)state;
        assert_int_equal(pic__addr_parse("10.1.0.2", &session.source), 0);
        assert_int_equal(pic__session_before(&session, s, &v, NULL), 0);
        assert_int_equal(pic__changes_tell(s, changes, 2, NULL), 0);
        assert_int_equal(pic__session_after(&session, s, &v, NULL), 0);
        assert_true(v.cut);
        assert_non_null(strstr(v.reason, "this address"));
        pic__verdict_free(&v);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(cases), cmocka_unit_test(the_cell_moves) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
