/* Where devices were seen: what is written is read again, what is no such list counts for nothing, and is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/wg/places.h"
#include "model/key.h"
#include "sys/file.h"

static char dir[] = "/tmp/pic-test-places-XXXXXX";
static char file[64];
static unsigned told;

static void count_told(int level, const char *area, const char *text, void *data)
{
        (void)data;
        (void)area;
        (void)text;
        told += level <= PIC_LOG_WARNING;
}

static const pic__log logger = { .fn = count_told, .level = PIC_LOG_DEBUG };

static pic__wg_peer peer_of(unsigned n, const char *endpoint)
{
        pic__wg_peer peer = { .keepalive = 0 };

        memcpy(peer.key, &n, sizeof(n));
        snprintf(peer.endpoint, sizeof(peer.endpoint), "%s", endpoint);
        return peer;
}

static const char *recalled(const pic__wg_places *p, unsigned n)
{
        static pic__wg_peer peer;

        peer = peer_of(n, "");
        pic__wg_places_recall(p, &peer);
        return peer.endpoint;
}

static void note(pic__wg_places *p, unsigned n, const char *endpoint)
{
        pic__wg_peer peer = peer_of(n, endpoint);

        assert_int_equal(pic__wg_places_note(p, &peer, NULL), 0);
}

static void kept_over_a_start(void **state)
{
        pic__wg_places p = { .look = 1 }, again = { .look = 0 };
        struct stat st;

        (void)state;
        assert_int_equal(pic__wg_places_open(&p, dir, &logger, NULL), 0);
        note(&p, 1, "203.0.113.7:51820");
        note(&p, 2, "[2001:db8::7]:1");
        note(&p, 3, "");                /* never heard */
        note(&p, 4, "[fe80::7]:51820"); /* of a link that nobody knows tomorrow */
        note(&p, 5, "198.51.100.1:9");
        note(&p, 5, "198.51.100.2:9"); /* it moved */
        pic__wg_places_save(&p, &logger);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(pic__wg_places_open(&again, dir, &logger, NULL), 0);
        assert_string_equal(recalled(&again, 1), "203.0.113.7:51820");
        assert_string_equal(recalled(&again, 2), "[2001:db8::7]:1");
        assert_string_equal(recalled(&again, 3), "");
        assert_string_equal(recalled(&again, 4), "");
        assert_string_equal(recalled(&again, 5), "198.51.100.2:9");

        /* Not written when it says the same; who is there no more is forgotten, who was silent is not. */
        assert_int_equal(unlink(file), 0);
        pic__wg_places_save(&again, &logger);
        assert_int_equal(access(file, F_OK), -1);
        again.look++;
        note(&again, 1, "");
        pic__wg_places_prune(&again);
        pic__wg_places_save(&again, &logger);
        pic__wg_places_free(&p);
        p = (pic__wg_places){ .look = 0 };
        assert_int_equal(pic__wg_places_open(&p, dir, &logger, NULL), 0);
        assert_string_equal(recalled(&p, 1), "203.0.113.7:51820");
        assert_string_equal(recalled(&p, 2), "");
        assert_int_equal(told, 0);
        pic__wg_places_free(&p);
        pic__wg_places_free(&again);
}

static void no_such_list(void **state)
{
        static const char key[] = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        static const char *const endings[] = {
                "",
                " 1.2.3.4:5", /* no end of line */
                "\n",
                " \n",
                " host.example:5\n",
                " 1.2.3.4\n",
                " 1.2.3.4:0x5\n",
                " 1.2.3.4:65536\n",
                " fe80::1:5\n",
                "  1.2.3.4:5\n",
                "\t1.2.3.4:5\n",
                " 1.2.3.4:5 6\n",
                " 1.2.3.4:5\r\n",
                " [::1]:5]\n",
        };
        char text[200];
        size_t i;

        (void)state;
        for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
                pic__wg_places p = { .look = 0 };

                told = 0;
                snprintf(text, sizeof(text), "%s%s", key, endings[i]);
                assert_int_equal(pic__file_write(file, text, strlen(text), 0600, NULL), 0);
                assert_int_equal(pic__wg_places_open(&p, dir, &logger, NULL), 0);
                if (told != 1 || p.map.count != 0)
                        fail_msg("'%s' was taken", endings[i]);
                /* And the next one that is written is whole again. */
                note(&p, 1, "203.0.113.7:51820");
                pic__wg_places_save(&p, &logger);
                pic__wg_places_free(&p);
                p = (pic__wg_places){ .look = 0 };
                assert_int_equal(pic__wg_places_open(&p, dir, &logger, NULL), 0);
                assert_string_equal(recalled(&p, 1), "203.0.113.7:51820");
                pic__wg_places_free(&p);
        }
        assert_int_equal(told, 1);
}

static void nowhere(void **state)
{
        pic__wg_places p = { .look = 0 };

        (void)state;
        assert_int_equal(pic__wg_places_open(&p, NULL, &logger, NULL), 0);
        note(&p, 1, "203.0.113.7:51820");
        pic__wg_places_save(&p, &logger); /* kept in memory, for a wireguard-go that dies */
        assert_string_equal(recalled(&p, 1), "203.0.113.7:51820");
        pic__wg_places_free(&p);
        told = 0;
        p = (pic__wg_places){ .look = 0 };
        assert_int_equal(pic__wg_places_open(&p, "/proc/no/such", &logger, NULL), 0);
        note(&p, 1, "203.0.113.7:51820");
        pic__wg_places_save(&p, &logger);
        pic__wg_places_save(&p, &logger);
        assert_int_equal(told, 1);
        pic__wg_places_free(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(kept_over_a_start),
                cmocka_unit_test(no_such_list),
                cmocka_unit_test(nowhere),
        };
        int r;

        if (mkdtemp(dir) == NULL)
                return 77;
        snprintf(file, sizeof(file), "%s/" PIC__WG_PLACES, dir);
        r = cmocka_run_group_tests(tests, NULL, NULL);
        unlink(file);
        rmdir(dir);
        return r;
}
