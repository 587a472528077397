/* Shows: which backups stay, by tables; and of a thousand random lists that the last good one never goes. */
#include "backup/retain.h"

#include <stdlib.h>

#include "base/time.h"
#include "help.h"

#define DAY (86400 * PIC__SECOND)
#define T0 (1795651200 * PIC__SECOND) /* Thursday, 2026-11-26, its beginning */

/* A list as days before T0, "3+0.5": hours as parts of days; '!' damaged, '?' unknown, else well. What stays, as bits.
 */
static void table(void **state)
{
        static const struct {
                pic__retention r;
                double ago[10];
                int state[10]; /* 0: well (so that it need not be said), 1: unknown, -1: damaged */
                const char *stays;
        } all[] = {
                { { 0, 0, 0, 0 }, { 1, 2, 3 }, { 0 }, "111" },
                { { 2, 0, 0, 0 }, { 3, 1, 2, 0.1 }, { 0 }, "0101" },
                { { 1, 0, 0, 0 }, { 0.1, 0.2, 0.3 }, { 0 }, "100" },
                { { 0, 2, 0, 0 }, { 0.1, 0.2, 1.1, 1.2, 2.1 }, { 0 }, "10100" },
                { { 0, 1, 0, 0 }, { 0.1, 0.2 }, { 0, 0 }, "10" },
                { { 0, 0, 2, 0 }, { 0.5, 1.5, 4.5, 5.5, 11.5 }, { 0 }, "10100" }, /* Wed Tue, Sat Fri, Sat */
                { { 0, 0, 0, 2 }, { 1, 10, 27.5, 40 }, { 0 }, "1010" },
                { { 1, 0, 0, 0 }, { 0.1, 1 }, { -1, 0 }, "11" },       /* the newest is damaged: it and the good one */
                { { 1, 0, 0, 0 }, { 0.1, 1, 2 }, { 1, 0, 0 }, "110" }, /* nobody knows of the newest */
                { { 1, 0, 0, 0 }, { 0.1, 1 }, { 1, 1 }, "11" },        /* nothing is known to be well: nothing goes */
                { { 3, 0, 0, 0 }, { 0.1, 1, 2, 3 }, { 0, -1, 0, 0 }, "1011" }, /* what is damaged stands for nothing */
                { { 1, 2, 0, 0 }, { 0.1, 1.1, 2.1 }, { 0 }, "110" },
        };
        size_t i, k;

        (void)state;
        for (i = 0; i < PIC__COUNT(all); i++) {
                pic__held list[10];
                char stays[11] = "";
                size_t count = strlen(all[i].stays);

                for (k = 0; k < count; k++)
                        list[k] = (pic__held){ .created = T0 - (pic_time)(all[i].ago[k] * (double)DAY),
                                               .state = all[i].state[k] == 0   ? 1
                                                        : all[i].state[k] == 1 ? 0
                                                                               : -1 };
                pic__retain(list, count, &all[i].r);
                for (k = 0; k < count; k++)
                        stays[k] = list[k].keep ? '1' : '0';
                if (strcmp(stays, all[i].stays) != 0)
                        fail_msg("row %zu: %s, not %s", i, stays, all[i].stays);
        }
}

static void chance(void **state)
{
        int round;

        (void)state;
        srand(7);
        for (round = 0; round < 1000; round++) {
                pic__retention r = { (unsigned)rand() % 4, (unsigned)rand() % 3, (unsigned)rand() % 3,
                                     (unsigned)rand() % 3 };
                pic__held list[40];
                size_t count = (size_t)rand() % 40, i, good = 0, newest = 0;

                for (i = 0; i < count; i++) {
                        list[i] = (pic__held){ .created = T0 - (pic_time)(rand() % 10000) * 3600 * PIC__SECOND,
                                               .state = rand() % 3 - 1 };
                        if (list[i].state > 0 && (list[good].state <= 0 || list[i].created > list[good].created))
                                good = i;
                        if (list[i].created > list[newest].created)
                                newest = i;
                }
                pic__retain(list, count, &r);
                if (count == 0)
                        continue;
                assert_true(list[newest].keep);
                for (i = 0; i < count; i++)
                        if (list[good].state > 0 ? i == good : 1)
                                assert_true(list[i].keep);
        }
        pic__retain(NULL, 0, &(pic__retention){ 1, 1, 1, 1 });
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(chance) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
