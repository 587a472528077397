/* Shows: what a plan says of certificates of public CAs: one that goes stays good and that is said; with a revocation
 * before, its CA is told; the cell's own, those that were not issued and those that have ended are nobody's business.
 */
#include "../../api/world.h"

#include "api/left.h"
#include "base/time.h"

static pic_obj *cert(pic_id id, const char *issuer, pic_time until, int revoked)
{
        pic_obj *o = NULL;

        assert_int_equal(pic__obj_new(PIC__CERTIFICATE, &o, NULL), 0);
        o->id = id;
        assert_int_equal(pic__obj_set(o, "name", "nas", 1, NULL), 0);
        assert_int_equal(pic__obj_set(o, "issuer", issuer, 1, NULL), 0);
        assert_int_equal(pic__obj_set(o, "chain", "QUJD", 1, NULL), 0);
        assert_int_equal(pic__obj_set(o, "issuer_key", "ab", 1, NULL), 0);
        assert_int_equal(pic__obj_set_int(o, "not_after", until, NULL), 0);
        assert_int_equal(pic__obj_set_int(o, "revoked", revoked, NULL), 0);
        return o;
}

/* Takes before and after. */
static void says(pic_obj *before, pic_obj *after, const char *owed, const char *want)
{
        pic__auto_changes pic__changes c = PIC__CHANGES_INIT;
        pic__buf out = PIC__BUF_INIT;
        pic__json j = PIC__JSON(&out);
        pic_obj *cell = NULL;

        assert_int_equal(pic__vec_push(&c.list, ((pic__change){ PIC__CERTIFICATE, before->id, before, after })), 0);
        assert_int_equal(pic__obj_new(PIC__CELL, &cell, NULL), 0);
        if (owed != NULL)
                assert_int_equal(pic__obj_set(cell, "ca_owed", owed, 1, NULL), 0);
        assert_int_equal(pic__vec_push(&c.list, ((pic__change){ PIC__CELL, 1, cell, cell })), 0);
        pic__json_open(&j, '[');
        pic__left_tell(&c, 5 * PIC__SECOND, &j);
        pic__json_close(&j, ']');
        if (want == NULL)
                assert_string_equal(pic__buf_str(&out), "[]");
        else if (strstr(pic__buf_str(&out), want) == NULL)
                fail_msg("%s", pic__buf_str(&out));
        pic__obj_unref(before);
        pic__obj_unref(after);
        pic__obj_unref(cell);
        pic__buf_free(&out);
}

static void told(void **state)
{
        const pic_time later = 9 * PIC__SECOND, over = 4 * PIC__SECOND;

        (void)state;
        says(cert(3, "acme", later, 0), NULL, NULL, "\"stays\",\"until\":\"1970-01-01T00:00:09Z\"");
        says(cert(3, "acme", later, 0), NULL, "4:ab:9:x:QUJD", "\"stays\"");
        says(cert(3, "acme", later, 0), NULL, "3:ab:9:nas:QUJD", "\"withdrawn\"");
        says(cert(3, "acme", later, 0), cert(3, "acme", later, 1), NULL, "\"withdrawn\"");
        says(cert(3, "acme", later, 1), cert(3, "acme", later, 1), NULL, NULL);
        says(cert(3, "acme", later, 1), NULL, NULL, NULL); /* its CA knows already */
        says(cert(3, "acme", over, 0), NULL, NULL, NULL);
        says(cert(3, "own", later, 0), NULL, NULL, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
