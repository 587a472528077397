/* Parsers of single values, one for each type: field_parse.c calls them, nobody else. */
#ifndef PIC_MODEL_PARSE_H
#define PIC_MODEL_PARSE_H

#include "model/field.h"

#define PIC__RULE_TEXT 256

/* 0; PIC_NOMEM; PIC_VALUE with a rule in `rule`, or with an empty one: then the field's general rule is meant. */
typedef int (*pic__parse_fn)(const pic__field *f, const char *text, pic__val *ret, char rule[PIC__RULE_TEXT]);

extern const pic__parse_fn pic__parse_table[];

#endif
