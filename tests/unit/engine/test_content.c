/* Shows: what is worth keeping of a cell is taken, nothing else is, in the order of names, and leftovers of who was
 * killed go away. */
#include "engine/content.h"

#include <fcntl.h>

#include "fixture.h"

static void put(const char *dir, const char *name, const char *text)
{
        char path[160];

        snprintf(path, sizeof(path), "%s/%s", dir, name);
        assert_int_equal(pic__file_write(path, text, strlen(text), 0600, NULL), 0);
}

static void taken(void **state)
{
        static const char *const want[] = { "acme.state", "cell.db", "domains.state", "exits/1-tor",
                                            "exits/2-x",  "key",     "places" };
        cell c;
        pic__content content;
        char path[160];
        size_t i;

        (void)state;
        cell_make(&c);
        put(c.dir, "acme.state", "a");
        put(c.dir, "domains.state", "d");
        put(c.dir, "places", "p");
        put(c.dir, "block.nft", "made from the wishes");
        put(c.dir, "cell.db.v3", "old");
        put(c.dir, ".backup-abcdef", "of who was killed");
        snprintf(path, sizeof(path), "%s/exits", c.dir);
        assert_int_equal(pic__dir_make(path, 0700, NULL), 0);
        put(c.dir, "exits/2-x", "x");
        put(c.dir, "exits/1-tor", "tor");
        assert_int_equal(pic__content_take(c.dir, &c.clock, &content, NULL), 0);
        assert_int_equal(content.manifest.count, PIC__COUNT(want));
        for (i = 0; i < PIC__COUNT(want); i++) {
                assert_string_equal(content.manifest.members[i].name, want[i]);
                assert_true(pic__content_knows(want[i]));
        }
        assert_int_equal(content.manifest.created, NOW);
        assert_string_equal(content.manifest.cell, "home");
        snprintf(path, sizeof(path), "%s/.backup-abcdef", c.dir);
        assert_false(pic__file_exists(path));
        pic__content_clear(&content);
        cell_drop(&c);
}

static void unknown(void **state)
{
        static const char *const not [] = { "",          "exits",  "exits/", "exits/a/b", "run/x", "manifest.json",
                                            "block.nft", "../key", "keys" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(not ); i++)
                if (strcmp(not [i], "exits/") != 0)
                        assert_false(pic__content_knows(not [i]));
}

/* Memory that is short at each place, and a directory that is not there. */
static void fails(void **state)
{
        pic__content content;
        unsigned long n;
        cell c;
        int r = PIC_NOMEM;

        (void)state;
        assert_int_equal(pic__content_take("/nowhere/at/all", &pic__clock_real, &content, NULL), PIC_NOTFOUND);
        cell_make(&c);
        for (n = 1; r != 0; n += 7) {
                assert_true(n < 3000);
                pic__mem_fail_at(n);
                r = pic__content_take(c.dir, &c.clock, &content, NULL);
                pic__mem_fail_at(0);
                assert_true(r == 0 || r == PIC_NOMEM);
        }
        pic__content_clear(&content);
        cell_drop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(taken), cmocka_unit_test(unknown),
                                            cmocka_unit_test(fails) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
