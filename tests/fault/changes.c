/* Owns: what is changed while faults happen. */
#include "changes.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a) ((unsigned)(sizeof(a) / sizeof((a)[0])))

void stop(const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        vprintf(fmt, ap);
        va_end(ap);
        printf("\n");
        (void)fflush(stdout);
        exit(2);
}

static const char first[] = "groups:\n"
                            "  kids: {access: [lan]}\n"
                            "  staff: {access: [internet]}\n"
                            "peers:\n"
                            "  anna: {access: [internet]}\n"
                            "  bert: {access: ['peer:anna'], groups: [kids]}\n"
                            "  chris: {groups: [kids, staff], subnets: [192.168.77.0/24]}\n"
                            "  eve: {access: [lan], expires: '2027-07-01T00:00:00Z'}\n"
                            "assertions:\n"
                            "  quiet: {rule: 'never bert -> internet'}\n";

static int wish_add(pic_edit *e, pic_error **err)
{
        int r = pic_edit_add(e, "peer", "dora", err);

        if (r == 0)
                r = pic_edit_set(e, "peer", "dora", "access", "lan", err);
        return r < 0 ? r : pic_edit_set(e, "peer", "dora", "groups", "kids", err);
}

static int wish_change(pic_edit *e, pic_error **err)
{
        return pic_edit_set(e, "peer", "anna", "access", "internet,192.168.1.10:tcp/445", err);
}

static int wish_rename(pic_edit *e, pic_error **err)
{
        return pic_edit_set(e, "peer", "anna", "name", "hanna", err);
}

static int wish_remove(pic_edit *e, pic_error **err)
{
        return pic_edit_remove(e, "peer", "chris", err);
}

static int wish_rekey(pic_edit *e, pic_error **err)
{
        return pic_edit_rekey(e, "bert", err);
}

static int wish_group(pic_edit *e, pic_error **err)
{
        return pic_edit_set(e, "group", "kids", "access", "lan,192.168.5.0/24:udp/53", err);
}

/* A connection with keys of its own, and a device and a group that leave by it from now on. */
static int wish_exit(pic_edit *e, pic_error **err)
{
        static const char *const fields[][2] = {
                { "type", "wireguard" },
                { "endpoint", "203.0.113.7:51820" },
                { "addresses", "10.64.0.2/32" },
                { "peer_key", "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=" },
        };
        unsigned i;
        int r = pic_edit_add(e, "connection", "far", err);

        for (i = 0; r == 0 && i < COUNT(fields); i++)
                r = pic_edit_set(e, "connection", "far", fields[i][0], fields[i][1], err);
        if (r == 0)
                r = pic_edit_set(e, "peer", "anna", "exit", "far", err);
        return r < 0 ? r : pic_edit_set(e, "group", "kids", "exit", "far", err);
}

static int wish_undo(pic_edit *e, pic_error **err)
{
        return pic_edit_undo(e, 0, err);
}

static int wish_return(pic_edit *e, pic_error **err)
{
        return pic_edit_return(e, 2, err);
}

static int wish_for_an_hour(pic_edit *e, pic_error **err)
{
        pic_edit_confirm_within(e, 3600 * 1000);
        return pic_edit_set(e, "peer", "anna", "enabled", "no", err);
}

static int wish_for_a_moment(pic_edit *e, pic_error **err)
{
        pic_edit_confirm_within(e, 1000);
        return pic_edit_set(e, "peer", "anna", "enabled", "no", err);
}

static int wish_move(pic_edit *e, pic_error **err)
{
        int r = pic_edit_set(e, "cell", NULL, "net4", "10.99.0.0/16", err);

        return r < 0 ? r : pic_edit_set(e, "cell", NULL, "net6", "fd99::/48", err);
}

static int wish_document(pic_edit *e, pic_error **err)
{
        char text[4096];
        size_t len = (size_t)snprintf(text, sizeof(text), "groups:\n");
        int i;

        for (i = 0; i < 4; i++)
                len += (size_t)snprintf(text + len, sizeof(text) - len, "  g%d: {access: ['10.5.%d.0/24']}\n", i, i);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "peers:\n");
        for (i = 0; i < 16; i++)
                len += (size_t)snprintf(text + len, sizeof(text) - len, "  p%d: {groups: [g%d], access: [lan]}\n", i,
                                        i % 4);
        return pic_edit_load(e, text, len, "twenty.yaml", 0, err);
}

/* The cell's key, networks, and a device with them. */
static int wish_household(pic_edit *e, pic_error **err)
{
        pic_household_opts opts = PIC_HOUSEHOLD_OPTS_INIT;

        opts.flags = PIC_HOUSEHOLD_TAKE_OVER;
        return pic_household_import(e, PIC_TEST_DATA "/fixtures/household/wg0.conf", &opts, NULL, err);
}

static int wish_override(pic_edit *e, pic_error **err)
{
        int r = pic_edit_override(e, "for the test", err);

        return r < 0 ? r : pic_edit_set(e, "group", "kids", "access", "lan,internet", err);
}

static int wish_assertion(pic_edit *e, pic_error **err)
{
        int r = pic_edit_add(e, "assertion", "lan", err);

        return r < 0 ? r : pic_edit_set(e, "assertion", "lan", "rule", "always group:kids -> lan", err);
}

/* Each with a secret, which is sealed. */
static int wish_alert(pic_edit *e, pic_error **err)
{
        int r = pic_edit_add(e, "alert", "phone", err);

        if (r == 0)
                r = pic_edit_set(e, "alert", "phone", "to", "https://example.org/hook", err);
        return r < 0 ? r : pic_edit_set(e, "alert", "phone", "secret", "correct staple of May", err);
}

static int wish_target(pic_edit *e, pic_error **err)
{
        int r = pic_edit_add(e, "target", "nas", err);

        if (r == 0)
                r = pic_edit_set(e, "target", "nas", "url", "/nowhere/backups", err);
        if (r == 0)
                r = pic_edit_set(e, "target", "nas", "every", "never", err);
        return r < 0 ? r : pic_edit_set(e, "target", "nas", "passphrase", "correct staple of May", err);
}

/* --- what is no edit ------------------------------------------------------------------------------------------ */

static int commit(pic_ctx *ctx, int (*wish)(pic_edit *, pic_error **), uint32_t flags, pic_outcome **ret,
                  pic_error **err)
{
        pic_edit *e = NULL;
        int r = pic_edit_new(ctx, &e, err);

        if (r == 0)
                r = wish(e, err);
        if (r == 0)
                r = pic_edit_commit(e, flags, ret, err);
        pic_edit_unref(e);
        return r;
}

static int make_waiting(pic_ctx *ctx, pic_error **err)
{
        return commit(ctx, wish_for_an_hour, 0, NULL, err);
}

static int make_late(pic_ctx *ctx, pic_error **err)
{
        const struct timespec nap = { 1, 10000000 };
        int r = commit(ctx, wish_for_a_moment, 0, NULL, err);

        (void)nanosleep(&nap, NULL);
        return r;
}

/* What waited goes back when the agent, or in the fake world whoever comes next, acts. */
static int call_plan(pic_ctx *ctx, pic_error **err)
{
        pic_plan *p = NULL;
        int r = pic_plan_get(ctx, PIC_PLAN_REPAIR, &p, err);

        pic_plan_unref(p);
        return r;
}

static int call_note(pic_ctx *ctx, pic_error **err)
{
        return pic_audit_note(ctx, "login", "from 192.0.2.7", err);
}

const struct change changes[] = {
        { "add a device", NULL, wish_add, NULL, 0 },
        { "change rights", NULL, wish_change, NULL, 0 },
        { "rename, with who refers to it", NULL, wish_rename, NULL, 0 },
        { "remove a device", NULL, wish_remove, NULL, 0 },
        { "new keys", NULL, wish_rekey, NULL, 0 },
        { "rights of a group", NULL, wish_group, NULL, 0 },
        { "a connection, and who leaves by it", NULL, wish_exit, NULL, 0 },
        { "undo", NULL, wish_undo, NULL, 0 },
        { "return to a revision", NULL, wish_return, NULL, 0 },
        { "change that waits", NULL, wish_for_an_hour, NULL, 0 },
        { "confirm it", make_waiting, NULL, pic_confirm, 0 },
        { "undo what waits", make_waiting, wish_undo, NULL, 0 },
        { "it goes back by itself", make_late, NULL, call_plan, 1 },
        { "move to other networks", NULL, wish_move, NULL, 0 },
        { "document of 20 objects", NULL, wish_document, NULL, 0 },
        { "take over a household", NULL, wish_household, NULL, 0 },
        { "override of an assertion", NULL, wish_override, NULL, 0 },
        { "new assertion", NULL, wish_assertion, NULL, 0 },
        { "an alert, and its secret", NULL, wish_alert, NULL, 0 },
        { "a target, and its passphrase", NULL, wish_target, NULL, 0 },
        { "row of a login", NULL, NULL, call_note, 0 },
};
const unsigned change_count = COUNT(changes);

pic_ctx *cell_ctx(const char *dir)
{
        pic_ctx_opts opts = PIC_CTX_OPTS_INIT;
        pic_ctx *ctx = NULL;

        opts.dir = dir;
        opts.world = "fake";
        opts.way = "cli";
        opts.actor = "tester";
        if (pic_ctx_open(&opts, &ctx, NULL) < 0)
                stop("no context");
        return ctx;
}

static int wish_first(pic_edit *e, pic_error **err)
{
        return pic_edit_load(e, first, sizeof(first) - 1, "first.yaml", 0, err);
}

static int wish_second(pic_edit *e, pic_error **err)
{
        return pic_edit_set(e, "peer", "chris", "access", "lan", err);
}

static int wish_third(pic_edit *e, pic_error **err)
{
        return pic_edit_set(e, "peer", "anna", "note", "of the third revision", err);
}

static int wish_fourth(pic_edit *e, pic_error **err)
{
        return pic_edit_set(e, "peer", "chris", "access", "lan,192.168.9.0/24", err);
}

void cell_for(const struct change *c, const char *dir)
{
        static const char *const fields[] = { "name", "home",      "net4",     "10.77.0.0/16",
                                              "net6", "fd77::/48", "endpoint", "vpn.example.org:51820",
                                              NULL };
        static int (*const former[])(pic_edit *, pic_error **) = { wish_first, wish_second, wish_third, wish_fourth };
        pic_ctx *ctx = cell_ctx(dir);
        pic_error *err = NULL;
        pic_report *head = NULL;
        unsigned i;
        int r = pic_cell_init(ctx, fields, NULL, &err);

        for (i = 0; r == 0 && i < COUNT(former); i++)
                r = commit(ctx, former[i], 0, NULL, &err);
        if (r == 0)
                r = pic_audit_head(ctx, &head, &err);
        if (r == 0 && c->prepare != NULL)
                r = c->prepare(ctx, &err);
        if (r < 0)
                stop("the cell for '%s': %s", c->name, pic_error_message(err));
        pic_report_unref(head);
        pic_ctx_unref(ctx);
}

int change_make(const struct change *c, pic_ctx *ctx, uint32_t flags, pic_outcome **ret_outcome, pic_error **err)
{
        return c->call != NULL ? c->call(ctx, err) : commit(ctx, c->wish, flags, ret_outcome, err);
}

/* --- directories ---------------------------------------------------------------------------------------------- */

static int drop_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

void dir_drop(const char *dir)
{
        (void)nftw(dir, drop_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void copy_file(const char *from, const char *to)
{
        static char bytes[1 << 20];
        int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        ssize_t n = -1;

        while (in >= 0 && out >= 0 && (n = read(in, bytes, sizeof(bytes))) > 0)
                if (write(out, bytes, (size_t)n) != n)
                        stop("%s: cannot be copied", from);
        if (n != 0)
                stop("%s: cannot be copied to %s", from, to);
        (void)close(in);
        (void)close(out);
}

static void copy_into(const char *from, const char *to)
{
        char a[512], b[512];
        struct dirent *entry;
        struct stat st;
        DIR *d = opendir(from);

        if (d == NULL || mkdir(to, 0700) < 0)
                stop("%s: cannot be copied to %s", from, to);
        while ((entry = readdir(d)) != NULL) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                snprintf(a, sizeof(a), "%s/%s", from, entry->d_name);
                snprintf(b, sizeof(b), "%s/%s", to, entry->d_name);
                if (lstat(a, &st) == 0 && S_ISDIR(st.st_mode))
                        copy_into(a, b);
                else
                        copy_file(a, b);
        }
        (void)closedir(d);
}

void dir_copy(const char *from, const char *to)
{
        dir_drop(to);
        copy_into(from, to);
}

void dir_name(char to[96], const char *what)
{
        static unsigned number;

        snprintf(to, 96, "%s/pic-fault-%ld-%u-%s", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid(),
                 number++, what);
}
