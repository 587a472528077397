/* Shows: what is remembered is the same after a restart; a damaged file is told, and is an empty state; tries of a
 * certificate that was removed count for eight days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "engine/acme_state.h"

#define NOW ((pic_time)1790000000 * PIC__SECOND)

static int none(pic_id id, void *data)
{
        (void)id;
        (void)data;
        return 0;
}

static void again(void **state)
{
        char dir[] = "/tmp/pic-acme-XXXXXX", path[64];
        pic__acme_state s = { .accounts = PIC__VEC_INIT, .entries = PIC__VEC_INIT }, t;
        pic__acme_account *a;
        pic__acme_entry *e;
        pic__acme_paper *p;
        pic__acme_left *l;
        struct stat st;
        int i;

        (void)state;
        assert_non_null(mkdtemp(dir));
        snprintf(path, sizeof(path), "%s/" PIC__ACME_STATE, dir);
        assert_int_equal(pic__acme_state_load(path, &t, NULL), 0);
        assert_int_equal(t.entries.count, 0);
        a = pic__acme_state_account(&s, "https://ca.example/dir", 1);
        a->sealed = pic__strdup("AAAA");
        a->known = 5;
        a->email = pic__strdup("me@example.org");
        a->mail.failures = 3;
        pic__acme_state_say(&a->mail.why, "not\nthere");
        p = pic__acme_state_paper(&s, "QUJDREVG", 4, 1);
        assert_ptr_equal(p, pic__acme_state_paper(&s, "QUJD", 4, 1));
        p->id = 9;
        p->until = NOW;
        p->name = pic__strdup("home.example.org");
        p->wait.next = NOW + 1;
        e = pic__acme_state_entry(&s, 7, 1);
        memset(e->wished, 'a', 64);
        e->told = PIC__ACME_TOLD_LATE;
        for (i = 0; i < 70; i++)
                pic__acme_tried(&e->track, PIC__ACME_SECOND, NOW + i);
        pic__acme_state_why(e, "no \"reason\"\n");
        l = pic__acme_state_left(&s, "_acme-challenge.home.example.org", "abc", 1);
        l->wait.failures = 2;
        l->wait.next = NOW + 2;
        assert_non_null(pic__acme_state_left(&s, "_acme-challenge.home.example.org", "def", 1));
        assert_int_equal(pic__acme_state_save(&s, path, NULL), 0);
        assert_true(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
        assert_int_equal(pic__acme_state_load(path, &t, NULL), 0);
        a = pic__acme_state_account(&t, "https://ca.example/dir", 0);
        assert_true(a != NULL && a->known == 5 && a->mail.failures == 3 && a->mail.why != NULL);
        assert_string_equal(a->email, "me@example.org");
        l = pic__acme_state_left(&t, "_acme-challenge.home.example.org", "abc", 0);
        assert_true(l != NULL && l->wait.failures == 2 && l->wait.next == NOW + 2 && t.left.count == 2);
        pic__acme_state_cleared(&t, l->record, "def");
        assert_null(pic__acme_state_left(&t, "_acme-challenge.home.example.org", "def", 0));
        p = pic__acme_state_paper(&t, "QUJD", 4, 0);
        assert_true(p != NULL && p->id == 9 && p->until == NOW && p->done == 0 && p->wait.next == NOW + 1);
        assert_string_equal(p->name, "home.example.org");
        assert_string_equal(a->sealed, "AAAA");
        for (i = 0; i < (int)e->track.count; i++)
                assert_true(pic__acme_state_entry(&t, 7, 0)->track.tries[i].at == e->track.tries[i].at);
        assert_true(pic__acme_state_entry(&t, 7, 0)->track.failures == 70 && e->track.count == PIC__ACME_TRIES);
        assert_string_equal(pic__acme_state_entry(&t, 7, 0)->why, e->why);
        assert_string_equal(pic__acme_state_entry(&t, 7, 0)->wished, e->wished);
        assert_null(pic__acme_state_entry(&t, 8, 0));
        pic__acme_state_prune(&t, NOW + 86400 * PIC__SECOND, none, NULL);
        assert_int_equal(t.entries.count, 1);
        pic__acme_state_prune(&t, NOW + 9 * 86400 * PIC__SECOND, none, NULL);
        assert_int_equal(t.entries.count, 0);
        pic__acme_state_free(&t);
        pic__acme_state_free(&s);
        unlink(path);
        rmdir(dir);
}

static void damaged(void **state)
{
        static const char *const bad[] = { "", "[", "[]", "7" }, *const odd[] = {
                "{}", "{\"certificates\":[7,{\"id\":-1},{\"id\":\"x\"}]}",
                "{\"accounts\":[{\"directory\":3}],\"certificates\":{}}",
                "{\"papers\":[7,{\"issuer\":\"a\"},{\"issuer\":\"a\",\"certificate\":7,\"name\":\"n\"}]}"
        };
        pic__acme_state s;
        pic_error *err = NULL;
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(bad); i++) {
                assert_int_equal(pic__acme_state_read(bad[i], strlen(bad[i]), &s, &err), PIC_CORRUPT);
                pic_error_free(pic__take(err));
                assert_int_equal(s.entries.count, 0);
        }
        for (i = 0; i < PIC__COUNT(odd); i++) {
                assert_int_equal(pic__acme_state_read(odd[i], strlen(odd[i]), &s, NULL), 0);
                assert_int_equal(s.entries.count + s.accounts.count + s.papers.count, 0);
                pic__acme_state_free(&s);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(again), cmocka_unit_test(damaged) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
