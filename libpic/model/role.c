/* Owns: the order of roles. */
#include "model/role.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

/* Each may do what the one before it may. A device's owner (peer) is none of these, and has no tokens. */
static const char *const order[] = { "metrics", "viewer", "operator", "admin" };

static int rank(const char *word)
{
        size_t i;

        for (i = 0; i < PIC__COUNT(order); i++)
                if (strcmp(order[i], word) == 0)
                        return (int)i;
        return -1;
}

const char *pic__role_least(const char *scope, const char *role)
{
        int a = rank(scope), b = rank(role);

        if (a < 0 || b < 0)
                return NULL;
        return order[a < b ? a : b];
}
