/* Owns: what makes a long password a bad one all the same: it is among those that everybody has, a row of keys, or its
 * owner's name. The list has those of ten bytes and more that lead the counts of leaked ones; shorter ones are refused
 * anyway. */
#include "model/common.h"

#include <string.h>

#include "base/mem.h"
#include "model/text.h"

#define LETTERS_MIN 5 /* different bytes */
#define REST_MIN 6    /* bytes beside one's own name */

static const char *const common[] = {
        "12345678910",          "123456789a",       "123456789q",       "1029384756",    "1122334455",
        "1472583690",           "123123123a",       "1234567891",       "12345qwert",    "1234qwer1234",
        "1234qwerasdf",         "123qweasdzxc",     "1q2w3e4r5t",       "1q2w3e4r5t6y",  "1q2w3e4r5t6y7u",
        "1qaz2wsx3edc",         "1qaz2wsx3edc4rfv", "1qazxsw23edc",     "a123456789",    "aa123456789",
        "abc1234567",           "abcd123456",       "abcd12345678",     "abcdefg123",    "abcdef123456",
        "admin12345",           "admin123456",      "adminadmin",       "administrator", "administrator1",
        "alexander1",           "anthony123",       "asdf1234qwer",     "asdfasdfasdf",  "asdfghjkl1",
        "asdfghjkl123",         "asdfghjkl;",       "babygirl123",      "baseball123",   "basketball",
        "batman12345",          "butterfly1",       "changeit123",      "changeme123",   "changemenow",
        "charlie123",           "chocolate1",       "christopher",      "computer123",   "correcthorsebatterystaple",
        "default123",           "defaultpassword",  "dragon12345",      "elizabeth1",    "estrella123",
        "football123",          "freedom123",       "friends123",       "guest12345",    "hello12345",
        "hellokitty",           "helloworld",       "helloworld1",      "homeserver",    "homeserver1",
        "iloveyou12",           "iloveyou123",      "iloveyou2",        "ilovemyself",   "internet123",
        "jennifer123",          "jessica123",       "jonathan123",      "king123456",    "letmein123",
        "letmein1234",          "letmeinplease",    "liverpool1",       "liverpool123",  "lovelovelove",
        "manchester",           "manchester1",      "master12345",      "michael123",    "monkey12345",
        "mypassword",           "mypassword1",      "naruto12345",      "network123",    "p@ssw0rd123",
        "p@ssword123",          "pass123456",       "pass1234567",      "passpasspass",  "passw0rd12",
        "passw0rd123",          "password01",       "password10",       "password11",    "password12",
        "password123",          "password1234",     "password12345",    "password2024",  "password2025",
        "password2026",         "password99",       "passwordpassword", "password!1",    "password123!",
        "personalinternetcell", "picpicpicpic",     "pokemon123",       "princess123",   "princess12",
        "q1w2e3r4t5",           "q1w2e3r4t5y6",     "qazwsx1234",       "qazwsxedc1",    "qazwsxedc123",
        "qazwsxedcrfv",         "qwer1234asdf",     "qwerasdfzxcv",     "qwerty1234",    "qwerty12345",
        "qwerty123456",         "qwertyqwerty",     "qwertyuiop",       "qwertyuiop1",   "qwertyuiop123",
        "raspberry1",           "raspberry123",     "raspberrypi",      "samsung123",    "secret12345",
        "secretpassword",       "september1",       "spongebob1",       "starwars123",   "summer2024",
        "summer2025",           "summer2026",       "sunshine12",       "sunshine123",   "superman123",
        "tequieromucho",        "test123456",       "test1234567",      "testpassword",  "testtest123",
        "trustno1234",          "unbelievable",     "volleyball",       "welcome123",    "welcome1234",
        "welcome12345",         "winter2025",       "winter2026",       "wireguard1",    "wireguard123",
        "zaq12wsxcde3",         "zaq1zaq1zaq1",     "zxcvbnm123",       "zxcvbnm1234",   "zxcvbnmasdf",
};

static int is_common(const char *text)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(common); i++)
                if (strcmp(common[i], text) == 0)
                        return 1;
        return 0;
}

static size_t count_different(const char *text)
{
        unsigned char seen[256] = { 0 };
        size_t count = 0;

        for (; *text != '\0'; text++) {
                count += seen[(unsigned char)*text] == 0;
                seen[(unsigned char)*text] = 1;
        }
        return count;
}

/* "abcdefghij", "9876543210", "1234567890": each step is the same. */
static int is_row(const char *text)
{
        static const char *const rows[] = { "01234567890123456789", "98765432109876543210",
                                            "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba" };
        size_t i;

        for (i = 0; i < PIC__COUNT(rows); i++)
                if (strstr(rows[i], text) != NULL)
                        return 1;
        return 0;
}

static int is_own_name(const char *text, const char *user)
{
        char name[128];

        if (user == NULL || pic__fold(user, name, sizeof(name)) < 0 || name[0] == '\0')
                return 0;
        return strstr(text, name) != NULL && strlen(text) < strlen(name) + REST_MIN;
}

const char *pic__common_password(const char *password, const char *user)
{
        char text[600];

        if (pic__fold(password, text, sizeof(text)) < 0)
                return NULL;
        if (is_common(text))
                return "is one of the most common passwords";
        if (count_different(text) < LETTERS_MIN)
                return "has too few different characters";
        if (is_row(text))
                return "is a row of letters or digits";
        return is_own_name(text, user) ? "is the user's name with little beside it" : NULL;
}
