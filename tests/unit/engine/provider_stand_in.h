/* A provider of TXT records to test with: on loopback, keeps what it was asked, answers in turn. */
#ifndef TEST_ENGINE_PROVIDER_STAND_IN_H
#define TEST_ENGINE_PROVIDER_STAND_IN_H

#include "acme_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "change/secret.h"

static int listener = -1;
static unsigned port;
static char heard[8][2048];
static unsigned calls;
static int status = 200;
static const char *answers[8];

static inline void *serve(void *data)
{
        unsigned i;

        (void)data;
        for (i = 0; i < 8 && answers[i] != NULL; i++) {
                char text[2048] = "", out[1024];
                int fd = accept(listener, NULL, NULL);
                size_t len = 0;
                const char *body;

                while (len < sizeof(text) - 1) {
                        ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);

                        if (n <= 0)
                                break;
                        len += (size_t)n;
                        text[len] = '\0';
                        body = strstr(text, "\r\n\r\n");
                        if (body != NULL && (strncmp(text, "POST", 4) != 0 || strchr(body, '}') != NULL))
                                break;
                }
                snprintf(heard[i], sizeof(heard[i]), "%s", text);
                snprintf(out, sizeof(out), "HTTP/1.1 %d x\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                         status, strlen(answers[i]), answers[i]);
                (void)!write(fd, out, strlen(out));
                close(fd);
                calls++;
        }
        return NULL;
}

static inline void listen_here(void)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t len = sizeof(at);

        listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(listener, 8), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
        port = ntohs(at.sin_port);
}

/* A domain with its secret sealed; the caller lets go of it. */
static inline pic_obj *make(const pic__seals *seals, const char *mode, const char *field, const char *secret,
                            const char *name)
{
        char server[32];
        const char *fields[] = { "mode", mode, "server", server, NULL };
        pic_obj *o = NULL;
        char *sealed = NULL;
        size_t i;

        snprintf(server, sizeof(server), "127.0.0.1:%u", port);
        assert_int_equal(pic__obj_new(PIC__DOMAIN, &o, NULL), 0);
        assert_int_equal(pic__obj_set(o, "name", name, 1, NULL), 0);
        for (i = 0; fields[i] != NULL; i += 2)
                assert_int_equal(pic__obj_set(o, fields[i], fields[i + 1], 1, NULL), 0);
        assert_int_equal(pic__secret_box(seals->public_key, PIC__DOMAIN, field, secret, &sealed, NULL), 0);
        assert_int_equal(pic__obj_set(o, field, sealed, 1, NULL), 0);
        pic__free(sealed);
        return o;
}

static inline int work(const pic__seals *seals, const pic_obj *domain, int clear, pic_error **err)
{
        PIC__AUTO(pic__provider_keys_wipe) pic__provider_keys keys;
        const pic__provider_opts o = { .errand = clear ? PIC__ERRAND_CLEAR : PIC__ERRAND_SET,
                                       .domain = domain,
                                       .record = "_acme-challenge.home.example.org",
                                       .text = "abc_-9",
                                       .by = &keys,
                                       .now = NOW };
        pic__provider *p = NULL;
        int r = pic__provider_keys_open(&keys, seals, domain, NULL, err);

        keys.has_seed = 1;
        memcpy(keys.seed, seals->key, sizeof(keys.seed));
        if (r == 0)
                r = pic__provider_start(&o, &p, err);
        while (r == 0) {
                struct pollfd f = { .fd = pic__provider_fd(p), .events = POLLIN };

                assert_int_equal(poll(&f, 1, 10000), 1);
                r = pic__provider_go_on(p, err);
        }
        pic__provider_unref(p);
        return r;
}

static inline void seals_make(pic__seals *s)
{
        memset(s, 0, sizeof(*s));
        assert_int_equal(pic__crypto_start(NULL), 0);
        pic__wg_keypair(s->key, s->public_key);
}

static inline pthread_t begin(const char *a, const char *b, const char *c, const char *d)
{
        pthread_t thread;

        memset(heard, 0, sizeof(heard));
        answers[0] = a;
        answers[1] = b;
        answers[2] = c;
        answers[3] = d;
        calls = 0;
        pthread_create(&thread, NULL, serve, NULL);
        return thread;
}

#endif
