/* Owns: certificates of public CAs on the command line: what becomes of the asking for them. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/told.h"

int cli_is_public(struct cli *cli, const char *name)
{
        pic_obj *cert = NULL;
        char *issuer = NULL;
        int acme;

        if (pic_get(cli->ctx, "certificate", name, &cert, NULL) == 0)
                issuer = pic_obj_get(cert, "issuer");
        acme = issuer != NULL && strcmp(issuer, "acme") == 0;
        pic_text_free(issuer);
        pic_obj_unref(cert);
        return acme;
}

static void put_line(const char *label, const char *text)
{
        if (text[0] != '\0')
                printf("%-14s %s\n", label, text);
}

static void put_state(const json_t *o)
{
        static const struct {
                const char *state, *text;
        } words[] = { { "good", "good" },
                      { "due", "to be asked for" },
                      { "asking", "being asked for" },
                      { "failing", "the last try failed" },
                      { "nobody", "of no domain of this cell" },
                      { "revoking", "revoked; its public CA does not know yet" },
                      { "revoked", "revoked" } };
        const json_t *item;
        size_t i;

        printf("%-14s ", told_str(o, "name"));
        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strcmp(words[i].state, told_str(o, "state")) == 0)
                        fputs(words[i].text, stdout);
        if (json_array_size(json_object_get(o, "subjects")) > 0)
                printf("\n%-14s ", "for");
        json_array_foreach(json_object_get(o, "subjects"), i, item)
                printf("%s%s", i > 0 ? ", " : "", json_string_value(item));
        putchar('\n');
        put_line("asks", told_str(o, "directory"));
        put_line("proves by", told_str(o, "proof"));
        put_line("tried", told_str(o, "tried"));
        put_line("asked then", told_str(o, "where"));
        put_line("why not", told_str(o, "why"));
        put_line("next", told_str(o, "next"));
}

/* Only what a CA has not been told yet. */
static void put_accounts(const json_t *list)
{
        const json_t *o;
        size_t i;

        json_array_foreach(list, i, o)
        {
                if (strcmp(told_str(o, "email"), told_str(o, "wished")) == 0)
                        continue;
                printf("\n%s has to be told the e-mail address %s\n", told_str(o, "directory"),
                       told_str(o, "wished")[0] != '\0' ? told_str(o, "wished") : "(none)");
                put_line("why not", told_str(o, "why"));
                put_line("next", told_str(o, "next"));
        }
}

int cmd_cert_status(struct cli *cli)
{
        pic_report *report = NULL;
        pic_error *err = NULL;
        const json_t *item;
        json_t *o;
        size_t i;
        int good;

        if (pic_cert_state(cli->ctx, cli->word_count > 0 ? cli->words[0] : NULL, &report, &err) < 0)
                return cli_fail(cli, err);
        good = pic_report_good(report);
        if (cli->json) {
                (void)cli_report_show(cli, report);
                return good ? EXIT_DONE : EXIT_REFUSED;
        }
        o = json_loads(pic_report_text(report), 0, NULL);
        json_array_foreach(json_object_get(o, "certificates"), i, item)
        {
                if (i > 0)
                        putchar('\n');
                put_state(item);
        }
        put_accounts(json_object_get(o, "accounts"));
        if (i == 0)
                cli_note(cli, "No certificate is of a public CA. Domains have them: pic help certificates");
        json_decref(o);
        pic_report_unref(report);
        return good ? EXIT_DONE : EXIT_REFUSED;
}

/* What a public CA is asked for is more than what is kept. */
int cmd_cert_show(struct cli *cli)
{
        pic_report *report = NULL;
        int status = cmd_show(cli);
        json_t *o;

        if (status != EXIT_DONE || cli->json || !cli_is_public(cli, cli->words[0]) ||
            pic_cert_state(cli->ctx, cli->words[0], &report, NULL) < 0)
                return status;
        o = json_loads(pic_report_text(report), 0, NULL);
        putchar('\n');
        put_state(json_array_get(json_object_get(o, "certificates"), 0));
        json_decref(o);
        pic_report_unref(report);
        return status;
}

/* --- removing -------------------------------------------------------------------------------------------------- */

/* Until when it is good although the cell has forgotten it; NULL: it is not there, another's, or over. */
static char *good_until(struct cli *cli, const char *name)
{
        pic_obj *cert = NULL;
        char *until = NULL, *revoked = NULL, now[32];
        time_t t = time(NULL);
        struct tm tm;

        if (!cli_is_public(cli, name) || pic_get(cli->ctx, "certificate", name, &cert, NULL) < 0)
                return NULL;
        until = pic_obj_get(cert, "not_after");
        revoked = pic_obj_get(cert, "revoked");
        pic_obj_unref(cert);
        (void)gmtime_r(&t, &tm);
        (void)strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
        if (until != NULL && (strcmp(until, now) <= 0 || (revoked != NULL && strcmp(revoked, "true") == 0))) {
                pic_text_free(until);
                until = NULL;
        }
        pic_text_free(revoked);
        return until;
}

static int remove_it(struct cli *cli, const char *name, int revoke)
{
        pic_edit *edit = NULL;
        pic_error *err = NULL;
        int r = 0;

        if (cli_begin(cli, &edit) != EXIT_DONE)
                return EXIT_REFUSED;
        if (revoke)
                r = pic_edit_set(edit, "certificate", name, "revoked", "true", &err);
        if (r >= 0)
                r = pic_edit_remove(edit, cli->command->kind, name, &err);
        if (r < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        return cli_finish(cli, edit, NULL, NULL);
}

/* A certificate, or a domain, which has one of its name. */
int cmd_cert_remove(struct cli *cli)
{
        const char *name = cli->words[0];
        int wished = cli_option(cli, "revoke") != NULL, status;
        char *until = good_until(cli, name);

        status = remove_it(cli, name, wished && until != NULL);
        if (status == EXIT_DONE && until != NULL && !cli->plan && !cli->draft) {
                if (wished)
                        cli_note(cli, "Its public CA is told to withdraw its certificate: pic cert status %s", name);
                else
                        cli_note(cli,
                                 "Its certificate was not withdrawn: it stays good until %s for whoever has its key "
                                 "(--revoke would have told its public CA).",
                                 until);
        }
        pic_text_free(until);
        return status;
}
