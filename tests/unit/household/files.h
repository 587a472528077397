/* A directory of a test's own, and files in it. */
#ifndef TEST_HOUSEHOLD_FILES_H
#define TEST_HOUSEHOLD_FILES_H

#include "help.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static inline int begin_dir(void **state)
{
        strcpy(root, "/tmp/pic-test-household.XXXXXX");
        return mkdtemp(root) == NULL || begin(state);
}

static inline const char *path_of(const char *name)
{
        static char path[300];

        snprintf(path, sizeof(path), "%s/%s", root, name);
        return path;
}

static inline void put_bytes(const char *name, const void *data, size_t len, mode_t mode)
{
        char dir[300], *slash;
        FILE *out;

        snprintf(dir, sizeof(dir), "%s", path_of(name));
        for (slash = dir + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
                *slash = '\0';
                (void)mkdir(dir, 0700);
                *slash = '/';
        }
        out = fopen(path_of(name), "w");
        assert_non_null(out);
        assert_int_equal(fwrite(data, 1, len, out), len);
        assert_int_equal(fclose(out), 0);
        assert_int_equal(chmod(path_of(name), mode), 0);
}

static inline void put(const char *name, const char *text)
{
        put_bytes(name, text, strlen(text), 0600);
}

static inline void remove_all(const char *path, int depth)
{
        DIR *d = depth > 0 ? opendir(path) : NULL;
        const struct dirent *e;
        char below[1200];

        while (d != NULL && (e = readdir(d)) != NULL) {
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
                        continue;
                snprintf(below, sizeof(below), "%.800s/%s", path, e->d_name);
                if (unlink(below) < 0)
                        remove_all(below, depth - 1);
        }
        if (d != NULL)
                closedir(d);
        (void)rmdir(path);
}

static inline int end_dir(void **state)
{
        remove_all(root, 4);
        return end(state);
}

#define DIR_TEST(fn) cmocka_unit_test_setup_teardown(fn, begin_dir, end_dir)

/* A database in wg-easy 15's form, by its own columns as far as they matter. */
#define EASY_TABLES                                                                                                  \
        "CREATE TABLE interfaces_table(name text PRIMARY KEY, device text, port integer, private_key text,"          \
        " public_key text, ipv4_cidr text, ipv6_cidr text, mtu integer, h1 text, routing_table text DEFAULT 'auto'," \
        " firewall_enabled integer DEFAULT 0);"                                                                      \
        "CREATE TABLE user_configs_table(id text, default_dns text, default_allowed_ips text, host text, port int);" \
        "CREATE TABLE clients_table(id integer PRIMARY KEY, interface_id text, name text, ipv4_address text,"        \
        " ipv6_address text, pre_up text DEFAULT '', post_up text DEFAULT '', private_key text, public_key text,"    \
        " pre_shared_key text, expires_at text, allowed_ips text, server_allowed_ips text, firewall_ips text,"       \
        " persistent_keepalive integer, dns text, server_endpoint text, enabled integer DEFAULT 1);"

#endif
