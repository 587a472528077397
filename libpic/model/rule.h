/* What an assertion says: "never FROM -> TO" or "always FROM -> TO".
 *   FROM  peer:NAME | group:NAME | peers
 *   TO    one grant (model/grant.h)
 * Also taken: NAME for peer:NAME, "any" for peers, "→" for "->", any letter case, any white space between the words. */
#ifndef PIC_MODEL_RULE_H
#define PIC_MODEL_RULE_H

#include "model/grant.h"

enum pic__rule_from { PIC__FROM_PEERS, PIC__FROM_PEER, PIC__FROM_GROUP };

typedef struct pic__rule {
        int always; /* else never */
        enum pic__rule_from from;
        char name[65]; /* PEER, GROUP */
        pic__grant to;
} pic__rule;

/* 0, or -1 with *ret_why the rule that it breaks (static text). When all that is wrong is that TO has host bits set,
 * *ret is what it would be without them, and ret->to.prefix has a family. */
int pic__rule_parse(const char *text, pic__rule *ret, const char **ret_why);
void pic__rule_print(const pic__rule *r, pic__buf *out);

#endif
