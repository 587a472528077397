/* Shows: QR codes are read by other programs, have their quiet zone, and refuse what does not fit. */
#include <stdlib.h>
#include <sys/wait.h>

#include "../../api/world.h"
#include "base/mem.h"

static const char text[] =
        "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\nAddress = 10.77.0.2/32, "
        "fd77:1:2::2/128\n"
        "DNS = 10.77.0.1, fd77:1:2::1\nMTU = 1420\n\n[Peer]\nPublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n"
        "Endpoint = vpn.example.org:51820\nAllowedIPs = 0.0.0.0/0, ::/0\nPersistentKeepalive = 25\n";

/* A terminal as a picture: two rows of modules a line, four pixels a module. */
static void put_pgm(const char *drawn, FILE *f)
{
        size_t wide = 0, lines = 0;
        const char *p;

        for (p = drawn; *p != '\0'; p++)
                lines += *p == '\n';
        for (p = strchr(drawn, 'm') + 1; *p != '\033'; p++)
                wide += ((unsigned char)*p & 0xc0) != 0x80;
        fprintf(f, "P5 %zu %zu 255\n", wide * 4, lines * 8);
        for (; *drawn != '\0'; drawn += strcspn(drawn, "\n") + 1) {
                int row;

                for (row = 0; row < 8; row++) {
                        for (p = strchr(drawn, 'm') + 1; *p != '\033'; p += (unsigned char)*p < 0x80 ? 1 : 3) {
                                int both = strncmp(p, "\u2588", 3) == 0, top = both || strncmp(p, "\u2580", 3) == 0,
                                    bottom = both || strncmp(p, "\u2584", 3) == 0, i;

                                for (i = 0; i < 4; i++)
                                        fputc((row < 4 ? top : bottom) ? 0 : 255, f);
                        }
                }
        }
}

/* Another program reads what we drew, in a picture and on a terminal. */
static void decoded_as(int format)
{
        char dir[] = "/tmp/pic-qr-XXXXXX", path[64], command[160], out[4096];
        pic_blob *b = NULL;
        FILE *f;
        size_t n;

        assert_int_equal(pic_qr_make(text, format, &b, NULL), 0);
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/qr.%s", dir, format == PIC_QR_PNG ? "png" : "pgm");
        f = fopen(path, "w");
        assert_non_null(f);
        if (format == PIC_QR_PNG)
                assert_int_equal(fwrite(pic_blob_data(b), 1, pic_blob_size(b), f), pic_blob_size(b));
        else
                put_pgm(pic_blob_data(b), f);
        fclose(f);
        pic_blob_unref(b);
        snprintf(command, sizeof(command), "zbarimg -q --raw -Sdisable -Sqrcode.enable %s 2>/dev/null", path);
        f = popen(command, "r");
        assert_non_null(f);
        n = fread(out, 1, sizeof(out) - 1, f);
        out[n] = '\0';
        pclose(f);
        world_rm(dir);
        assert_int_equal(strncmp(out, text, strlen(text)), 0);
}

static void decoded(void **state)
{
        (void)state;
        if (system("command -v zbarimg >/dev/null 2>&1") != 0) {
                print_message("zbarimg is not installed: the picture is not decoded\n");
                skip();
        }
        decoded_as(PIC_QR_PNG);
        decoded_as(PIC_QR_TEXT);
}

/* The configuration of a device with a preshared key, a usual host name and networks of its own: 80 columns hold it. */
static void in_eighty_columns(void **state)
{
        char usual[459];
        const char *p;
        pic_blob *b = NULL;
        size_t wide = 0;

        (void)state;
        memset(usual, 'x', sizeof(usual) - 1);
        usual[sizeof(usual) - 1] = '\0';
        assert_int_equal(pic_qr_make(usual, PIC_QR_PLAIN, &b, NULL), 0);
        for (p = pic_blob_data(b); *p != '\n'; p++)
                wide += ((unsigned char)*p & 0xc0) != 0x80;
        assert_in_range(wide, 70, 80);
        pic_blob_unref(b);
}

static size_t count(const char *s, const char *what)
{
        size_t n = 0;

        for (; (s = strstr(s, what)) != NULL; s += strlen(what))
                n++;
        return n;
}

static void on_terminals(void **state)
{
        pic_blob *b = NULL;
        const char *s;

        (void)state;
        assert_int_equal(pic_qr_make("hello", PIC_QR_TEXT, &b, NULL), 0);
        s = pic_blob_data(b);
        assert_int_equal(count(s, "\n"), (21 + 4 + 1) / 2); /* version 1 with its quiet zone, two rows a line */
        assert_int_equal(count(s, "\x1b[30;107m"), count(s, "\n"));
        assert_int_equal(strncmp(s, "\x1b[30;107m     ", 14), 0); /* quiet */
        s = strchr(s, '\n') + 1;
        assert_int_equal(strncmp(s, "\x1b[30;107m  \u2588", 14), 0); /* two columns of it, then the finder pattern */
        pic_blob_unref(b);
        assert_int_equal(pic_qr_make("hello", PIC_QR_PLAIN, &b, NULL), 0);
        s = pic_blob_data(b);
        assert_null(strchr(s, '\x1b'));
        assert_int_equal(strncmp(s, "\u2588\u2588\u2588\u2588", 12), 0); /* quiet is light: painted */
        pic_blob_unref(b);
        assert_int_equal(pic_qr_make("hello", PIC_QR_SVG, &b, NULL), 0);
        s = pic_blob_data(b);
        assert_int_equal(strncmp(s, "<svg ", 5), 0);
        assert_non_null(strstr(s, "viewBox=\"0 0 29 29\""));
        assert_non_null(strstr(s, "M4 4h7v1h-7z")); /* the top of the finder pattern */
        pic_blob_unref(b);
}

static void refusals(void **state)
{
        pic_error *err = NULL;
        pic_blob *b = NULL;
        char *long_text = malloc(4000);
        size_t n;

        (void)state;
        assert_non_null(long_text);
        for (n = 0; n < 3999; n++)
                long_text[n] = (char)('a' + n % 26);
        long_text[2953] = '\0';
        ok(pic_qr_make(long_text, PIC_QR_PLAIN, &b, &err));
        pic_blob_unref(b);
        long_text[2953] = 'x';
        long_text[2954] = '\0';
        refused(pic_qr_make(long_text, PIC_QR_PNG, &b, &err), PIC_VALUE, "2954 bytes");
        free(long_text);
        refused(pic_qr_make("", PIC_QR_PNG, &b, &err), PIC_VALUE, "empty");
        refused(pic_qr_make(NULL, PIC_QR_PNG, &b, &err), PIC_INVALID, "text");
        refused(pic_qr_make("x", -1, &b, &err), PIC_INVALID, "format");
}

static void out_of_memory(void **state)
{
        int format;

        (void)state;
        for (format = PIC_QR_TEXT; format <= PIC_QR_PLAIN; format++) {
                unsigned long n, made;

                for (n = 1;; n++) {
                        pic_blob *b = NULL;
                        int r;

                        pic__mem_fail_at(n);
                        r = pic_qr_make("hello", format, &b, NULL);
                        made = pic__mem_fail_at(0);
                        assert_true(r == 0 || r == PIC_NOMEM);
                        pic_blob_unref(b);
                        if (made < n)
                                break;
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(decoded),  cmocka_unit_test(in_eighty_columns), cmocka_unit_test(on_terminals),
                cmocka_unit_test(refusals), cmocka_unit_test(out_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
