/* backend/ntp/ask.c: what an answer says, which is none, and nobody who answers. */
#include "world.h"

#define SENT INT64_C(1780000000123456)
#define CAME (SENT + 20000)

static void put_time(uint8_t *p, int64_t at)
{
        uint8_t as_sent[PIC__NTP_PACKET];

        pic__ntp_write(as_sent, at);
        memcpy(p, as_sent + 40, 8);
}

/* An answer of a server whose clock is `ahead`, 10 ms after the question, 2 ms in the making. */
static void answer(uint8_t p[PIC__NTP_PACKET], int64_t ahead)
{
        memset(p, 0, PIC__NTP_PACKET);
        p[0] = 0x24;
        p[1] = 3;
        p[6] = 0x80; /* root delay 0.5 s */
        p[10] = 0x40;
        p[12] = 203, p[13] = 0, p[14] = 113, p[15] = 7;
        put_time(p + 24, SENT);
        put_time(p + 32, SENT + 9000 + ahead);
        put_time(p + 40, SENT + 11000 + ahead);
}

static void reads(void **state)
{
        static const int64_t ahead[] = { 0, 5000000, -3600000000, INT64_C(86400000000) * 365 };
        uint8_t p[PIC__NTP_PACKET];
        pic__ntp_answer a;
        char text[PIC__ADDR_TEXT];
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(ahead); i++) {
                answer(p, ahead[i]);
                assert_int_equal(pic__ntp_read(p, sizeof(p), SENT, CAME, &a), 0);
                assert_in_range(a.offset_us - ahead[i] + 10, 0, 20);
                assert_int_equal(a.stratum, 3);
                assert_int_equal(a.leap, 0);
                assert_int_equal(a.error_us, 250000 + 250000);
                pic__ntp_reference(&a, text);
                assert_string_equal(text, "203.0.113.7");
        }
        a.reference = PIC__NTP_LOCAL;
        pic__ntp_reference(&a, text);
        assert_string_equal(text, "this machine's clock");
        a.stratum = 1;
        a.reference = 0x47505300;
        pic__ntp_reference(&a, text);
        assert_string_equal(text, "GPS");
}

/* The counter of seconds turns in 2036. */
static void after_the_turn(void **state)
{
        const int64_t sent = INT64_C(2085978490) * 1000000, ahead = 20000000;
        uint8_t p[PIC__NTP_PACKET];
        pic__ntp_answer a;

        (void)state;
        answer(p, 0);
        put_time(p + 24, sent);
        put_time(p + 32, sent + ahead);
        put_time(p + 40, sent + ahead);
        assert_int_equal(pic__ntp_read(p, sizeof(p), sent, sent, &a), 0);
        assert_in_range(a.offset_us - ahead + 10, 0, 20);
}

static void no_answer(void **state)
{
        uint8_t p[PIC__NTP_PACKET];
        pic__ntp_answer a;

        (void)state;
        answer(p, 0);
        assert_int_equal(pic__ntp_read(p, sizeof(p) - 1, SENT, CAME, &a), -1);
        assert_int_equal(pic__ntp_read(p, sizeof(p), SENT + 1000, CAME, &a), -1); /* to another question */
        p[0] = 0x23;
        assert_int_equal(pic__ntp_read(p, sizeof(p), SENT, CAME, &a), -1); /* a question */
}

static void asks(void **state)
{
        pic__addr v4, v6, nobody;
        pic__auto_err pic_error *err = NULL;
        pic__backend *b = backend();
        pic__ntp_answer a;

        (void)state;
        assert_int_equal(pic__addr_parse("10.1.0.1", &v4), 0);
        assert_int_equal(pic__addr_parse("fd12:3456:789a::1", &v6), 0);
        assert_int_equal(pic__addr_parse("203.0.113.1", &nobody), 0);
        assert_int_equal(pic__ntp_ask(&v4, 500, &a, &err), PIC_TIMEOUT); /* refused: at once */
        assert_non_null(strstr(pic_error_message(err), "10.1.0.1"));
        assert_int_equal(pic__ntp_ask(&nobody, 50, &a, NULL), PIC_TIMEOUT);
        must(b, NULL, VALUE);
        assert_int_equal(pic__ntp_ask(&v4, 1000, &a, NULL), 0);
        assert_int_equal(a.stratum, 10);
        assert_true(a.reference == PIC__NTP_LOCAL && a.leap == 0);
        assert_in_range(a.offset_us + 100000, 0, 200000);
        assert_int_equal(pic__ntp_ask(&v6, 1000, &a, NULL), 0);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(reads), cmocka_unit_test(after_the_turn),
                                            cmocka_unit_test(no_answer), TEST(asks) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
