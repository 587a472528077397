/* Owns: libcurl, loaded late, and one transfer of it in somebody's loop. */
#include "sys/curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct pic__curl_calls pic__curl;

static const struct {
        const char *name;
        void *at;
} symbols[] = {
        { "curl_global_init", &pic__curl.global_init },
        { "curl_easy_init", &pic__curl.easy_init },
        { "curl_easy_setopt", &pic__curl.easy_setopt },
        { "curl_easy_getinfo", &pic__curl.easy_getinfo },
        { "curl_easy_cleanup", &pic__curl.easy_cleanup },
        { "curl_easy_strerror", &pic__curl.easy_strerror },
        { "curl_multi_init", &pic__curl.multi_init },
        { "curl_multi_setopt", &pic__curl.multi_setopt },
        { "curl_multi_add_handle", &pic__curl.multi_add_handle },
        { "curl_multi_remove_handle", &pic__curl.multi_remove_handle },
        { "curl_multi_socket_action", &pic__curl.multi_socket_action },
        { "curl_multi_info_read", &pic__curl.multi_info_read },
        { "curl_multi_cleanup", &pic__curl.multi_cleanup },
        { "curl_slist_append", &pic__curl.slist_append },
        { "curl_slist_free_all", &pic__curl.slist_free_all },
        { "curl_url", &pic__curl.url_new },
        { "curl_url_set", &pic__curl.url_set },
        { "curl_url_get", &pic__curl.url_get },
        { "curl_url_cleanup", &pic__curl.url_cleanup },
        { "curl_free", &pic__curl.release },
};

static pthread_once_t started = PTHREAD_ONCE_INIT;
static int loaded;

static void load_curl(void)
{
        void *dl = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
        size_t i;

        for (i = 0; dl != NULL && i < PIC__COUNT(symbols); i++) {
                void **to = symbols[i].at; /* POSIX: a function's address fits into it */

                *to = dlsym(dl, symbols[i].name);
                if (*to == NULL)
                        return;
        }
        loaded = dl != NULL && pic__curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* --- what curl asks of us ----------------------------------------------------------------------------------------- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *unused)
{
        const pic__transfer *t = data;
        struct epoll_event e = { .data.fd = fd };

        (void)easy, (void)unused;
        if (what == CURL_POLL_REMOVE) {
                (void)epoll_ctl(t->epoll, EPOLL_CTL_DEL, fd, NULL);
                return 0;
        }
        e.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
        if (epoll_ctl(t->epoll, EPOLL_CTL_MOD, fd, &e) < 0 && epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
                return -1;
        return 0;
}

static int on_timer(CURLM *multi, long ms, void *data)
{
        const pic__transfer *t = data;
        struct itimerspec at = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 } };

        (void)multi;
        if (ms == 0)
                at.it_value.tv_nsec = 1;
        if (ms < 0)
                at.it_value.tv_sec = at.it_value.tv_nsec = 0;
        return timerfd_settime(t->timer, 0, &at, NULL);
}

/* --- from begin to end -------------------------------------------------------------------------------------------- */

static int not_there(pic_error **err)
{
        pic__fail(err, PIC_UNSUPPORTED, "libcurl is not there");
        pic__hint(err, "apt-get install libcurl4");
        return PIC_UNSUPPORTED;
}

int pic__transfer_open(pic__transfer *t, pic_error **err)
{
        struct epoll_event e = { .events = EPOLLIN };

        *t = (pic__transfer){ .epoll = -1, .timer = -1 };
        (void)pthread_once(&started, load_curl);
        if (!loaded)
                return not_there(err);
        t->epoll = epoll_create1(EPOLL_CLOEXEC);
        t->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        e.data.fd = t->timer;
        if (t->epoll < 0 || t->timer < 0 || epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->timer, &e) < 0)
                return pic__fail_errno(err, errno, "curl: cannot make descriptors");
        t->multi = pic__curl.multi_init();
        t->easy = pic__curl.easy_init();
        if (t->multi == NULL || t->easy == NULL ||
            pic__curl.multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != 0 ||
            pic__curl.multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t) != 0 ||
            pic__curl.multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_timer) != 0 ||
            pic__curl.multi_setopt(t->multi, CURLMOPT_TIMERDATA, t) != 0)
                return pic__nomem(err);
        return 0;
}

#define SET(option, value) (bad |= pic__curl.easy_setopt(t->easy, option, value) != CURLE_OK)

int pic__transfer_limits(pic__transfer *t, unsigned timeout_ms, const char *ca_file)
{
        int bad = 0;

        SET(CURLOPT_NOSIGNAL, 1L);
        SET(CURLOPT_PROXY, "");
        SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
        SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        SET(CURLOPT_TIMEOUT_MS, (long)timeout_ms);
        /* A name that is still asked for is let go: else who has a loop waits for a thread that waits for name servers,
         * 28 s with three dead ones. */
        SET(CURLOPT_QUICK_EXIT, 1L);
        SET(CURLOPT_ERRORBUFFER, t->why);
        if (ca_file != NULL)
                SET(CURLOPT_CAINFO, ca_file);
        return bad ? -1 : 0;
}

int pic__transfer_go_on(pic__transfer *t, CURLcode *ret)
{
        struct epoll_event e[8];
        int i, n, left, running = 0;
        uint64_t times;
        CURLMsg *m;

        n = epoll_wait(t->epoll, e, PIC__COUNT(e), 0);
        for (i = 0; i < n; i++) {
                int timer = e[i].data.fd == t->timer;
                int bits = (e[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                           (e[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                           (e[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

                if (timer && read(t->timer, &times, sizeof(times)) < 0)
                        continue; /* set anew meanwhile */
                (void)pic__curl.multi_socket_action(t->multi, timer ? CURL_SOCKET_TIMEOUT : e[i].data.fd,
                                                    timer ? 0 : bits, &running);
        }
        m = pic__curl.multi_info_read(t->multi, &left);
        if (m == NULL || m->msg != CURLMSG_DONE)
                return 0;
        *ret = m->data.result;
        return 1;
}

void pic__transfer_close(pic__transfer *t)
{
        if (t->multi != NULL && t->easy != NULL)
                (void)pic__curl.multi_remove_handle(t->multi, t->easy);
        if (t->easy != NULL)
                pic__curl.easy_cleanup(t->easy);
        if (t->multi != NULL)
                (void)pic__curl.multi_cleanup(t->multi); /* tells its sockets to t->epoll */
        if (t->epoll >= 0)
                close(t->epoll);
        if (t->timer >= 0)
                close(t->timer);
        *t = (pic__transfer){ .epoll = -1, .timer = -1 };
}

/* --- why not ------------------------------------------------------------------------------------------------------ */

static const struct {
        CURLcode code;
        int ours;
        const char *text;
        const char *hint;
} reasons[] = {
        { CURLE_COULDNT_RESOLVE_HOST, PIC_BACKEND, "its name leads nowhere",
          "is this machine online, and the name right?" },
        { CURLE_COULDNT_CONNECT, PIC_BACKEND, "nobody answers there",
          "is this machine online? Its port may be closed." },
        { CURLE_OPERATION_TIMEDOUT, PIC_TIMEOUT, "no answer in time", "It is tried again later." },
        { CURLE_PEER_FAILED_VERIFICATION, PIC_BACKEND, "nobody vouches for its certificate",
          "Is this machine's clock right (pic ntp status)? Else somebody may be in between." },
        { CURLE_SSL_CONNECT_ERROR, PIC_BACKEND, "no secure connection comes about", NULL },
        { CURLE_INTERFACE_FAILED, PIC_BACKEND, "the address that it shall come from is not this machine's", NULL },
        { CURLE_GOT_NOTHING, PIC_BACKEND, "it hung up without a word", "It is tried again later." },
};

int pic__transfer_explain(const pic__transfer *t, CURLcode code, const char *where, pic_error **err)
{
        size_t i = 0;

        while (i < PIC__COUNT(reasons) && reasons[i].code != code)
                i++;
        if (i == PIC__COUNT(reasons))
                return pic__fail(err, PIC_BACKEND, "%s: %s", where,
                                 t->why[0] != '\0' ? t->why : pic__curl.easy_strerror(code));
        pic__fail(err, reasons[i].ours, "%s: %s", where, reasons[i].text);
        if (reasons[i].hint != NULL)
                pic__hint(err, "%s", reasons[i].hint);
        if (t->why[0] != '\0')
                pic__detail(err, "curl", t->why);
        return reasons[i].ours;
}
