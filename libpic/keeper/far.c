/* Owns: which kind of place an address means. */
#include "keeper/far.h"

#include <string.h>

int pic__far_name_ok(const char *name)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

        return name[0] != '\0' && name[0] != '.' && strlen(name) < PIC__FAR_NAME &&
               strspn(name, letters) == strlen(name);
}

int pic__far_open(const pic__far_spec *spec, pic__far **ret, pic_error **err)
{
        static int (*const kinds[PIC__PLACES])(const pic__far_spec *spec, pic__far **ret, pic_error **err) = {
                [PIC__PLACE_FILE] = pic__far_file,     [PIC__PLACE_SFTP] = pic__far_sftp,
                [PIC__PLACE_WEBDAV] = pic__far_dav,    [PIC__PLACE_S3] = pic__far_s3,
                [PIC__PLACE_RESTIC] = pic__far_restic, [PIC__PLACE_RESTIC_SFTP] = pic__far_restic,
        };

        int r = kinds[spec->place.kind](spec, ret, err);

        if (r == 0)
                (*ret)->added = -1;
        return r;
}

void pic__far_close(pic__far *f)
{
        if (f != NULL)
                f->ops->close(f);
}
