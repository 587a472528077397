/* Owns: growth of arrays. */
#include "base/vec.h"

#include <stdint.h>

int pic__vec_grow(void **at, size_t *room, size_t count, size_t size)
{
        size_t more = *room != 0 ? *room * 2 : 8;
        void *grown;

        if (count < *room)
                return 0;
        if (more > SIZE_MAX / size / 2)
                return -1;
        grown = pic__realloc(*at, more * size);
        if (grown == NULL)
                return -1;
        *at = grown;
        *room = more;
        return 0;
}
