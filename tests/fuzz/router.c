/* What natpmpc and upnpc say, whose words come from whoever is in the lan; and the kernel's routes. */
#include "fuzz.h"

#include "engine/router.h"
#include "model/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = text_of(data, size), gateway[48];
        pic__router_said said;
        pic__addr a;
        int way;

        if (pic__router_gateway(text, gateway))
                must(pic__addr_parse(gateway, &a) == 0 && a.family == 4);
        for (way = 0; way < PIC__ROUTER_WAYS; way++) {
                int r = pic__router_read((enum pic__router_way)way, text, "192.168.77.1", &said);

                must(said.address[0] == '\0' || (pic__addr_parse(said.address, &a) == 0 && a.family == 4));
                must(!said.led || said.port <= 65535);
                must(said.refusal[strspn(said.refusal,
                                         " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                                         "abcdefghijklmnopqrstuvwxyz{|}~")] == '\0');
                must(r == 0 || way != PIC__ROUTER_UPNP || strstr(text, "http://192.168.77.1") != NULL);
        }
        free(text);
        return 0;
}
