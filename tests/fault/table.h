/* The table of faults: a row for each fault and place, and how what was tried ended. */
#ifndef TEST_FAULT_TABLE_H
#define TEST_FAULT_TABLE_H

enum end { END_OLD, END_NEW, END_THIRD, ENDS };

/* The rows that follow are of this fault at this place. */
void table_row(const char *fault, const char *place);
/* One was tried, and this is how it ended; a third end is told with its reason at once. */
void table_end(enum end end, unsigned long at, const char *why);
/* Every how many points one is tried: PIC_FAULT_STRIDE, or this, PIC_FAULT_THIN times; larger under a sanitizer. */
unsigned long table_stride(unsigned long usual);
/* Writes the rows of this part beside the build, for table.py; prints the summary. The exit status: 1 when something
 * ended in a third state, or a row tried nothing. */
int table_done(const char *part);

#endif
