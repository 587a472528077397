/* Shows: PEM as written is read again, in order; what is no certificate is passed over, what is damaged is refused. */
#include "x509_world.h"

struct seen {
        size_t count;
        size_t lens[4];
};

static int see(pic__der der, void *data)
{
        struct seen *s = data;

        if (s->count < PIC__COUNT(s->lens))
                s->lens[s->count] = der.len;
        s->count++;
        return 0;
}

static int see_one(pic__der der, void *data)
{
        (void)see(der, data);
        return 7;
}

static int each(const pic__buf *text, struct seen *s)
{
        memset(s, 0, sizeof(*s));
        return pic__x509_pem_each(pic__buf_str(text), text->len, see, s, NULL);
}

static void order(void **state)
{
        struct ca ca = ca_new();
        pic__buf leaf = leaf_of(&ca, "nas.home.internal", NULL), text = PIC__BUF_INIT, key = PIC__BUF_SECRET;
        struct seen s;

        (void)state;
        assert_int_equal(pic__x509_key_write(ca.key, &key, NULL), 0);
        pic__buf_puts(&text, "a line of words\n");
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&leaf), &text);
        pic__x509_pem_put("PRIVATE KEY", pic__der_of(&key), &text);
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&ca.root), &text);
        assert_int_equal(each(&text, &s), 0);
        assert_int_equal(s.count, 2);
        assert_int_equal(s.lens[0], leaf.len);
        assert_int_equal(s.lens[1], ca.root.len);
        memset(&s, 0, sizeof(s));
        assert_int_equal(pic__x509_pem_each(text.data, text.len, see_one, &s, NULL), 7);
        assert_int_equal(s.count, 1);
        pic__buf_clear(&text);
        assert_int_equal(each(&text, &s), PIC_SYNTAX);
        pic__x509_pem_put("PRIVATE KEY", pic__der_of(&key), &text);
        assert_int_equal(each(&text, &s), PIC_SYNTAX);
        pic__buf_clear(&text);
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&leaf), &text);
        text.data[40] = '!';
        assert_int_equal(each(&text, &s), PIC_SYNTAX);
        pic__buf_clear(&text);
        pic__x509_pem_put("CERTIFICATE", pic__der_of(&key), &text);
        assert_int_equal(each(&text, &s), PIC_SYNTAX);
        pic__buf_free(&text);
        pic__buf_free(&leaf);
        pic__buf_wipe(&key);
        ca_free(&ca);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(order) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
