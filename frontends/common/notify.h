/* What a program tells whoever started it. */
#ifndef PIC_FRONTEND_NOTIFY_H
#define PIC_FRONTEND_NOTIFY_H

/* "READY=1", "STOPPING=1", in the way of sd_notify(3). Nobody asked: nothing is sent; nobody listens: nothing is lost.
 */
void notify_host(const char *state);

#endif
