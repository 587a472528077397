/* Signed heads of the audit log and proofs about it, which may come from anywhere. The first byte says: a note to be
 * opened, a head to be signed and opened again, a packed tree, a proof. */
#include "fuzz.h"

#include "audit/note.h"
#include "sys/crypto.h"

static uint8_t public_key[32], secret[64];

static void note(const char *text, size_t len)
{
        pic__auto_err pic_error *err = NULL;
        pic__head head;
        int r = pic__note_open(text, len, public_key, &head, &err);

        must(r == pic_error_code(err) && (r == 0 || r == PIC_SYNTAX || r == PIC_DENIED));
}

static void head(const uint8_t *data, size_t size)
{
        pic__auto_buf pic__buf text = PIC__BUF_INIT;
        pic__head one = { .size = 0 }, two;

        pic__origin(public_key, one.origin);
        memcpy(&one.size, data, size < 8 ? size : 8);
        if (size > 8)
                memcpy(one.root, data + 8, size - 8 < 32 ? size - 8 : 32);
        one.size %= UINT64_MAX / 10;
        pic__note_sign(&one, secret, &text);
        must(pic__note_open(text.data, text.len, public_key, &two, NULL) == 0);
        must(one.size == two.size && memcmp(one.root, two.root, 32) == 0);
        if (size > 0) {
                text.data[data[0] % (text.len - 1)] ^= 1;
                must(pic__note_open(text.data, text.len, public_key, &two, NULL) != 0);
        }
}

static void tree(const uint8_t *data, size_t size)
{
        uint8_t packed[PIC__TREE_BYTES], root[PIC__SHA256];
        pic__tree t;

        if (pic__tree_unpack(data, size, &t) < 0)
                return;
        must(pic__tree_pack(&t, packed) == size && memcmp(packed, data, size) == 0);
        pic__tree_root(&t, root);
}

static void proof(const uint8_t *data, size_t size)
{
        uint8_t path[PIC__TREE_LEVELS][PIC__SHA256] = { { 0 } }, hash[2][PIC__SHA256] = { { 0 } };
        uint64_t number[2] = { 0, 0 };
        size_t count = next_byte(&data, &size) % (PIC__TREE_LEVELS + 1);

        memcpy(number, data, size < sizeof(number) ? size : sizeof(number));
        if (size > sizeof(number))
                memcpy(hash, data + sizeof(number),
                       size - sizeof(number) < sizeof(hash) ? size - sizeof(number) : sizeof(hash));
        (void)pic__tree_included(hash[0], number[0], number[1], (const uint8_t(*)[PIC__SHA256])path, count, hash[1]);
        (void)pic__tree_consistent(number[0], hash[0], number[1], hash[1], (const uint8_t(*)[PIC__SHA256])path, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const uint8_t seed[32] = { 1, 2, 3 };
        unsigned mode = next_byte(&data, &size);
        char *text = bytes_of(data, size);

        must(pic__crypto_start(NULL) == 0);
        pic__sign_pair(seed, public_key, secret);
        switch (mode % 4) {
        case 0: note(text, size); break;
        case 1: head(data, size); break;
        case 2: tree((const uint8_t *)text, size); break;
        default: proof(data, size); break;
        }
        free(text);
        return 0;
}
