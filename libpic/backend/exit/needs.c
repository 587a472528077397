/* Owns: what a carrier needs of the machine. The directory that its programs may write to is the only one: everything
 * else of the exit's is root's or only theirs to read, so what the agent reads there was written by the agent. */
#include "backend/exit/needs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/file.h"

int pic__exit_program(const char *program, const char *package, pic_error **err)
{
        pic__auto_free char *path = pic__cmd_find(program);

        if (path != NULL)
                return 0;
        pic__fail(err, PIC_UNSUPPORTED, "%s is not installed", program);
        pic__hint(err, "apt-get install %s", package);
        return PIC_UNSUPPORTED;
}

/* By descriptor: where the agent has to trust nothing, a name could have become a link meanwhile. */
int pic__exit_own_make(const pic__carrier_env *env, pic_error **err)
{
        pic__auto_free char *path = pic__path_join(env->dir, PIC__EXIT_OWN);
        int fd, r;

        if (path == NULL)
                return pic__nomem(err);
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
                return pic__fail_errno(err, errno, "%s", path);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return pic__fail_errno(err, errno, "%s", path);
        r = fchown(fd, env->user, (gid_t)env->user) < 0 || fchmod(fd, 0700) < 0
                    ? pic__fail_errno(err, errno, "%s: cannot give it to user %u", path, (unsigned)env->user)
                    : 0;
        close(fd);
        return r;
}
