/* Reading the messages between a context and the agent: values of a map by key. A message of our own is never wrong in
 * a way that a person could repair, so these answer with a default or -1 and no place. */
#ifndef PIC_CODEC_JSON_IN_H
#define PIC_CODEC_JSON_IN_H

#include <stdint.h>

#include "base/json.h"
#include "codec/doc.h"

/* The text of a string or number; `otherwise` (may be NULL) when it is absent, null, or no scalar. Borrowed from the
 * document. */
const char *pic__node_str(const pic__node *map, const char *key, const char *otherwise);
/* A whole number. 0, or -1 when it is absent or none (*ret untouched). */
int pic__node_int(const pic__node *map, const char *key, int64_t *ret);
int64_t pic__node_int_or(const pic__node *map, const char *key, int64_t otherwise);
/* 1 for true, 0 for false, `otherwise` when it is absent or neither. */
int pic__node_bool(const pic__node *map, const char *key, int otherwise);
/* A map or list under a key; NULL when it is absent or of the other type. */
const pic__node *pic__node_map(const pic__node *map, const char *key);
const pic__node *pic__node_list(const pic__node *map, const char *key);
/* A part of a message as JSON again. */
void pic__node_put(const pic__node *n, pic__json *j);

#endif
