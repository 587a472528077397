/* What haproxy's socket answers. */
#include "fuzz.h"

#include "backend/front/socket.h"

static int see(const char *key, const char *value, void *data)
{
        must(key != NULL && value != NULL && strchr(key, ' ') == NULL);
        ++*(int *)data;
        return 0;
}

static int see_name(const char *name, void *data)
{
        must(name[0] != '\0' && strpbrk(name, ": \n") == NULL);
        ++*(int *)data;
        return 0;
}

static int see_shown(const pic__front_shown *s, void *data)
{
        must(s->cert[0] != '\0' && s->line != NULL && s->name[0] != '\0' && strpbrk(s->cert, ": \n") == NULL);
        ++*(int *)data;
        return 0;
}

static int see_server(const pic__front_server *s, void *data)
{
        must(s->name[0] != '\0' && s->status != NULL && s->check != NULL && s->last != NULL);
        ++*(int *)data;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1), *copy = malloc(size + 1), line[64], serial[40];
        int seen = 0;

        if (text != NULL && copy != NULL) {
                memcpy(text, data, size);
                text[size] = '\0';
                memcpy(copy, text, size + 1);
                must(pic__front_read_map(copy, see, &seen) == 0);
                memcpy(copy, text, size + 1);
                must(pic__front_read_names(copy, see_name, &seen) == 0);
                memcpy(copy, text, size + 1);
                must(pic__front_read_shown(copy, see_shown, &seen) == 0);
                memcpy(copy, text, size + 1);
                must(pic__front_read_servers(copy, see_server, &seen) == 0);
                if (pic__front_read_line(text, "Serial", line, sizeof(line)) == 0) {
                        pic__front_serial(line, serial, sizeof(serial));
                        must(strlen(serial) < sizeof(serial));
                }
        }
        free(text);
        free(copy);
        return 0;
}
