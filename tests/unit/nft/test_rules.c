/* The policy's lines hang together: each chain is entered, each set is there. What they mean to packets is tried in
 * tests/scenario/test_nft_rules.py and test_nft_exits.py. */
#include "space.h"

#include "backend/nft/elem.h"
#include "backend/nft/rules.h"
#include "base/mem.h"

static int is_chain(const char *line, const char *name, size_t len)
{
        return strncmp(line, "chain ", 6) == 0 && strncmp(line + 6, name, len) == 0 &&
               strcmp(line + 6 + len, " {") == 0;
}

static int has_chain(const char *const *lines, size_t count, const char *name, size_t len)
{
        size_t i;

        for (i = 0; i < count; i++)
                if (is_chain(lines[i], name, len))
                        return 1;
        return 0;
}

/* By a goto or jump, or a hook. */
static int is_entered(const char *const *lines, size_t count, size_t at)
{
        size_t len = strcspn(lines[at] + 6, " "), i;

        if (strncmp(lines[at + 1], "type ", 5) == 0)
                return 1;
        for (i = 0; i < count; i++) {
                const char *verb = strstr(lines[i], "goto ");

                verb = verb != NULL ? verb : strstr(lines[i], "jump ");
                if (verb != NULL && strcspn(verb + 5, " ") == len && strncmp(verb + 5, lines[at] + 6, len) == 0)
                        return 1;
        }
        return 0;
}

static int has_set(const char *name, size_t len)
{
        size_t i;

        for (i = 0; i < PIC__NFT_SETS; i++)
                if (strlen(pic__nft_sets[i].name) == len && strncmp(pic__nft_sets[i].name, name, len) == 0)
                        return 1;
        return (len == strlen(PIC__NFT_SENT) && strncmp(name, PIC__NFT_SENT, len) == 0) ||
               (len == strlen(PIC__NFT_RECEIVED) && strncmp(name, PIC__NFT_RECEIVED, len) == 0);
}

static void check(const char *const *lines, size_t count)
{
        size_t i;
        int inside = 0;

        for (i = 0; i < count; i++) {
                const char *verb = strstr(lines[i], " goto "), *set = strchr(lines[i], '@');

                if (strncmp(lines[i], "chain ", 6) == 0) {
                        assert_int_equal(inside++, 0);
                        if (!is_entered(lines, count, i))
                                fail_msg("nothing leads to '%s'", lines[i]);
                        continue;
                }
                assert_int_equal(inside, 1);
                if (lines[i][0] == '}')
                        inside = 0;
                verb = verb != NULL ? verb : strstr(lines[i], " jump ");
                if (verb != NULL && !has_chain(lines, count, verb + 6, strlen(verb + 6)))
                        fail_msg("'%s' leads nowhere", lines[i]);
                if (set != NULL && strncmp(set, "@nh,", 4) != 0 && !has_set(set + 1, strcspn(set + 1, " ")))
                        fail_msg("'%s': no such set", lines[i]);
        }
        assert_int_equal(inside, 0);
}

static void test_whole(void **state)
{
        (void)state;
        check(pic__nft_rules, pic__nft_rules_count);
        check(pic__nft_block_rules, pic__nft_block_rules_count);
}

static void test_every_set_is_used(void **state)
{
        size_t s, i;

        (void)state;
        for (s = 0; s < PIC__NFT_SETS; s++) {
                char name[32];

                snprintf(name, sizeof(name), "@%s", pic__nft_sets[s].name);
                for (i = 0; i < pic__nft_rules_count && strstr(pic__nft_rules[i], name) == NULL; i++)
                        continue;
                if (i == pic__nft_rules_count)
                        fail_msg("nobody looks into %s", name);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_whole),
                cmocka_unit_test(test_every_set_is_used),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
