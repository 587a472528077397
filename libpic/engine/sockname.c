/* Owns: socket names of any length. */
#include "engine/sockname.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/paths.h"

int pic__sockname(const char *run_dir, struct sockaddr_un *ret, int *ret_dir, pic_error **err)
{
        size_t room = sizeof(ret->sun_path);
        int dir;

        memset(ret, 0, sizeof(*ret));
        ret->sun_family = AF_UNIX;
        dir = open(run_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0)
                return pic__fail_errno(err, errno, "cannot open %s", run_dir);
        if (strlen(run_dir) + 1 + strlen(PIC__SOCKET_NAME) < room)
                snprintf(ret->sun_path, room, "%s/" PIC__SOCKET_NAME, run_dir);
        else
                snprintf(ret->sun_path, room, "/proc/self/fd/%d/" PIC__SOCKET_NAME, dir);
        *ret_dir = dir;
        return 0;
}
