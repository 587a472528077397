/* What a browser and an authenticator say, which may be anybody: clientDataJSON, an attestation object, authenticator
 * data, a signature. The first byte says which. What is taken goes on to libfido2, as in the agent. */
#include "fuzz.h"

#include "codec/webauthn.h"
#include "engine/fido.h"

static void client(const uint8_t *data, size_t size)
{
        pic__auto_err pic_error *err = NULL;
        pic__client_data c;
        int r = pic__client_data_read(data, size, &c, &err);

        must(r == pic_error_code(err) && (r == 0 || r == PIC_SYNTAX));
        if (r < 0) {
                must(c.doc == NULL);
                return;
        }
        must(c.type != NULL && c.challenge != NULL && c.origin != NULL);
        pic__client_data_free(&c);
}

/* 1: it is whole. What libfido2 makes of it lies inside. */
static int authenticator(const uint8_t *data, size_t size)
{
        pic__auth_data auth;
        pic__fido_key key;
        int r = pic__auth_data_read(data, size, &auth, NULL);

        must(r == 0 || r == PIC_SYNTAX);
        if (r < 0)
                return 0;
        must(size >= 37 && memcmp(auth.rp, data, 32) == 0);
        if ((auth.flags & PIC__AUTH_CREDENTIAL) == 0) {
                must((auth.flags & PIC__AUTH_EXTENSIONS) != 0 || size == 37);
                return 1;
        }
        r = pic__fido_key_of((pic__bytes){ data, size }, &key, NULL);
        must(r == 0 || r == PIC_VALUE);
        if (r == 0)
                must(key.id_len > 0 && key.id_len <= PIC__FIDO_ID && key.len <= PIC__FIDO_KEY &&
                     memcmp(key.id, data + 55, key.id_len) == 0);
        return 1;
}

static void attestation(const uint8_t *data, size_t size)
{
        const uint8_t *auth = NULL;
        size_t len = 0;
        int r = pic__attestation_read(data, size, &auth, &len, NULL);

        must(r == 0 || r == PIC_SYNTAX || r == PIC_UNSUPPORTED);
        if (r < 0)
                return;
        must(len == 0 || (auth > data && auth + len <= data + size));
        (void)authenticator(auth, len);
}

/* The first byte is the length of the authenticator data; behind it is the signature. Nobody signs by chance. */
static void used(const uint8_t *data, size_t size)
{
        static const pic__fido_key keys[] = { { .alg = PIC__COSE_ES256, .bytes = { 4, 4 }, .len = 64 },
                                              { .alg = PIC__COSE_EDDSA, .bytes = { 1 }, .len = 32 },
                                              { .alg = PIC__COSE_RS256, .bytes = { 0x80, 1 }, .len = 259 } };
        pic__fido_signed s = { .rp = "localhost", .client_hash = { 7 } };
        size_t i, len = next_byte(&data, &size);

        len = len > size ? size : len;
        if (!authenticator(data, len))
                return;
        s.auth = (pic__bytes){ data, len };
        s.signature = (pic__bytes){ data + len, size - len };
        for (i = 0; i < PIC__COUNT(keys) && s.signature.len > 0; i++) {
                s.key = &keys[i];
                must(pic__fido_check(&s, NULL) == 0);
        }
}

static void page(const char *origin)
{
        char rp[PIC__RP_TEXT];
        int r = pic__rp_of(origin, rp, NULL);

        must(r == 0 || r == PIC_VALUE || r == PIC_BADSTATE);
        if (r == 0)
                must(strlen(rp) > 0 && strstr(origin, rp) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        uint8_t *bytes = bytes_of(data, size);
        char *text = text_of(data, size);

        switch (mode % 5) {
        case 0: client(bytes, size); break;
        case 1: attestation(bytes, size); break;
        case 2: (void)authenticator(bytes, size); break;
        case 3: used(bytes, size); break;
        default: page(text); break;
        }
        free(bytes);
        free(text);
        return 0;
}
