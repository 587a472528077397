/* Shows: fresh keys are sealed to the agent and to their own place; nobody else opens them, nor they anywhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "change/newkeys.h"
#include "model/key.h"
#include "sys/crypto.h"

static pic_obj *peer(pic_id id)
{
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_new(PIC__PEER, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", "anna", 0, NULL), 0);
        o->id = id;
        return o;
}

static void pair(void **state)
{
        uint8_t agent[32], seal[32], secret[32], public_key[32];
        char text[PIC__KEY_TEXT];
        pic_obj *o = peer(7);
        size_t len = 0;

        (void)state;
        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__wg_keypair(agent, seal);
        assert_int_equal(pic__newkeys_pair(o, seal, NULL), 0);
        assert_int_equal(
                pic__unseal(agent, "peer/7/private_key", pic__obj_text(o, "private_key"), secret, 32, &len, NULL), 0);
        assert_int_equal(len, 32);
        pic__wg_public(secret, public_key);
        pic__key_encode(public_key, text);
        assert_string_equal(pic__obj_text(o, "public_key"), text);
        assert_true(pic__unseal(agent, "peer/8/private_key", pic__obj_text(o, "private_key"), secret, 32, &len, NULL) <
                    0);
        assert_true(pic__unseal(agent, "peer/7/preshared_key", pic__obj_text(o, "private_key"), secret, 32, &len,
                                NULL) < 0);
        assert_int_equal(pic__newkeys_preshared(o, seal, NULL), 0);
        assert_int_equal(
                pic__unseal(agent, "peer/7/preshared_key", pic__obj_text(o, "preshared_key"), secret, 32, &len, NULL),
                0);
        pic__obj_unref(o);
}

static void out_of_memory(void **state)
{
        uint8_t agent[32], seal[32];
        unsigned long n, made;

        (void)state;
        pic__wg_keypair(agent, seal);
        for (n = 1;; n++) {
                pic_obj *o = peer(7);
                pic_error *err = NULL;
                int r;

                pic__mem_fail_at(n);
                r = pic__newkeys_pair(o, seal, &err);
                if (r == 0)
                        r = pic__newkeys_preshared(o, seal, &err);
                made = pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
                pic_error_free(err);
                pic__obj_unref(o);
                if (made < n)
                        break;
        }
        assert_true(n > 4);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(pair), cmocka_unit_test(out_of_memory) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
