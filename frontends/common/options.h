/* Options that the servers have in common, and how they say what is wrong with one. */
#ifndef PIC_FRONTEND_OPTIONS_H
#define PIC_FRONTEND_OPTIONS_H

/* What is wrong with an option, and which value that was (or NULL), to standard error. 2: the exit status for that. */
int options_usage(const char *program, const char *what, const char *value);
/* --log-level, --world: 0, or 2 after having said what is wrong. */
int options_level(const char *program, const char *text, int *ret_level);
int options_world(const char *program, const char *text, const char **ret_world);
/* A pic_log_fn: a line of standard error, "info wg: message". */
void options_log(int level, const char *area, const char *message, void *data);

#endif
