/* Who may call: root, the owner, this user, the group; nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/caller.h"

static void test_allowed(void **state)
{
        gid_t group = 0, other = 0;

        (void)state;
        assert_true(pic__caller_allowed(0, 0, 4242));
        assert_true(pic__caller_allowed(4242, 4242, 4242));
        assert_true(pic__caller_allowed(geteuid(), getegid(), 4242));
        assert_false(pic__caller_allowed(4243, 4243, 4242));
        assert_false(pic__caller_allowed(65534, 65534, 4242)); /* a user that is known, and in no group of ours */
        if (pic__caller_group(PIC__GROUP, &group) == 0)
                assert_true(pic__caller_allowed(4243, group, 4242));
        assert_int_equal(pic__caller_group("root", &other), 0);
        assert_int_equal(other, 0);
        assert_int_equal(pic__caller_group("no-such-group-here", &other), -1);
        assert_true(pic__caller_member(0, 77, 0));     /* root's own group, by its entry */
        assert_true(pic__caller_member(4243, 77, 77)); /* what the process has */
        assert_false(pic__caller_member(0, 77, 4244));
        assert_false(pic__caller_member(4243, 77, 78)); /* no such user */
        pic__mem_fail_at(1);
        assert_int_equal(pic__caller_group("root", &other), -1);
        pic__mem_fail_at(0);
}

static void test_check(void **state)
{
        char actor[PIC__CALLER_TEXT] = "";
        int pair[2];
        uid_t uid = 99;

        (void)state;
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        assert_int_equal(pic__caller_uid(pair[0], &uid), 0);
        assert_int_equal(uid, getuid());
        assert_int_equal(pic__caller_uid(-1, &uid), -1);
        assert_int_equal(pic__caller_check(pair[0], 4242, actor, NULL), 0);
        if (geteuid() == 0)
                assert_string_equal(actor, "root");
        else
                assert_memory_equal(actor, "uid ", 4);
        close(pair[0]);
        close(pair[1]);
        assert_true(pic__caller_check(-1, 4242, actor, NULL) < 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_allowed), cmocka_unit_test(test_check) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
