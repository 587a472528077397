/* Owns: what a server knew when it has to be started anew: taken out of the old one and given to the new one. Lifetimes
 * are counted from the moment of taking, so nothing is kept for later, and nothing is on a disk. */
#include <string.h>
#include <time.h>

#include "backend/dns/control.h"
#include "backend/dns/inside.h"

#define CACHE_MAX ((size_t)2 << 20) /* of text; more is asked anew */
#define TAKE_MS 1000
#define GIVE_MS 1000
#define PIECE ((size_t)24 << 10) /* with what stands around it less than PIC__DNS_BODY_MAX */

static int64_t now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One that hangs or is gone knows nothing. */
void pic__dns_cache_take(pic__dns *b, pic__buf *ret)
{
        if (!pic__child_alive(b->child) || pic__dns_control(b->socket, "dump_cache", NULL, TAKE_MS, ret, NULL) < 0 ||
            ret->len > CACHE_MAX)
                pic__buf_free(ret);
}

static const char rrsets[] = "START_RRSET_CACHE\n", rrsets_end[] = "END_RRSET_CACHE\n";
static const char messages[] = "START_MSG_CACHE\n", messages_end[] = "END_MSG_CACHE\n";

/* Data, or what answers refer to them: the other half is empty. */
static int give_piece(pic__dns *b, int data, const char *text, size_t len)
{
        pic__auto_buf pic__buf body = PIC__BUF_INIT;

        pic__buf_puts(&body, rrsets);
        if (data)
                pic__buf_put(&body, text, len);
        pic__buf_puts(&body, rrsets_end);
        pic__buf_puts(&body, messages);
        if (!data)
                pic__buf_put(&body, text, len);
        pic__buf_puts(&body, messages_end);
        pic__buf_puts(&body, "EOF\n");
        return body.failed ? -1 : pic__dns_control(b->socket, "load_cache", &body, GIVE_MS, NULL, NULL);
}

/* Where the next entry begins, behind the one that begins at `at`. */
static const char *next_entry(const char *at, const char *end, const char *mark)
{
        size_t len = strlen(mark);

        while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
                at++;
                if ((size_t)(end - at) < len || memcmp(at, mark, len) == 0)
                        break;
        }
        return at != NULL && (size_t)(end - at) >= len ? at : end;
}

/* In pieces of whole entries. unbound answers nobody while it reads one, for 10 ms. */
static int give_half(pic__dns *b, int data, const char *at, const char *end, int64_t until)
{
        const char *mark = data ? ";rrset " : "msg ", *from = at;

        while (from < end && now_ms() < until) {
                const char *to = next_entry(from, end, mark), *next;

                while (to < end && (size_t)((next = next_entry(to, end, mark)) - from) <= PIECE)
                        to = next;
                if ((size_t)(to - from) <= PIECE && give_piece(b, data, from, (size_t)(to - from)) < 0)
                        return -1;
                from = to;
        }
        return 0;
}

void pic__dns_cache_give(pic__dns *b, const pic__buf *known)
{
        int64_t until = now_ms() + GIVE_MS;
        const char *text = known->len > 0 ? pic__buf_str(known) : "", *data = strstr(text, rrsets),
                   *data_end = strstr(text, rrsets_end), *answers = strstr(text, messages),
                   *answers_end = strstr(text, messages_end);

        if (data != NULL && data_end > data && answers > data_end && answers_end > answers &&
            give_half(b, 1, data + strlen(rrsets), data_end, until) == 0)
                (void)give_half(b, 0, answers + strlen(messages), answers_end, until);
}
