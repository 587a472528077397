/* Owns: the door to /proc/sys/net. The kernel shows a task the settings of its own network namespace there. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/route/inside.h"

#define KEY_MAX 128

/* "/proc/sys/…" from a key. Only net settings, and no way out of there. */
static int path_of(const char *key, char *path, size_t size, pic_error **err)
{
        char *p;
        int n;

        for (p = (char *)(uintptr_t)key; *p != '\0'; p++)
                if (!isalnum((unsigned char)*p) && strchr("._/@:-", *p) == NULL)
                        break;
        if (*p != '\0' || strncmp(key, "net.", 4) != 0 || strstr(key, "..") != NULL || strstr(key, "//") != NULL ||
            strlen(key) > KEY_MAX)
                return pic__fail(err, PIC_INVALID, "'%s' is no name of a network setting", key);
        n = snprintf(path, size, "/proc/sys/%s", key);
        if (n < 0 || (size_t)n >= size)
                return pic__fail(err, PIC_INVALID, "'%s' is too long for a network setting", key);
        for (p = path + strlen("/proc/sys/"); *p != '\0'; p++) {
                if (*p == '.')
                        *p = '/';
                else if (*p == '/')
                        *p = '.';
        }
        return 0;
}

int pic__procsys_read(const char *key, char *value, size_t size, pic_error **err)
{
        char path[KEY_MAX + 32];
        ssize_t n;
        int fd, r = path_of(key, path, sizeof(path), err);

        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return pic__fail_errno(err, errno, "cannot read the kernel setting %s", key);
        n = read(fd, value, size - 1);
        r = errno;
        close(fd);
        if (n < 0)
                return pic__fail_errno(err, r, "cannot read the kernel setting %s", key);
        while (n > 0 && isspace((unsigned char)value[n - 1]))
                n--;
        value[n] = '\0';
        if (n == 0 || strpbrk(value, " \t\n") != NULL)
                return pic__fail(err, PIC_UNSUPPORTED, "the kernel setting %s is not one word", key);
        return 0;
}

int pic__procsys_write(const char *key, const char *value, pic_error **err)
{
        char path[KEY_MAX + 32];
        ssize_t n;
        int fd, r = path_of(key, path, sizeof(path), err);

        if (r < 0)
                return r;
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0) {
                n = write(fd, value, strlen(value));
                r = n < 0 ? errno : 0;
                close(fd);
        } else {
                r = errno;
        }
        if (r == 0)
                return 0;
        if (r == EROFS || r == EACCES || r == EPERM) {
                pic__fail_errno(err, EPERM, "cannot set %s to %s", key, value);
                pic__hint(err, "set it outside, where /proc/sys can be written: sysctl -w %s=%s", key, value);
                return PIC_DENIED;
        }
        return pic__fail_errno(err, r, "cannot set %s to %s", key, value);
}

int pic__procsys_each(int family, const char *leaf, int (*fn)(const char *key, const char *device, void *data),
                      void *data, pic_error **err)
{
        char dir[40], device[40], key[KEY_MAX];
        const struct dirent *entry;
        int r = 0;
        DIR *d;

        snprintf(dir, sizeof(dir), "/proc/sys/net/ipv%d/conf", family);
        d = opendir(dir);
        if (d == NULL)
                return pic__fail_errno(err, errno, "cannot read %s", dir);
        while (r >= 0 && (entry = readdir(d)) != NULL) {
                size_t len = strlen(entry->d_name);
                char *dot;

                if (entry->d_name[0] == '.' || len >= sizeof(device))
                        continue;
                memcpy(device, entry->d_name, len + 1);
                while ((dot = strchr(device, '.')) != NULL)
                        *dot = '/';
                snprintf(key, sizeof(key), "net.ipv%d.conf.%s.%s", family, device, leaf);
                r = fn(key, entry->d_name, data);
        }
        closedir(d);
        return r;
}
