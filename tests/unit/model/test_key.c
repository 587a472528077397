/* Shows: base64 of keys against known texts, canonical form only, and the points that are no keys. */
#include "help.h"

#include "model/key.h"

static void known(void **state)
{
        uint8_t key[32], back[32];
        char text[PIC__KEY_TEXT];
        unsigned i;

        (void)state;
        for (i = 0; i < 32; i++)
                key[i] = (uint8_t)i;
        pic__key_encode(key, text);
        assert_string_equal(text, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        memset(key, 0xff, 32);
        pic__key_encode(key, text);
        assert_string_equal(text, "//////////////////////////////////////////8=");
        memset(key, 0xfb, 32);
        pic__key_encode(key, text);
        assert_string_equal(text, "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=");
        assert_int_equal(pic__key_decode(text, back), 0);
        assert_memory_equal(key, back, 32);
}

static void round_trip(void **state)
{
        int i, k;

        (void)state;
        for (i = 0; i < 5000; i++) {
                uint8_t key[32], back[32];
                char text[PIC__KEY_TEXT];

                for (k = 0; k < 32; k++)
                        key[k] = (uint8_t)rnd();
                pic__key_encode(key, text);
                assert_int_equal(strlen(text), 44);
                assert_int_equal(pic__key_decode(text, back), 0);
                assert_memory_equal(key, back, 32);
        }
}

/* Any change of one character gives another key or nothing; nothing but the alphabet is taken. */
static void one_form_only(void **state)
{
        static const char good[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        uint8_t key[32], same[32];
        char text[64], again[PIC__KEY_TEXT];
        int c;

        (void)state;
        assert_int_equal(pic__key_decode(good, same), 0);
        for (c = 1; c < 256; c++) {
                strcpy(text, good);
                text[5] = (char)c;
                assert_int_equal(pic__key_decode(text, key) == 0, strchr(alphabet, c) != NULL);
                strcpy(text, good);
                text[42] = (char)c; /* carries two bits that must be zero */
                if (pic__key_decode(text, key) == 0) {
                        pic__key_encode(key, again);
                        assert_string_equal(again, text);
                }
        }
        assert_int_equal(pic__key_decode("", key), -1);
        assert_int_equal(pic__key_decode("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", key), -1);
        assert_int_equal(pic__key_decode("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8==", key), -1);
        assert_int_equal(pic__key_decode("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A", key), -1);
}

static void low_order(void **state)
{
        uint8_t key[32] = { 0 };

        (void)state;
        assert_int_equal(pic__key_zero(key), 1);
        assert_int_equal(pic__key_low_order(key), 1);
        key[0] = 1;
        assert_int_equal(pic__key_zero(key), 0);
        assert_int_equal(pic__key_low_order(key), 1);
        key[31] = 0x80; /* the top bit does not count */
        assert_int_equal(pic__key_low_order(key), 1);
        memset(key, 0xff, 32);
        key[31] = 0x7f;
        key[0] = 0xec;
        assert_int_equal(pic__key_low_order(key), 1);
        key[0] = 0xee;
        assert_int_equal(pic__key_low_order(key), 1);
        key[0] = 0xef;
        assert_int_equal(pic__key_low_order(key), 0);
        key[31] = 0xff;
        key[0] = 0xdb;
        assert_int_equal(pic__key_low_order(key), 1);
        key[0] = 9;
        memset(key + 1, 0, 31); /* the base point */
        assert_int_equal(pic__key_low_order(key), 0);
}

RUN(T(known), T(round_trip), T(one_form_only), T(low_order))
