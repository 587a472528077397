/* Owns: restic's words. Its JSON is documented; its complaints are for people until version 0.17, which also tells
 * some of them by its status, so both are looked at. */
#include "keeper/restic_said.h"

#include <stdio.h>
#include <string.h>

#include "codec/json_in.h"
#include "model/text.h"

static int is_hex(const char *text)
{
        return strspn(text, "0123456789abcdef") == strlen(text);
}

/* --- what there is ----------------------------------------------------------------------------------------------- */

/* The file of a backup, and nothing else. */
static int holds_it(const pic__node *one)
{
        const pic__node *paths = pic__node_list(one, "paths");

        return paths != NULL && paths->count == 1 && paths->first->text != NULL &&
               strcmp(paths->first->text, "/" PIC__RESTIC_FILE) == 0;
}

static int read_one(const pic__node *one, pic__snapshot *s)
{
        const char *id = pic__node_str(one, "id", "");
        const pic__node *tags = pic__node_list(one, "tags");

        if (strlen(id) != PIC__RESTIC_ID - 1 || !is_hex(id) || !holds_it(one) || tags == NULL || tags->count != 1 ||
            tags->first->text == NULL || !pic__far_name_ok(tags->first->text))
                return 0;
        snprintf(s->id, sizeof(s->id), "%s", id);
        snprintf(s->name, sizeof(s->name), "%s", tags->first->text);
        return 1;
}

int pic__restic_snapshots(const char *text, size_t len, int (*each)(const pic__snapshot *s, void *arg), void *arg,
                          pic_error **err)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *one;
        size_t count = 0;
        int r = 0;

        if (pic__doc_json(text, len, "restic", &doc, NULL) < 0)
                return pic__fail(err, PIC_BACKEND, "restic's list of snapshots cannot be read");
        one = pic__doc_root(doc);
        if (one->type != PIC__N_LIST) /* "null": some versions have that for none */
                return one->type == PIC__N_NULL ? 0 : pic__fail(err, PIC_BACKEND, "restic's list of snapshots is none");
        for (one = one->first; one != NULL && r >= 0 && count < PIC__FAR_ENTRIES; one = one->next) {
                pic__snapshot s;

                if (one->type != PIC__N_MAP || !read_one(one, &s))
                        continue;
                count++;
                r = each(&s, arg);
        }
        return r < 0 ? r : 0;
}

static int read_summary(const char *line, size_t len, char id[PIC__RESTIC_ID], int64_t *ret_added)
{
        PIC__AUTO(pic__doc_unref_p) pic__doc *doc = NULL;
        const pic__node *root;
        const char *text;

        if (pic__doc_json(line, len, "restic", &doc, NULL) < 0)
                return 0;
        root = pic__doc_root(doc);
        if (root->type != PIC__N_MAP || strcmp(pic__node_str(root, "message_type", ""), "summary") != 0)
                return 0;
        text = pic__node_str(root, "snapshot_id", "");
        if (strlen(text) < 8 || strlen(text) >= PIC__RESTIC_ID || !is_hex(text))
                return 0;
        snprintf(id, PIC__RESTIC_ID, "%s", text);
        *ret_added = pic__node_int_or(root, "data_added", -1);
        if (*ret_added < -1)
                *ret_added = -1;
        return 1;
}

int pic__restic_summary(const char *text, size_t len, char id[PIC__RESTIC_ID], int64_t *ret_added, pic_error **err)
{
        const char *end = text + len, *line = text;

        while (line < end) {
                const char *stop = memchr(line, '\n', (size_t)(end - line));
                size_t n = stop != NULL ? (size_t)(stop - line) : (size_t)(end - line);

                if (n > 0 && line[0] == '{' && read_summary(line, n, id, ret_added))
                        return 0;
                line += n + 1;
        }
        return pic__fail(err, PIC_BACKEND, "restic does not say what it made");
}

/* --- why not ----------------------------------------------------------------------------------------------------- */

enum { ABSENT = 10, LOCKED = 11, PASSWORD = 12 }; /* statuses of version 0.17 and later */

static const struct {
        const char *said;
        int status; /* 0: none of its own */
        int code;
        const char *message, *hint;
} reasons[] = {
        { "wrong password or no key found", PASSWORD, PIC_DENIED, "the passphrase does not open this repository",
          "A repository keeps the passphrase that it was made with: give that one (--passphrase-file FILE), or have "
          "`restic key passwd` change it." },
        { "Host key verification failed", 0, PIC_DENIED, "the server is not who it should be",
          "Its key is another than host_key says." },
        { "REMOTE HOST IDENTIFICATION HAS CHANGED", 0, PIC_DENIED, "the server is not who it should be",
          "Its key is another than host_key says." },
        { "Permission denied (", 0, PIC_DENIED, "the server does not let us in",
          "Does the server know our key (authorized_keys), and the user?" },
        { "no space left on device", 0, PIC_IO, "No space left on device", "Make room there, or keep fewer backups." },
        { "already locked", LOCKED, PIC_BUSY, "the repository is locked by another",
          "Somebody else works in it. A lock that nobody holds any more goes by itself: at once if it is of this "
          "machine, after 30 minutes if it is of another." },
        { "Is there a repository at the following location", ABSENT, PIC_NOTFOUND, "there is no repository", NULL },
        { "config file does not exist", 0, PIC_NOTFOUND, "there is no repository", NULL },
        { "ciphertext verification failed", 0, PIC_CORRUPT, "the repository is damaged: bytes in it were changed",
          "`restic check --read-data` says what else is; `restic repair` of newer versions saves the rest." },
        { "invalid data returned", 0, PIC_CORRUPT, "the repository is damaged: bytes in it were changed", NULL },
        { "hash mismatch", 0, PIC_CORRUPT, "the repository is damaged: bytes in it were changed", NULL },
        { "wrong hash", 0, PIC_CORRUPT, "the repository is damaged: bytes in it were changed", NULL },
        { "not found in repository", 0, PIC_CORRUPT, "the repository is damaged: something is missing in it", NULL },
        { "not found in index", 0, PIC_CORRUPT, "the repository is damaged: something is missing in it", NULL },
};

/* The line that says it: ssh's first one (but for the frame of a warning), restic's last "Fatal: ", else the first of
 * all. */
static void pick_line(const char *said, char line[201])
{
        static const char fatal[] = "Fatal: ", ssh[] = "subprocess ssh: ";
        const char *at = strstr(said, fatal), *more, *far = strstr(said, ssh);

        while (at != NULL && (more = strstr(at + 1, fatal)) != NULL)
                at = more;
        while (far != NULL && far[sizeof(ssh) - 1] == '@')
                far = strstr(far + 1, ssh);
        if (far != NULL)
                at = far + sizeof(ssh) - 1;
        else
                at = at != NULL ? at + sizeof(fatal) - 1 : said + strspn(said, "\r\n ");
        snprintf(line, 201, "%.*s", (int)strcspn(at, "\r\n"), at);
}

int pic__restic_why(int status, const char *said, pic_error **err)
{
        char line[201];
        size_t i;

        for (i = 0; i < PIC__COUNT(reasons); i++)
                if (strstr(said, reasons[i].said) != NULL || (status != 0 && status == reasons[i].status)) {
                        pic__fail(err, reasons[i].code, "restic: %s", reasons[i].message);
                        if (reasons[i].hint != NULL)
                                pic__hint(err, "%s", reasons[i].hint);
                        return reasons[i].code;
                }
        pick_line(said, line);
        pic__fail(err, PIC_BACKEND, "restic ended with %d: %s", status, line[0] != '\0' ? line : "without a word");
        if (strstr(said, "unable to start the sftp session") !=
            NULL) /* it may be gone before it passes on ssh's words */
                pic__hint(err, "ssh ended at once: the server does not know our key (authorized_keys) or the user, its "
                               "own key is another than host_key says, or it does not answer. `ssh -p PORT USER@HOST` "
                               "says which.");
        return PIC_BACKEND;
}

int pic__restic_lacks(const char *said)
{
        const char *at = strstr(said, "Load(<");

        return at != NULL && strstr(at, "retrying after") != NULL &&
               (strstr(at, "no such file or directory") != NULL || strstr(at, "file does not exist") != NULL);
}
