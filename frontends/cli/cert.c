/* Owns: certificates: issued and shown once, exported, withdrawn; and the root that devices have to trust. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "common/text.h"

static const char key_begins[] = "-----BEGIN PRIVATE KEY-----";

/* --- text to where it is wanted -------------------------------------------------------------------------------- */

static int put_json(const char *key, const pic_blob *pem)
{
        printf("{\"%s\":", key);
        text_json(stdout, pic_blob_data(pem));
        puts("}");
        return EXIT_DONE;
}

/* Certificate and key, each to its file: --output alone takes both. */
static int put_files(struct cli *cli, const pic_blob *pem)
{
        const char *all = pic_blob_data(pem), *key = strstr(all, key_begins);
        const char *output = cli_option(cli, "output"), *key_file = cli_option(cli, "key-output");
        size_t size = pic_blob_size(pem), head = key != NULL && key_file != NULL ? (size_t)(key - all) : size;
        int status = cli_write_bytes(cli, output != NULL ? output : "-", all, head);

        if (status == EXIT_DONE && head < size)
                status = cli_write_bytes(cli, key_file, key, size - head);
        return status;
}

/* The key may be gone from the cell once it was read: so the places are tried before. */
static int places(const struct cli *cli)
{
        return cli_writable(cli, cli_option(cli, "output")) && cli_writable(cli, cli_option(cli, "key-output"))
                       ? EXIT_DONE
                       : EXIT_REFUSED;
}

static int show_key(struct cli *cli, const char *name)
{
        pic_blob *pem = NULL;
        pic_error *err = NULL;
        int status = places(cli);

        if (status != EXIT_DONE)
                return status;
        if (pic_cert_key(cli->ctx, name, &pem, &err) < 0)
                return cli_fail(cli, err);
        status = cli->json ? put_json("pem", pem) : put_files(cli, pem);
        pic_blob_unref(pem);
        return status;
}

/* --- commands -------------------------------------------------------------------------------------------------- */

static int is_kept(struct cli *cli, const char *name)
{
        pic_obj *cert = NULL;
        char *mode = NULL;
        int kept = 0;

        if (pic_get(cli->ctx, "certificate", name, &cert, NULL) == 0)
                mode = pic_obj_get(cert, "key_mode");
        kept = mode != NULL && strcmp(mode, "kept") == 0;
        pic_text_free(mode);
        pic_obj_unref(cert);
        return kept;
}

int cmd_cert_issue(struct cli *cli)
{
        const char *name = cli->words[0];
        pic_edit *edit = NULL;
        int status = places(cli);

        if (status != EXIT_DONE || cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        status = cli_wish_new(cli, edit, "certificate", name);
        if (status != EXIT_DONE) {
                pic_edit_unref(edit);
                return status;
        }
        cli->with_config = cli->json && !cli->nowait;
        status = cli_finish(cli, edit, "certificate", name);
        if (status != EXIT_DONE || cli->plan || cli->draft || cli->json)
                return status;
        if (cli_is_public(cli, name)) {
                cli_note(cli, "Asked for. How it goes: pic cert status %s", name);
                return EXIT_DONE;
        }
        if (cli->nowait || is_kept(cli, name)) {
                cli_note(cli, "Certificate and key: pic cert export %s --key", name);
                return EXIT_DONE;
        }
        status = show_key(cli, name);
        if (status == EXIT_DONE)
                cli_note(cli,
                         "Shown once: its private key is gone from the cell now. The host fetches the renewed "
                         "certificate with: pic cert export %s",
                         name);
        return status;
}

int cmd_cert_export(struct cli *cli)
{
        const char *name = cli->words[0];
        pic_blob *pem = NULL;
        pic_error *err = NULL;
        int status;

        if (cli_option(cli, "key") != NULL || cli_option(cli, "key-output") != NULL)
                return show_key(cli, name);
        if (pic_cert_export(cli->ctx, name, &pem, &err) < 0)
                return cli_fail(cli, err);
        status = cli->json ? put_json("pem", pem) : put_files(cli, pem);
        pic_blob_unref(pem);
        return status;
}

int cmd_cert_revoke(struct cli *cli)
{
        const char *name = cli->words[0];
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        int status;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (pic_edit_set(edit, "certificate", name, "revoked", "true", &err) < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        status = cli_finish(cli, edit, "certificate", name);
        if (status == EXIT_DONE && !cli->plan && !cli->draft && cli_is_public(cli, name))
                cli_note(cli, "It is neither served nor renewed any more. Its public CA is told: pic cert status %s",
                         name);
        else if (status == EXIT_DONE && !cli->plan && !cli->draft)
                cli_note(cli,
                         "It stands in the list of what was revoked (pic cert root --crl). Who does not ask for that "
                         "list takes it until it ends: stop the host that has its key.");
        return status;
}

int cmd_cert_renew(struct cli *cli)
{
        const char *name = cli->words[0];
        pic_error *err = NULL;

        if (pic_cert_renew(cli->ctx, name, &err) < 0)
                return cli_fail(cli, err);
        if (cli_is_public(cli, name)) {
                if (cli->json)
                        puts("{\"renewed\":false,\"asked\":true}");
                else
                        cli_note(cli, "Asked for. How it goes: pic cert status %s", name);
                return EXIT_DONE;
        }
        if (cli->json)
                puts("{\"renewed\":true}");
        else
                cli_note(cli, "Renewed. The host fetches it with: pic cert export %s%s", name,
                         is_kept(cli, name) ? " --key" : "");
        return EXIT_DONE;
}

/* --- the root -------------------------------------------------------------------------------------------------- */

/* "AB:CD:…", as devices show it. */
static void put_fingerprint(const char *hex)
{
        size_t i;

        for (i = 0; hex[i] != '\0' && hex[i + 1] != '\0'; i += 2)
                printf("%s%c%c", i > 0 ? ":" : "", hex[i] & (hex[i] > '9' ? 0xdf : 0xff),
                       hex[i + 1] & (hex[i + 1] > '9' ? 0xdf : 0xff));
        putchar('\n');
}

static const char *text_of(const json_t *o, const char *key)
{
        const char *text = json_string_value(json_object_get(o, key));

        return text != NULL ? text : "";
}

static void put_joined(const char *head, const json_t *list)
{
        const json_t *item;
        size_t i;

        fputs(head, stdout);
        json_array_foreach(list, i, item) printf("%s%s", i > 0 ? ", " : "", json_string_value(item));
        putchar('\n');
}

static int show_info(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        json_t *o, *former;

        if (pic_ca_info(cli->ctx, &report, &err) < 0)
                return cli_fail(cli, err);
        if (cli->json)
                return cli_report_show(cli, report);
        o = json_loads(pic_report_text(report), 0, NULL);
        pic_report_unref(report);
        former = json_object_get(o, "former");
        printf("root         %s\n", text_of(o, "subject"));
        fputs("SHA-256      ", stdout);
        put_fingerprint(text_of(o, "fingerprint"));
        printf("good until   %s\n", text_of(o, "not_after"));
        put_joined("domains      ", json_object_get(o, "zones"));
        put_joined("networks     ", json_object_get(o, "networks"));
        if (json_is_object(former))
                printf("former root  %s, trusted until %s\n", text_of(former, "subject"), text_of(former, "until"));
        if (json_is_false(json_object_get(o, "fits")))
                cli_note(cli, "The cell is called otherwise by now: the next certificate brings another root.");
        json_decref(o);
        return EXIT_DONE;
}

/* A link that a phone opens is of no use before the page can be reached from inside: the QR code holds the certificate
 * itself, which fits. */
static int show_qr(struct cli *cli)
{
        pic_blob *pem = NULL, *drawn = NULL;
        pic_error *err = NULL;
        int r = pic_ca_get(cli->ctx, PIC_CA_PEM, &pem, &err), status = EXIT_DONE;

        if (r >= 0)
                r = pic_qr_make(pic_blob_data(pem), cli->plain ? PIC_QR_PLAIN : PIC_QR_TEXT, &drawn, &err);
        if (r >= 0)
                (void)fwrite(pic_blob_data(drawn), 1, pic_blob_size(drawn), stdout);
        else
                status = cli_fail(cli, err);
        pic_blob_unref(drawn);
        pic_blob_unref(pem);
        return status;
}

static int rotate(struct cli *cli)
{
        pic_error *err = NULL;

        if (pic_cert_renew(cli->ctx, NULL, &err) < 0)
                return cli_fail(cli, err);
        cli_note(cli, "The cell has another root. Devices have to be told to trust it; the former one vouches for it "
                      "meanwhile.");
        return show_info(cli);
}

int cmd_cert_root(struct cli *cli)
{
        static const struct {
                const char *option;
                uint32_t form;
        } forms[] = {
                { "pem", PIC_CA_PEM }, { "der", PIC_CA_DER }, { "profile", PIC_CA_PROFILE }, { "crl", PIC_CA_CRL }
        };
        const char *output = cli_option(cli, "output");
        pic_blob *bytes = NULL;
        pic_error *err = NULL;
        size_t i = 0;
        int status;

        if (cli_option(cli, "rotate") != NULL)
                return rotate(cli);
        if (cli_option(cli, "qr") != NULL)
                return show_qr(cli);
        while (i < sizeof(forms) / sizeof(forms[0]) && cli_option(cli, forms[i].option) == NULL)
                i++;
        if (i == sizeof(forms) / sizeof(forms[0]) && output == NULL) {
                status = show_info(cli);
                if (status != EXIT_DONE || cli->json)
                        return status;
        }
        if (pic_ca_get(cli->ctx, i < sizeof(forms) / sizeof(forms[0]) ? forms[i].form : PIC_CA_PEM, &bytes, &err) < 0)
                return cli_fail(cli, err);
        status = cli_write_bytes(cli, output != NULL ? output : "-", pic_blob_data(bytes), pic_blob_size(bytes));
        pic_blob_unref(bytes);
        return status;
}
