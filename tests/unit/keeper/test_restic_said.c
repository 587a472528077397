/* keeper/restic_said.c: restic's own words (0.14, as they were seen; later ones, as they are documented). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/restic_said.h"

#define ID "157ee693de18722cf4c04219c9ca7c592106dc29c345b0808b9ea7912178d3c5"
#define SNAPSHOT(paths, tags, id)                                                                                    \
        "{\"time\":\"2026-11-27T07:57:06.7210876Z\",\"tree\":\"a3104f3c\",\"paths\":[" paths "],\"hostname\":\"h\"," \
        "\"username\":\"root\",\"tags\":[" tags "],\"id\":\"" id "\",\"short_id\":\"157ee693\"}"

static int count_it(const pic__snapshot *s, void *arg)
{
        assert_string_equal(s->id, ID);
        assert_string_equal(s->name, "n.tar");
        ++*(int *)arg;
        return 0;
}

static int count_of(const char *text)
{
        pic__auto_err pic_error *err = NULL;
        int count = 0, r = pic__restic_snapshots(text, strlen(text), count_it, &count, &err);

        assert_int_equal(r, pic_error_code(err));
        return r < 0 ? r : count;
}

static void snapshots(void **state)
{
        (void)state;
        assert_int_equal(count_of("[" SNAPSHOT("\"/cell.tar\"", "\"n.tar\"", ID) "]\n"), 1);
        assert_int_equal(count_of("[]"), 0);
        assert_int_equal(count_of("null"), 0);
        assert_int_equal(count_of("[7,null,{}," SNAPSHOT("\"/home\"", "\"n.tar\"", ID) "]"), 0);
        assert_int_equal(count_of("[" SNAPSHOT("\"/cell.tar\",\"/x\"", "\"n.tar\"", ID) "]"), 0);
        assert_int_equal(count_of("[" SNAPSHOT("\"/cell.tar\"", "\"n.tar\",\"x\"", ID) "]"), 0);
        assert_int_equal(count_of("[" SNAPSHOT("\"/cell.tar\"", "\"../x\"", ID) "]"), 0);
        assert_int_equal(count_of("[" SNAPSHOT("\"/cell.tar\"", "\"-x\"", "--all") "]"), 0);
        assert_int_equal(count_of("{}"), PIC_BACKEND);
        assert_int_equal(count_of("\"null\""), PIC_BACKEND);
        assert_int_equal(count_of("Fatal"), PIC_BACKEND);
        assert_int_equal(count_of(""), PIC_BACKEND);
}

static void summaries(void **state)
{
        static const char good[] = "{\"message_type\":\"status\",\"percent_done\":0,\"total_files\":1}\n"
                                   "{\"message_type\":\"summary\",\"files_new\":1,\"data_added\":3010978,"
                                   "\"total_bytes_processed\":3010560,\"snapshot_id\":\"157ee693\"}\n";
        static const char *const bad[] = { "", "{\"message_type\":\"summary\"}", "\n\n{",
                                           "{\"message_type\":\"summary\",\"snapshot_id\":\"--all--xx\"}",
                                           "{\"message_type\":\"status\",\"snapshot_id\":\"157ee693\"}" };
        char id[PIC__RESTIC_ID];
        int64_t added = 0;
        size_t i;

        (void)state;
        assert_int_equal(pic__restic_summary(good, strlen(good), id, &added, NULL), 0);
        assert_string_equal(id, "157ee693");
        assert_true(added == 3010978);
        for (i = 0; i < PIC__COUNT(bad); i++)
                assert_int_equal(pic__restic_summary(bad[i], strlen(bad[i]), id, &added, NULL), PIC_BACKEND);
}

static void reasons(void **state)
{
        static const struct {
                int status;
                const char *said;
                int code;
                const char *message;
        } all[] = {
                { 1,
                  "Fatal: unable to open config file: stat /r/config: no such file or directory\n"
                  "Is there a repository at the following location?\nlocal:/r\n",
                  PIC_NOTFOUND, "restic: there is no repository" },
                { 10, "{\"message_type\":\"exit_error\",\"code\":10}", PIC_NOTFOUND, "restic: there is no repository" },
                { 1, "Fatal: wrong password or no key found\n", PIC_DENIED,
                  "restic: the passphrase does not open this repository" },
                { 1, "unable to create lock in backend: repository is already locked by PID 10091 on vm by root\n",
                  PIC_BUSY, "restic: the repository is locked by another" },
                { 1, "Fatal: unable to save snapshot: write /r/x: no space left on device\n", PIC_IO,
                  "restic: No space left on device" },
                { 1, "cannot dump file: decrypting blob f0f1 failed: ciphertext verification failed\n", PIC_CORRUPT,
                  "restic: the repository is damaged: bytes in it were changed" },
                { 1, "Fatal: load <index/dab768f67a>: invalid data returned\n", PIC_CORRUPT,
                  "restic: the repository is damaged: bytes in it were changed" },
                { 1,
                  "subprocess ssh: ssh: connect to host nas port 22: Connection refused\n"
                  "Fatal: unable to open repository at sftp:pic:/r: unable to start the sftp session, error: EOF\n",
                  PIC_BACKEND, "restic ended with 1: ssh: connect to host nas port 22: Connection refused" },
                { 1, "subprocess ssh: Host key verification failed.\r\nFatal: unable to start", PIC_DENIED,
                  "restic: the server is not who it should be" },
                { 1,
                  "subprocess ssh: @@@@@@@@\r\nsubprocess ssh: @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!   "
                  "  "
                  "@\r\nFatal: unable to start",
                  PIC_DENIED, "restic: the server is not who it should be" },
                { 1, "subprocess ssh: @@@@@@@@\r\nFatal: unable to start the sftp session, error: EOF\n", PIC_BACKEND,
                  "restic ended with 1: unable to start the sftp session, error: EOF" },
                { 2, "", PIC_BACKEND, "restic ended with 2: without a word" },
                { 3, "Warning: one\nFatal: first\nFatal: last\nmore", PIC_BACKEND, "restic ended with 3: last" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__auto_err pic_error *err = NULL;

                assert_int_equal(pic__restic_why(all[i].status, all[i].said, &err), all[i].code);
                assert_string_equal(pic_error_message(err), all[i].message);
                if (strstr(all[i].said, "unable to start the sftp session") != NULL)
                        assert_non_null(strstr(pic_error_hint(err), "authorized_keys"));
        }
        assert_int_equal(pic__restic_lacks("Load(<data/11ee3207d4>, 1910697, 599317) returned error, retrying after "
                                           "552.330144ms: open r/data/11/11ee: no such file or directory\n"),
                         1);
        assert_int_equal(pic__restic_lacks("Load(<data/11ee3207d4>, 1, 5) returned error, retrying after 1s: EOF"), 0);
        assert_int_equal(pic__restic_lacks(""), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(snapshots), cmocka_unit_test(summaries),
                                            cmocka_unit_test(reasons) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
