/* wireguard-go's answer to "get": read in one piece, and over a socket in pieces as long as the first byte says; both
 * ways say the same. What is read of device and peers are items that mean the same when they are read again. */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "backend/wg/uapi.h"
#include "backend/wg/uapi_scan.h"
#include "sys/crypto.h"

struct seen {
        pic__items items;
        pic__buf scratch;
};

static int on_device(const pic__wg_device *device, void *data, pic_error **err)
{
        struct seen *s = data;

        return pic__wg_device_item("pic0", device, &s->items, err);
}

static int on_peer(pic__wg_peer *peer, void *data, pic_error **err)
{
        pic__auto_wg_peer pic__wg_peer again = { .keepalive = 0 };
        struct seen *s = data;

        must(pic__wg_peer_item(peer, &s->scratch, &s->items, err) == 0);
        must(pic__wg_peer_parse(&s->items.at[s->items.count - 1], &again, NULL) == 0);
        must(again.allowed.count == peer->allowed.count && again.keepalive == peer->keepalive);
        must(memcmp(again.key, peer->key, 32) == 0 && memcmp(again.psk, peer->psk, 32) == 0);
        must(memchr(peer->endpoint, '\0', sizeof(peer->endpoint)) != NULL);
        return 0;
}

static void forget(struct seen *s)
{
        pic__items_wipe(&s->items);
        pic__buf_free(&s->scratch);
}

/* 1: the answer is whole and is one. */
static int at_once(const char *text, size_t len, struct seen *seen)
{
        const pic__wg_reader reader = { on_device, on_peer, seen };
        pic__auto_err pic_error *err = NULL;
        pic__auto_uapi_scan pic__uapi_scan scan = { .reader = &reader, .err = &err };
        size_t used = 0;
        int r = pic__uapi_scan_lines(&scan, text, len, &used);

        must(used <= len && r == pic_error_code(err));
        return r == 0 && scan.done && scan.result == 0;
}

/* 1: all of it fits into the socket. */
static int feed(int fd, const char *text, size_t len, size_t piece)
{
        while (len > 0) {
                size_t n = len < piece ? len : piece;

                if (send(fd, text, n, MSG_DONTWAIT) != (ssize_t)n)
                        return 0;
                text += n;
                len -= n;
        }
        return 1;
}

static void in_pieces(const char *text, size_t len, size_t piece, int whole, const struct seen *before)
{
        struct seen seen = { PIC__ITEMS_INIT, PIC__BUF_INIT };
        const pic__wg_reader reader = { on_device, on_peer, &seen };
        pic__auto_err pic_error *err = NULL;
        int pair[2], fits, r;
        pic__uapi u;
        size_t i;

        must(pic__uapi_new(&u, NULL) == 0);
        must(pic__uapi_name(&u, "pic0", NULL) == 0);
        must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
        u.fd = pair[0];
        fits = feed(pair[1], text, len, piece);
        must(shutdown(pair[1], SHUT_WR) == 0);
        r = pic__uapi_read(&u, &reader, &err);
        must(r == pic_error_code(err));
        must(!fits || (r == 0) == whole);
        must(r != 0 || seen.items.count == before->items.count);
        for (i = 0; r == 0 && i < seen.items.count; i++)
                must(strcmp(seen.items.at[i].value, before->items.at[i].value) == 0);
        pic__uapi_free(&u);
        close(pair[1]);
        forget(&seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct seen seen = { PIC__ITEMS_INIT, PIC__BUF_INIT };
        size_t piece = 1 + 8 * (size_t)next_byte(&data, &size);
        char *text = bytes_of(data, size);
        int whole;

        must(pic__crypto_start(NULL) == 0);
        whole = at_once(text, size, &seen);
        in_pieces(text, size, piece, whole, &seen);
        forget(&seen);
        free(text);
        return 0;
}
