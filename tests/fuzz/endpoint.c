/* Any text as an endpoint, an address and a prefix: what is taken prints and parses to the same. */
#include "fuzz.h"

#include "model/net.h"

static void endpoint(const char *text)
{
        char host[256], again[256], whole[300];
        uint16_t port, port2;
        pic__addr a;

        if (pic__endpoint_parse(text, host, &port) < 0)
                return;
        must(port > 0);
        if (pic__addr_parse(host, &a) == 0 && a.family == 6)
                snprintf(whole, sizeof(whole), "[%s]:%u", host, port);
        else
                snprintf(whole, sizeof(whole), "%s:%u", host, port);
        must(pic__endpoint_parse(whole, again, &port2) == 0);
        must(strcmp(host, again) == 0 && port == port2);
}

static void address(const char *text)
{
        char shown[PIC__ADDR_TEXT];
        pic__addr a, b;

        if (pic__addr_parse(text, &a) < 0)
                return;
        must(pic__addr_parse(pic__addr_print(&a, shown), &b) == 0);
        must(pic__addr_cmp(&a, &b) == 0);
}

static void prefix(const char *text)
{
        char shown[PIC__PREFIX_TEXT];
        pic__prefix p, q;
        pic__range r;

        if (pic__prefix_parse(text, &p) != 0)
                return;
        must(pic__prefix_parse(pic__prefix_print(&p, shown), &q) == 0);
        must(p.len == q.len && pic__addr_cmp(&p.addr, &q.addr) == 0);
        pic__prefix_range(&p, &r);
        must(pic__prefix_has(&p, &r.first) && pic__prefix_has(&p, &r.last) && pic__addr_cmp(&r.first, &r.last) <= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = text_of(data, size);

        endpoint(text);
        address(text);
        prefix(text);
        (void)pic__hostname_ok(text);
        free(text);
        return 0;
}
