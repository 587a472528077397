/* Any bytes as an OpenVPN profile: no crash, all errors have a place, no password is told. What is taken is a profile
 * that is taken again and then becomes itself, in lines that openvpn can read. The first byte chooses whether there are
 * files beside it. */
#include "profile.h"

#include "codec/ovpn.h"

struct seen {
        pic__buf profile;
        pic__buf password;
        int remotes;
        pic__buf file; /* what every file holds */
};

static int on_field(const char *field, const char *text, int secret, int line, void *data, pic_error **err)
{
        struct seen *s = data;

        must(line > 0);
        must(secret == (strcmp(field, "profile") == 0 || strcmp(field, "password") == 0));
        if (strcmp(field, "profile") == 0)
                pic__buf_puts(&s->profile, text);
        if (strcmp(field, "password") == 0)
                pic__buf_puts(&s->password, text);
        s->remotes |= strcmp(field, "remotes") == 0;
        return strcmp(field, "user") == 0 && strcmp(text, "nobody") == 0
                       ? pic__fail_value(err, NULL, field, text, "is bad")
                       : 0;
}

static int on_file(const char *name, pic__buf *out, void *data, pic_error **err)
{
        struct seen *s = data;

        must(strchr(name, '/') == NULL && strcmp(name, "..") != 0 && name[0] != '\0' && strlen(name) < 256);
        if (name[0] == 'n')
                return pic__fail(err, PIC_NOTFOUND, "not there");
        pic__buf_put(out, s->file.data, s->file.len);
        return 0;
}

static void lines(const char *text)
{
        size_t len;

        for (; *text != '\0'; text += len + 1) {
                len = strcspn(text, "\n");
                must(text[len] == '\n'); /* the last one has its end too */
                must(len < 255 && memchr(text, '\r', len) == NULL);
        }
}

/* The far ends are told apart from it, so they have to be put back. */
static void again(const pic__buf *profile)
{
        struct seen s = { 0 };
        pic__buf text = PIC__BUF_INIT;
        pic_error *err = NULL;

        pic__buf_puts(&text, "remote a\n");
        pic__buf_put(&text, profile->data, profile->len);
        if (text.len <= PIC__OVPN_TEXT) {
                const pic__import in = { text.data, text.len, "f", on_field, NULL, &s };

                if (pic__ovpn_read(&in, NULL, &err) < 0)
                        dprintf(2, "%s\n", pic_error_message(err));
                must(err == NULL);
                must(strcmp(pic__buf_str(&s.profile), pic__buf_str(profile)) == 0);
        }
        pic__buf_free(&text);
        pic__buf_free(&s.profile);
}

static size_t count(const char *text, size_t len, const pic__buf *what)
{
        const char *at = text;
        size_t n = 0;

        while ((at = memmem(at, len - (size_t)(at - text), what->data, what->len)) != NULL) {
                n++;
                at++;
        }
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        int with_files = next_byte(&data, &size) & 1;
        char *text = bytes_of(data, size);
        struct seen s = { 0 };
        const pic__import in = { text, size, "f", on_field, with_files ? on_file : NULL, &s };
        pic__imported told;
        pic_error *err = NULL;
        int r;

        pic__buf_put(&s.file, text, size < 2000 ? size : 2000);
        r = pic__ovpn_read(&in, &told, &err);
        must(r == pic_error_code(err));
        good_errors(err);
        good_errors(told.warnings);
        if (r == 0) {
                must(s.profile.len > 0 && s.remotes);
                lines(pic__buf_str(&s.profile));
                again(&s.profile);
        } else {
                must(s.profile.len == 0);
        }
        /* not when files hold what the profile holds */
        if (!with_files && s.password.len > 0 && count(text, size, &s.password) == 1) {
                untold(err, pic__buf_str(&s.password));
                untold(told.warnings, pic__buf_str(&s.password));
        }
        pic_error_free(err);
        pic_error_free(told.warnings);
        pic__buf_free(&s.profile);
        pic__buf_free(&s.password);
        pic__buf_free(&s.file);
        free(text);
        return 0;
}
