/* What providers of public names answer, what services say of our address, what was kept of that in a file, and what
 * name servers are told. Each reader gets all of it. */
#include "fuzz.h"

#include "engine/domains_i.h"
#include "engine/provider.h"
#include "model/domain.h"

static void read_kept(const uint8_t *data, size_t size)
{
        pic__told at[PIC__DOMAINS_MAX];
        char *text = text_of(data, size);
        size_t i;

        memset(at, 0, sizeof(at));
        pic__domains_read(text, at);
        for (i = 0; i < PIC__DOMAINS_MAX; i++) {
                must(memchr(at[i].name, '\0', sizeof(at[i].name)) != NULL);
                must(pic__told_patience(at[i].failures, at[i].code) > 0);
                pic__told_clear(&at[i]);
        }
        free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__buf out = PIC__BUF_INIT;
        char *text = text_of(data, size), ip4[48], host[256];
        pic__public p;
        unsigned port;

        if (pic__outside_read(text, ip4))
                must(strlen(ip4) >= 7 && strlen(ip4) <= 15 && strstr(text, ip4) != NULL);
        (void)pic__provider_read_dyndns2(text, NULL);
        (void)pic__provider_read_duckdns(text, NULL);
        pic__provider_shown(text, "hunter2", "token", &out);
        must(strstr(pic__buf_str(&out), "hunter2") == NULL && strchr(pic__buf_str(&out), '\n') == NULL);
        if (pic__public_parse(text, &p) == 0)
                must(p.count > 0 && p.count <= PIC__PUBLIC_ADDRS && strpbrk(p.name, "\"\n /") == NULL);
        (void)pic__domain_server(text, host, &port);
        read_kept(data, size);
        pic__buf_free(&out);
        free(text);
        return 0;
}
