/* What an assertion says: "never FROM -> TO [WAY]" or "always FROM -> TO [WAY]".
 *   FROM  peer:NAME | group:NAME | peers
 *   TO    one grant (model/grant.h); with a WAY: internet, or a destination
 *   WAY   via NAME: of a connection; via direct: by none, and so also what fail-open lets out; with never also
 *         unless via NAME, unless via direct: by anything else
 * Also taken: "direct" for "via direct", NAME for peer:NAME, "any" for peers, "→" for "->", any letter case, any white
 * space between the words. */
#ifndef PIC_MODEL_RULE_H
#define PIC_MODEL_RULE_H

#include "model/grant.h"

enum pic__rule_from { PIC__FROM_PEERS, PIC__FROM_PEER, PIC__FROM_GROUP };

enum pic__rule_way { PIC__WAY_ANY, PIC__WAY_VIA, PIC__WAY_UNLESS };

typedef struct pic__rule {
        int always; /* else never */
        enum pic__rule_from from;
        char name[65]; /* PEER, GROUP */
        pic__grant to;
        enum pic__rule_way way;
        char via[65]; /* VIA, UNLESS: name of a connection, or "direct" */
} pic__rule;

/* 0, or -1 with *ret_why the rule that it breaks (static text). When all that is wrong is that TO has host bits set,
 * *ret is what it would be without them, and ret->to.prefix has a family. */
int pic__rule_parse(const char *text, pic__rule *ret, const char **ret_why);
void pic__rule_print(const pic__rule *r, pic__buf *out);

#endif
