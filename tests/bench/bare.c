/* What one device costs a bare C program: one fsync'd SQLite insert (WAL, synchronous=FULL, three unique indexes and a
 * journal row), two nft elements in one transaction, one WireGuard peer over UAPI, four DNS records over unbound's
 * control socket; each answer waited for. No checks, no sealing, no undo, no second process. Takes them all out again
 * afterwards.
 *
 *   bench_bare DB WG_SOCKET UNBOUND_SOCKET COUNT FIRST ZONE   prints microseconds, one a line
 *
 * The database is filled with FIRST rows before, so that it is as large as the cell's. */
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

struct device {
        long number;
        uint8_t k4[4], k6[16];
        char name[32], a4[32], a6[64], key[65], ptr4[64], ptr6[96];
};

static sqlite3_stmt *insert, *journal;
static sqlite3 *db;
static const char *wg_path, *unbound_path, *zone;

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
                        return strstr(answer, "error") != NULL ? -1 : 0;
        }
        return 0;
}

static int control(const char *text)
{
        int fd = unix_connect(unbound_path), r = fd < 0 ? -1 : talk(fd, text, "datas");

        close(fd);
        return r;
}

static int make(long n, struct device *d)
{
        uint8_t key[32];
        size_t at = 0;
        int i;

        *d = (struct device){ .number = n, .k4 = { 10, 20, (uint8_t)(n >> 8), (uint8_t)n }, .k6 = { 0xfd, 0x20 } };
        memcpy(d->k6 + 12, &(uint32_t){ htonl((uint32_t)n) }, 4);
        if (getrandom(key, sizeof(key), 0) != sizeof(key))
                return -1;
        key[31] &= 0x7f;
        for (i = 0; i < 32; i++)
                snprintf(d->key + 2 * i, 3, "%02x", key[i]);
        inet_ntop(AF_INET, d->k4, d->a4, sizeof(d->a4));
        inet_ntop(AF_INET6, d->k6, d->a6, sizeof(d->a6));
        snprintf(d->name, sizeof(d->name), "bare%ld", n);
        snprintf(d->ptr4, sizeof(d->ptr4), "%d.%d.20.10.in-addr.arpa.", d->k4[3], d->k4[2]);
        for (i = 15; i >= 0; i--)
                at += (size_t)snprintf(d->ptr6 + at, sizeof(d->ptr6) - at, "%x.%x.", d->k6[i] & 15u, d->k6[i] >> 4u);
        snprintf(d->ptr6 + at, sizeof(d->ptr6) - at, "ip6.arpa.");
        return 0;
}

static int sql(const char *text)
{
        return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int store_row(const struct device *d)
{
        const char *values[] = { d->name, d->a4, d->a6, d->key, d->key };
        int i, ok;

        for (i = 0; i < 5; i++)
                sqlite3_bind_text(insert, i + 1, values[i], -1, SQLITE_STATIC);
        sqlite3_bind_text(journal, 1, d->name, -1, SQLITE_STATIC);
        ok = sqlite3_step(insert) == SQLITE_DONE && sqlite3_step(journal) == SQLITE_DONE;
        sqlite3_reset(insert);
        sqlite3_reset(journal);
        return ok ? 0 : -1;
}

/* Empty, or as the last run left it. */
static int store_fill(long count)
{
        struct device d;
        long i;

        if (sql("BEGIN IMMEDIATE; DELETE FROM peer") < 0)
                return -1;
        for (i = 0; i < count; i++)
                if (make(i + 2, &d) < 0 || store_row(&d) < 0)
                        return -1;
        return sql("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

static int store_open(const char *path)
{
        static const char schema[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                     "CREATE TABLE IF NOT EXISTS peer(id INTEGER PRIMARY KEY, name TEXT UNIQUE, "
                                     "address4 TEXT UNIQUE, address6 TEXT, key TEXT UNIQUE, secret TEXT);"
                                     "CREATE TABLE IF NOT EXISTS journal(seq INTEGER PRIMARY KEY, what TEXT);";
        static const char row[] = "INSERT INTO peer(name,address4,address6,key,secret) VALUES(?,?,?,?,?)";

        if (sqlite3_open(path, &db) != SQLITE_OK || sql(schema) < 0 ||
            sqlite3_prepare_v2(db, row, -1, &insert, NULL) != SQLITE_OK)
                return -1;
        return sqlite3_prepare_v2(db, "INSERT INTO journal(what) VALUES(?)", -1, &journal, NULL) == SQLITE_OK ? 0 : -1;
}

static int store_add(const struct device *d)
{
        return sql("BEGIN IMMEDIATE") == 0 && store_row(d) == 0 ? sql("COMMIT") : -1;
}

static int add(int wg, const struct device *d)
{
        char text[1024];

        if (store_add(d) < 0 || bare_nft_change(1, "pic", d->k4, d->k6, 0x10000) < 0)
                return -1;
        snprintf(text, sizeof(text),
                 "set=1\npublic_key=%s\npreshared_key=%s\nreplace_allowed_ips=true\nallowed_ip=%s/32\nallowed_ip=%s/"
                 "128\n\n",
                 d->key, d->key, d->a4, d->a6);
        if (talk(wg, text, "\n\n") < 0)
                return -1;
        snprintf(text, sizeof(text),
                 "UBCT1 local_datas\n%s.%s. 60 IN A %s\n%s.%s. 60 IN AAAA %s\n%s 60 IN PTR %s.%s.\n%s 60 IN PTR "
                 "%s.%s.\n\x04\n",
                 d->name, zone, d->a4, d->name, zone, d->a6, d->ptr4, d->name, zone, d->ptr6, d->name, zone);
        return control(text);
}

static int take_out(int wg, const struct device *d)
{
        char text[1024];

        if (bare_nft_change(0, "pic", d->k4, d->k6, 0x10000) < 0)
                return -1;
        snprintf(text, sizeof(text), "set=1\npublic_key=%s\nremove=true\n\n", d->key);
        if (talk(wg, text, "\n\n") < 0)
                return -1;
        snprintf(text, sizeof(text), "UBCT1 local_datas_remove\n%s.%s.\n%s\n%s\n\x04\n", d->name, zone, d->ptr4,
                 d->ptr6);
        return control(text);
}

static int run(long count, long first, struct device *devices)
{
        int wg = unix_connect(wg_path);
        long i;

        if (wg < 0)
                return -1;
        for (i = 0; i < count; i++) {
                double began = now_us();

                if (make(first + i, &devices[i]) < 0 || add(wg, &devices[i]) < 0) {
                        fprintf(stderr, "bench_bare: add %ld failed\n", i);
                        return -1;
                }
                printf("%.1f\n", now_us() - began);
        }
        for (i = 0; i < count; i++)
                if (take_out(wg, &devices[i]) < 0)
                        return -1;
        close(wg);
        return 0;
}

int main(int argc, char **argv)
{
        struct device *devices;
        long count, first;
        int r;

        if (argc < 7)
                return 2;
        wg_path = argv[2];
        unbound_path = argv[3];
        count = strtol(argv[4], NULL, 10);
        first = strtol(argv[5], NULL, 10);
        zone = argv[6];
        devices = calloc((size_t)count, sizeof(*devices));
        if (devices == NULL || bare_nft_open() < 0 || store_open(argv[1]) < 0 || store_fill(first) < 0) {
                fprintf(stderr, "bench_bare: cannot open what it needs\n");
                return 1;
        }
        r = run(count, first + 2, devices);
        sqlite3_finalize(insert);
        sqlite3_finalize(journal);
        sqlite3_close(db);
        free(devices);
        return r < 0;
}
