/* Words of the command line, one a line: parsed, completed, helped with; and read as durations, times and JSON. */
#include "fuzz.h"

#include "base/time.h"
#include "cli/cli.h"
#include "codec/doc.h"
#include "common/text.h"
#include "model/field.h"

int cli_open(struct cli *cli) /* there is no cell to complete the names of */
{
        return cli_refuse(cli, PIC_NOTFOUND, "none");
}

static void word(const char *text)
{
        char buf[64], when[PIC__TIME_TEXT], *json = NULL;
        pic__doc *doc = NULL;
        size_t len = 0;
        int64_t ms = text_duration(text);
        pic_time t, again;
        FILE *out;

        must(ms >= -1 && ms <= 86400000);
        must(strlen(text_ago(text, 1800000000, buf, sizeof(buf))) < sizeof(buf));
        if (pic__time_parse(text, &t) == 0 && t > 0)
                must(pic__time_parse(pic__time_print(t, when), &again) == 0 && again == t);
        out = open_memstream(&json, &len);
        must(out != NULL);
        text_json(out, text);
        fclose(out);
        must(pic__doc_json(json, len, "word", &doc, NULL) == 0);
        pic__doc_unref(doc);
        free(json);
        (void)text_width(text);
        (void)text_put(stdout, text, 20);
        text_wrap(stdout, text, 4, 40);
        must(cli_edit_distance(text, text) == 0 || strlen(text) >= 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = text_of(data, size), *save = NULL, *argv[40] = { (char *)(uintptr_t) "pic" };
        struct cli cli = { .ctx = NULL };
        int argc = 1;

        stdout = stderr = stdout == stderr ? stdout : fopen("/dev/null", "w");
        must(stdout != NULL);
        for (argv[1] = strtok_r(text, "\n", &save); argv[argc] != NULL && argc < 38;
             argv[argc] = strtok_r(NULL, "\n", &save))
                word(argv[argc++]);
        argv[argc] = NULL;
        (void)cli_complete(&cli, (const char *const *)argv + 1, (size_t)argc - 1);
        cli = (struct cli){ .ctx = NULL };
        if (cli_parse(&cli, argc, argv) == EXIT_DONE) {
                must(cli.word_count <= 8 && cli.field_count <= 64 && cli.option_count <= 16);
                cli_help(stdout, cli.command);
        }
        free(text);
        return 0;
}
