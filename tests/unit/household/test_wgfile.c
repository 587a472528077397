/* Shows: lines of wg-quick files with their comments; what a file is by its looks; which comments are names. */
#include "help.h"

#include "household/wgfile.h"

static void lines(void **state)
{
        static const char text[] = "\xef\xbb\xbf[Interface]\r\n"
                                   " Address = 10.0.0.1/24 # mine \n"
                                   "\n"
                                   "### Client anna\n"
                                   "#[disabled] [Peer]\n"
                                   "junk\n"
                                   "A=b=c";
        static const struct {
                enum pic__wgline_what what;
                const char *key, *value, *comment;
                int hashes, disabled;
        } want[] = {
                { PIC__WG_SECTION, "Interface", NULL, NULL, 0, 0 },
                { PIC__WG_PAIR, "Address", "10.0.0.1/24", "mine", 1, 0 },
                { PIC__WG_EMPTY, NULL, NULL, NULL, 0, 0 },
                { PIC__WG_EMPTY, NULL, NULL, "Client anna", 3, 0 },
                { PIC__WG_SECTION, "Peer", NULL, NULL, 0, 1 },
                { PIC__WG_JUNK, NULL, NULL, NULL, 0, 0 },
                { PIC__WG_PAIR, "A", "b=c", NULL, 0, 0 },
        };
        pic__wgreader r;
        pic__wgline l;
        size_t i;

        (void)state;
        assert_null(pic__wgreader_start(&r, text, sizeof(text) - 1));
        for (i = 0; i < PIC__COUNT(want); i++) {
                assert_int_equal(pic__wgreader_next(&r, &l), 1);
                assert_int_equal(l.what, want[i].what);
                assert_int_equal(l.number, i + 1);
                assert_int_equal(l.hashes, want[i].hashes);
                assert_int_equal(l.disabled, want[i].disabled);
                is(l.key, want[i].key);
                is(l.value, want[i].value);
                is(l.comment, want[i].comment);
        }
        assert_int_equal(pic__wgreader_next(&r, &l), 0);
}

static void hostile(void **state)
{
        static char text[PIC__WGFILE_LINE + 10];
        pic__wgreader r;
        pic__wgline l;

        (void)state;
        assert_non_null(pic__wgreader_start(&r, "a\0b", 3));
        assert_non_null(pic__wgreader_start(&r, "\xff\xfe", 2));
        assert_non_null(pic__wgreader_start(&r, "", PIC__WGFILE_TEXT + 1));
        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 2] = '\n';
        assert_null(pic__wgreader_start(&r, text, sizeof(text)));
        assert_int_equal(pic__wgreader_next(&r, &l), 1);
        assert_int_equal(l.what, PIC__WG_LONG);
        assert_int_equal(pic__wgreader_next(&r, &l), 1);
        assert_int_equal(l.number, 2);
}

static void words(void **state)
{
        char text[] = " a , ,b,";
        char *at = text;

        (void)state;
        is(pic__wgfile_word(&at), "a");
        is(pic__wgfile_word(&at), "b");
        assert_null(pic__wgfile_word(&at));
        assert_null(pic__wgfile_word(&at));
}

static void looks(void **state)
{
        char text[400];
        pic__wglook l;

        (void)state;
        snprintf(text, sizeof(text), "[interface]\nPrivateKey=%s\n[Peer]\nPublicKey=%s\nEndpoint=a:1\n", key(1),
                 pub(2));
        pic__wgfile_look(text, strlen(text), &l);
        assert_int_equal(pic__wglook_is_client(&l), 1);
        is(l.own_key, pub(1));
        is(l.peer_key, pub(2));
        snprintf(text, sizeof(text), "[Interface]\nListenPort=1\n[Peer]\nEndpoint=a:1\n");
        pic__wgfile_look(text, strlen(text), &l);
        assert_int_equal(pic__wglook_is_client(&l), 0);
        assert_int_equal(l.is_wg, 1);
        pic__wgfile_look("x", 1, &l);
        assert_int_equal(l.is_wg, 0);
}

static void names(void **state)
{
        static const struct {
                const char *comment;
                int hashes;
                enum pic__naming what;
                const char *name;
        } want[] = {
                { "Client anna", 3, PIC__NAMING_STRONG, "anna" },
                { "Client: anna b (1f2e-3d)", 1, PIC__NAMING_STRONG, "anna b" },
                { "BEGIN_PEER anna", 1, PIC__NAMING_STRONG, "anna" },
                { "END_PEER anna", 1, PIC__NAMING_END, "anna" },
                { "begin anna ###", 3, PIC__NAMING_STRONG, "anna" },
                { "end anna ###", 3, PIC__NAMING_END, "anna" },
                { "begin of it", 1, PIC__NAMING_WEAK, "begin of it" },
                { "Name = anna", 1, PIC__NAMING_FIELD, "anna" },
                { "Name# = anna", 1, PIC__NAMING_FIELD, "anna" },
                { "friendly_name=anna's phone", 1, PIC__NAMING_FIELD, "anna's phone" },
                { "names are below", 1, PIC__NAMING_WEAK, "names are below" },
                { "anna", 1, PIC__NAMING_WEAK, "anna" },
                { "this is more than a name", 1, PIC__NAMING_NONE, NULL },
                { "AllowedIPs = 10.0.0.0/8", 1, PIC__NAMING_NONE, NULL },
                { "Name =", 1, PIC__NAMING_NONE, NULL },
                { "###", 1, PIC__NAMING_NONE, NULL },
                { "", 1, PIC__NAMING_NONE, NULL },
                { "client yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", 1, PIC__NAMING_NONE, NULL },
        };
        size_t i, len;

        (void)state;
        for (i = 0; i < PIC__COUNT(want); i++) {
                const char *name = NULL;

                if (pic__wgfile_naming(want[i].comment, want[i].hashes, &name, &len) != want[i].what)
                        fail_msg("%s", want[i].comment);
                if (want[i].name != NULL) {
                        assert_int_equal(len, strlen(want[i].name));
                        assert_memory_equal(name, want[i].name, len);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(lines), TEST(hostile), TEST(words), TEST(looks), TEST(names) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
