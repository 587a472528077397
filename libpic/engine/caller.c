/* Owns: the answer to "may this process call?". Users and groups are looked up where the host keeps them, so a person
 * added to the group may call at once. */
#include "engine/caller.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOKUP_ROOM 16384
#define GROUPS_MAX 256

int pic__caller_group(const char *name, gid_t *ret)
{
        pic__auto_free char *room = pic__alloc(LOOKUP_ROOM);
        struct group entry, *found = NULL;

        if (room == NULL || getgrnam_r(name, &entry, room, LOOKUP_ROOM, &found) != 0 || found == NULL)
                return -1;
        *ret = found->gr_gid;
        return 0;
}

int pic__caller_member(uid_t uid, gid_t gid, gid_t wanted)
{
        pic__auto_free char *room = pic__alloc(LOOKUP_ROOM);
        struct passwd entry, *found = NULL;
        gid_t groups[GROUPS_MAX];
        int count = GROUPS_MAX, i;

        if (gid == wanted)
                return 1;
        if (room == NULL || getpwuid_r(uid, &entry, room, LOOKUP_ROOM, &found) != 0 || found == NULL)
                return 0;
        if (getgrouplist(entry.pw_name, entry.pw_gid, groups, &count) < 0)
                count = GROUPS_MAX;
        for (i = 0; i < count; i++)
                if (groups[i] == wanted)
                        return 1;
        return 0;
}

int pic__caller_allowed(uid_t uid, gid_t gid, uid_t owner)
{
        gid_t wanted;

        if (uid == 0 || uid == owner || uid == geteuid())
                return 1;
        return pic__caller_group(PIC__GROUP, &wanted) == 0 && pic__caller_member(uid, gid, wanted);
}

int pic__caller_uid(int fd, uid_t *ret)
{
        struct ucred who;
        socklen_t len = sizeof(who);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
                return -1;
        *ret = who.uid;
        return 0;
}

int pic__caller_check(int fd, uid_t owner, char actor[PIC__CALLER_TEXT], pic_error **err)
{
        struct ucred who;
        socklen_t len = sizeof(who);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
                return pic__fail_errno(err, errno, "cannot tell who calls");
        if (who.uid == 0)
                snprintf(actor, PIC__CALLER_TEXT, "root");
        else
                snprintf(actor, PIC__CALLER_TEXT, "uid %u", (unsigned)who.uid);
        if (pic__caller_allowed(who.uid, who.gid, owner))
                return 0;
        (void)pic__fail(err, PIC_DENIED, "%s may not talk to this agent", actor);
        pic__hint(err, "Be root or a member of group " PIC__GROUP ".");
        return PIC_DENIED;
}
