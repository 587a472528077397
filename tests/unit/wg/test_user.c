/* wireguard-go's life: sockets of others, stale ones, a start that fails, a process that is there already. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "backend/wg/transport.h"
#include "backend/wg/uapi.h"
#include "world.h"

static pic__nl nl;
static char sock_path[108];

static pic__wg_transport *fresh(void)
{
        pic__wg_user_opts opts = { world_dir, world_dir, NULL, &nl };
        pic__wg_transport *t = NULL;

        assert_int_equal(pic__wg_user_new(&opts, &t, NULL), 0);
        assert_string_equal(t->name, "userspace");
        return t;
}

static int listen_there(void)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        mkdir(PIC__UAPI_DIR, 0755);
        memcpy(at.sun_path, sock_path, sizeof(at.sun_path));
        assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(fd, 1), 0);
        return fd;
}

static void a_foreign_socket_is_a_conflict(void **state)
{
        pic__wg_transport *t = fresh();
        pic__auto_err pic_error *err = NULL;
        pic__wg_link link;
        char number[32];
        int fd = listen_there();

        (void)state;
        snprintf(number, sizeof(number), "process %d", (int)getpid());
        t->ops->sweep(t, world_dev);
        assert_int_equal(t->ops->create(t, world_dev, &link, &err), PIC_CONFLICT);
        assert_non_null(strstr(pic_error_message(err), number));
        assert_non_null(strstr(pic_error_hint(err), "network namespaces"));
        assert_int_equal(access(sock_path, F_OK), 0);
        close(fd);
        /* Now it is stale: nobody serves it. */
        assert_int_equal(t->ops->create(t, world_dev, &link, NULL), 0);
        assert_string_equal(link.name, world_dev);
        assert_int_equal(t->ops->find(t, &link, NULL), 1);
        assert_int_equal(link.ours, 1);
        assert_int_equal(t->ops->destroy(t, &link, NULL), 0);
        assert_int_not_equal(access(sock_path, F_OK), 0);
        assert_int_equal(t->ops->find(t, &link, NULL), 0);
        t->ops->free(t);
}

static void killed_it_leaves_no_socket_behind(void **state)
{
        pic__wg_transport *t = fresh();
        pic__wg_link link;
        int i;

        (void)state;
        assert_int_equal(t->ops->create(t, world_dev, &link, NULL), 0);
        kill(pic__child_pid(pic__wg_user_child(t)), SIGKILL);
        for (i = 0; i < 200 && pic__child_alive(pic__wg_user_child(t)); i++)
                usleep(5000);
        assert_int_equal(access(sock_path, F_OK), 0);
        assert_int_equal(t->ops->find(t, &link, NULL), 0);
        assert_int_equal(t->ops->destroy(t, &link, NULL), 0);
        assert_int_not_equal(access(sock_path, F_OK), 0);
        t->ops->free(t);
}

/* Without rights it ends at once, and its own words come back. */
static void a_start_that_fails(void **state)
{
        pic__wg_transport *t = fresh();
        pic__auto_err pic_error *err = NULL;
        pic__wg_link link;
        int r;

        (void)state;
        chmod(world_dir, 0777);
        world_forget("wg.log");
        assert_int_equal(seteuid(65534), 0);
        r = t->ops->create(t, world_dev, &link, &err);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(r, PIC_BACKEND);
        assert_non_null(strstr(pic_error_message(err), "wireguard-go ended at once: Failed to create TUN device: "));
        assert_memory_equal(pic_error_detail(err, "stderr"), "Failed to create TUN device: ", 29);
        assert_non_null(strstr(pic_error_hint(err), "CAP_NET_ADMIN"));
        assert_int_equal(pic__child_pid(pic__wg_user_child(t)), 0);
        world_forget("wg.log");
        t->ops->free(t);
}

/* Ours by its pid file, but for another device: it goes when a new one is made. */
static void sweep_stops_what_is_ours(void **state)
{
        pic__wg_transport *t = fresh(), *other;
        pic__wg_link link;
        char name[20];

        (void)state;
        snprintf(name, sizeof(name), "%sx", world_dev);
        assert_int_equal(t->ops->create(t, name, &link, NULL), 0);
        other = fresh();
        assert_int_equal(other->ops->find(other, &link, NULL), 1);
        assert_string_equal(link.name, name);
        other->ops->sweep(other, world_dev);
        assert_int_equal(other->ops->find(other, &link, NULL), 0);
        other->ops->free(other);
        t->ops->free(t);
}

/* A process of our pid file in another namespace, and one that is no wireguard-go, carry no device here. */
static void not_here(void **state)
{
        pic__wg_transport *t = fresh(), *there;
        pic__wg_link link;
        int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

        (void)state;
        assert_int_equal(t->ops->create(t, world_dev, &link, NULL), 0);
        assert_int_equal(unshare(CLONE_NEWNET), 0);
        there = fresh();
        assert_int_equal(there->ops->find(there, &link, NULL), 0);
        there->ops->free(there);
        assert_int_equal(setns(home, CLONE_NEWNET), 0);
        close(home);
        assert_int_equal(t->ops->find(t, &link, NULL), 1);
        assert_int_equal(t->ops->destroy(t, &link, NULL), 0);
        t->ops->free(t);
}

static void names(void **state)
{
        pic__wg_user_opts opts = { world_dir, world_dir, NULL, &nl };
        char deep[400];
        pic__wg_transport *t = NULL;
        unsigned long n;

        (void)state;
        memset(deep, 'd', sizeof(deep) - 1);
        deep[sizeof(deep) - 1] = '\0';
        opts.run_dir = deep;
        assert_int_equal(pic__wg_user_new(&opts, &t, NULL), PIC_INVALID);
        opts.run_dir = world_dir;
        for (n = 1; n < 20; n++) {
                int r;

                pic__mem_fail_at(n);
                r = pic__wg_user_new(&opts, &t, NULL);
                pic__mem_fail_at(0);
                if (r == 0)
                        break;
                assert_int_equal(r, PIC_NOMEM);
        }
        assert_in_range(n, 3, 19);
        t->ops->free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_foreign_socket_is_a_conflict),
                cmocka_unit_test(killed_it_leaves_no_socket_behind),
                cmocka_unit_test(a_start_that_fails),
                cmocka_unit_test(sweep_stops_what_is_ours),
                cmocka_unit_test(not_here),
                cmocka_unit_test(names),
        };
        int r = world_open();

        if (r != 0)
                return r;
        if (pic__nl_open(&nl, NETLINK_ROUTE, NULL) < 0)
                return 1;
        snprintf(sock_path, sizeof(sock_path), PIC__UAPI_DIR "/%s.sock", world_dev);
        r = cmocka_run_group_tests(tests, NULL, NULL);
        unlink(sock_path);
        pic__nl_close(&nl);
        world_close();
        return r;
}
