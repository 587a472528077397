/* Shows: what the root vouches for inside its names and networks is accepted, and what is outside is refused, by three
 * programs that were written by others: openssl, gnutls' certtool, NSS' certutil. A second root that the first one
 * vouches for is trusted by who has either. */
#include <sys/stat.h>
#include <unistd.h>

#include "x509_world.h"

static char dir[64];

static int run(const char *fmt, ...) PIC_PRINTF(1, 2);

static int run(const char *fmt, ...)
{
        char line[1024];
        va_list ap;
        int n;

        n = snprintf(line, sizeof(line), "cd %s && { ", dir);
        va_start(ap, fmt);
        n += vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
        va_end(ap);
        snprintf(line + n, sizeof(line) - (size_t)n, "; } >out 2>&1 </dev/null");
        return system(line);
}

static int have(const char *program)
{
        return run("command -v %s", program) == 0;
}

static const struct {
        const char *name;
        int right;
} names[] = {
        { "home.internal", 1 },     { "nas.home.internal", 1 }, { "a.b.home.internal", 1 }, { "*.home.internal", 1 },
        { "printer.lan", 1 },       { "10.86.0.7", 1 },         { "fd00:86::7", 1 },        { "home.internal.evil", 0 },
        { "evilhome.internal", 0 }, { "internal", 0 },          { "www.example.org", 0 },   { "10.87.0.7", 0 },
        { "192.168.1.1", 0 },       { "fd00:87::7", 0 },        { "2001:db8::1", 0 },       { "evil-lan", 0 },
};

static void file_of(const char *name, char path[128])
{
        snprintf(path, 128, "%s/%s", dir, name);
}

static int setup(void **state)
{
        (void)state;
        snprintf(dir, sizeof(dir), "/tmp/pic-x509-%ld", (long)getpid());
        return mkdir(dir, 0700);
}

static int teardown(void **state)
{
        char line[96];

        (void)state;
        snprintf(line, sizeof(line), "rm -rf %s", dir);
        return system(line);
}

static void write_leaf(const struct ca *ca, const char *name, const char *other)
{
        pic__buf leaf = leaf_of(ca, name, other);
        char path[128];

        file_of("leaf.pem", path);
        put_pem(path, "CERTIFICATE", &leaf, "w");
        pic__buf_free(&leaf);
}

static void constraints(void **state)
{
        struct ca ca = ca_new();
        char path[128];
        int gnutls = have("certtool"), nss = have("certutil");
        size_t i;

        (void)state;
        file_of("root.pem", path);
        put_pem(path, "CERTIFICATE", &ca.root, "w");
        if (nss)
                assert_int_equal(
                        run("mkdir db && certutil -N --empty-password -d sql:db && certutil -A -d sql:db -n root -t "
                            "C,, -a -i root.pem"),
                        0);
        for (i = 0; i < PIC__COUNT(names); i++) {
                write_leaf(&ca, names[i].name, NULL);
                if ((run("openssl verify -purpose sslserver -x509_strict -CAfile root.pem leaf.pem") == 0) !=
                    names[i].right)
                        fail_msg("openssl: %s", names[i].name);
                if (gnutls &&
                    (run("certtool --verify --load-ca-certificate root.pem --infile leaf.pem") == 0) != names[i].right)
                        fail_msg("certtool: %s", names[i].name);
                if (nss &&
                    (run("certutil -A -d sql:db -n leaf -t ,, -a -i leaf.pem && certutil -V -d sql:db -n leaf -u V "
                         "-e; r=$?; certutil -D -d sql:db -n leaf; [ $r = 0 ]") == 0) != names[i].right)
                        fail_msg("certutil: %s", names[i].name);
        }
        write_leaf(&ca, "nas.home.internal", "www.example.org"); /* one bad name spoils all */
        assert_int_not_equal(run("openssl verify -CAfile root.pem leaf.pem"), 0);
        ca_free(&ca);
}

static void text_of(const char *file, char *text, size_t size)
{
        char path[128];
        FILE *f;
        size_t n;

        file_of(file, path);
        f = fopen(path, "r");
        assert_non_null(f);
        n = fread(text, 1, size - 1, f);
        text[n] = '\0';
        fclose(f);
}

static void says(void **state)
{
        struct ca ca = ca_new();
        char path[128], text[8192];

        (void)state;
        file_of("root.pem", path);
        put_pem(path, "CERTIFICATE", &ca.root, "w");
        write_leaf(&ca, "nas.home.internal", "10.86.0.9");
        assert_int_equal(run("openssl x509 -in root.pem -noout -text"), 0);
        text_of("out", text, sizeof(text));
        assert_non_null(strstr(text, "Name Constraints: critical"));
        assert_non_null(strstr(text, "IP:10.86.0.0/255.255.0.0"));
        assert_non_null(strstr(text, "DNS:home.internal"));
        assert_non_null(strstr(text, "CA:TRUE, pathlen:1"));
        assert_non_null(strstr(text, "Certificate Sign, CRL Sign"));
        assert_int_equal(run("openssl x509 -in leaf.pem -noout -text"), 0);
        text_of("out", text, sizeof(text));
        assert_non_null(strstr(text, "DNS:nas.home.internal, IP Address:10.86.0.9"));
        assert_non_null(strstr(text, "TLS Web Server Authentication"));
        assert_non_null(strstr(text, "CA:FALSE"));
        assert_non_null(strstr(text, "ecdsa-with-SHA256"));
        assert_int_equal(run("openssl verify -CAfile root.pem -verify_hostname nas.home.internal leaf.pem"), 0);
        assert_int_equal(run("openssl verify -CAfile root.pem -verify_ip 10.86.0.9 leaf.pem"), 0);
        assert_int_not_equal(run("openssl verify -CAfile root.pem -verify_hostname tv.home.internal leaf.pem"), 0);
        assert_int_not_equal(
                run("openssl verify -CAfile root.pem -attime %ld leaf.pem", (long)time(NULL) + 31 * 86400L), 0);
        ca_free(&ca);
}

/* A leaf is no CA, and what the second root vouches for, the first one's devices accept by the cross certificate only.
 */
static void cross(void **state)
{
        struct ca old = ca_new(), new = ca_new();
        pic__buf between = PIC__BUF_INIT;
        char path[128];

        (void)state;
        assert_int_equal(
                pic__x509_cross(old.issuer, pic__der_of(&new.root), now() - DAY, now() + 90 * DAY, &between, NULL), 0);
        file_of("root.pem", path);
        put_pem(path, "CERTIFICATE", &old.root, "w");
        file_of("new.pem", path);
        put_pem(path, "CERTIFICATE", &new.root, "w");
        file_of("between.pem", path);
        put_pem(path, "CERTIFICATE", &between, "w");
        write_leaf(&new, "nas.home.internal", NULL);
        assert_int_equal(run("openssl verify -x509_strict -CAfile new.pem -untrusted between.pem leaf.pem"), 0);
        assert_int_equal(run("openssl verify -x509_strict -CAfile root.pem -untrusted between.pem leaf.pem"), 0);
        assert_int_not_equal(run("openssl verify -x509_strict -CAfile root.pem leaf.pem"), 0);
        write_leaf(&new, "www.example.org", NULL);
        assert_int_not_equal(run("openssl verify -CAfile root.pem -untrusted between.pem leaf.pem"), 0);
        pic__buf_free(&between);
        ca_free(&old);
        ca_free(&new);
}

static void refused(void **state)
{
        const char *const none[] = { NULL };
        const pic__x509_scope all = { none, none };
        struct ca ca = ca_new(), other = ca_new();
        pic__x509_issuer *issuer = NULL;
        pic__buf out = PIC__BUF_INIT;

        (void)state;
        assert_int_equal(pic__x509_root(ca.key, "x", &all, now(), now() + DAY, &out, NULL), PIC_INVALID);
        assert_int_equal(pic__x509_leaf(ca.issuer, ca.key, none, now(), now() + DAY, &out, NULL), PIC_INVALID);
        assert_int_equal(pic__x509_issuer_new(pic__der_of(&ca.root), other.key, &issuer, NULL), PIC_CORRUPT);
        assert_int_equal(out.len, 0);
        pic__buf_free(&out);
        ca_free(&ca);
        ca_free(&other);
}

/* Not a figure of ./dev bench: only that nothing is slow by mistake. */
static void quick(void **state)
{
        struct ca ca = ca_new();
        clock_t from = clock();
        int i;

        (void)state;
        for (i = 0; i < 100; i++) {
                pic__buf leaf = leaf_of(&ca, "nas.home.internal", NULL);

                pic__buf_free(&leaf);
        }
        print_message("%.0f keys and leaves/s\n", 100.0 * CLOCKS_PER_SEC / (double)(clock() - from));
        ca_free(&ca);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(constraints), cmocka_unit_test(says),
                                            cmocka_unit_test(cross), cmocka_unit_test(refused),
                                            cmocka_unit_test(quick) };

        return cmocka_run_group_tests(tests, setup, teardown);
}
