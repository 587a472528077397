/* Owns: what is written down for the agent's next life: the item that an exit was built with, and how the inside looked
 * then. `stamp` is written last and taken away first: without it nobody takes what is there for what is wished. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/exit/inside.h"
#include "sys/file.h"

#define STAMP_MAX (PIC__EXIT_VALUE_MAX + 256)

int pic__exit_set_item(pic__exit_space *s, const char *value, const void *secret, size_t len, pic_error **err)
{
        char *copy = pic__strdup(value);
        uint8_t *hidden = secret != NULL ? pic__memdup(secret, len) : NULL;

        if (copy == NULL || (secret != NULL && hidden == NULL)) {
                pic__free(copy);
                pic__free(hidden);
                return pic__nomem(err);
        }
        pic__free(s->value);
        if (s->secret != NULL)
                explicit_bzero(s->secret, s->secret_len);
        pic__free(s->secret);
        s->value = copy;
        s->secret = hidden;
        s->secret_len = secret != NULL ? len : 0;
        return 0;
}

void pic__record_forget(pic__exit_space *s)
{
        pic__auto_free char *stamp = pic__space_file(s, "stamp");

        if (stamp != NULL)
                (void)unlink(stamp);
        pic__free(s->value);
        s->value = NULL;
}

/* Three lines: rules, routes, value. */
int pic__record_put(const pic__exit_space *s, pic_error **err)
{
        pic__auto_free char *stamp = pic__space_file(s, "stamp"), *secret = pic__space_file(s, "secret");
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r = 0;

        if (stamp == NULL || secret == NULL)
                return pic__nomem(err);
        if (s->secret != NULL)
                r = pic__file_write(secret, s->secret, s->secret_len, 0600, err);
        else
                (void)unlink(secret);
        pic__buf_putf(&text, "%s\n%s\n%s\n", s->rules, s->settled ? s->routes : "", s->value);
        if (r == 0)
                r = text.failed ? pic__nomem(err) : pic__file_write(stamp, text.data, text.len, 0600, err);
        return r;
}

/* "<name>.print": "<program> <print> <said>" */
static int take_process(pic__exit_space *s, const char *file, pic_error **err)
{
        pic__auto_free char *path = pic__space_file(s, file);
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__exit_process *p = &s->process[s->processes];
        char name[64], program[64], print[65];
        long long said = 0;
        int r;

        snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."), file);
        if (path == NULL)
                return pic__nomem(err);
        if (s->processes == PIC__EXIT_PROCESSES || pic__file_read(path, 200, &text, NULL) < 0 ||
            sscanf(pic__buf_str(&text), "%63s %64s %lld", program, print, &said) < 2)
                return 0;
        r = pic__process_new(s, name, p, err);
        if (r < 0)
                return r;
        p->program = pic__strdup(program);
        memcpy(p->print, print, sizeof(p->print));
        p->said = said;
        s->processes++;
        if (p->program == NULL)
                return pic__nomem(err);
        (void)pic__process_alive(p);
        return 0;
}

static int take_processes(pic__exit_space *s, pic_error **err)
{
        DIR *dir = opendir(s->dir);
        struct dirent *entry;
        int r = 0;

        while (dir != NULL && r == 0 && (entry = readdir(dir)) != NULL) {
                const char *dot = strchr(entry->d_name, '.');

                if (dot != NULL && strcmp(dot, ".print") == 0)
                        r = take_process(s, entry->d_name, err);
        }
        if (dir != NULL)
                closedir(dir);
        return r;
}

/* Cuts the first line off. */
static char *line(char **at)
{
        char *text = *at, *end = strchr(text, '\n');

        *at = end != NULL ? end + 1 : text + strlen(text);
        if (end != NULL)
                *end = '\0';
        return text;
}

static int take_stamp(pic__exit_space *s, char *text, pic_error **err)
{
        pic__auto_free char *path = pic__space_file(s, "secret");
        pic__auto_wipe pic__buf secret = PIC__BUF_SECRET;
        const char *rules = line(&text), *routes = line(&text), *value = line(&text);
        char key[8];
        int hidden;

        if (path == NULL)
                return pic__nomem(err);
        hidden = pic__file_read(path, PIC__EXIT_SECRET_MAX, &secret, NULL) == 0;
        snprintf(key, sizeof(key), "%u", s->slot);
        if (pic__exit_parse(key, value, hidden ? pic__buf_str(&secret) : NULL, hidden ? secret.len : 0, &s->conf,
                            NULL) < 0)
                return 0;
        s->carrier = pic__carrier_of(s->conf.type);
        if (s->carrier == NULL || strlen(rules) >= sizeof(s->rules) || strlen(routes) >= sizeof(s->routes))
                return 0;
        memcpy(s->rules, rules, strlen(rules) + 1);
        memcpy(s->routes, routes, strlen(routes) + 1);
        s->settled = routes[0] != '\0';
        return pic__exit_set_item(s, value, hidden ? pic__buf_str(&secret) : NULL, hidden ? secret.len : 0, err);
}

int pic__record_take(pic__exit_space *s, pic_error **err)
{
        pic__auto_free char *stamp = pic__space_file(s, "stamp");
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        int r;

        if (stamp == NULL)
                return pic__nomem(err);
        (void)pic__space_holds(s);
        s->look = 1;
        r = take_processes(s, err);
        if (r == 0 && pic__file_read(stamp, STAMP_MAX, &text, NULL) == 0 && text.len > 0)
                r = take_stamp(s, text.data, err);
        return r;
}
