/* What the programs of an exit wrote before they failed, and what is made of it: one printable line, not long. */
#include "fuzz.h"

#include "backend/exit/openvpn.h"
#include "backend/exit/redsocks.h"
#include "backend/exit/ssh.h"
#include "backend/exit/tor.h"

static void one(int (*fault)(const char *log, pic__buf *why), const char *log)
{
        pic__auto_buf pic__buf why = PIC__BUF_INIT;
        int r = fault(log, &why);
        size_t i;

        must(r == (why.len > 0));
        must(why.len < 1000);
        for (i = 0; i < why.len; i++)
                must((unsigned char)why.data[i] >= 0x20 && why.data[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        pic__auto_free char *log = pic__strndup((const char *)data, size);

        if (log == NULL)
                return 0;
        one(pic__openvpn_fault_in, log);
        one(pic__redsocks_fault_in, log);
        one(pic__ssh_fault_in, log);
        one(pic__tor_fault_in, log);
        return 0;
}
