/* What a report of the library tells, which is JSON, and how a command shows it. */
#ifndef PIC_CLI_TOLD_H
#define PIC_CLI_TOLD_H

#include <jansson.h>

#include "cli/cli.h"

const char *told_str(const json_t *o, const char *key); /* "": there is none */
json_int_t told_num(const json_t *o, const char *key);  /* 0: there is none */
int told_is(const json_t *o, const char *key);
/* The report as JSON, or as `show` has it; takes it. The exit status by whether it is good. */
int told_answer(const struct cli *cli, pic_report *report, void (*show)(const json_t *root));

#endif
