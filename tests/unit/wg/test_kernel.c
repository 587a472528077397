/* The kernel's WireGuard where it is (the QEMU test runs this program too); where it is not, that it is said so and
 * nothing is left. */
#include <errno.h>
#include <sys/utsname.h>

#include "backend/wg/link.h"
#include "backend/wg/transport.h"
#include "world.h"

static pic__nl nl;
static pic__wg_transport *t;
static uint8_t private_key[32];

static void none_here(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__wg_link link = { .index = 1 };
        pic__wg_device device = { .port = 1 };
        pic__auto_wg_peer pic__wg_peer peer = { .keepalive = 0 };
        pic__wg_reader reader = { NULL, NULL, NULL };
        pic__wg_opts opts = { .run_dir = "/tmp", .log_dir = "/tmp", .kernel = 1 };
        pic__auto_items pic__items wish = PIC__ITEMS_INIT;
        pic__backend *b = NULL;
        size_t done = 0;

        (void)state;
        if (pic__wg_kernel_there())
                skip();
        assert_int_equal(t->ops->find(t, &link, NULL), 0);
        assert_int_equal(t->ops->create(t, "pctk", &link, &err), PIC_UNSUPPORTED);
        link.index = 1;
        assert_int_equal(t->ops->set_device(t, &link, &device, NULL), PIC_UNSUPPORTED);
        assert_int_equal(t->ops->set_peer(t, &link, &peer, 1, NULL), PIC_UNSUPPORTED);
        assert_int_equal(t->ops->remove_peer(t, &link, peer.key, NULL), PIC_UNSUPPORTED);
        assert_int_equal(t->ops->read(t, &link, &reader, NULL), PIC_UNSUPPORTED);
        assert_int_equal(t->ops->flush(t, NULL), 0);
        assert_int_equal(pic__wg_link_get(&nl, "pctk", &link, NULL), 0);
        assert_int_equal(pic__wg_link_get(&nl, "pctk~", &link, NULL), 0);
        /* The same through the backend: the hint says what to do. */
        assert_int_equal(pic__wg_new(&opts, &b, NULL), 0);
        snprintf(world_dev, sizeof(world_dev), "pctk");
        world_device(&wish, 41820, private_key);
        pic_error_free(err);
        err = NULL;
        assert_int_equal(
                b->ops->apply(b, &(pic__step){ PIC__ADD, PIC__I_WG_DEVICE, NULL, &wish.at[0] }, 1, &done, &err),
                PIC_UNSUPPORTED);
        assert_non_null(strstr(pic_error_hint(err), "wireguard-go"));
        b->ops->free(b);
}

static int fails(const pic__wg_device *device, void *data, pic_error **err)
{
        (void)device;
        (void)data;
        return pic__fail(err, PIC_CORRUPT, "no");
}

static int nothing(pic__wg_peer *peer, void *data, pic_error **err)
{
        (void)peer;
        (void)err;
        ++*(int *)data;
        return 0;
}

static void there(void **state)
{
        pic__auto_err pic_error *err = NULL;
        pic__wg_link link, gone = { .index = 4711, .name = "gone" }, left;
        pic__wg_device device = { .port = 41820 };
        pic__auto_wg_peer pic__wg_peer peer = { .key = { 9 }, .keepalive = 3 };
        int peers = 0, i;
        pic__wg_reader reader = { fails, nothing, &peers };

        (void)state;
        if (!pic__wg_kernel_there())
                skip();
        memcpy(device.private_key, private_key, 32);
        for (i = 0; i < 2; i++) { /* twice: what a kill left under the working name goes the second time */
                assert_int_equal(t->ops->create(t, i == 0 ? "pctk~" : "pctk", &link, NULL), 0);
                assert_int_equal(link.ours, 1);
        }
        assert_int_equal(pic__wg_link_get(&nl, "pctk~", &left, NULL), 0);
        assert_int_equal(t->ops->find(t, &left, NULL), 1);
        assert_int_equal(left.index, link.index);
        t->ops->sweep(t, "pctk");
        assert_int_equal(t->ops->set_device(t, &link, &device, NULL), 0);
        assert_int_equal(t->ops->set_peer(t, &link, &peer, 1, NULL), 0);
        assert_int_equal(t->ops->flush(t, NULL), 0);
        /* The reader's own error comes through. */
        assert_int_equal(t->ops->read(t, &link, &reader, &err), PIC_CORRUPT);
        reader.device = NULL;
        assert_int_equal(t->ops->read(t, &link, &reader, NULL), 0);
        assert_int_equal(peers, 1);
        /* What the kernel refuses. */
        assert_int_equal(t->ops->set_device(t, &gone, &device, NULL), PIC_BACKEND);
        assert_int_equal(t->ops->set_peer(t, &gone, &peer, 1, NULL), 0);
        pic_error_free(err);
        err = NULL;
        assert_int_equal(t->ops->flush(t, &err), PIC_BACKEND);
        assert_int_equal(atoi(pic_error_detail(err, "errno")), ENODEV);
        assert_int_equal(t->ops->read(t, &gone, &reader, NULL), PIC_BACKEND);
        assert_int_equal(t->ops->destroy(t, &link, NULL), 0);
        assert_int_equal(t->ops->destroy(t, &link, NULL), 0);
}

static void out_of_memory(void **state)
{
        pic__wg_transport *other = NULL;

        (void)state;
        pic__mem_fail_at(1);
        assert_int_equal(pic__wg_kernel_new(&nl, &other, NULL), PIC_NOMEM);
        pic__mem_fail_at(0);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(none_here), cmocka_unit_test(there),
                                            cmocka_unit_test(out_of_memory) };
        uint8_t public_key[32];
        int r;

        if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
                fprintf(stderr, "SKIPPED: needs root for a network namespace\n");
                return 77;
        }
        if (pic__crypto_start(NULL) < 0 || pic__nl_open(&nl, NETLINK_ROUTE, NULL) < 0 ||
            pic__wg_kernel_new(&nl, &t, NULL) < 0)
                return 1;
        pic__wg_keypair(private_key, public_key);
        r = cmocka_run_group_tests(tests, NULL, NULL);
        t->ops->free(t);
        pic__nl_close(&nl);
        return r;
}
