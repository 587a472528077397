/* Shows: a token may do the lesser of its scope and of its user's role, and nothing for who may do nothing. */
#include "help.h"
#include "model/role.h"

static void least(void **state)
{
        static const struct {
                const char *scope, *role, *want;
        } cases[] = { { "admin", "admin", "admin" },
                      { "admin", "viewer", "viewer" },
                      { "viewer", "admin", "viewer" },
                      { "operator", "admin", "operator" },
                      { "metrics", "viewer", "metrics" },
                      { "operator", "operator", "operator" },
                      { "admin", "peer", NULL },
                      { "setup", "admin", NULL },
                      { "viewer", "", NULL } };
        size_t i;

        (void)state;
        for (i = 0; i < PIC__COUNT(cases); i++) {
                const char *is = pic__role_least(cases[i].scope, cases[i].role);

                if (cases[i].want == NULL)
                        assert_null(is);
                else
                        assert_string_equal(is, cases[i].want);
        }
}

RUN(T(least))
