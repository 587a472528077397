/* Owns: the lines of a "get" answer. 10,000 peers are 90,000 lines, so no sscanf and no copies: the word before '=' is
 * found in a short table by length and bytes. Keys are decoded without a branch on their digits. */
#include "backend/wg/uapi_scan.h"

#include <endian.h>
#include <string.h>

#define BYTES(b) ((uint64_t)(b)*0x0101010101010101u)

/* Four bytes from eight hexadecimal digits of either case, all at once and without a branch on them: the high bit of
 * each byte says whether it is a digit. */
static int take_digits(const char *text, uint8_t to[4])
{
        uint64_t x, lower, decimal, letter, n;
        int i;

        memcpy(&x, text, sizeof(x));
        x = le64toh(x);
        lower = x | BYTES(0x20);
        decimal = (x + BYTES(0x80 - '0')) & ~(x + BYTES(0x80 - ('9' + 1)));
        letter = (lower + BYTES(0x80 - 'a')) & ~(lower + BYTES(0x80 - ('f' + 1)));
        n = (x & BYTES(0x0f)) + 9 * (x >> 6 & BYTES(1));
        n = n << 4 | n >> 8;
        for (i = 0; i < 4; i++)
                to[i] = (uint8_t)(n >> 16 * i);
        return ((decimal | letter) & ~x & BYTES(0x80)) == BYTES(0x80) ? 0 : -1;
}

static int take_key(const char *text, size_t len, uint8_t key[32])
{
        int bad = 0;
        size_t i;

        if (len != 64)
                return -1;
        for (i = 0; i < 8; i++)
                bad |= take_digits(text + 8 * i, key + 4 * i);
        return bad;
}

static int take_number(const char *text, size_t len, uint64_t *ret)
{
        uint64_t n = 0;
        size_t i;

        if (len == 0 || len > 19)
                return -1;
        for (i = 0; i < len; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -1;
                n = n * 10 + (uint64_t)(text[i] - '0');
        }
        *ret = n;
        return 0;
}

static int take_small(const char *text, size_t len, uint16_t *ret)
{
        uint64_t n;

        if (take_number(text, len, &n) < 0 || n > UINT16_MAX)
                return -1;
        *ret = (uint16_t)n;
        return 0;
}

/* The device is complete when its first peer or the end comes, a peer when the next one or the end comes. */
static int hand_over(pic__uapi_scan *s)
{
        int r = 0;

        if (s->peers)
                r = s->reader->peer(&s->peer, s->reader->data, s->err);
        else if (!s->started && s->reader->device != NULL)
                r = s->reader->device(&s->device, s->reader->data, s->err);
        s->started = 1;
        pic__wg_peer_clear(&s->peer);
        return r;
}

/* Each handler: 0, -1 for a bad value, or a negative code below that. */
static int on_private_key(pic__uapi_scan *s, const char *text, size_t len)
{
        return take_key(text, len, s->device.private_key);
}

static int on_port(pic__uapi_scan *s, const char *text, size_t len)
{
        return take_small(text, len, &s->device.port);
}

static int on_public_key(pic__uapi_scan *s, const char *text, size_t len)
{
        int r = hand_over(s);

        if (r < 0)
                return r;
        s->peers = 1;
        return take_key(text, len, s->peer.key);
}

static int on_psk(pic__uapi_scan *s, const char *text, size_t len)
{
        return take_key(text, len, s->peer.psk);
}

static int on_allowed(pic__uapi_scan *s, const char *text, size_t len)
{
        char copy[PIC__PREFIX_TEXT];
        pic__prefix prefix;

        if (len >= sizeof(copy))
                return -1;
        memcpy(copy, text, len);
        copy[len] = '\0';
        if (pic__prefix_parse(copy, &prefix) != 0)
                return -1;
        return pic__vec_push(&s->peer.allowed, prefix) < 0 ? pic__nomem(s->err) : 0;
}

static int on_keepalive(pic__uapi_scan *s, const char *text, size_t len)
{
        return take_small(text, len, &s->peer.keepalive);
}

static int on_endpoint(pic__uapi_scan *s, const char *text, size_t len)
{
        size_t n = len < sizeof(s->peer.endpoint) - 1 ? len : sizeof(s->peer.endpoint) - 1;

        memcpy(s->peer.endpoint, text, n);
        s->peer.endpoint[n] = '\0';
        return 0;
}

static int on_seconds(pic__uapi_scan *s, const char *text, size_t len)
{
        uint64_t n;

        if (take_number(text, len, &n) < 0 || n > INT64_MAX / 2000000)
                return -1;
        s->peer.handshake = (pic_time)(n * 1000000) + s->peer.handshake % 1000000;
        return 0;
}

static int on_nanoseconds(pic__uapi_scan *s, const char *text, size_t len)
{
        uint64_t n;

        if (take_number(text, len, &n) < 0 || n >= 1000000000)
                return -1;
        s->peer.handshake += (pic_time)(n / 1000) - s->peer.handshake % 1000000;
        return 0;
}

static int on_rx(pic__uapi_scan *s, const char *text, size_t len)
{
        return take_number(text, len, &s->peer.rx);
}

static int on_tx(pic__uapi_scan *s, const char *text, size_t len)
{
        return take_number(text, len, &s->peer.tx);
}

static int on_errno(pic__uapi_scan *s, const char *text, size_t len)
{
        uint64_t n;
        size_t sign = len > 0 && text[0] == '-';

        if (take_number(text + sign, len - sign, &n) < 0 || n > 65535)
                return -1;
        s->result = (int)n;
        return n == 0 ? hand_over(s) : 0;
}

static const struct {
        const char *word;
        size_t len;
        int (*fn)(pic__uapi_scan *s, const char *text, size_t len);
} words[] = {
        { "allowed_ip", 10, on_allowed },
        { "public_key", 10, on_public_key },
        { "preshared_key", 13, on_psk },
        { "last_handshake_time_sec", 23, on_seconds },
        { "last_handshake_time_nsec", 24, on_nanoseconds },
        { "tx_bytes", 8, on_tx },
        { "rx_bytes", 8, on_rx },
        { "persistent_keepalive_interval", 29, on_keepalive },
        { "endpoint", 8, on_endpoint },
        { "private_key", 11, on_private_key },
        { "listen_port", 11, on_port },
        { "errno", 5, on_errno },
};

/* A word that we do not know ("fwmark", "protocol_version", what newer versions say) is passed over. */
static int take_line(pic__uapi_scan *s, const char *line, size_t len)
{
        const char *eq = memchr(line, '=', len);
        size_t word = eq != NULL ? (size_t)(eq - line) : 0, i;
        int r;

        if (eq == NULL)
                return pic__fail(s->err, PIC_BACKEND, "wireguard-go: a line that is none in its answer");
        for (i = 0; i < PIC__COUNT(words); i++) {
                if (words[i].len != word || memcmp(words[i].word, line, word) != 0)
                        continue;
                r = words[i].fn(s, eq + 1, len - word - 1);
                if (r == -1)
                        return pic__fail(s->err, PIC_BACKEND, "wireguard-go: a bad value of %s in its answer",
                                         words[i].word);
                return r;
        }
        return 0;
}

int pic__uapi_scan_lines(pic__uapi_scan *s, const char *text, size_t len, size_t *ret_used)
{
        const char *at = text, *end = text + len, *nl;
        int r = 0;

        while (r == 0 && !s->done && (nl = memchr(at, '\n', (size_t)(end - at))) != NULL) {
                if (nl == at)
                        s->done = 1;
                else
                        r = take_line(s, at, (size_t)(nl - at));
                at = nl + 1;
        }
        *ret_used = (size_t)(at - text);
        return r;
}

void pic__uapi_scan_free(pic__uapi_scan *s)
{
        pic__wg_peer_free(&s->peer);
        explicit_bzero(&s->device, sizeof(s->device));
}
