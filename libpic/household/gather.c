/* Owns: which product's household a path holds, and which of its files say what. */
#include "household/gather.h"

#include <stdio.h>
#include <string.h>

#include "household/folder.h"
#include "household/pivpn.h"
#include "household/wgeasy.h"
#include "household/wgfile.h"

/* A file for wg-quick, as it looks. */
struct file {
        const char *name; /* below the folder */
        const char *full;
        pic__buf text;
        pic__wglook look;
        int server; /* not by itself a device's */
};

typedef PIC__VEC(struct file) files;

static const char known[] =
        "It can be: a WireGuard server's file for wg-quick or its directory (/etc/wireguard), PiVPN's, wg-easy's "
        "wg0.json or wg-easy.db, the tree of a Personal Internet Cell in Python.";

static void free_files(files *list)
{
        size_t i;

        for (i = 0; i < list->count; i++)
                pic__buf_wipe(&list->at[i].text);
        pic__vec_free(list);
}

static int ends_with(const char *name, const char *end)
{
        size_t a = strlen(name), b = strlen(end);

        return a > b && strcmp(name + a - b, end) == 0;
}

static pic__spot whole(const char *file)
{
        return (pic__spot){ file, 0 };
}

/* --- wg-quick and PiVPN --------------------------------------------------------------------------------------- */

static int read_file(pic__folder *f, files *list, const char *name, pic_error **err)
{
        struct file one = { .name = name, .text = PIC__BUF_SECRET };
        int r = pic__folder_read(f, name, PIC__WGFILE_TEXT, &one.text, &one.full, err);

        if (r > 0) {
                pic__wgfile_look(pic__buf_str(&one.text), one.text.len, &one.look);
                one.server =
                        one.look.own_key[0] != '\0' && !pic__wglook_is_client(&one.look); /* a template has no key */
                if (!one.look.is_wg)
                        pic__household_tell(f->h, PIC__TALE_LOST, whole(one.full), NULL, NULL, NULL,
                                            "is no file for wg-quick (no [Interface]): not taken");
                if (pic__vec_push(list, one) == 0)
                        return 0;
                r = pic__nomem(err);
        }
        pic__buf_wipe(&one.text);
        return r;
}

static void tell_rest(pic__folder *f, const pic__names *names)
{
        static const char *const read[] = { ".conf", "clients.txt" };
        size_t i, told = 0;

        for (i = 0; i < names->count; i++) {
                const char *full;

                if (ends_with(names->at[i], read[0]) || ends_with(names->at[i], read[1]))
                        continue;
                if (told++ == 100)
                        break;
                full = pic__arena_printf(&f->h->arena, "%s/%s", f->path, names->at[i]);
                pic__household_tell(f->h, PIC__TALE_NOTE, whole(full), NULL, NULL, NULL, "a file that was not read");
        }
        for (told = 0; i < names->count; i++)
                told++;
        if (told > 0)
                pic__household_tell(f->h, PIC__TALE_NOTE, whole(f->path), NULL, NULL, NULL,
                                    "%zu more files that were not read", told);
}

static int read_files(pic__folder *f, files *list, pic_error **err)
{
        pic__names names = PIC__VEC_INIT;
        int r = pic__folder_names(f, &names) < 0 ? pic__nomem(err) : 0;
        size_t i;

        for (i = 0; r == 0 && i < names.count; i++)
                if (ends_with(names.at[i], ".conf") && !ends_with(names.at[i], "setupVars.conf") &&
                    (f->only == NULL || strcmp(f->only, names.at[i]) != 0))
                        r = read_file(f, list, names.at[i], err);
        if (r == 0 && f->only == NULL)
                tell_rest(f, &names);
        pic__vec_free(&names);
        return r;
}

static int not_one(const files *list, const struct file *a, const struct file *b, pic_error **err)
{
        int r;

        if (a != NULL) {
                r = pic__fail(err, PIC_CONFLICT, "%s and %s are both servers' files", a->full, b->full);
                pic__hint(err, "A cell is one of them: say which file, as PATH. What is a device's has an Endpoint.");
        } else {
                r = pic__fail(err, PIC_SYNTAX, "there is no server's file among %zu", list->count);
                pic__hint(err, "%s", known);
        }
        return r;
}

/* Which is the server: the one that was asked for; the only one that is none of a device; of several the only one with
 * a ListenPort. */
static int find_server(const pic__folder *f, files *list, struct file **ret, pic_error **err)
{
        struct file *found = NULL;
        int pass, r;
        size_t i;

        if (f->only != NULL) {
                *ret = &list->at[0];
                if (list->at[0].look.is_wg && !pic__wglook_is_client(&list->at[0].look))
                        return 0;
                r = pic__fail(err, PIC_SYNTAX, "%s: is no server's file%s", list->at[0].full,
                              list->at[0].look.is_wg ? ", but a device's, or a provider's" : "");
                pic__hint(err, "%s", list->at[0].look.is_wg ? "As a way out: pic connection import FILE" : known);
                return r;
        }
        for (pass = 0; pass < 2 && found == NULL; pass++)
                for (i = 0; i < list->count; i++) {
                        struct file *one = &list->at[i];

                        if (!one->server || (pass == 0 && !one->look.has_port))
                                continue;
                        if (found != NULL)
                                return not_one(list, found, one, err);
                        found = one;
                }
        *ret = found;
        return found != NULL ? 0 : not_one(list, NULL, NULL, err);
}

/* "configs/anna.conf" to "anna". */
static void stem_of(const char *name, char stem[PIC__FOLDER_NAME + 1])
{
        const char *slash = strrchr(name, '/');
        size_t len;

        snprintf(stem, PIC__FOLDER_NAME + 1, "%.200s", slash != NULL ? slash + 1 : name);
        len = strlen(stem);
        if (ends_with(stem, ".conf"))
                stem[len - 5] = '\0';
}

static void read_clients(pic__household *h, const files *list, const struct file *server)
{
        char stem[PIC__FOLDER_NAME + 1];
        size_t i;

        for (i = 0; i < list->count && !h->failed; i++) {
                const struct file *one = &list->at[i];

                if (one == server || !one->look.is_wg)
                        continue;
                stem_of(one->name, stem);
                if (strcmp(one->look.peer_key, server->look.own_key) == 0 && !one->look.has_port)
                        pic__wgclient_read(h, pic__buf_str(&one->text), one->text.len, one->full, stem);
                else
                        pic__household_tell(h, PIC__TALE_LOST, whole(one->full), NULL, NULL,
                                            "a provider's file is a way out: pic connection import FILE",
                                            "is not of this server: not taken");
        }
}

/* Beside /etc/wireguard PiVPN has /etc/pivpn/wireguard. What leads out of the directory is looked at only there. */
static int read_vars(pic__folder *f, pic_error **err)
{
        static const char *const places[] = { "setupVars.conf", "pivpn/wireguard/setupVars.conf",
                                              "../pivpn/wireguard/setupVars.conf" };
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        const char *file = NULL;
        size_t i;
        int r = 0;

        for (i = 0; i < PIC__COUNT(places) && r == 0; i++)
                if (pic__folder_has(f, places[i]))
                        r = pic__folder_read(f, places[i], PIC__WGFILE_TEXT, &text, &file, err);
        if (r > 0) {
                f->h->product = "pivpn";
                pic__pivpn_vars(f->h, pic__buf_str(&text), text.len, file);
        }
        return r < 0 ? r : 0;
}

static int read_list(pic__folder *f, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        const char *file = NULL;
        int r = 0;

        if (pic__folder_has(f, "configs/clients.txt"))
                r = pic__folder_read(f, "configs/clients.txt", PIC__WGFILE_TEXT, &text, &file, err);
        if (r > 0) {
                f->h->product = "pivpn";
                pic__pivpn_clients(f->h, pic__buf_str(&text), text.len, file);
        }
        return r < 0 ? r : 0;
}

static int read_wg(pic__folder *f, files *list, pic_error **err)
{
        struct file *server = NULL;
        int r = 0;

        if (f->only != NULL)
                r = read_file(f, list, f->only, err);
        if (r == 0)
                r = read_files(f, list, err);
        if (r == 0 && list->count == 0)
                return not_one(list, NULL, NULL, err);
        if (r == 0)
                r = find_server(f, list, &server, err);
        if (r < 0)
                return r;
        f->h->product = "wg-quick";
        pic__wgserver_read(f->h, pic__buf_str(&server->text), server->text.len, server->full);
        pic__household_index(f->h);
        read_clients(f->h, list, server);
        r = read_list(f, err);
        return r < 0 ? r : read_vars(f, err);
}

static int wg_quick(pic__folder *f, pic_error **err)
{
        files list = PIC__VEC_INIT;
        int r = read_wg(f, &list, err);

        free_files(&list);
        return r;
}

/* --- wg-easy -------------------------------------------------------------------------------------------------- */

static int wg_easy_db(pic__folder *f, const char *name, pic_error **err)
{
        char place[64], db[96];
        const char *file = NULL;
        int r = pic__folder_copy(f, name, PIC__WGEASY_DB, place, &file, err);

        if (r < 0)
                return r;
        f->h->product = "wg-easy 15";
        snprintf(db, sizeof(db), "%s/db", place);
        r = pic__wgeasy_db(f->h, db, file, err);
        pic__folder_uncopy(place);
        if (r == 0 && f->only == NULL && pic__folder_has(f, "wg0.json"))
                pic__household_tell(f->h, PIC__TALE_NOTE, whole(f->path), NULL, NULL, "its own import: PATH/wg0.json",
                                    "wg0.json of a former version is there as well: not read");
        return r;
}

static int wg_easy_json(pic__folder *f, const char *name, pic_error **err)
{
        pic__auto_wipe pic__buf text = PIC__BUF_SECRET;
        pic__auto_wipe pic__buf conf = PIC__BUF_SECRET;
        const char *file = NULL;
        int r = pic__folder_read(f, name, PIC__WGFILE_TEXT, &text, &file, err);

        if (r == 0)
                return pic__fail(err, PIC_NOTFOUND, "%s: cannot be read", name);
        if (r > 0)
                r = pic__wgeasy_json(f->h, pic__buf_str(&text), text.len, file, err);
        if (r == 0) {
                f->h->product = "wg-easy 14";
                r = pic__folder_has(f, "wg0.conf")
                            ? pic__folder_read(f, "wg0.conf", PIC__WGFILE_TEXT, &conf, &file, err)
                            : 0;
        }
        if (r > 0)
                pic__wgeasy_conf(f->h, pic__buf_str(&conf), conf.len, file);
        return r < 0 ? r : 0;
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

/* What the single file is, by its first bytes. */
static int archive(const char *file, const char *what, pic_error **err)
{
        int r = pic__fail(err, PIC_UNSUPPORTED, "%s: is %s", file, what);

        pic__hint(err, "Unpack it into a directory that only you can read, and say that directory.");
        return r;
}

static int one_file(pic__folder *f, pic_error **err)
{
        pic__auto_wipe pic__buf head = PIC__BUF_SECRET;
        const char *file = NULL;
        size_t findings = f->h->findings.count;
        int r = pic__folder_read(f, f->only, PIC__WGEASY_DB, &head, &file, err);

        if (r <= 0)
                return r < 0 ? r : pic__fail(err, PIC_NOTFOUND, "%s: cannot be read", f->only);
        f->bytes -= head.len; /* it is read again, and told again */
        f->h->findings.count = findings;
        if (head.len >= 16 && memcmp(head.data, "SQLite format 3", 16) == 0)
                return wg_easy_db(f, f->only, err);
        if (head.len >= 2 && memcmp(head.data, "\x1f\x8b", 2) == 0)
                return archive(file, "a compressed archive", err);
        if (head.len >= 18 && memcmp(head.data, "age-encryption.org", 18) == 0)
                return archive(file, "encrypted", err);
        if (head.len > 0 && pic__buf_str(&head)[strspn(pic__buf_str(&head), " \t\r\n")] == '{')
                return wg_easy_json(f, f->only, err);
        return wg_quick(f, err);
}

/* The tree of the cell that was written in Python: its WireGuard files are read, the rest has no known form. */
static int python_cell(pic__folder *f, pic_error **err)
{
        int r = wg_quick(f, err);

        f->h->product = "pic";
        if (r == 0)
                pic__household_tell(f->h, PIC__TALE_LOST, whole(f->path), NULL, "cell_config.json",
                                    "say them anew: pic help",
                                    "of that cell its WireGuard server and devices are taken; users, services, "
                                    "connections, linked cells, certificates and names are not");
        return r;
}

static int by_product(pic__folder *f, pic_error **err)
{
        static const char *const wg[] = { "config/wireguard", "data/wireguard", "wireguard" };
        pic__folder below = { .fd = -1 };
        char *path;
        size_t i;
        int r;

        if (f->only != NULL)
                return one_file(f, err);
        if (pic__folder_has(f, "wg-easy.db"))
                return wg_easy_db(f, "wg-easy.db", err);
        if (pic__folder_has(f, "wg0.json"))
                return wg_easy_json(f, "wg0.json", err);
        if (!pic__folder_has(f, "config/api/cell_config.json"))
                return wg_quick(f, err);
        for (i = 0; i < PIC__COUNT(wg); i++) {
                path = pic__arena_printf(&f->h->arena, "%s/%s", f->path, wg[i]);
                if (path == NULL)
                        return pic__nomem(err);
                if (pic__folder_open(&below, f->h, path, NULL) == 0) {
                        r = python_cell(&below, err);
                        pic__folder_close(&below);
                        return r;
                }
        }
        return python_cell(f, err);
}

int pic__household_gather(pic__household *h, const char *path, pic_error **err)
{
        pic__folder f;
        int r = pic__folder_open(&f, h, path, err);

        if (r == 0)
                r = by_product(&f, err);
        pic__folder_close(&f);
        if (r == 0 && h->failed)
                r = pic__nomem(err);
        return r < 0 ? r : pic__household_settle(h, err);
}
