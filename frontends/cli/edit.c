/* Owns: the end of every change: look (--plan) or commit, and say what came of it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/text.h"

/* A secret's option names a file. What cannot be read is said at once; then nothing else is wrong enough to be told. */
static int set_field(struct cli *cli, pic_edit *edit, const char *kind, const char *name, const struct setting *f,
                     pic_error **err)
{
        size_t i = 0;
        char *text;
        int r;

        while (i < pic_field_count(kind) && strcmp(pic_field_name(kind, i), f->name) != 0)
                i++;
        if (!cli_is_secret(kind, i))
                return pic_edit_set(edit, kind, name, f->name, f->value, err);
        text = cli_read_secret(cli, f->name, f->value);
        if (text == NULL) {
                cli->said = 1;
                return 0;
        }
        r = pic_edit_set(edit, kind, name, f->name, text, err);
        cli_wipe(text, strlen(text));
        return r;
}

void cli_set_fields(struct cli *cli, pic_edit *edit, const char *kind, const char *name, struct errors *errors)
{
        pic_error *err = NULL;
        size_t i;

        for (i = 0; i < cli->field_count; i++)
                if (set_field(cli, edit, kind, name, &cli->fields[i], &err) < 0) {
                        errors->at[errors->count++] = err;
                        err = NULL;
                }
        for (i = 0; i < cli->option_count; i++)
                if (strcmp(cli->options[i].name, "unset") == 0 &&
                    pic_edit_unset(edit, kind, name, cli->options[i].value, &err) < 0) {
                        errors->at[errors->count++] = err;
                        err = NULL;
                }
}

static int is_object(const char *json)
{
        return json[0] == '{' && json[strlen(json) - 1] == '}';
}

/* With --json: the outcome with the object in it, and the configuration where it was asked for. */
static int print_json(struct cli *cli, const pic_outcome *outcome, const char *kind, const char *name)
{
        const char *text = pic_outcome_json(outcome);
        pic_blob *config = NULL;
        pic_error *err = NULL;
        pic_obj *obj = NULL;
        char *json = NULL;
        int r = 0;

        if (kind != NULL && pic_get(cli->ctx, kind, name, &obj, NULL) == 0)
                json = pic_obj_json(obj);
        if (cli->with_config)
                r = strcmp(kind, "peer") == 0 ? pic_peer_config(cli->ctx, name, &config, &err)
                                              : pic_cert_key(cli->ctx, name, &config, &err);
        if ((json != NULL || cli->told != NULL) && is_object(text)) {
                printf("%.*s", (int)strlen(text) - 1, text);
                if (json != NULL)
                        printf(",\"object\":%s", json);
                if (cli->with_config) {
                        fputs(strcmp(kind, "peer") == 0 ? ",\"config\":" : ",\"pem\":", stdout);
                        text_json(stdout, config != NULL ? pic_blob_data(config) : NULL);
                }
                if (cli->told != NULL)
                        printf(",\"told\":%s", cli->told);
                puts("}");
        } else {
                puts(text);
        }
        pic_text_free(json);
        pic_obj_unref(obj);
        pic_blob_unref(config);
        return r < 0 ? cli_fail(cli, err) : EXIT_DONE;
}

static int waits(const pic_outcome *outcome)
{
        json_t *root = json_loads(pic_outcome_json(outcome), 0, NULL);
        int yes = json_is_true(json_object_get(root, "waits"));

        json_decref(root);
        return yes;
}

static int say_outcome(struct cli *cli, pic_outcome *outcome, const char *kind, const char *name)
{
        const pic_error *why = pic_outcome_error(outcome);
        int state = pic_outcome_state(outcome), status = EXIT_DONE;

        if (cli->json)
                status = print_json(cli, outcome, kind, name);
        if (state == PIC_OUTCOME_FAILED && !cli->json) {
                const pic_error *e;

                fprintf(stderr, "pic: stored as revision %lld, but it could not be applied\n",
                        (long long)pic_outcome_revision(outcome));
                for (e = why; e != NULL; e = pic_error_cause(e))
                        fprintf(stderr, "  because: %s\n", pic_error_message(e));
                if (pic_error_hint(why) != NULL)
                        fprintf(stderr, "  hint: %s\n", pic_error_hint(why));
        } else if (state == PIC_OUTCOME_PENDING && !cli->nowait) {
                cli_note(cli, "stored as revision %lld, not applied: %s", (long long)pic_outcome_revision(outcome),
                         pic_error_message(why));
                if (pic_error_hint(why) != NULL)
                        cli_note(cli, "  hint: %s", pic_error_hint(why));
        }
        if (state == PIC_OUTCOME_APPLIED && cli->command->noun == NULL) /* its words do not say what it did */
                cli_note(cli, "The cell is at revision %lld now.", (long long)pic_outcome_revision(outcome));
        if (cli->confirm_ms != 0 && !waits(outcome))
                cli_note(cli, "Nothing differs: there is nothing to confirm");
        else if (cli->confirm_ms != 0)
                cli_note(cli, "It goes back in %u s unless you say: pic confirm", (unsigned)(cli->confirm_ms / 1000));
        pic_outcome_unref(outcome);
        return state == PIC_OUTCOME_FAILED ? EXIT_REFUSED : status;
}

/* Over SSH: "client port server port". What it says may be of a world that the cell does not know: then it is not said.
 * 1: it was. */
static int tell_session(pic_edit *edit)
{
        const char *ssh = getenv("SSH_CONNECTION");
        char source[64], destination[64];
        unsigned port;

        if (ssh == NULL || sscanf(ssh, "%63s %*u %63s %u", source, destination, &port) != 3)
                return 0;
        return pic_edit_session(edit, source, destination, port, NULL) >= 0;
}

enum { CONFIRM_MS = 60000 };

/* Whoever is about to cut the own connection is asked whether it shall go back by itself. EXIT_DONE: go on. */
static int propose_confirm(struct cli *cli, pic_edit *edit)
{
        pic_plan *plan = NULL;
        char answer[16] = "";
        int cuts;

        if (cli->json || cli->quiet || cli->confirm_ms != 0 || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) ||
            pic_edit_plan(edit, &plan, NULL) < 0)
                return EXIT_DONE; /* what is wrong with it the commit says */
        cuts = pic_plan_risk(plan) == PIC_RISK_SESSION;
        cli_show_risk(stderr, plan);
        pic_plan_unref(plan);
        if (!cuts)
                return EXIT_DONE;
        fputs("Shall it go back by itself in 60 s unless you say 'pic confirm'? [Y]es, [n]o: just do it, [q]uit: ",
              stderr);
        if (fgets(answer, sizeof(answer), stdin) == NULL || answer[0] == 'q' || answer[0] == 'Q')
                return cli_refuse(cli, PIC_CANCELED, "nothing was changed");
        if (answer[0] != 'n' && answer[0] != 'N')
                cli->confirm_ms = CONFIRM_MS;
        return EXIT_DONE;
}

int cli_finish(struct cli *cli, pic_edit *edit, const char *kind, const char *name)
{
        pic_outcome *outcome = NULL;
        pic_plan *plan = NULL;
        pic_error *err = NULL;
        int r = pic_edit_override(edit, cli->override, &err);

        if (r < 0) {
                pic_edit_unref(edit);
                return cli_fail(cli, err);
        }
        if (cli->draft && !cli->plan) {
                r = cli->confirm_ms != 0 || cli->override != NULL
                            ? cli_usage(cli, "--confirm and --override go with the draft's end: pic commit")
                            : cli_keep(cli, edit);
                pic_edit_unref(edit);
                return r;
        }
        if (tell_session(edit) && !cli->plan && propose_confirm(cli, edit) != EXIT_DONE) {
                pic_edit_unref(edit);
                return EXIT_REFUSED;
        }
        pic_edit_confirm_within(edit, cli->confirm_ms);
        if (cli->plan)
                r = pic_edit_plan(edit, &plan, &err);
        else
                r = pic_edit_commit(edit, cli->nowait ? PIC_COMMIT_NOWAIT : 0, &outcome, &err);
        pic_edit_unref(edit);
        if (r < 0)
                return cli_fail(cli, err);
        cli->committed = plan == NULL;
        if (plan != NULL) {
                r = cli_plan_show(cli, plan);
                if (cli->confirm_ms != 0)
                        cli_note(cli, "Once it is made it goes back in %u s unless you say: pic confirm",
                                 (unsigned)(cli->confirm_ms / 1000));
                return r;
        }
        return say_outcome(cli, outcome, kind, name);
}
