/* Owns: the program that makes the namespaces: started, waited for, ended with whoever waits. */
#include <poll.h>

#include "base/cancel.h"
#include "engine/drill.h"
#include "engine/keep.h"
#include "sys/beside.h"
#include "sys/job.h"
#include "sys/power.h"

enum { LONGEST_MS = 120000, LOOK_MS = 200 };

static int wait_for(pic__job *job, const pic_cancel *cancel, pic_error **err)
{
        int status = 0, r;

        while ((r = pic__job_go_on(job, &status, err)) == 0) {
                struct pollfd p = { .fd = pic__job_fd(job), .events = POLLIN };

                if (pic_cancel_raised(cancel))
                        return pic__fail(err, PIC_CANCELED, "canceled");
                (void)poll(&p, 1, LOOK_MS);
        }
        return r < 0 ? r : 0;
}

int pic__drill_run(const char *order, size_t len, const pic_cancel *cancel, pic__doc **ret, pic_error **err)
{
        pic__auto_free char *program = pic__beside_find(PIC__DRILL_PROGRAM);
        PIC__AUTO(pic__job_unref_p) pic__job *job = NULL;
        pic__job_opts opts = { .input = order, .input_len = len, .timeout_ms = LONGEST_MS };
        const char *argv[] = { program, NULL };
        uint64_t given;
        int r;

        if (program == NULL)
                return pic__fail(err, PIC_UNSUPPORTED, PIC__DRILL_PROGRAM " is not beside this program, nor installed");
        given = pic__power_give(); /* for the namespaces */
        r = pic__job_start(argv, &opts, &job, err);
        pic__power_back(given);
        if (r == 0)
                r = wait_for(job, cancel, err);
        return r < 0 ? r : pic__keep_said(pic__buf_str(pic__job_said(job)), ret, err);
}
