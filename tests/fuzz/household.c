/* Any bytes as a file of another product: a WireGuard server's, a device's beside one, PiVPN's, wg-easy's JSON. The
 * first byte chooses. What is taken is something that a cell can have, the report is JSON, and no key is told. */
#include "household.h"

#include "household/pivpn.h"
#include "household/wgeasy.h"
#include "household/wgfile.h"
#include "sys/crypto.h"

static const char base[] = "[Interface]\nPrivateKey = EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLm8=\nAddress = "
                           "10.8.0.1/24, fd00:1::1/64\n# anna\n[Peer]\nPublicKey = "
                           "c2TTZ5U+mH2BIjcmWG0trYvYhzYCkQ2RnFZ5rYeJfGI=\nAllowedIPs = 10.8.0.2/32\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        int which = next_byte(&data, &size) % 6;
        char *text = bytes_of(data, size);
        pic_error *err = NULL;
        pic__household h;

        must(pic__crypto_start(NULL) == 0);
        pic__household_init(&h, (int64_t)1800000000 * 1000000);
        if (which == 1 || which == 2 || which == 3) {
                pic__wgserver_read(&h, base, sizeof(base) - 1, "base");
                pic__household_index(&h);
        }
        if (which == 0)
                pic__wgserver_read(&h, text, size, "f");
        else if (which == 1)
                pic__wgclient_read(&h, text, size, "f", "anna");
        else if (which == 2)
                pic__pivpn_vars(&h, text, size, "f");
        else if (which == 3)
                pic__pivpn_clients(&h, text, size, "f");
        else if (which == 4)
                must(pic__wgeasy_json(&h, text, size, "f", &err) == pic_error_code(err));
        else
                pic__wgeasy_conf(&h, text, size, "f");
        if (err == NULL)
                settle_and_tell(&h);
        pic_error_free(err);
        pic__household_free(&h);
        free(text);
        return 0;
}
