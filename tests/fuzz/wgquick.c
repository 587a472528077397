/* Any bytes as a wg-quick file: no crash, all errors have a place, no key is told; what is taken has all that a
 * connection needs, in canonical form. */
#include "profile.h"

#include "codec/wgquick.h"
#include "model/key.h"
#include "model/net.h"

struct seen {
        unsigned fields; /* a bit for each of `names` */
        char secrets[2][PIC__KEY_TEXT];
        unsigned secret_count;
};

static const char *const names[] = { "type",     "private_key",   "addresses", "dns",     "mtu",
                                     "peer_key", "preshared_key", "endpoint",  "allowed", "keepalive" };
#define NEEDED (1u << 0 | 1u << 1 | 1u << 2 | 1u << 5 | 1u << 7 | 1u << 8)

static void key(struct seen *s, const char *text, int secret)
{
        uint8_t bytes[32];

        must(pic__key_decode(text, bytes) == 0);
        if (!secret)
                return;
        must(s->secret_count < 2);
        strcpy(s->secrets[s->secret_count++], text);
}

static void prefixes(const char *text)
{
        char item[64], again[PIC__PREFIX_TEXT];
        pic__prefix p;
        size_t len;

        for (;; text += len + 1) {
                len = strcspn(text, ",");
                must(len > 0 && len < sizeof(item));
                memcpy(item, text, len);
                item[len] = '\0';
                must(pic__prefix_parse(item, &p) == 0 && strcmp(pic__prefix_print(&p, again), item) == 0);
                if (text[len] == '\0')
                        return;
        }
}

static int on_field(const char *field, const char *text, int secret, int line, void *data, pic_error **err)
{
        struct seen *s = data;
        char host[256];
        uint16_t port;
        size_t i;

        for (i = 0; strcmp(names[i], field) != 0; i++)
                must(i + 1 < PIC__COUNT(names));
        must((s->fields & 1u << i) == 0);
        s->fields |= 1u << i;
        must(line > 0);
        must(secret == (i == 1 || i == 6));
        if (i == 1 || i == 5 || i == 6)
                key(s, text, secret);
        if (i == 2 || i == 8)
                prefixes(text);
        if (i == 7)
                must(pic__endpoint_parse(text, host, &port) == 0);
        return i == 4 && strcmp(text, "1337") == 0 ? pic__fail_value(err, NULL, field, text, "is bad") : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = bytes_of(data, size);
        struct seen s = { 0 };
        const pic__import in = { .text = text, .len = size, .name = "f", .field = on_field, .data = &s };
        pic__imported told;
        pic_error *err = NULL;
        int r;

        r = pic__wgquick_read(&in, &told, &err);
        must(r == pic_error_code(err));
        must(r != 0 || (s.fields & NEEDED) == NEEDED);
        good_errors(err);
        good_errors(told.warnings);
        while (s.secret_count > 0) {
                untold(err, s.secrets[--s.secret_count]);
                untold(told.warnings, s.secrets[s.secret_count]);
        }
        (void)pic__import_guess(text, size);
        pic_error_free(err);
        pic_error_free(told.warnings);
        free(text);
        return 0;
}
