/* Shows: a cell's networks are random, overlap nothing that the host uses, and a wished one that does is refused with
 * the interface's name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/newcell.h"

static pic_obj *cell(const char *net4, const char *net6)
{
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_new(PIC__CELL, &o, NULL), 0);
        if (net4 != NULL)
                assert_int_equal(pic__obj_set(o, "net4", net4, 0, NULL), 0);
        if (net6 != NULL)
                assert_int_equal(pic__obj_set(o, "net6", net6, 0, NULL), 0);
        return o;
}

static void random_ones(void **state)
{
        char first4[64] = "", first6[64] = "";
        int i, other4 = 0, other6 = 0;

        (void)state;
        for (i = 0; i < 20; i++) {
                pic_obj *o = cell(NULL, NULL);
                const char *net4, *net6;

                assert_int_equal(pic__newcell_networks(o, 1, NULL), 0);
                net4 = pic__obj_text(o, "net4");
                net6 = pic__obj_text(o, "net6");
                assert_int_equal(strncmp(net4, "10.", 3), 0);
                assert_non_null(strstr(net4, ".0.0/16"));
                assert_int_equal(strncmp(net6, "fd", 2), 0);
                assert_non_null(strstr(net6, "::/48"));
                other4 += first4[0] != '\0' && strcmp(first4, net4) != 0;
                other6 += first6[0] != '\0' && strcmp(first6, net6) != 0;
                snprintf(first4, sizeof(first4), "%s", net4);
                snprintf(first6, sizeof(first6), "%s", net6);
                pic__obj_unref(o);
        }
        assert_true(other4 > 10);
        assert_int_equal(other6, 19);
}

static void given_stay(void **state)
{
        pic_obj *o = cell("192.168.7.0/24", "2001:db8::/64");

        (void)state;
        assert_int_equal(pic__newcell_networks(o, 1, NULL), 0);
        assert_string_equal(pic__obj_text(o, "net4"), "192.168.7.0/24");
        assert_string_equal(pic__obj_text(o, "net6"), "2001:db8::/64");
        pic__obj_unref(o);
}

/* A network namespace of our own, so that we know what the host uses. */
static void need_namespace(void)
{
        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                print_message("this needs root, for a network namespace\n");
                skip();
        }
        assert_int_equal(system("ip link set lo up && ip link add d0 type veth peer name d1 && ip link set d1 up && ip "
                                "addr add 10.3.0.1/16 dev d0 && "
                                "ip addr add fd33::1/64 dev d0 nodad && ip link set d0 up"),
                         0);
}

static void host_is_asked(void **state)
{
        pic_error *err = NULL;
        pic_obj *o;
        int i;

        (void)state;
        need_namespace();
        o = cell("10.3.4.0/24", "fd33::/48");
        assert_int_equal(pic__newcell_check_host(o, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "d0"));
        assert_non_null(strstr(pic_error_message(err), "10.3."));
        assert_string_equal(pic_error_detail(err, "field"), "net4");
        assert_string_equal(pic_error_detail(pic_error_next(err), "field"), "net6"); /* both are told */
        pic_error_free(err);
        err = NULL;
        pic__obj_unref(o);
        o = cell("10.4.0.0/16", "fd34::/48");
        assert_int_equal(pic__newcell_check_host(o, NULL), 0);
        pic__obj_unref(o);
        /* What is behind a device is not what the host reaches by itself: it would lose its own way there. */
        assert_int_equal(pic__obj_new(PIC__PEER, &o, NULL), 0);
        assert_int_equal(pic__newcell_check_host(o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "subnets", "10.4.0.0/16,fd34::/64", 0, NULL), 0);
        assert_int_equal(pic__newcell_check_host(o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "subnets", "10.4.0.0/16,10.3.0.9/32,fd00::/8", 0, NULL), 0);
        assert_int_equal(pic__newcell_check_host(o, &err), PIC_CONFLICT);
        assert_string_equal(pic_error_detail(err, "field"), "subnets");
        assert_string_equal(pic_error_detail(err, "value"), "10.3.0.9/32");
        assert_string_equal(pic_error_detail(pic_error_next(err), "value"), "fd00::/8");
        pic_error_free(err);
        err = NULL;
        pic__obj_unref(o);
        /* All but one /16 of 10.0.0.0/8 in use: that one is found. */
        assert_int_equal(system("for i in $(seq 0 255); do [ $i = 77 ] || ip route add 10.$i.0.0/17 dev d0 "
                                "2>/dev/null; done; true"),
                         0);
        for (i = 0; i < 3; i++) {
                o = cell(NULL, NULL);
                assert_int_equal(pic__newcell_networks(o, 0, NULL), 0);
                assert_string_equal(pic__obj_text(o, "net4"), "10.77.0.0/16");
                pic__obj_unref(o);
        }
        assert_int_equal(system("ip route add 10.0.0.0/8 dev d0"), 0);
        o = cell(NULL, NULL);
        assert_int_equal(pic__newcell_networks(o, 0, NULL), 0);
        assert_int_equal(strncmp(pic__obj_text(o, "net4"), "172.", 4), 0);
        pic__obj_unref(o);
        assert_int_equal(system("ip route add 172.16.0.0/12 dev d0"), 0);
        o = cell(NULL, NULL);
        assert_int_equal(pic__newcell_networks(o, 0, NULL), 0);
        assert_string_equal(pic__obj_text(o, "net4"), "192.168.0.0/16");
        pic__obj_unref(o);
        assert_int_equal(system("ip route add 192.168.0.0/16 dev d0 && ip -6 route add fd00::/8 dev d0"), 0);
        o = cell(NULL, NULL);
        assert_int_equal(pic__newcell_networks(o, 0, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_hint(err), "--net4"));
        pic_error_free(err);
        err = NULL;
        pic__obj_unref(o);
        o = cell("203.0.113.0/24", NULL);
        assert_int_equal(pic__newcell_networks(o, 0, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), "net6"));
        pic_error_free(err);
        pic__obj_unref(o);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(random_ones),
                cmocka_unit_test(given_stay),
                cmocka_unit_test(host_is_asked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
