/* Owns: the rows of one program. A part is a file of its own, so that parts may be made one after another or at once;
 * table.py puts them together. */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROWS 512

static struct row {
        char fault[64], place[64];
        unsigned long n[ENDS];
} rows[ROWS];
static size_t count;

void table_row(const char *fault, const char *place)
{
        struct row *r = &rows[count < ROWS ? count++ : ROWS - 1];

        snprintf(r->fault, sizeof(r->fault), "%s", fault);
        snprintf(r->place, sizeof(r->place), "%s", place);
}

void table_end(enum end end, unsigned long at, const char *why)
{
        struct row *r = &rows[count - 1];

        if (end == END_THIRD)
                printf("third: %s, %s, at point %lu: %s\n", r->fault, r->place, at, why);
        r->n[end]++;
}

unsigned long table_stride(unsigned long usual)
{
        const char *said = getenv("PIC_FAULT_STRIDE"), *thin = getenv("PIC_FAULT_THIN");
        unsigned long n = said != NULL ? strtoul(said, NULL, 10) : 0;

        if (thin != NULL && strtoul(thin, NULL, 10) > 0)
                usual *= strtoul(thin, NULL, 10);

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        usual *= 12;
#endif
        return n != 0 ? n : usual;
}

static void write_part(const char *part)
{
        char path[512];
        size_t i;
        FILE *f;

        (void)mkdir(PIC_FAULT_OUT, 0755);
        snprintf(path, sizeof(path), "%s/%s.rows", PIC_FAULT_OUT, part);
        f = fopen(path, "w");
        if (f == NULL) {
                perror(path);
                exit(1);
        }
        for (i = 0; i < count; i++)
                fprintf(f, "%s\t%s\t%lu\t%lu\t%lu\n", rows[i].fault, rows[i].place, rows[i].n[END_OLD],
                        rows[i].n[END_NEW], rows[i].n[END_THIRD]);
        (void)fclose(f);
}

int table_done(const char *part)
{
        unsigned long sum[ENDS] = { 0, 0, 0 };
        size_t i, empty = 0;

        for (i = 0; i < count; i++) {
                if (rows[i].n[0] + rows[i].n[1] + rows[i].n[2] == 0) {
                        printf("nothing was tried: %s, %s\n", rows[i].fault, rows[i].place);
                        empty++;
                }
                sum[0] += rows[i].n[0];
                sum[1] += rows[i].n[1];
                sum[2] += rows[i].n[2];
        }
        write_part(part);
        printf("%s: %zu rows, %lu tried: %lu ended old, %lu new, %lu third\n", part, count, sum[0] + sum[1] + sum[2],
               sum[0], sum[1], sum[2]);
        return count == 0 || empty > 0 || sum[2] > 0;
}
