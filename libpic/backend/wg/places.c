/* Owns: the file of the places at which devices were seen last. */
#include "backend/wg/places.h"

#include <string.h>

#include "model/key.h"
#include "sys/file.h"

#define LINE_ROOM ((size_t)128)
#define DEVICES_MAX ((size_t)65536)

struct place {
        uint8_t key[32];
        char endpoint[64];
        unsigned look; /* when its device was there last */
};

/* An address with a port that means the same on another day: a link's own address says nothing without its link. */
static int lasting(const char *endpoint)
{
        char host[256];
        uint16_t port;
        pic__addr addr;

        return pic__endpoint_parse(endpoint, host, &port) == 0 && pic__addr_parse(host, &addr) == 0 &&
               !(addr.family == 6 && addr.bytes[0] == 0xfe && (addr.bytes[1] & 0xc0) == 0x80);
}

static uint64_t sum_of(const struct place *place)
{
        return pic__hash(place->key, sizeof(place->key)) * 3 + pic__hash(place->endpoint, strlen(place->endpoint));
}

static int put(pic__wg_places *p, const uint8_t key[32], const char *endpoint)
{
        struct place *place = pic__map_get(&p->map, key, 32);

        if (place != NULL && strcmp(place->endpoint, endpoint) == 0)
                return 0;
        if (place == NULL) {
                if (p->map.count >= DEVICES_MAX)
                        return 0; /* more than WireGuard takes on one device: somebody else's */
                place = pic__alloc(sizeof(*place));
                if (place == NULL)
                        return -1;
                memcpy(place->key, key, 32);
                if (pic__map_set(&p->map, place->key, 32, place) < 0) {
                        pic__free(place);
                        return -1;
                }
        } else
                p->sum -= sum_of(place);
        memset(place->endpoint, 0, sizeof(place->endpoint));
        strncpy(place->endpoint, endpoint, sizeof(place->endpoint) - 1);
        p->sum += sum_of(place);
        return 0;
}

/* "<44 characters of key> <endpoint>" */
static int read_line(pic__wg_places *p, const char *line, size_t len)
{
        char text[LINE_ROOM];
        uint8_t key[32];

        if (len >= sizeof(text) || len <= PIC__KEY_TEXT || memchr(line, '\0', len) != NULL)
                return -1;
        memcpy(text, line, len);
        text[len] = '\0';
        if (text[PIC__KEY_TEXT - 1] != ' ' || len - PIC__KEY_TEXT >= sizeof(((struct place *)NULL)->endpoint))
                return -1;
        text[PIC__KEY_TEXT - 1] = '\0';
        if (pic__key_decode(text, key) < 0 || !lasting(text + PIC__KEY_TEXT))
                return -1;
        return put(p, key, text + PIC__KEY_TEXT);
}

int pic__wg_places_read(pic__wg_places *p, const char *text, size_t len)
{
        while (len > 0) {
                const char *end = memchr(text, '\n', len);

                if (end == NULL || read_line(p, text, (size_t)(end - text)) < 0)
                        return -1;
                len -= (size_t)(end + 1 - text);
                text = end + 1;
        }
        return 0;
}

int pic__wg_places_open(pic__wg_places *p, const char *dir, const pic__log *log, pic_error **err)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;

        if (dir == NULL)
                return 0;
        p->path = pic__path_join(dir, PIC__WG_PLACES);
        if (p->path == NULL)
                return pic__nomem(err);
        if (!pic__file_exists(p->path))
                return 0;
        if (pic__file_read(p->path, DEVICES_MAX * LINE_ROOM, &text, NULL) < 0 ||
            pic__wg_places_read(p, text.data, text.len) < 0)
                pic__log_put(log, PIC_LOG_WARNING, "wg", "%s is no list of places: devices are reached when they speak",
                             p->path);
        else
                p->written = p->sum;
        return 0;
}

int pic__wg_places_note(pic__wg_places *p, const pic__wg_peer *peer, pic_error **err)
{
        struct place *place;

        if (peer->endpoint[0] != '\0' && lasting(peer->endpoint) && put(p, peer->key, peer->endpoint) < 0)
                return pic__nomem(err);
        place = pic__map_get(&p->map, peer->key, 32);
        if (place != NULL)
                place->look = p->look;
        return 0;
}

void pic__wg_places_prune(pic__wg_places *p)
{
        pic__map kept = PIC__MAP_INIT;
        struct place *place;
        size_t at = 0;

        while ((place = pic__map_next(&p->map, &at)) != NULL)
                if (place->look == p->look && pic__map_set(&kept, place->key, 32, place) < 0) {
                        pic__map_free(&kept); /* another time */
                        return;
                }
        for (at = 0; (place = pic__map_next(&p->map, &at)) != NULL;)
                if (place->look != p->look) {
                        p->sum -= sum_of(place);
                        pic__free(place);
                }
        pic__map_free(&p->map);
        p->map = kept;
}

void pic__wg_places_recall(const pic__wg_places *p, pic__wg_peer *peer)
{
        const struct place *place = pic__map_get(&p->map, peer->key, 32);

        if (place != NULL)
                memcpy(peer->endpoint, place->endpoint, sizeof(peer->endpoint));
}

void pic__wg_places_save(pic__wg_places *p, const pic__log *log)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;
        const struct place *place;
        char key[PIC__KEY_TEXT];
        size_t at = 0;

        if (p->path == NULL || p->sum == p->written)
                return;
        while ((place = pic__map_next(&p->map, &at)) != NULL) {
                pic__key_encode(place->key, key);
                pic__buf_putf(&text, "%s %s\n", key, place->endpoint);
        }
        if (text.failed || pic__file_write(p->path, pic__buf_str(&text), text.len, 0600, &err) < 0)
                pic__log_put(log, PIC_LOG_WARNING, "wg", "where devices are is not kept: %s",
                             err != NULL ? pic_error_message(err) : "out of memory");
        p->written = p->sum; /* a full disk is told once a change, not each minute */
}

void pic__wg_places_free(pic__wg_places *p)
{
        struct place *place;
        size_t at = 0;

        while ((place = pic__map_next(&p->map, &at)) != NULL)
                pic__free(place);
        pic__map_free(&p->map);
        pic__free(p->path);
}
