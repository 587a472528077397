/* Names for sockets, short and long. */
#include "fixture.h"

#include "engine/sockname.h"

static void test_names(void **state)
{
        struct sockaddr_un name;
        char dir[64], where[300], wanted[128];
        int fd, len;

        (void)state;
        fixture_dir(dir, sizeof(dir));
        assert_int_equal(pic__sockname(dir, &name, &fd, NULL), 0);
        snprintf(wanted, sizeof(wanted), "%s/agent.sock", dir);
        assert_string_equal(name.sun_path, wanted);
        close(fd);
        for (len = 60; len < 100; len++) { /* around the limit: always terminated, always whole */
                snprintf(where, sizeof(where), "%s/%0*d", dir, len, 1);
                assert_int_equal(mkdir(where, 0700), 0);
                assert_int_equal(pic__sockname(where, &name, &fd, NULL), 0);
                assert_non_null(memchr(name.sun_path, '\0', sizeof(name.sun_path)));
                assert_string_equal(name.sun_path + strlen(name.sun_path) - strlen("/agent.sock"), "/agent.sock");
                assert_int_equal(strlen(where) + strlen("/agent.sock") < sizeof(name.sun_path),
                                 strncmp(name.sun_path, dir, strlen(dir)) == 0);
                close(fd);
        }
        assert_int_equal(pic__sockname("/nowhere", &name, &fd, NULL), PIC_NOTFOUND);
        fixture_drop(dir);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_names) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
