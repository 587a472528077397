/* Addresses, prefixes, ranges and endpoints as plain values, and their one canonical text.
 * Formats: RFC 4291/5952 for IPv6 text, dotted quad without leading zeros for IPv4. */
#ifndef PIC_MODEL_NET_H
#define PIC_MODEL_NET_H

#include <stddef.h>
#include <stdint.h>

typedef struct pic__addr {
        uint8_t family; /* 4, 6; 0 is none */
        uint8_t bytes[16];
} pic__addr;

typedef struct pic__prefix {
        pic__addr addr;
        uint8_t len;
} pic__prefix;

/* first..last, both included, of one family */
typedef struct pic__range {
        pic__addr first;
        pic__addr last;
} pic__range;

#define PIC__ADDR_TEXT 48   /* room for any address */
#define PIC__PREFIX_TEXT 56 /* room for any prefix */

int pic__addr_parse(const char *text, pic__addr *ret); /* 0 or -1; no zone id, no port */
const char *pic__addr_print(const pic__addr *a, char text[PIC__ADDR_TEXT]);
int pic__addr_cmp(const pic__addr *a, const pic__addr *b); /* by family, then bytes */
/* a + n; -1 when it leaves the family's space. */
int pic__addr_add(const pic__addr *a, uint64_t n, pic__addr *ret);
/* a - b when it fits 64 bits, else UINT64_MAX. Same family. */
uint64_t pic__addr_sub(const pic__addr *a, const pic__addr *b);

/* "10.0.0.0/8", "fd00::/48". Needs the length; -2 when host bits are set (address kept in ret), -1 for anything else.
 */
int pic__prefix_parse(const char *text, pic__prefix *ret);
const char *pic__prefix_print(const pic__prefix *p, char text[PIC__PREFIX_TEXT]);
void pic__prefix_mask(pic__prefix *p); /* clears the host bits */
int pic__prefix_has(const pic__prefix *p, const pic__addr *a);
int pic__prefix_overlaps(const pic__prefix *a, const pic__prefix *b);
void pic__prefix_range(const pic__prefix *p, pic__range *ret);
/* Host numbers 1..n that devices may have: without network and broadcast address for IPv4 (n = 2^(32-len) - 2),
 * without the all-zero (subnet-router anycast) address for IPv6; at most 2^40. */
uint64_t pic__prefix_hosts(const pic__prefix *p);

/* HOST:PORT, [V6]:PORT; HOST is an address or a name of RFC 1123. host gets the text without brackets. 0 or -1. */
int pic__endpoint_parse(const char *text, char host[256], uint16_t *ret_port);
/* A dotted name of RFC 1123 labels, lower or upper case, 1..253 bytes, no dot at the end. */
int pic__hostname_ok(const char *text);

/* Sets of ranges of one family: sorted, joined where they touch. `out` gets a - b; returns the count, or -1 if it is
 * over max. */
int pic__ranges_normalize(pic__range *ranges, size_t count);
int pic__ranges_subtract(const pic__range *a, size_t na, const pic__range *b, size_t nb, pic__range *out, size_t max);
/* What a device means by "internet": all unicast space that is not special (RFC 6890), private or multicast. Borrowed,
 * sorted. */
const pic__range *pic__ranges_internet(uint8_t family, size_t *ret_count);
/* What "lan" means: RFC 1918 space and RFC 4193 ULA. Link-local is in neither (cloud metadata services live there). */
const pic__range *pic__ranges_lan(uint8_t family, size_t *ret_count);
/* What makes a prefix unfit for devices: it touches loopback, link-local, multicast or reserved space. Its name, or
 * NULL. */
const char *pic__prefix_unusable(const pic__prefix *p);
/* Where a name of the internet may not lead (DNS rebinding): each as text, NULL past the end. */
const char *pic__prefix_inside(size_t index);

#endif
