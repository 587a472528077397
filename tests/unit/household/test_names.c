/* Shows: whatever a device was called, it gets a name that a device can have, near to its own, and no other has it. */
#include "help.h"

#include "model/text.h"

static const pic__spot at = { "f", 1 };

static void add(const char *name)
{
        pic__device *d = pic__household_add(&h, at);

        if (name != NULL)
                pic__household_call(&h, d, name, strlen(name));
}

static void each(void **state)
{
        static const char *const names[][2] = {
                { "anna", "anna" },
                { "Anna", "Anna-2" },
                { "anna-2", "anna-2-2" },
                { "Müllers Händy!", "Muellers-Haendy" },
                { "Carla's phone", "Carlas-phone" },
                { "  --x--  ", "x" },
                { "a..b._c", "a.b._c" },
                { "10.8.0.2", "10.8.0.2-dev" },
                { "cell", "cell-dev" },
                { "internet", "internet-dev" },
                { "日本", "device" },
                { NULL, "device-2" },
                { "...", "device-3" },
                { "éè", "ee" },
                { "0123456789012345678901234567890123456789012345678901234567890123456789",
                  "0123456789012345678901234567890123456789012345678901" },
                { "0123456789012345678901234567890123456789012345678901",
                  "0123456789012345678901234567890123456789012345678901-2" },
        };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(names); i++)
                add(names[i][0]);
        pic__household_names(&h);
        for (i = 0; i < PIC__COUNT(names); i++) {
                is(dev(i)->name, names[i][1]);
                assert_null(pic__name_rule(dev(i)->name));
        }
        assert_told(CHANGED, "f:1: Carla's phone: it is called Carlas-phone here");
        assert_told(CHANGED, "f:1: : a device has no name there: it is called device-2 here");
        assert_false(told(PIC__TALE_CHANGED, "f:1: anna: "));
}

/* Ten thousand of one name take no longer than ten thousand names. */
static void same(void **state)
{
        size_t i;

        (void)state;
        for (i = 0; i < PIC__HOUSEHOLD_DEVICES; i++)
                add("phone");
        pic__household_names(&h);
        is(dev(0)->name, "phone");
        is(dev(PIC__HOUSEHOLD_DEVICES - 1)->name, "phone-10000");
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(each), TEST(same) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
