/* Owns: Ctrl-C while a cell's keys lie somewhere in the clear for a moment (a copy, a drill's scratch, a staging): what
 * is under way is called off and cleans up after itself. The second time it ends as it stands there. */
#include <pic/cancel.h>
#include <signal.h>

#include "cli/cli.h"

static pic_cancel *raised;

static void on_signal(int number)
{
        (void)number;
        pic_cancel_raise(raised);
}

const pic_cancel *cli_interrupt(void)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
        const struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
        struct sigaction before;
        size_t i;

        if (raised != NULL || pic_cancel_new(&raised, NULL) < 0)
                return raised; /* without one it ends at once, as ever */
        for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
                if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup's */
                        (void)sigaction(signals[i], &action, NULL);
        return raised;
}
