/* engine/alerts_state.c: what is known survives a restart, and a file that somebody spoilt hurts nobody. */
#include "fixture.h"

#include "engine/alerts_i.h"

static struct pic__alerts *make(void)
{
        struct pic__alerts *d = pic__alloc(sizeof(*d));

        assert_non_null(d);
        return d;
}

static void drop(struct pic__alerts *d)
{
        size_t i;

        for (i = 0; i < PIC__ALERTS_MAX; i++)
                pic__alert_one_clear(&d->at[i]);
        pic__free(d);
}

static void there_and_back(void **state)
{
        struct pic__alerts *d = make(), *again = make();
        pic__auto_buf pic__buf text = PIC__BUF_INIT, twice = PIC__BUF_INIT;
        pic__alert_one *a = &d->at[3];
        pic__alert_entry e = { .key = 0xfedcba9876543210u,
                               .event = PIC__ALERT_LOGIN,
                               .stage = PIC__ALERT_TOLD,
                               .level = 1,
                               .flaps = 2,
                               .count = 5,
                               .since = 100 * PIC__SECOND,
                               .told = 160 * PIC__SECOND };

        (void)state;
        d->seq = 77;
        d->newest_peer = 9;
        d->number = 12;
        a->id = 4;
        a->sent = 3;
        a->lost = 1;
        pic__alert_keep(&a->error, "no = answer\n\"x\"");
        e.text = pic__strdup("a b=c\nd");
        assert_int_equal(pic__vec_push(&a->watch.list, e), 0);
        a->queue[0] = (pic__letter)PIC__LETTER_INIT;
        snprintf(a->queue[0].id, sizeof(a->queue[0].id), "1f.2");
        pic__buf_puts(&a->queue[0].title, "title ä");
        pic__buf_puts(&a->queue[0].events, "{\"a\":1}");
        a->queue[0].made = 5;
        a->queued = 1;
        pic__alerts_write(d, 200 * PIC__SECOND, &text);
        pic__alerts_read(text.data, again, 1000 * PIC__SECOND); /* another boot: another clock */
        assert_true(again->seq == 77 && again->newest_peer == 9 && again->number == 12);
        assert_true(again->at[0].id == 4 && again->at[0].sent == 3 && again->at[0].lost == 1);
        assert_string_equal(again->at[0].error, "no = answer\n\"x\"");
        assert_int_equal(again->at[0].watch.list.count, 1);
        assert_true(again->at[0].watch.list.at[0].key == e.key);
        assert_string_equal(again->at[0].watch.list.at[0].text, "a b=c\nd");
        assert_true(again->at[0].watch.list.at[0].told == 960 * PIC__SECOND && again->at[0].watch.list.at[0].gone == 0);
        assert_string_equal(again->at[0].queue[0].id, "1f.2");
        assert_string_equal(pic__buf_str(&again->at[0].queue[0].events), "{\"a\":1}");
        pic__alerts_write(again, 1000 * PIC__SECOND, &twice);
        pic__buf_clear(&text);
        pic__alerts_write(d, 200 * PIC__SECOND, &text);
        assert_string_equal(pic__buf_str(&text), pic__buf_str(&twice));
        drop(d);
        drop(again);
}

static void spoilt(void **state)
{
        static const char *const texts[] = {
                "nonsense",
                "alert=0",
                "alert=-1\nentry=-1",
                "entry=1 key=1 event=disk stage=told",
                "letter=1 id=x",
                "alert=1\nalert=1\nentry=1 key=1 event=none stage=told\nentry=1 key=zz event=disk "
                "stage=never\nletter=1",
                "alert=1\nentry=1 key=ffffffffffffffffffff event=disk stage=told level=99 since=-9223372036854775808 "
                "told=9223372036854775807 text=%zz",
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(texts); i++) {
                struct pic__alerts *d = make();
                pic__auto_free char *text = pic__strdup(texts[i]);

                pic__alerts_read(text, d, PIC__SECOND);
                assert_int_equal(d->at[1].id, 0);
                drop(d);
        }
}

static void patience(void **state)
{
        (void)state;
        assert_true(pic__alert_patience(1) == 30 * PIC__SECOND);
        assert_true(pic__alert_patience(2) == 60 * PIC__SECOND);
        assert_true(pic__alert_patience(1000) == 3600 * PIC__SECOND);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(spoilt),
                                            cmocka_unit_test(patience) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
