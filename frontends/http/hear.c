/* Owns: who listens to a stream: few at once, and only as long as their session lasts and their role allows. */
#include <string.h>
#include <time.h>

#include "http/http.h"

enum { CHECK_S = 5 };

int hear_begin(struct call *c, struct hearer *h)
{
        *h = (struct hearer){ .app = c->app, .role = c->role, .checked = (int64_t)time(NULL) };
        if (guard_secret(c, h->secret, sizeof(h->secret)) < 0)
                return fail(c, 401, PIC_DENIED, NULL, "nobody is logged in");
        if (!live_enter(app_live(c->app)))
                return fail(c, 503, PIC_BUSY, "Close one of the pages that listen.", "too many listen already");
        return 0;
}

int hear_goes_on(struct hearer *h)
{
        int64_t now = (int64_t)time(NULL);
        pic_session *session = NULL;
        pic_error *err = NULL;
        int r;

        if (now >= h->checked && now - h->checked < CHECK_S)
                return 1;
        h->checked = now;
        r = pic_session_watch(app_ctx(h->app), h->secret, &session, &err); /* to listen is no use */
        if (r == 0)
                h->role = guard_role_of(pic_session_role(session));
        pic_session_unref(session);
        pic_error_free(err);
        return r != PIC_DENIED && (h->role & R_READ) != 0;
}

void hear_end(struct hearer *h)
{
        live_leave(app_live(h->app));
        explicit_bzero(h->secret, sizeof(h->secret));
}
