/* What one device costs a bare C program: one fsync'd SQLite insert (WAL, synchronous=FULL, three unique indexes and a
 * journal row), one WireGuard peer over UAPI, two nft elements in one transaction, four DNS records over unbound's
 * control socket. No checks, no sealing, no undo. bench_bare DB WG_SOCKET UNBOUND_SOCKET COUNT FIRST ZONE    prints
 * microseconds, one a line. */
#include <arpa/inet.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bare_nft.h"

static double now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int unix_connect(const char *path)
{
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
        if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
                return -1;
        return fd;
}

/* Sends a request and reads until `end` stands in the answer. */
static int talk(int fd, const char *text, const char *end)
{
        char answer[4096];
        size_t have = 0;

        if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
                return -1;
        while (have < sizeof(answer) - 1) {
                ssize_t n = read(fd, answer + have, sizeof(answer) - 1 - have);

                if (n <= 0)
                        return have > 0 ? 0 : -1;
                have += (size_t)n;
                answer[have] = '\0';
                if (strstr(answer, end) != NULL)
                        return 0;
        }
        return 0;
}

static sqlite3_stmt *insert, *journal;
static sqlite3 *db;

static int store_open(const char *path)
{
        const char *schema = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                             "CREATE TABLE IF NOT EXISTS peer(id INTEGER PRIMARY KEY, name TEXT UNIQUE, address4 TEXT "
                             "UNIQUE, address6 TEXT, key TEXT UNIQUE, secret TEXT);"
                             "CREATE TABLE IF NOT EXISTS journal(seq INTEGER PRIMARY KEY, what TEXT);";

        return sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, schema, NULL, NULL, NULL) == SQLITE_OK &&
                               sqlite3_prepare_v2(
                                       db, "INSERT INTO peer(name,address4,address6,key,secret) VALUES(?,?,?,?,?)", -1,
                                       &insert, NULL) == SQLITE_OK &&
                               sqlite3_prepare_v2(db, "INSERT INTO journal(what) VALUES(?)", -1, &journal, NULL) ==
                                       SQLITE_OK
                       ? 0
                       : -1;
}

static int store_add(const char *name, const char *a4, const char *a6, const char *key)
{
        const char *values[] = { name, a4, a6, key, key };
        int i, ok;

        for (i = 0; i < 5; i++)
                sqlite3_bind_text(insert, i + 1, values[i], -1, SQLITE_STATIC);
        sqlite3_bind_text(journal, 1, name, -1, SQLITE_STATIC);
        ok = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
             sqlite3_step(insert) == SQLITE_DONE && sqlite3_step(journal) == SQLITE_DONE &&
             sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
        sqlite3_reset(insert);
        sqlite3_reset(journal);
        return ok ? 0 : -1;
}

static int add(int wg, const char *unbound, long n, const char *zone)
{
        uint8_t key[32], k4[4] = { 10, 20, (uint8_t)(n >> 8), (uint8_t)n }, k6[16] = { 0xfd, 0x20 };
        char hex[65], a4[32], a6[64], text[1024], name[32];
        int i, fd;

        memcpy(k6 + 12, &(uint32_t){ htonl((uint32_t)n) }, 4);
        if (getrandom(key, sizeof(key), 0) != sizeof(key))
                return -1;
        key[31] &= 0x7f;
        for (i = 0; i < 32; i++)
                snprintf(hex + 2 * i, 3, "%02x", key[i]);
        inet_ntop(AF_INET, k4, a4, sizeof(a4));
        inet_ntop(AF_INET6, k6, a6, sizeof(a6));
        snprintf(name, sizeof(name), "bare%ld", n);
        if (store_add(name, a4, a6, hex) < 0)
                return -1;
        if (bare_nft_add("pic", k4, k6, 0x10000) < 0)
                return -1;
        snprintf(text, sizeof(text),
                 "set=1\npublic_key=%s\npreshared_key=%s\nreplace_allowed_ips=true\nallowed_ip=%s/32\nallowed_ip=%s/"
                 "128\n\n",
                 hex, hex, a4, a6);
        if (talk(wg, text, "\n\n") < 0)
                return -1;
        fd = unix_connect(unbound);
        snprintf(text, sizeof(text),
                 "UBCT1 local_datas\n%s.%s. 60 IN A %s\n%s.%s. 60 IN AAAA %s\n%d.%d.20.10.in-addr.arpa. 60 IN PTR "
                 "%s.%s.\n%x.0.0.d.f.ip6.arpa. 60 IN PTR %s.%s.\n\x04\n",
                 name, zone, a4, name, zone, a6, k4[3], k4[2], name, zone, (unsigned)n & 15, name, zone);
        i = fd < 0 ? -1 : talk(fd, text, "datas");
        close(fd);
        return i;
}

int main(int argc, char **argv)
{
        long i, count, first;
        int wg;

        if (argc < 7)
                return 2;
        count = strtol(argv[4], NULL, 10);
        first = strtol(argv[5], NULL, 10);
        wg = unix_connect(argv[2]);
        if (wg < 0 || bare_nft_open() < 0 || store_open(argv[1]) < 0) {
                fprintf(stderr, "bench_bare: cannot open what it needs\n");
                return 1;
        }
        for (i = 0; i < count; i++) {
                double began = now_us();

                if (add(wg, argv[3], first + i, argv[6]) < 0) {
                        fprintf(stderr, "bench_bare: add %ld failed\n", i);
                        return 1;
                }
                printf("%.1f\n", now_us() - began);
        }
        return 0;
}
