/* What every packet of a device carries: sixteen bytes that no other packet has. In a name they are 32 hex digits.
 *
 *   magic[6]  device[1]  kind << 1 | (1 for IPv6) [1]  sequence[8], big endian
 */
#ifndef LEAKS_MARKER_H
#define LEAKS_MARKER_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MARKER 16
#define MAGIC "\xd1piC\xe5\x7b"
#define MAGIC_HEX "d1706943e57b"
#define MAGIC_LEN 6
#define ZONE "leak.example" /* names of devices are MARKER-IN-HEX.leak.example */

#define KINDS(X)        \
        X(TCP80)        \
        X(TCP443)       \
        X(TCP_LONG)     \
        X(DOT)          \
        X(UDP)          \
        X(QUIC)         \
        X(NTP)          \
        X(FRAGMENTS)    \
        X(ICMP)         \
        X(DNS_CELL)     \
        X(DNS_CELL_TCP) \
        X(DNS_PUBLIC)   \
        X(DNS_PUBLIC_TCP)

enum kind {
#define KIND(name) K_##name,
        KINDS(KIND)
#undef KIND
                KIND_COUNT
};

static const char *const kind_names[KIND_COUNT] = {
#define KIND(name) #name,
        KINDS(KIND)
#undef KIND
};

static inline void marker_make(uint8_t *to, unsigned device, unsigned kind, int v6, uint64_t sequence)
{
        size_t i;

        memcpy(to, MAGIC, MAGIC_LEN);
        to[6] = (uint8_t)device;
        to[7] = (uint8_t)(kind << 1 | (v6 ? 1 : 0));
        for (i = 0; i < 8; i++)
                to[8 + i] = (uint8_t)(sequence >> (56 - 8 * i));
}

static inline void marker_hex(const uint8_t *marker, char *to)
{
        size_t i;

        for (i = 0; i < MARKER; i++)
                snprintf(to + 2 * i, 3, "%02x", marker[i]);
}

/* Seconds of the one clock by which all programs of a world speak. */
static inline double now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_REALTIME, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
