/* The first byte chooses a field of any kind, the rest is its value: what is taken prints in one canonical form that is
 * taken again. */
#include "fuzz.h"

#include "model/field.h"

static const pic__field *choose(unsigned n)
{
        unsigned total = 0;
        int k;

        for (k = 0; k < PIC__KINDS; k++)
                total += (unsigned)pic__kinds[k].count;
        n %= total;
        for (k = 0; n >= pic__kinds[k].count; k++)
                n -= (unsigned)pic__kinds[k].count;
        return &pic__kinds[k].fields[n];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__val v = PIC__VAL_NONE, again = PIC__VAL_NONE;
        const pic__field *f;
        pic_error *err = NULL;
        char *text, *printed;

        if (size == 0)
                return 0;
        f = choose(data[0]);
        text = text_of(data + 1, size - 1);
        if (pic__field_parse(f, text, &v, &err) == 0) {
                must(err == NULL);
                printed = pic__field_print(f, &v);
                must((printed != NULL) == (v.tag != PIC__V_NONE));
                if (printed != NULL) {
                        must(pic__field_parse(f, printed, &again, NULL) == 0);
                        must(pic__val_equal(&v, &again));
                }
                free(printed);
        } else {
                must(pic_error_code(err) == PIC_VALUE);
                must(pic_error_detail(err, "field") != NULL && pic_error_detail(err, "rule") != NULL);
        }
        pic__val_clear(&v);
        pic__val_clear(&again);
        pic_error_free(err);
        free(text);
        return 0;
}
