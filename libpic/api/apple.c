/* Owns: Apple's configuration profile. Its form is Apple's public documentation (payload com.apple.security.root). */
#include "api/apple.h"

#include <string.h>

#include "model/wgconf.h"
#include "sys/hash.h"

/* A UUID made of a digest: the same each time (RFC 9562, version 8: what else it is, is ours to say). */
static void put_uuid(const char *what, const pic__buf *der, pic__buf *out)
{
        uint8_t d[PIC__SHA256];

        pic__sha256_tagged((uint8_t)what[0], what, strlen(what), der->data, der->len, d);
        pic__buf_putf(out, "%02X%02X%02X%02X-%02X%02X-8%X%02X-%X%X%02X-%02X%02X%02X%02X%02X%02X", d[0], d[1], d[2],
                      d[3], d[4], d[5], d[6] & 15u, d[7], 8u | (d[8] & 3u), d[9] & 15u, d[10], d[11], d[12], d[13],
                      d[14], d[15], d[16]);
}

static void put_key(pic__buf *out, const char *key, const char *type, const char *value)
{
        pic__buf_putf(out, "<key>%s</key><%s>%s</%s>\n", key, type, value, type);
}

/* Names of cells and domains are letters, digits, '-', '_' and '.': nothing that XML would take for its own. */
static void put_head(const char *name, const char *what, const char *type, const char *text, const pic__buf *der,
                     pic__buf *out)
{
        pic__auto_buf pic__buf uuid = PIC__BUF_INIT, id = PIC__BUF_INIT;

        put_uuid(what, der, &uuid);
        pic__buf_putf(&id, "pic.%s.%s", name, what);
        put_key(out, "PayloadType", "string", type);
        put_key(out, "PayloadVersion", "integer", "1");
        put_key(out, "PayloadIdentifier", "string", pic__buf_str(&id));
        put_key(out, "PayloadUUID", "string", pic__buf_str(&uuid));
        pic__buf_putf(out, "<key>PayloadDisplayName</key><string>%s %s</string>\n", name, text);
}

static void put_bytes(const pic__buf *der, pic__buf *out)
{
        char *room = pic__buf_room(out, PIC__BASE64(der->len));

        if (room == NULL)
                return;
        pic__base64(der->data, der->len, room);
        pic__buf_added(out, strlen(room));
}

int pic__apple_profile(const pic_obj *cell, const pic__buf *der, pic__buf *out, pic_error **err)
{
        pic__auto_buf pic__buf zone = PIC__BUF_INIT;
        const char *name;

        pic__dns_name(cell, NULL, &zone);
        name = pic__buf_str(&zone);
        pic__buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                           "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n");
        put_head(name, "profile", "Configuration", "(Personal Internet Cell)", der, out);
        put_key(out, "PayloadDescription", "string", "Lets this device trust the certificates of the cell.");
        pic__buf_puts(out, "<key>PayloadContent</key>\n<array>\n<dict>\n");
        put_head(name, "root", "com.apple.security.root", "root", der, out);
        put_key(out, "PayloadCertificateFileName", "string", "ca.cer");
        pic__buf_puts(out, "<key>PayloadContent</key><data>");
        put_bytes(der, out);
        pic__buf_puts(out, "</data>\n</dict>\n</array>\n</dict>\n</plist>\n");
        return out->failed || zone.failed ? pic__nomem(err) : 0;
}
