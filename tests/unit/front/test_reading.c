/* backend/front/reading.c on what haproxy 2.6 says. */
#include "world.h"

static char told[256];

static int note(const char *key, const char *value, void *data)
{
        (void)data;
        snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s>%s;", key, value);
        return strcmp(key, "stop") == 0 ? 7 : 0;
}

static int note_name(const char *name, void *data)
{
        return note(name, "", data);
}

static void maps(void **state)
{
        char text[] =
                "0x55e932b03640 home.internal page\n0x55e932b03750 [fd00::1] page\nUnknown map\n0x1\n0x2 alone\n\n",
             stops[] = "0x1 stop it\n0x2 b c\n", nothing[] = "\n";

        (void)state;
        told[0] = '\0';
        assert_int_equal(pic__front_read_map(text, note, NULL), 0);
        assert_string_equal(told, "home.internal>page;[fd00::1]>page;");
        assert_int_equal(pic__front_read_map(stops, note, NULL), 7);
        assert_int_equal(pic__front_read_map(nothing, note, NULL), 0);
}

#define LIST "# service-certs\n_nas:1\nblog:3 nas.example.org\nblog [alpn h2] tv.example.org\n:4 x\n\n"

static int note_shown(const pic__front_shown *s, void *data)
{
        char cert[64];

        snprintf(cert, sizeof(cert), "%s:%s", s->cert, s->line);
        return note(cert, s->name, data);
}

static void names(void **state)
{
        char text[] = "# certs\nfront:1\nblog:2 [alpn h2]\n\n", certs[] = "# transaction\n*front\n# filename\nfront\n",
             both[] = LIST, shown[] = LIST;

        (void)state;
        told[0] = '\0';
        assert_int_equal(pic__front_read_names(text, note_name, NULL), 0);
        assert_int_equal(pic__front_read_names(certs, note_name, NULL), 0);
        assert_string_equal(told, "front>;blog>;front>;");
        told[0] = '\0';
        assert_int_equal(pic__front_read_names(both, note_name, NULL), 0);
        assert_int_equal(pic__front_read_shown(shown, note_shown, NULL), 0);
        assert_string_equal(told, "_nas>;blog:3>nas.example.org;blog:>tv.example.org;");
}

static void lines(void **state)
{
        const char *text = "Filename: front\nStatus: Used\nSerial: 0AF3\nSubject: /CN=home.internal\n";
        char out[20], small[4];

        (void)state;
        assert_int_equal(pic__front_read_line(text, "Serial", out, sizeof(out)), 0);
        assert_string_equal(out, "0AF3");
        pic__front_serial(out, told, sizeof(told));
        assert_string_equal(told, "0af3");
        pic__front_serial("00F3A1", told, sizeof(told));
        assert_string_equal(told, "f3a1");
        assert_int_equal(pic__front_read_line(text, "Filename", out, sizeof(out)), 0);
        assert_string_equal(out, "front");
        assert_int_equal(pic__front_read_line(text, "Issuer", out, sizeof(out)), -1);
        assert_int_equal(pic__front_read_line(text, "Subject", small, sizeof(small)), -1);
        assert_int_equal(pic__front_read_line("", "Subject", out, sizeof(out)), -1);
}

static int note_server(const pic__front_server *s, void *data)
{
        size_t n = strlen(told);

        (void)data;
        snprintf(told + n, sizeof(told) - n, "%s|%s|%s|%s|%lld;", s->name, s->status, s->check, s->last,
                 (long long)s->connections);
        return 0;
}

static void servers(void **state)
{
        char text[] = "x,y\n# pxname,svname,scur,status,last_chk,check_desc,\nservices,nas,3,DOWN 1/2,\"a \"\"b\"\", "
                      "c\",Layer4,\nservices,tv,0,UP,,,\nservices,,0,UP,,,\nservices,cut\n",
             none[] = "services,nas,3\n", odd[] = "# svname,scur\nnas,3\n";

        (void)state;
        told[0] = '\0';
        assert_int_equal(pic__front_read_servers(text, note_server, NULL), 0);
        assert_int_equal(pic__front_read_servers(none, note_server, NULL), 0);
        assert_int_equal(pic__front_read_servers(odd, note_server, NULL), 0);
        assert_string_equal(told, "nas|DOWN 1/2|Layer4|a \"b\", c|3;tv|UP|||0;cut||||0;");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(maps), cmocka_unit_test(names), cmocka_unit_test(lines),
                                            cmocka_unit_test(servers) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
