/* The machine's journal (systemd-journald), where there is one. */
#ifndef PIC_FRONTEND_JOURNAL_H
#define PIC_FRONTEND_JOURNAL_H

/* A pic_log_fn: a line of standard error and, after journal_open(), an entry of the journal; where standard error is
 * the journal already, the entry alone. data: a struct journal. */
void journal_log(int level, const char *area, const char *message, void *data);

/* A pic_program_line_fn: an entry as the agent's own, by that program's name; nothing for standard error. data: a
 * struct journal. */
int journal_line(int level, const char *area, const char *program, const char *connection, const char *text,
                 void *data);

struct journal {
        const char *program; /* SYSLOG_IDENTIFIER; borrowed */
        int fd;              /* -1: standard error alone */
        int only;            /* standard error is the journal */
};

/* Looks for $PIC_JOURNAL ("": none), else for /run/systemd/journal/socket. Nothing there: no entries. */
void journal_open(const char *program, struct journal *ret);
void journal_close(struct journal *j);

#endif
