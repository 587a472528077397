/* The item of a way out: key, value and secret, a newline between them. What is taken is bounded, and holds nothing
 * that could end a line of a configuration file. */
#include "fuzz.h"

#include "backend/exit/value.h"

static void plain(const char *text)
{
        for (; *text != '\0'; text++)
                must((unsigned char)*text >= 0x20 && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = text_of(data, size), *value = strchr(text, '\n'), *secret;
        pic__auto_err pic_error *err = NULL;
        pic__exit_conf c;
        size_t i;

        if (value != NULL) {
                *value++ = '\0';
                secret = strchr(value, '\n');
                if (secret != NULL)
                        *secret++ = '\0';
                if (pic__exit_parse(text, value, secret, secret != NULL ? strlen(secret) : 0, &c, &err) == 0) {
                        plain(c.name);
                        plain(c.type);
                        plain(c.user);
                        plain(c.host_key);
                        plain(c.endpoint);
                        for (i = 0; i < c.zones.count; i++)
                                plain(c.zones.at[i]);
                        for (i = 0; i < c.dns.count; i++)
                                plain(c.dns.at[i].tls);
                        must(c.slot >= 1 && c.slot <= 255 && c.mtu <= 65535);
                        pic__exit_conf_free(&c);
                } else {
                        must(pic_error_message(err)[0] != '\0');
                }
        }
        free(text);
        return 0;
}
