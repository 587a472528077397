/* model/target.c: addresses of targets, times, and what goes with which place. */
#include "help.h"

#include "base/time.h"
#include "model/target.h"

#define AGE "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

static void places(void **state)
{
        static const struct {
                const char *url;
                int kind; /* -1: refused */
                const char *host, *path;
        } all[] = {
                { "/mnt/disk/", PIC__PLACE_FILE, "", "/mnt/disk" },
                { "/mnt/my disk", PIC__PLACE_FILE, "", "/mnt/my disk" },
                { "file:///mnt/disk", PIC__PLACE_FILE, "", "/mnt/disk" },
                { "sftp://nas/b", PIC__PLACE_SFTP, "nas", "/b" },
                { "sftp://nas.example.org:2222/~/b/c", PIC__PLACE_SFTP, "nas.example.org:2222", "/~/b/c" },
                { "sftp://[fd00::5]:22/b", PIC__PLACE_SFTP, "[fd00::5]:22", "/b" },
                { "https://dav.example.org", PIC__PLACE_WEBDAV, "dav.example.org", "/" },
                { "http://127.0.0.1:8080/x", PIC__PLACE_WEBDAV, "127.0.0.1:8080", "/x" },
                { "s3://bucket/a/b", PIC__PLACE_S3, "bucket", "/a/b" },
                { "s3://bucket", PIC__PLACE_S3, "bucket", "/" },
                { "/", -1, "", "" },
                { "file://host/x", -1, "", "" },
                { "http://example.org/x", -1, "", "" },
                { "ftp://example.org/x", -1, "", "" },
                { "restic:/mnt/disk/r/", PIC__PLACE_RESTIC, "", "/mnt/disk/r" },
                { "restic:sftp://nas:2222/~/r", PIC__PLACE_RESTIC_SFTP, "nas:2222", "/~/r" },
                { "restic:", -1, "", "" },
                { "restic:/", -1, "", "" },
                { "restic:r", -1, "", "" },
                { "restic:/a b", -1, "", "" },
                { "restic:/a/../b", -1, "", "" },
                { "restic:s3:s3.amazonaws.com/b", -1, "", "" },
                { "restic:sftp://me@nas/r", -1, "", "" },
                { "sftp:///x", -1, "", "" },
                { "sftp://me@nas/x", -1, "", "" },
                { "sftp://nas/x/../y", -1, "", "" },
                { "sftp://nas/..", -1, "", "" },
                { "sftp://nas/a b", -1, "", "" },
                { "sftp://nas/a\"b", -1, "", "" },
                { "https://dav.example.org/a%20b", -1, "", "" },
                { "https://dav.example.org/a?b", -1, "", "" },
                { "s3://B/x", -1, "", "" },
                { "", -1, "", "" },
        };
        pic__place p;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                assert_int_equal(pic__place_parse(all[i].url, &p) == NULL, all[i].kind >= 0);
                if (all[i].kind < 0)
                        continue;
                assert_int_equal(p.kind, all[i].kind);
                assert_string_equal(p.host, all[i].host);
                assert_string_equal(p.path, all[i].path);
        }
}

static void times(void **state)
{
        (void)state;
        assert_true(pic__every_parse("5m") == 300 * PIC__SECOND);
        assert_true(pic__every_parse("12h") == 43200 * PIC__SECOND);
        assert_true(pic__every_parse("1d") == 86400 * PIC__SECOND);
        assert_true(pic__every_parse("2w") == 14 * 86400 * PIC__SECOND);
        assert_true(pic__every_parse("never") == 0);
        assert_true(pic__every_parse("4m") == -1 && pic__every_parse("") == -1 && pic__every_parse("1") == -1 &&
                    pic__every_parse("-1d") == -1 && pic__every_parse("1dd") == -1 && pic__every_parse("53w") == -1 &&
                    pic__every_parse("99999999999999d") == -1);
        assert_int_equal(pic__clock_parse("00:00"), 0);
        assert_int_equal(pic__clock_parse("23:59"), 1439);
        assert_true(pic__clock_parse("24:00") < 0 && pic__clock_parse("3:30") < 0 && pic__clock_parse("03:60") < 0 &&
                    pic__clock_parse("03-30") < 0 && pic__clock_parse("::::0") < 0);
}

static void judged(const char *fields[8], const char *field)
{
        pic__auto_err pic_error *err = NULL;
        pic_obj *o = obj("target", 1, "name=t", fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], NULL);

        assert_int_equal(pic__obj_check(o, &err), field == NULL ? 0 : PIC_VALUE);
        if (field != NULL)
                assert_string_equal(pic_error_detail(err, "field"), field);
        pic__obj_unref(o);
}

#define JUDGED(field, ...) judged((const char *[8]){ __VA_ARGS__, NULL }, field)
#define KEY "host_key=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc"

static void fields(void **state)
{
        pic_obj *o = obj("target", 1, "name=t", "url=/a", "every=12h", NULL);

        (void)state;
        JUDGED(NULL, "url=/a", "recipients=" AGE);
        JUDGED(NULL, "url=/a", "plain=yes");
        JUDGED(NULL, "url=/a", "enabled=no");
        JUDGED("recipients", "url=/a");
        JUDGED("recipients", "url=/a", "recipients=age1abc");
        JUDGED("plain", "url=/a", "plain=yes", "recipients=" AGE);
        JUDGED("url", "url=a", "plain=yes");
        JUDGED("user", "url=/a", "plain=yes", "user=me");
        JUDGED("every", "url=/a", "plain=yes", "every=often");
        JUDGED("at", "url=/a", "plain=yes", "at=25:00");
        JUDGED("key", "url=sftp://nas/b", "plain=yes", "user=me", KEY);
        JUDGED(NULL, "url=sftp://nas/b", "enabled=no", "user=me", KEY);
        JUDGED("host_key", "url=sftp://nas/b", "enabled=no", "user=me");
        JUDGED("host_key", "url=sftp://nas/b", "enabled=no", "user=me", "host_key=nas ssh-ed25519 AAAA");
        JUDGED(NULL, "url=https://dav/b", "plain=yes", "ca=/etc/ca.pem");
        JUDGED("ca", "url=https://dav/b", "plain=yes", "ca=ca.pem");
        JUDGED(NULL, "url=https://dav/b", "plain=yes", "ca=sha256//HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=");
        JUDGED("ca", "url=https://dav/b", "plain=yes", "ca=sha256//AAAA");
        JUDGED("ca", "url=https://dav/b", "plain=yes", "ca=sha1//HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=");
        JUDGED("user", "url=https://dav/b", "plain=yes", "user=a:b");
        JUDGED("endpoint", "url=https://dav/b", "plain=yes", "endpoint=https://x");
        JUDGED("endpoint", "url=s3://bucket", "enabled=no", "user=a", "endpoint=https://x/y");
        JUDGED(NULL, "url=s3://bucket", "enabled=no", "user=a", "endpoint=https://x:9000", "region=eu");
        JUDGED("password", "url=s3://bucket", "plain=yes", "user=a");
        JUDGED(NULL, "url=restic:/a", "enabled=no");
        JUDGED("passphrase", "url=restic:/a");
        JUDGED("recipients", "url=restic:/a", "enabled=no", "recipients=" AGE);
        JUDGED("plain", "url=restic:/a", "enabled=no", "plain=yes");
        JUDGED("user", "url=restic:/a", "enabled=no", "user=me");
        JUDGED("host_key", "url=restic:sftp://nas/a", "enabled=no", "user=me");
        JUDGED(NULL, "url=restic:sftp://nas/a", "enabled=no", "user=me", KEY);
        assert_true(pic__target_pace(o) == 43200 * PIC__SECOND);
        pic__obj_unref(o);
        o = obj("target", 1, "name=t", "url=/a", "every=12h", "at=03:30", NULL);
        assert_true(pic__target_pace(o) == 86400 * PIC__SECOND);
        pic__obj_unref(o);
}

static void how_many(void **state)
{
        pic__snap *s = snap();
        char text[32];
        int i;

        (void)state;
        put(s, CELL("mtu=1400"));
        for (i = 1; i <= PIC__TARGETS_MAX; i++) {
                snprintf(text, sizeof(text), "name=t%d", i);
                put(s, obj("target", i, text, "url=/a", "plain=yes", NULL));
        }
        assert_int_equal(pic__snap_check(s, NULL, NULL), 0);
        put(s, obj("target", i, "name=more", "url=/a", "plain=yes", NULL));
        assert_int_equal(pic__snap_check(s, NULL, NULL), PIC_CONFLICT);
        pic__snap_unref(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(places),
                cmocka_unit_test(times),
                cmocka_unit_test(fields),
                cmocka_unit_test(how_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
