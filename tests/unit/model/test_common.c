/* Shows: passwords that everybody has, rows of keys and one's own name are told from others. */
#include "help.h"
#include "model/common.h"

static void bad(void **state)
{
        static const char *const words[] = { "password123",  "PassWord1234", "qwertyuiop",
                                             "1234567890",   "9876543210",   "abcdefghijkl",
                                             "aaaaaaaaaaaa", "abababababab", "correcthorsebatterystaple",
                                             "anna2026",     "Anna-Anna" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(words); i++)
                if (pic__common_password(words[i], "anna") == NULL)
                        fail_msg("%s is taken for a good one", words[i]);
}

static void good(void **state)
{
        static const char *const words[] = { "correct staple of May", "tr0ub4dor&3", "anna likes green tea",
                                             "Grüße aus der Küche" };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(words); i++)
                if (pic__common_password(words[i], "anna") != NULL)
                        fail_msg("%s: %s", words[i], pic__common_password(words[i], "anna"));
        assert_null(pic__common_password("anna2026 xyz", NULL));
}

RUN(T(bad), T(good))
