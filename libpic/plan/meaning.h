/* What changes mean in packets: who gains or loses reach to what. Pure. A change of an address, a name, a key or a note
 * means nothing here: the same devices reach the same things. */
#ifndef PIC_PLAN_MEANING_H
#define PIC_PLAN_MEANING_H

#include "base/buf.h"
#include "base/json.h"
#include "plan/derive.h"

typedef struct pic__meaning pic__meaning;

int pic__meaning_new(pic__meaning **ret, pic_error **err);
pic__meaning *pic__meaning_unref(pic__meaning *m);
PIC__CLEANUP(pic__meaning, pic__meaning_unref)

/* First: the snapshot is as before the changes, at the moment by which expiry is judged on both sides. */
int pic__meaning_before(pic__meaning *m, const pic__snap *s, const pic__change *changes, size_t count, pic_error **err);
/* Then: the snapshot was told of the changes. */
int pic__meaning_after(pic__meaning *m, const pic__snap *s, pic_error **err);

/* Lines: losses first. Peers of which the same is true are one line. */
size_t pic__meaning_count(const pic__meaning *m);
/* "anna loses tcp/445 to 192.168.1.10 (10.1.0.2 -> 192.168.1.10 tcp/445)" */
void pic__meaning_text(const pic__meaning *m, size_t index, pic__buf *out);
/* {"who","peers","count","verb","to","proto","ports","families","part","rule","example":{"peer","source","destination",
 * "proto","port"},"text"} */
void pic__meaning_json(const pic__meaning *m, size_t index, pic__json *j);

#endif
