/* Owns: the page that helps a device to trust the cell's root: one page without a script, because the oldest phone has
 * to show it, and without a login. The cell's front leads plain http here and to nothing else. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

enum { EN, DE, LANGS };

static const char *const words[][LANGS] = {
        { "Trust this cell", "Dieser Zelle vertrauen" },
        { "Devices show no warning on the cell's pages once they trust its root certificate. It may vouch for the "
          "names and "
          "networks below and for nothing else: installing it lets nobody read what you do elsewhere.",
          "Geräte zeigen auf den Seiten der Zelle keine Warnung mehr, sobald sie ihrem Stammzertifikat vertrauen. Es "
          "darf nur "
          "für die Namen und Netze unten bürgen, für nichts anderes: Wer es installiert, erlaubt niemandem, anderswo "
          "mitzulesen." },
        { "Fingerprint (SHA-256). Compare it with what the device shows:",
          "Fingerabdruck (SHA-256). Mit dem vergleichen, was das Gerät zeigt:" },
        { "Vouches for", "Bürgt für" },
        { "Good until", "Gültig bis" },
        { "On another device: scan this code.", "Auf einem anderen Gerät: diesen Code scannen." },
};

struct device {
        const char *name;
        const char *file, *what; /* what it gets */
        const char *steps[LANGS][6];
};

static const struct device devices[] = {
        { "iPhone, iPad",
          "/api/ca.mobileconfig",
          "cell-ca.mobileconfig",
          { { "Open this page in Safari and tap the link above; allow the download.",
              "Settings, at the top: “Profile Downloaded”. Install, and type the code of the device.",
              "Settings, General, About, Certificate Trust Settings: turn the cell's root on." },
            { "Diese Seite in Safari öffnen und den Link oben antippen; den Download erlauben.",
              "Einstellungen, ganz oben: „Profil geladen“. Installieren und den Code des Geräts eingeben.",
              "Einstellungen, Allgemein, Info, Zertifikatsvertrauenseinstellungen: die Zelle einschalten." } } },
        { "Android",
          "/api/ca.crt",
          "cell-ca.crt",
          { { "Tap the link above: the file is saved.",
              "Settings, Security, More security settings, Install a certificate (on some: Encryption & credentials), "
              "CA "
              "certificate.",
              "“Install anyway”, choose the file. The network needs no lock change; Chrome trusts it at once.",
              "Firefox: Settings, About Firefox, tap the logo five times; then Secret Settings, “Use third party CA "
              "certificates”." },
            { "Den Link oben antippen: die Datei wird gespeichert.",
              "Einstellungen, Sicherheit, Weitere Sicherheitseinstellungen, Zertifikat installieren (manchmal: "
              "Verschlüsselung "
              "und Anmeldedaten), CA-Zertifikat.",
              "„Trotzdem installieren“, die Datei wählen. Chrome vertraut ihr sofort.",
              "Firefox: Einstellungen, Über Firefox, fünfmal auf das Logo tippen; dann Secret Settings, „Use third "
              "party CA "
              "certificates“." } } },
        { "Windows",
          "/api/ca.crt",
          "cell-ca.crt",
          { { "Open the file, “Install Certificate…”, Local Machine (or Current User).",
              "“Place all certificates in the following store”: Trusted Root Certification Authorities. Finish.",
              "Or as administrator: certutil -addstore Root cell-ca.crt" },
            { "Die Datei öffnen, „Zertifikat installieren…“, Lokaler Computer (oder Aktueller Benutzer).",
              "„Alle Zertifikate in folgendem Speicher speichern“: Vertrauenswürdige Stammzertifizierungsstellen. "
              "Fertig.",
              "Oder als Administrator: certutil -addstore Root cell-ca.crt" } } },
        { "macOS",
          "/api/ca.mobileconfig",
          "cell-ca.mobileconfig",
          { { "Open the file, then System Settings, Privacy & Security, Profiles: install it.",
              "Or: open cell-ca.crt in Keychain Access (System), double-click it, Trust: Always Trust.",
              "Or: sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain cell-ca.pem" },
            { "Die Datei öffnen, dann Systemeinstellungen, Datenschutz & Sicherheit, Profile: installieren.",
              "Oder: cell-ca.crt in der Schlüsselbundverwaltung (System) öffnen, doppelklicken, Vertrauen: Immer "
              "vertrauen.",
              "Oder: sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain "
              "cell-ca.pem" } } },
        { "Linux",
          "/api/ca.pem",
          "cell-ca.pem",
          { { "Debian, Ubuntu: sudo cp cell-ca.pem /usr/local/share/ca-certificates/cell-ca.crt; sudo "
              "update-ca-certificates",
              "Fedora: sudo cp cell-ca.pem /etc/pki/ca-trust/source/anchors/; sudo update-ca-trust",
              "Chrome and Chromium: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n cell -i cell-ca.pem" },
            { "Debian, Ubuntu: sudo cp cell-ca.pem /usr/local/share/ca-certificates/cell-ca.crt; sudo "
              "update-ca-certificates",
              "Fedora: sudo cp cell-ca.pem /etc/pki/ca-trust/source/anchors/; sudo update-ca-trust",
              "Chrome und Chromium: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n cell -i cell-ca.pem" } } },
        { "Firefox (Windows, macOS, Linux)",
          "/api/ca.pem",
          "cell-ca.pem",
          { { "Settings, Privacy & Security, Certificates: View Certificates, Authorities, Import the file.",
              "Tick “Trust this CA to identify websites”." },
            { "Einstellungen, Datenschutz & Sicherheit, Zertifikate: Zertifikate anzeigen, Zertifizierungsstellen, "
              "Importieren.",
              "„Dieser CA vertrauen, um Websites zu identifizieren“ ankreuzen." } } },
};

/* --- a growing text --------------------------------------------------------------------------------------------- */

static void put(FILE *out, const char *text)
{
        for (; text != NULL && *text != '\0'; text++) {
                if (*text == '&')
                        fputs("&amp;", out);
                else if (*text == '<')
                        fputs("&lt;", out);
                else if (*text == '"')
                        fputs("&quot;", out);
                else
                        fputc(*text, out);
        }
}

static int language(const struct call *c)
{
        const char *takes = req_header(c->req, "Accept-Language", NULL);

        return takes != NULL && tolower((unsigned char)takes[0]) == 'd' && tolower((unsigned char)takes[1]) == 'e' ? DE
                                                                                                                   : EN;
}

static void put_fingerprint(FILE *out, const char *hex)
{
        size_t i;

        for (i = 0; hex != NULL && hex[i] != '\0'; i++)
                fprintf(out, "%s%c", i > 0 && i % 4 == 0 ? " " : "", toupper((unsigned char)hex[i]));
}

static void put_list(FILE *out, const json_t *names)
{
        const json_t *name;
        size_t i;

        json_array_foreach(names, i, name)
        {
                fputs(i > 0 ? ", " : "", out);
                put(out, json_string_value(name));
        }
}

static void put_facts(FILE *out, const json_t *info, int lang)
{
        fprintf(out, "<dl><dt>%s</dt><dd>", words[3][lang]);
        put_list(out, json_object_get(info, "zones"));
        fputs("; ", out);
        put_list(out, json_object_get(info, "networks"));
        fprintf(out, "</dd><dt>%s</dt><dd>", words[4][lang]);
        put(out, json_string_value(json_object_get(info, "not_after")));
        fprintf(out, "</dd><dt>%s</dt><dd><code>", words[2][lang]);
        put_fingerprint(out, json_string_value(json_object_get(info, "fingerprint")));
        fputs("</code></dd></dl>\n", out);
}

static void put_device(FILE *out, const struct device *d, int lang)
{
        size_t i;

        fprintf(out, "<details><summary>%s</summary>\n<p><a href=\"%s\">%s</a></p>\n<ol>\n", d->name, d->file, d->what);
        for (i = 0; i < 6 && d->steps[lang][i] != NULL; i++) {
                fputs("<li>", out);
                put(out, d->steps[lang][i]);
                fputs("</li>\n", out);
        }
        fputs("</ol></details>\n", out);
}

static void put_page(FILE *out, const json_t *info, int lang)
{
        size_t i;

        fprintf(out,
                "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                "content=\"width=device-width, "
                "initial-scale=1\"><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" "
                "href=\"/trust.css\"><title>%s</title></head>\n<body><main>\n<h1>%s</h1>\n<h2>",
                lang == DE ? "de" : "en", words[0][lang], words[0][lang]);
        put(out, json_string_value(json_object_get(info, "subject")));
        fprintf(out, "</h2>\n<p>%s</p>\n", words[1][lang]);
        put_facts(out, info, lang);
        for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
                put_device(out, &devices[i], lang);
        fprintf(out,
                "<p>%s</p>\n<p><img src=\"/trust.svg\" width=\"240\" height=\"240\" "
                "alt=\"QR\"></p>\n</main></body></html>\n",
                words[5][lang]);
}

int get_trust(struct call *c)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        char *text = NULL;
        size_t size = 0;
        json_t *info;
        FILE *out;
        int r;

        if (pic_ca_info(app_ctx(c->app), &report, &err) < 0)
                return fail_err(c, err);
        info = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        out = open_memstream(&text, &size);
        if (out != NULL) {
                put_page(out, info, language(c));
                fclose(out);
        }
        json_decref(info);
        answer_header(c, "Vary", "Accept-Language");
        r = text != NULL ? answer_typed(c, "text/html; charset=utf-8", text) : fail_nomem(c);
        free(text);
        return r;
}

static const char style[] = ":root{color-scheme:light dark}body{font:1rem/1.5 "
                            "system-ui,sans-serif;margin:0}main{max-width:44rem;margin:0 auto;"
                            "padding:1rem}summary{padding:.75rem "
                            "0;font-weight:600;cursor:pointer}details{border-top:1px solid #8888}li{margin:.5rem "
                            "0}dt{font-weight:600}dd{margin:0 0 .75rem}code{overflow-wrap:anywhere}details "
                            "a{display:inline-block;padding:.5rem "
                            "0}img{background:#fff;padding:.5rem}";

int get_trust_style(struct call *c)
{
        return answer_fixed(c, "text/css; charset=utf-8", style, sizeof(style) - 1);
}

/* The page's own address, by the name under which it was asked for: guard_host() has judged that. */
int get_trust_qr(struct call *c)
{
        const char *host = req_header(c->req, "Host", NULL);
        pic_blob *image = NULL;
        pic_error *err = NULL;
        char url[320];
        int r;

        snprintf(url, sizeof(url), "%s://%.256s/trust", c->https ? "https" : "http", host != NULL ? host : "localhost");
        if (pic_qr_make(url, PIC_QR_SVG, &image, &err) < 0)
                return fail_err(c, err);
        r = answer_typed(c, "image/svg+xml", pic_blob_data(image));
        pic_blob_unref(image);
        return r;
}
