/* What openvpn says on its management socket, and with it what its server pushed: nothing unusable comes out. */
#include "fuzz.h"

#include "backend/exit/ovpn_state.h"

static void usable(const pic__addr *a)
{
        pic__prefix p = { *a, a->family == 4 ? 32 : 128 };

        must(a->family == 4 || a->family == 6);
        must(pic__prefix_unusable(&p) == NULL);
}

/* What is remembered of it reads the same. */
static void again(const pic__ovpn_state *s)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__ovpn_state t;
        size_t i;

        pic__ovpn_state_put(&text, s);
        must(pic__ovpn_state_read(pic__buf_str(&text), &t, NULL) == 0);
        must(t.pushed && !t.connected && t.dns_count == s->dns_count && t.mtu == s->mtu);
        for (i = 0; i < s->dns_count; i++)
                must(pic__addr_cmp(&t.dns[i].addr, &s->dns[i].addr) == 0 && t.dns[i].port == s->dns[i].port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__auto_free char *text = pic__strndup((const char *)data, size);
        pic__ovpn_state s;
        size_t i;

        if (text == NULL || pic__ovpn_state_read(text, &s, NULL) < 0)
                return 0;
        must(s.dns_count <= PIC__OVPN_DNS_MAX);
        for (i = 0; i < s.dns_count; i++)
                usable(&s.dns[i].addr);
        if (s.local4.family != 0)
                usable(&s.local4);
        if (s.local6.family != 0)
                usable(&s.local6);
        again(&s);
        must(s.mtu == 0 || (s.mtu >= 576 && s.mtu <= 9000));
        return 0;
}
