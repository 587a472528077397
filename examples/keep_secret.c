/* Encrypts a file so that `age` opens it, or decrypts one.
 *
 *     keep_secret new KEYFILE                  a new identity, to a file; its recipient is printed
 *     keep_secret seal KEYFILE FROM TO         for who has that identity
 *     keep_secret open KEYFILE FROM TO         back again; TO appears only when all of it is authentic
 *     keep_secret seal age1… FROM TO           for somebody else
 *     keep_secret seal|open -PASSPHRASE FROM TO
 */
#include <fcntl.h>
#include <pic/pic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What `who` says: a recipient, a passphrase after a dash, or a file of identities. */
static int add_keys(pic_age_keys *keys, const char *who, int seals, pic_error **err)
{
        char text[4096];
        ssize_t len;
        int fd, r;

        if (strncmp(who, "age1", 4) == 0)
                return pic_age_keys_recipient(keys, who, err);
        if (who[0] == '-')
                return pic_age_keys_passphrase(keys, who + 1, err);
        fd = open(who, O_RDONLY);
        len = read(fd, text, sizeof(text));
        close(fd);
        r = pic_age_keys_file(keys, PIC_AGE_IDENTITIES, text, len > 0 ? (size_t)len : 0, err);
        memset(text, 0, sizeof(text));
        return r >= 0 && seals ? pic_age_keys_own(keys, err) : r;
}

static int new_key(pic_age_keys *keys, const char *path, pic_error **err)
{
        pic_blob *file = NULL, *recipient = NULL;
        int r = pic_age_keygen(&file, err), fd;

        if (r >= 0)
                r = pic_age_keys_file(keys, PIC_AGE_IDENTITIES, pic_blob_data(file), pic_blob_size(file), err);
        if (r >= 0)
                r = pic_age_keys_own(keys, err);
        if (r >= 0)
                r = pic_age_keys_text(keys, &recipient, err);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (r >= 0 && (fd < 0 || write(fd, pic_blob_data(file), pic_blob_size(file)) < 0))
                perror(path);
        else if (r >= 0)
                printf("%s", (const char *)pic_blob_data(recipient));
        close(fd);
        pic_blob_unref(recipient);
        pic_blob_unref(file);
        return r;
}

static int convey(pic_age_keys *keys, int seals, const char *from, const char *to, pic_error **err)
{
        pic_age_opts opts = PIC_AGE_OPTS_INIT;
        int fd = open(from, O_RDONLY), r;

        opts.output = to;
        r = seals ? pic_age_encrypt(keys, fd, -1, &opts, err) : pic_age_decrypt(keys, fd, -1, &opts, err);
        close(fd);
        return r;
}

int main(int argc, char **argv)
{
        int seals = argc > 1 && strcmp(argv[1], "seal") == 0, r;
        pic_age_keys *keys = NULL;
        pic_error *err = NULL;

        if (argc != 3 && argc != 5) {
                fprintf(stderr, "usage: keep_secret new KEYFILE | seal|open WHO FROM TO\n");
                return 2;
        }
        r = pic_age_keys_new(&keys, &err);
        if (r >= 0 && argc == 3)
                r = new_key(keys, argv[2], &err);
        else if (r >= 0)
                r = add_keys(keys, argv[2], seals, &err);
        if (r >= 0 && argc == 5)
                r = convey(keys, seals, argv[3], argv[4], &err);
        if (err != NULL) /* "part" says where a file is wrong */
                fprintf(stderr, "%s (%s)\n", pic_error_message(err),
                        pic_error_detail(err, "part") != NULL ? pic_error_detail(err, "part") : "-");
        pic_error_free(err);
        pic_age_keys_unref(keys);
        return r < 0;
}
