/* What follows for the front. */
#include "sample.h"

#define ROOTED SAMPLE_CELL " ca_certificate=QUJD"

static pic__snap *cell(const char *fields)
{
        pic__snap *s = NULL;

        assert_int_equal(pic__snap_new(&s, NULL), 0);
        sample_put(s, PIC__CELL, 1, fields);
        sample_put(s, PIC__PEER, 2, "name=Anna address4=10.1.0.2 address6=fd12:3456:789a::2");
        sample_put(s, PIC__PEER, 3, "name=bert address4=10.1.0.3 enabled=no");
        return s;
}

static void with_a_root(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT, again = PIC__ITEMS_INIT;
        SNAP_AUTO s = cell(ROOTED);
        SNAP_AUTO other = cell(SAMPLE_CELL " ca_certificate=QUJE");

        (void)state;
        sample_derive(s, &bag);
        assert_string_equal(sample_value(&bag, PIC__I_FRONT_SERVER, "main"), "listen=10.1.0.1,fd12:3456:789a::1");
        assert_int_equal(strncmp(sample_value(&bag, PIC__I_FRONT_CERT, "front"),
                                 "own names=home.internal,cell.home.internal,10.1.0.1,fd12:3456:789a::1 root=", 75),
                         0);
        assert_int_equal(sample_count(&bag, PIC__I_FRONT_HOST), 4);
        assert_string_equal(sample_value(&bag, PIC__I_FRONT_HOST, "home.internal"), "page");
        assert_string_equal(sample_value(&bag, PIC__I_FRONT_HOST, "[fd12:3456:789a::1]"), "page");
        assert_int_equal(sample_count(&bag, PIC__I_FRONT_PEER), 2); /* who is turned off is nobody */
        assert_string_equal(sample_value(&bag, PIC__I_FRONT_PEER, "10.1.0.2"), "Anna");
        assert_string_equal(sample_value(&bag, PIC__I_FRONT_PEER, "fd12:3456:789a::2"), "Anna");
        sample_derive(other, &again); /* another root is another certificate */
        assert_string_not_equal(sample_value(&bag, PIC__I_FRONT_CERT, "front"),
                                sample_value(&again, PIC__I_FRONT_CERT, "front"));
}

static void by_public_names(void **state)
{
        pic__auto_items pic__items bag = PIC__ITEMS_INIT;
        SNAP_AUTO s = cell(ROOTED);

        (void)state;
        sample_put(s, PIC__DOMAIN, 20, "name=cell.example.org mode=http01");
        sample_put(s, PIC__DOMAIN, 21, "name=off.example.org mode=http01 enabled=no");
        sample_derive(s, &bag);
        assert_string_equal(sample_value(&bag, PIC__I_FRONT_HOST, "cell.example.org"), "public");
        assert_null(sample_value(&bag, PIC__I_FRONT_HOST, "off.example.org"));
        assert_string_equal(pic__items_find(&bag, PIC__I_FRONT_HOST, "cell.example.org")->why,
                            "domain cell.example.org");
}

static void without(void **state)
{
        static const char *const cells[] = { SAMPLE_CELL, ROOTED " front=no" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cells); i++) {
                pic__auto_items pic__items bag = PIC__ITEMS_INIT;
                SNAP_AUTO s = cell(cells[i]);

                sample_put(s, PIC__CERTIFICATE, 9, "name=blog issuer=acme chain=QUJD key=c2VhbGVk serial=0a");
                sample_derive(s, &bag);
                assert_int_equal(sample_count(&bag, PIC__I_FRONT_SERVER) + sample_count(&bag, PIC__I_FRONT_CERT) +
                                         sample_count(&bag, PIC__I_FRONT_HOST) + sample_count(&bag, PIC__I_FRONT_PEER),
                                 0);
        }
}

static int open_text(const pic_obj *o, const char *field, pic__buf *out, void *data, pic_error **err)
{
        (void)o, (void)data, (void)err;
        assert_string_equal(field, "key");
        pic__buf_puts(out, "opened");
        return 0;
}

static int open_secret(const pic_obj *o, const char *field, uint8_t out[32], void *data, pic_error **err)
{
        (void)o, (void)field, (void)data, (void)err;
        memset(out, 7, 32);
        return 0;
}

/* Of a public name; the page's own is the agent's to make, and others are on other machines. */
static void certificates(void **state)
{
        const pic__secrets secrets = { .open = open_secret, .open_text = open_text };
        pic__auto_items pic__items bag = PIC__ITEMS_INIT, opened = PIC__ITEMS_INIT;
        SNAP_AUTO s = cell(ROOTED);
        const pic__item *item;

        (void)state;
        sample_put(s, PIC__CERTIFICATE, 9, "name=blog issuer=acme chain=QUJD key=c2VhbGVk serial=0a");
        sample_put(s, PIC__CERTIFICATE, 10, "name=nas chain=QUJD key=c2VhbGVk serial=0b");
        sample_put(s, PIC__CERTIFICATE, 11, "name=later issuer=acme");
        sample_put(s, PIC__CERTIFICATE, 12, "name=gone issuer=acme chain=QUJD key=c2VhbGVk serial=0c revoked=yes");
        sample_put(s, PIC__CERTIFICATE, 13, "name=front issuer=acme chain=QUJD key=c2VhbGVk serial=0d");
        sample_derive(s, &bag);
        assert_int_equal(sample_count(&bag, PIC__I_FRONT_CERT), 2);
        item = pic__items_find(&bag, PIC__I_FRONT_CERT, "blog");
        assert_string_equal(item->value, "serial=0a");
        assert_string_equal(item->why, "certificate blog");
        assert_int_equal(item->secret_len, 32);
        assert_int_equal(pic__derive_all(s, &secrets, &opened, NULL), 0);
        pic__items_sort(&opened);
        item = pic__items_find(&opened, PIC__I_FRONT_CERT, "blog");
        assert_int_equal(item->secret_len, strlen("QUJD\nopened"));
        assert_memory_equal(item->secret, "QUJD\nopened", item->secret_len);
}

static void one_that_changes(void **state)
{
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        OBJ_AUTO is = sample_obj(PIC__CERTIFICATE, 9, "name=blog issuer=acme chain=QUJD key=c2VhbGVk serial=0a");
        OBJ_AUTO will = sample_obj(PIC__CERTIFICATE, 9, "name=blog issuer=acme chain=QUJE key=c2VhbGVl serial=0b");
        const pic__change change = { PIC__CERTIFICATE, 9, is, will };
        SNAP_AUTO s = cell(ROOTED);
        int all = 0;

        (void)state;
        assert_int_equal(pic__snap_put(s, is, NULL), 0);
        assert_int_equal(pic__derive_delta(s, &change, 1, 0, NULL, &before, &after, &all, NULL), 0);
        assert_int_equal(all, 0);
        assert_int_equal(pic__plan_diff(&before, &after, &steps, NULL), 0);
        assert_int_equal(steps.count, 1);
        assert_int_equal(steps.at[0].verb, PIC__CHANGE);
        assert_string_equal(steps.at[0].after->value, "serial=0b");
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(with_a_root), cmocka_unit_test(by_public_names),
                                            cmocka_unit_test(without), cmocka_unit_test(certificates),
                                            cmocka_unit_test(one_that_changes) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
