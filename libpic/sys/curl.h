/* One transfer of libcurl's, driven by its own epoll: what requests of the web (http) and mail (mail) are made of. The
 * only header that includes curl's; for those two. */
#ifndef PIC_SYS_CURL_H
#define PIC_SYS_CURL_H

#include <curl/curl.h>

#include "base/err.h"

/* libcurl, loaded when it is needed for the first time: it brings 25 libraries with it, 6 ms of each start of `pic` and
 * 4 MiB of each daemon. It stays then: what OpenSSL leaves behind in a thread does not survive an unloading. */
struct pic__curl_calls {
        CURLcode (*global_init)(long flags);
        CURL *(*easy_init)(void);
        CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
        CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
        void (*easy_cleanup)(CURL *easy);
        const char *(*easy_strerror)(CURLcode code);
        CURLM *(*multi_init)(void);
        CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
        CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
        CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
        CURLMcode (*multi_socket_action)(CURLM *multi, curl_socket_t fd, int bits, int *running);
        CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
        CURLMcode (*multi_cleanup)(CURLM *multi);
        struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
        void (*slist_free_all)(struct curl_slist *list);
        CURLU *(*url_new)(void);
        CURLUcode (*url_set)(CURLU *u, CURLUPart what, const char *text, unsigned flags);
        CURLUcode (*url_get)(const CURLU *u, CURLUPart what, char **text, unsigned flags);
        void (*url_cleanup)(CURLU *u);
        void (*release)(void *text);
};
extern struct pic__curl_calls pic__curl; /* good once a transfer was opened */

typedef struct pic__transfer {
        CURLM *multi;
        CURL *easy;
        int epoll; /* readable: go on */
        int timer;
        char why[CURL_ERROR_SIZE];
} pic__transfer;

/* At an address that stays. PIC_UNSUPPORTED: there is no libcurl. Close it also after a failure. */
int pic__transfer_open(pic__transfer *t, pic_error **err);
/* What every transfer keeps to: no signal, no proxy, no file of the user's, TLS 1.2 at least, a limit of time. -1: out
 * of memory. */
int pic__transfer_limits(pic__transfer *t, unsigned timeout_ms, const char *ca_file);
/* 1: it is done, and how. */
int pic__transfer_go_on(pic__transfer *t, CURLcode *ret);
/* In words, with a hint. */
int pic__transfer_explain(const pic__transfer *t, CURLcode code, const char *where, pic_error **err);
void pic__transfer_close(pic__transfer *t);

#endif
