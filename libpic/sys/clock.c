/* Owns: the two clocks of the system, and the clock of the tests. */
#include "sys/clock.h"

#include <fcntl.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

static pic_time read_clock(clockid_t id)
{
        struct timespec ts = { 0, 0 };

        (void)clock_gettime(id, &ts);
        return (pic_time)ts.tv_sec * PIC__SECOND + ts.tv_nsec / 1000;
}

static pic_time real_now(void *data)
{
        (void)data;
        return read_clock(CLOCK_REALTIME);
}

/* BOOTTIME, not MONOTONIC: time that a laptop slept has passed for its peers too. */
static pic_time real_mono(void *data)
{
        (void)data;
        return read_clock(CLOCK_BOOTTIME);
}

const pic__clock pic__clock_real = { real_now, real_mono, NULL };

void pic__boot_id(char text[PIC__BOOT_TEXT])
{
        int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd >= 0 ? read(fd, text, PIC__BOOT_TEXT - 1) : 0;

        if (fd >= 0)
                close(fd);
        text[n > 0 ? n : 0] = '\0';
        text[strcspn(text, "\n")] = '\0';
}

int pic__clock_kept(void)
{
        struct timex t = { .modes = 0 };

        if (adjtimex(&t) < 0) /* a unit that protects the clock denies the question as well */
                return access("/run/systemd/timesync/synchronized", F_OK) == 0 ? 1 : -1;
        return (t.status & STA_UNSYNC) == 0;
}

static pic_time fake_read(void *data)
{
        return *(const pic_time *)data;
}

pic__clock pic__clock_fake(pic_time *now)
{
        pic__clock c = { fake_read, fake_read, now };

        return c;
}
