/* Owns: libcurl as this room uses it. */
#include "keeper/web.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#define SAID_MAX ((size_t)4 << 20)
enum { PATIENCE_S = 60, CONNECT_S = 20, SLOWEST = 512 /* bytes a second */ };

struct pic__web {
        CURL *easy;
        const volatile sig_atomic_t *ended;
        enum pic__place_kind kind;
        const pic__web_ask *ask; /* what is asked now */
        pic_error *bad;          /* what a source or a sink said */
        pic__buf said;
        int too_long;
        char etag[128];
        int64_t date;
        char where[320];
        char why[CURL_ERROR_SIZE];
        char pin[64];   /* the key that the server showed, when nobody vouched for it */
        int key, known; /* memory files with what libssh2 wants as files */
        char key_path[32], known_path[32];
};

/* --- what curl asks of us ---------------------------------------------------------------------------------------- */

static size_t on_send(char *to, size_t size, size_t count, void *data)
{
        pic__web *w = data;
        long n = w->ask->source(w->ask->source_arg, to, size * count, &w->bad);

        return n < 0 ? CURL_READFUNC_ABORT : (size_t)n;
}

static size_t on_body(char *at, size_t size, size_t count, void *data)
{
        pic__web *w = data;
        size_t len = size * count;
        long status = 0;

        (void)curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
        if (w->ask->sink != NULL && (w->kind == PIC__PLACE_SFTP || (status >= 200 && status < 300)))
                return w->ask->sink(at, len, w->ask->sink_arg, &w->bad) < 0 ? 0 : len;
        if (w->said.len + len > SAID_MAX) {
                w->too_long = 1;
                return 0;
        }
        pic__buf_put(&w->said, at, len);
        return w->said.failed ? 0 : len;
}

/* The value, if it is that header. */
static int take_header(const char *name, const char *at, size_t len, char *to, size_t size)
{
        size_t from = strlen(name);

        if (len <= from || strncasecmp(at, name, from) != 0)
                return 0;
        while (from < len && at[from] == ' ')
                from++;
        snprintf(to, size, "%.*s", (int)(len - from), at + from);
        return 1;
}

static size_t on_header(char *at, size_t size, size_t count, void *data)
{
        pic__web *w = data;
        char date[64];

        if (take_header("etag:", at, size * count, w->etag, sizeof(w->etag)))
                w->etag[strcspn(w->etag, "\r\n<>&")] = '\0';
        if (take_header("date:", at, size * count, date, sizeof(date)))
                w->date = curl_getdate(date, NULL);
        return size * count;
}

static int on_progress(void *data, curl_off_t down, curl_off_t downed, curl_off_t up, curl_off_t upped)
{
        const pic__web *w = data;

        (void)down, (void)downed, (void)up, (void)upped;
        return w->ended != NULL && *w->ended != 0;
}

/* --- beginning --------------------------------------------------------------------------------------------------- */

#define SET(option, value) (bad |= curl_easy_setopt(w->easy, option, value) != CURLE_OK)

/* A household's server vouches for itself: then its key is what it is known by, and whose name and which dates are in
 * its certificate says nothing. */
static int set_trust(pic__web *w, const char *ca)
{
        int bad = 0;

        if (ca == NULL)
                return 0;
        if (ca[0] == '/') {
                SET(CURLOPT_CAINFO, ca);
                return bad;
        }
        SET(CURLOPT_PINNEDPUBLICKEY, ca);
        SET(CURLOPT_SSL_VERIFYPEER, 0L);
        SET(CURLOPT_SSL_VERIFYHOST, 0L);
        return bad;
}

static int set_limits(pic__web *w, const pic__far_spec *spec)
{
        static const char *const protocols[PIC__PLACES] = { "", "sftp", "https", "https", "", "" };
        int bad = 0;

        SET(CURLOPT_NOSIGNAL, 1L);
        SET(CURLOPT_PROTOCOLS_STR, spec->place.plain ? "http" : protocols[w->kind]);
        SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1); /* one thing after another, of no known length */
        SET(CURLOPT_FOLLOWLOCATION, 0L);
        SET(CURLOPT_PROXY, "");
        SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
        SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        SET(CURLOPT_CONNECTTIMEOUT, (long)(spec->patience_s != 0 ? spec->patience_s : CONNECT_S));
        SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
        SET(CURLOPT_LOW_SPEED_TIME, (long)(spec->patience_s != 0 ? spec->patience_s : PATIENCE_S));
        SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(spec->patience_s != 0 ? spec->patience_s : PATIENCE_S));
        SET(CURLOPT_ERRORBUFFER, w->why);
        SET(CURLOPT_USERAGENT, "pic");
        SET(CURLOPT_READFUNCTION, on_send);
        SET(CURLOPT_WRITEFUNCTION, on_body);
        SET(CURLOPT_HEADERFUNCTION, on_header);
        SET(CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(CURLOPT_NOPROGRESS, 0L);
        SET(CURLOPT_READDATA, w);
        SET(CURLOPT_WRITEDATA, w);
        SET(CURLOPT_HEADERDATA, w);
        SET(CURLOPT_XFERINFODATA, w);
        bad |= set_trust(w, spec->ca);
        if (spec->user != NULL) {
                SET(CURLOPT_USERNAME, spec->user);
                SET(CURLOPT_PASSWORD, spec->password != NULL ? spec->password : "");
        }
        return bad;
}

static int memory_file(const char *text, char path[32])
{
        int fd = memfd_create("pic-keep", MFD_CLOEXEC);
        size_t len = strlen(text);

        if (fd < 0)
                return -1;
        if (write(fd, text, len) != (ssize_t)len || write(fd, "\n", 1) != 1) {
                (void)close(fd);
                return -1;
        }
        snprintf(path, 32, "/proc/self/fd/%d", fd);
        return fd;
}

/* The one key that the server may have, as a file of known hosts, so that libssh2 asks for that kind of key. */
static int set_known(pic__web *w, const pic__far_spec *spec)
{
        const char *host = spec->place.host, *colon = strrchr(host, ':'), *shut = strrchr(host, ']');
        pic__auto_buf pic__buf line = PIC__BUF_INIT;
        int port = colon != NULL && colon > shut && strchr(host, ':') == (shut != NULL ? strchr(host, ':') : colon);

        if (port && strcmp(colon, ":22") != 0)
                pic__buf_putf(&line, "%s%.*s%s%s %s", host[0] == '[' ? "" : "[", (int)(colon - host), host,
                              host[0] == '[' ? "" : "]", colon, spec->host_key);
        else
                pic__buf_putf(&line, "%.*s %s", (int)(port ? colon - host : (long)strlen(host)), host, spec->host_key);
        w->known = line.failed ? -1 : memory_file(pic__buf_str(&line), w->known_path);
        return w->known < 0 ? -1 : 0;
}

static int set_ssh(pic__web *w, const pic__far_spec *spec)
{
        int bad = spec->host_key == NULL || set_known(w, spec) < 0;

        SET(CURLOPT_SSH_KNOWNHOSTS, w->known_path);
        SET(CURLOPT_SSH_AUTH_TYPES, (long)(spec->key != NULL ? CURLSSH_AUTH_PUBLICKEY : CURLSSH_AUTH_PASSWORD));
        if (spec->key != NULL) {
                w->key = memory_file(spec->key, w->key_path);
                bad |= w->key < 0;
                SET(CURLOPT_SSH_PRIVATE_KEYFILE, w->key_path);
                SET(CURLOPT_KEYPASSWD, "");
        }
        SET(CURLOPT_NEW_FILE_PERMS, 0600L);
        SET(CURLOPT_NEW_DIRECTORY_PERMS, 0700L);
        return bad;
}

int pic__web_new(const pic__far_spec *spec, pic__web **ret, pic_error **err)
{
        pic__web *w = pic__alloc(sizeof(*w));
        int bad;

        if (w == NULL)
                return pic__nomem(err);
        w->key = w->known = -1;
        w->ended = spec->ended;
        w->kind = spec->place.kind;
        snprintf(w->where, sizeof(w->where), "%s", spec->place.host);
        w->easy = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
        bad = w->easy == NULL || set_limits(w, spec) || (w->kind == PIC__PLACE_SFTP && set_ssh(w, spec));
        if (bad) {
                pic__web_free(w);
                return pic__fail(err, PIC_UNSUPPORTED, "this libcurl cannot do what is needed");
        }
        *ret = w;
        return 0;
}

void pic__web_free(pic__web *w)
{
        if (w == NULL)
                return;
        if (w->easy != NULL)
                curl_easy_cleanup(w->easy);
        if (w->key >= 0)
                (void)close(w->key);
        if (w->known >= 0)
                (void)close(w->known);
        pic_error_free(w->bad);
        pic__buf_free(&w->said);
        pic__free(w);
}

int pic__web_sign(pic__web *w, const char *region, pic_error **err)
{
        char how[96];

        snprintf(how, sizeof(how), "aws:amz:%s:s3", region);
        return curl_easy_setopt(w->easy, CURLOPT_AWS_SIGV4, how) == CURLE_OK
                       ? 0
                       : pic__fail(err, PIC_UNSUPPORTED, "this libcurl cannot sign as S3 wants it");
}

/* --- one thing --------------------------------------------------------------------------------------------------- */

static int add_all(struct curl_slist **list, const char *const *texts)
{
        for (; texts != NULL && *texts != NULL; texts++) {
                struct curl_slist *longer = curl_slist_append(*list, *texts);

                if (longer == NULL)
                        return 1;
                *list = longer;
        }
        return 0;
}

static int set_ask(pic__web *w, const pic__web_ask *a, struct curl_slist **headers, struct curl_slist **quote)
{
        int bad = add_all(headers, a->headers) | add_all(quote, a->quote);

        SET(CURLOPT_URL, a->url);
        SET(CURLOPT_HTTPGET, 1L);
        SET(CURLOPT_NOBODY, a->nothing ? 1L : 0L);
        SET(CURLOPT_FILETIME, a->when ? 1L : 0L);
        SET(CURLOPT_UPLOAD, a->source != NULL ? 1L : 0L);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)-1);
        if (a->body != NULL) {
                SET(CURLOPT_POST, 1L);
                SET(CURLOPT_POSTFIELDS, a->body);
                SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)a->body_len);
        }
        SET(CURLOPT_CUSTOMREQUEST, a->method);
        SET(CURLOPT_HTTPHEADER, *headers);
        SET(CURLOPT_QUOTE, *quote);
        return bad;
}

static const struct {
        CURLcode code;
        int ours;
        const char *text;
        const char *hint;
} reasons[] = {
        { CURLE_COULDNT_RESOLVE_HOST, PIC_BACKEND, "its name leads nowhere",
          "Is this machine online, and the name right?" },
        { CURLE_COULDNT_CONNECT, PIC_BACKEND, "nobody answers there", "Is that server on? Its port may be closed." },
        { CURLE_OPERATION_TIMEDOUT, PIC_TIMEOUT, "it is silent, or too slow", "It is tried again later." },
        { CURLE_LOGIN_DENIED, PIC_DENIED, "it does not let us in", "Look at --user, --key-file and --password-file." },
        { CURLE_REMOTE_ACCESS_DENIED, PIC_DENIED, "it does not let us do that", "May the user write into the folder?" },
        { CURLE_REMOTE_FILE_NOT_FOUND, PIC_NOTFOUND, "there is no such file or folder", NULL },
        { CURLE_REMOTE_DISK_FULL, PIC_IO, "its disk is full", NULL },
        { CURLE_QUOTE_ERROR, PIC_BACKEND, "it refuses to rename or to remove", NULL },
        { CURLE_PARTIAL_FILE, PIC_BACKEND, "it ended too early", "It is tried again later." },
        { CURLE_GOT_NOTHING, PIC_BACKEND, "it hung up without a word", "It is tried again later." },
        { CURLE_PEER_FAILED_VERIFICATION, PIC_DENIED, "it is not who it should be",
          "sftp: its key is another than --host-key; https: nobody vouches for its certificate. Somebody may be in "
          "between." },
        { CURLE_SSL_PINNEDPUBKEYNOTMATCH, PIC_DENIED, "it is not who it should be",
          "Its key is another than --ca says. Somebody may be in between, or it has a new one." },
};

/* libcurl says of a key that is not the pinned one which it is. */
static int on_debug(CURL *easy, curl_infotype type, char *text, size_t size, void *data)
{
        static const char words[] = "public key hash: ";
        pic__web *w = data;
        const char *at = type == CURLINFO_TEXT ? memmem(text, size, words, sizeof(words) - 1) : NULL;

        (void)easy;
        if (at != NULL) {
                at += sizeof(words) - 1;
                snprintf(w->pin, sizeof(w->pin), "%.*s", (int)(size - (size_t)(at - text)), at);
                w->pin[strcspn(w->pin, "\r\n ")] = '\0';
        }
        return 0;
}

/* Which key does it show, whose certificate nobody vouches for? Nothing is said to it: the connection ends when it was
 * seen, because it is not this one. */
static void learn_pin(pic__web *w)
{
        static const char nobody[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        CURL *easy = curl_easy_init();
        int bad = easy == NULL;

        if (bad)
                return;
        bad |= curl_easy_setopt(easy, CURLOPT_URL, w->ask->url) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)CONNECT_S) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, nobody) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_DEBUGDATA, w) != CURLE_OK;
        bad |= curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L) != CURLE_OK;
        if (!bad)
                (void)curl_easy_perform(easy);
        curl_easy_cleanup(easy);
}

/* Who looked at the server's own page, or at its command line, may know that it is the right one. */
static void hint_pin(pic__web *w, CURLcode code, pic_error **err)
{
        w->pin[0] = '\0';
        if (w->kind != PIC__PLACE_SFTP &&
            (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH))
                learn_pin(w);
        if (strncmp(w->pin, "sha256//", 8) == 0)
                pic__hint(
                        err,
                        "A server at home that vouches for itself is known by its key. If it is that one and nobody in "
                        "between: --ca %s",
                        w->pin);
}

static int explain(pic__web *w, CURLcode code, pic_error **err)
{
        size_t i = 0;

        if (w->bad != NULL) {
                int own = pic_error_code(w->bad);

                pic__err_append(err, pic__take(w->bad));
                return own;
        }
        if (code == CURLE_ABORTED_BY_CALLBACK)
                return pic__fail(err, PIC_CANCELED, "canceled");
        if (w->too_long)
                return pic__fail(err, PIC_BACKEND, "%s: what it says has no end", w->where);
        while (i < PIC__COUNT(reasons) && reasons[i].code != code)
                i++;
        if (i == PIC__COUNT(reasons))
                return pic__fail(err, PIC_BACKEND, "%s: %s", w->where,
                                 w->why[0] != '\0' ? w->why : curl_easy_strerror(code));
        pic__fail(err, reasons[i].ours, "%s: %s", w->where, reasons[i].text);
        if (reasons[i].hint != NULL)
                pic__hint(err, "%s", reasons[i].hint);
        hint_pin(w, code, err);
        if (w->why[0] != '\0')
                pic__detail(err, "curl", w->why);
        return reasons[i].ours;
}

int pic__web_do(pic__web *w, const pic__web_ask *ask, long *ret_status, pic_error **err)
{
        struct curl_slist *headers = NULL, *quote = NULL;
        CURLcode code;
        int bad;

        pic__buf_clear(&w->said);
        pic_error_free(pic__take(w->bad));
        w->etag[0] = w->why[0] = '\0';
        w->date = 0;
        w->too_long = 0;
        w->ask = ask;
        bad = set_ask(w, ask, &headers, &quote);
        code = bad ? CURLE_OUT_OF_MEMORY : curl_easy_perform(w->easy);
        (void)curl_easy_setopt(w->easy, CURLOPT_QUOTE, NULL);
        (void)curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, NULL);
        curl_slist_free_all(headers);
        curl_slist_free_all(quote);
        if (bad)
                return pic__nomem(err);
        if (code != CURLE_OK)
                return explain(w, code, err);
        *ret_status = 0;
        (void)curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, ret_status);
        return 0;
}

const pic__buf *pic__web_said(const pic__web *w)
{
        return &w->said;
}

const char *pic__web_etag(const pic__web *w)
{
        return w->etag;
}

int64_t pic__web_date(const pic__web *w)
{
        return w->date > 0 ? w->date : 0;
}

int64_t pic__web_changed(const pic__web *w)
{
        curl_off_t t = -1;

        (void)curl_easy_getinfo(w->easy, CURLINFO_FILETIME_T, &t);
        return t > 0 ? t : 0;
}

int pic__web_refused(pic__web *w, const char *what, long status, pic_error **err)
{
        int code = status == 401 || status == 403 ? PIC_DENIED
                   : status == 404                ? PIC_NOTFOUND
                   : status == 507                ? PIC_IO
                                                  : PIC_BACKEND;

        pic__fail(err, code, "%s: it answers %ld when asked to %s", w->where, status, what);
        pic__hint(err, code == PIC_DENIED     ? "Look at --user and --password-file, and at what that user may do."
                       : code == PIC_IO       ? "It has no room left."
                       : code == PIC_NOTFOUND ? "Is the address right?"
                                              : "It is tried again later.");
        return code;
}

int pic__web_gather(pic__far_source source, void *arg, char *room, size_t size, size_t *ret_len, int *ret_end,
                    pic_error **err)
{
        size_t len = 0;
        long n = 1;

        while (len < size && (n = source(arg, room + len, size - len, err)) > 0)
                len += (size_t)n;
        *ret_len = len;
        *ret_end = n == 0;
        return n < 0 ? (int)n : 0;
}
