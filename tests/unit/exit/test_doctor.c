/* backend/exit/doctor.c */
#include "world.h"

static char told[1000];

static void tell(int level, const char *area, const char *what, const char *fix, void *data)
{
        (void)level;
        (void)data;
        assert_string_equal(area, "exit");
        assert_non_null(fix);
        snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s\n", what);
}

static void findings(void **state)
{
        pic__backend *b = backend();

        (void)state;
        b->ops->doctor(b, tell, NULL);
        assert_string_equal(told, "");
        must(b, NULL, WG_VALUE, WG_SECRET);
        b->ops->doctor(b, tell, NULL);
        assert_string_equal(told, "connection vpn: no handshake: the far end has never answered\n");
        told[0] = '\0';
        assert_int_equal(sh("ip link delete picx1"), 0);
        b->ops->doctor(b, tell, NULL);
        assert_non_null(strstr(told, "connection vpn (picx1): what is there is not what it should be"));
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(findings) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
