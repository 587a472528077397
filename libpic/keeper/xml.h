/* What servers list, as XML: tags and the text before them, without a tree. Names are local: what stands before a ':'
 * is passed over. No DOCTYPE, so no entities but the five; a bound on the text of one element. */
#ifndef PIC_KEEPER_XML_H
#define PIC_KEEPER_XML_H

#include "base/buf.h"

enum pic__xml_what { PIC__XML_BAD = -1, PIC__XML_END, PIC__XML_OPEN, PIC__XML_CLOSE };

typedef struct pic__xml {
        const char *at;
        const char *end;
        char name[64];
        pic__buf text; /* between the last tag and this one, decoded */
        int empty;     /* <a/>: it is closed next */
} pic__xml;

void pic__xml_start(pic__xml *x, const char *text, size_t len);
enum pic__xml_what pic__xml_next(pic__xml *x);
/* 1: this is the end of such an element, whose text is in x->text. */
int pic__xml_closes(const pic__xml *x, enum pic__xml_what what, const char *name);
void pic__xml_end(pic__xml *x);

#endif
