/* What the program restic says: its list of snapshots, what it made, why it ended. The first byte says which. What is
 * taken can stand in a command line: an id is hexadecimal, a name is a file's; a refusal is one line with its code. */
#include "fuzz.h"

#include "keeper/restic_said.h"

static const char hex[] = "0123456789abcdef";

static int one(const pic__snapshot *s, void *arg)
{
        size_t *count = arg;

        must(strlen(s->id) == PIC__RESTIC_ID - 1 && strspn(s->id, hex) == PIC__RESTIC_ID - 1);
        must(pic__far_name_ok(s->name));
        must(++*count <= PIC__FAR_ENTRIES);
        return *count == 7 ? PIC_NOMEM : 0;
}

static void is_told(int r, pic_error *err)
{
        must(r < 0 && r == pic_error_code(err));
        must(strpbrk(pic_error_message(err), "\n\x1b") == NULL);
        pic_error_free(err);
}

static void snapshots(const char *text, size_t size)
{
        pic_error *err = NULL;
        size_t count = 0;
        int r = pic__restic_snapshots(text, size, one, &count, &err);

        if (r == PIC_NOMEM)
                must(count == 7);
        else if (r < 0)
                is_told(r, err);
}

static void summary(const char *text, size_t size)
{
        char id[PIC__RESTIC_ID];
        pic_error *err = NULL;
        int64_t added;
        int r = pic__restic_summary(text, size, id, &added, &err);

        if (r < 0)
                is_told(r, err);
        else
                must(strlen(id) >= 8 && strspn(id, hex) == strlen(id) && added >= -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t which = next_byte(&data, &size);
        char *text = text_of(data, size);
        pic_error *err = NULL;
        int r;

        if (which % 3 == 0)
                snapshots(text, size);
        else if (which % 3 == 1)
                summary(text, size);
        else {
                r = pic__restic_why(which / 3, text, &err);
                is_told(r, err);
                (void)pic__restic_lacks(text);
        }
        free(text);
        return 0;
}
