/* Shows: what pic.ngo's service is sent for a TXT record is signed by the cell's identity, with a one-time code where
 * there is a secret of them; its refusals are told. The service is a stand-in; the protocol is ours. */
#include "provider_stand_in.h"

#include "sys/hash.h"

/* The body that came, when its signature is that of the seed: Ed25519 signs the same in the same way. */
static const char *signed_body(const pic__seals *s, const char *request)
{
        const char *body = strstr(request, "\r\n\r\n"), *sig = strstr(request, "Pic-Signature: ");
        uint8_t key[32], secret[64], signature[PIC__SIGNATURE], wanted[PIC__SIGNATURE];
        pic__buf all = PIC__BUF_INIT;
        size_t len = 0;

        assert_true(body != NULL && sig != NULL);
        body += 4;
        sig += 15;
        assert_int_equal(pic__unbase64(sig, strcspn(sig, "\r"), signature, sizeof(signature), &len), 0);
        pic__sign_pair(s->key, key, secret);
        pic__buf_putf(&all, "pic-ddns-1\n%s", body);
        pic__sign(all.data, all.len, secret, wanted);
        assert_memory_equal(signature, wanted, sizeof(wanted));
        pic__buf_free(&all);
        return body;
}

static void told(void **state)
{
        static const struct {
                int status, code;
        } refusals[] = { { 401, PIC_DENIED }, { 404, PIC_NOTFOUND }, { 409, PIC_DENIED }, { 500, PIC_BACKEND } };
        pic_error *err = NULL;
        pthread_t thread;
        const char *body;
        pic__seals s;
        pic_obj *d;
        size_t i;

        (void)state;
        seals_make(&s);
        d = make(&s, "pic_ngo", "token", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "me.pic.ngo");
        thread = begin("{}", "{}", NULL, NULL);
        assert_int_equal(work(&s, d, 0, &err), 1);
        assert_int_equal(work(&s, d, 1, &err), 1);
        pthread_join(thread, NULL);
        assert_ptr_equal(strstr(heard[0], "POST /v1/txt "), heard[0]);
        body = signed_body(&s, heard[0]);
        assert_non_null(strstr(body, "\"text\":\"abc_-9\",\"clear\":false"));
        assert_non_null(strstr(body, "\"name\":\"me.pic.ngo\",\"record\":\"_acme-challenge.home.example.org\""));
        assert_non_null(strstr(body, "\"code\":\""));
        assert_non_null(strstr(signed_body(&s, heard[1]), "\"clear\":true"));
        for (i = 0; i < PIC__COUNT(refusals); i++) {
                status = refusals[i].status;
                thread = begin("{}", NULL, NULL, NULL);
                assert_int_equal(work(&s, d, 0, &err), refusals[i].code);
                pthread_join(thread, NULL);
                pic_error_free(pic__take(err));
        }
        status = 200;
        pic__obj_unref(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(told) };

        listen_here();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
