/* What unbound says: the answer to a command, the list of its records, and what it wrote before it died. Each record
 * that is taken can be taken out again, and messages are one line. */
#include "fuzz.h"

#include "backend/dns/control.h"
#include "backend/dns/inside.h"

#define SERVER                                                                           \
        "listen=10.1.0.1 zone=home.internal reverse=1.10.in-addr.arpa,2.1.d.f.ip6.arpa " \
        "allow=10.1.0.0/16"

static void one_line(const pic_error *err)
{
        const unsigned char *at;

        must(pic_error_message(err)[0] != '\0');
        for (at = (const unsigned char *)pic_error_message(err); *at != '\0'; at++)
                must(*at >= 0x20 && *at != 0x7f);
}

static int removable(const char *name, size_t len, enum pic__dns_type type, const char *value, void *data)
{
        enum pic__dns_type again;
        char key[300];
        size_t name_len;

        (void)data;
        must(value[0] != '\0' && strpbrk(value, "\n") == NULL);
        must(snprintf(key, sizeof(key), "%.*s %s", (int)len, name, pic__dns_types[type]) < (int)sizeof(key));
        must(pic__dns_record_parse(key, NULL, &name_len, &again, NULL) == 0);
        must(name_len == len && again == type);
        return 0;
}

static void list(char *text)
{
        static pic__dns_server server;
        pic__dns_names names = PIC__DNS_NAMES_INIT;

        if (server.text == NULL)
                must(pic__dns_server_parse(SERVER, &server, NULL) == 0);
        must(pic__dns_read_records(&server, text, &names, NULL) == 0);
        must(pic__dns_names_each(&names, NULL, 0, removable, NULL) == 0);
        must(pic__dns_names_same(&names, &names));
        pic__dns_names_free(&names);
}

static void answer(const char *text, size_t size)
{
        pic__auto_buf pic__buf b = PIC__BUF_INIT;
        pic__auto_err pic_error *err = NULL;

        pic__buf_put(&b, text, size);
        if (pic__dns_answer("local_datas x", &b, &err) < 0)
                one_line(err);
}

static void last_words(char *text)
{
        pic__auto_err pic_error *err = NULL;

        must(pic__dns_explain(text, "/var/log/pic/unbound.log", &err) < 0);
        one_line(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned mode = next_byte(&data, &size);
        char *text = text_of(data, size);

        switch (mode % 3) {
        case 0: list(text); break;
        case 1: answer(text, size); break;
        default: last_words(text); break;
        }
        free(text);
        return 0;
}
