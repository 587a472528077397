/* backend/dns/behind.c: who asks all the time while names change is never told that one is not there. */
#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "plan/diff.h"

enum { NAMES = 1500, ROUNDS = 4 };

static int aliases; /* of a name there may be an alias beside what it has */

/* What who asks saw; shared with the child that asks. */
static struct seen {
        volatile int stop;
        unsigned asked, silent, wrong;
        char first[128]; /* what was wrong first */
} * heard;

static size_t put_question(uint8_t *out, const char *name, int type, unsigned id)
{
        static const uint8_t head[12] = { [2] = 1, [5] = 1 };
        size_t at = sizeof(head);

        memcpy(out, head, sizeof(head));
        out[0] = (uint8_t)(id >> 8);
        out[1] = (uint8_t)id;
        while (*name != '\0') {
                size_t len = strcspn(name, ".");

                out[at++] = (uint8_t)len;
                memcpy(out + at, name, len);
                at += len;
                name += len + (name[len] == '.');
        }
        out[at++] = 0;
        out[at++] = 0;
        out[at++] = (uint8_t)type;
        out[at++] = 0;
        out[at++] = 1;
        return at;
}

static void wrong(const char *name, int type, const uint8_t *answer)
{
        if (heard->wrong++ == 0)
                snprintf(heard->first, sizeof(heard->first), "%s type %d: rcode %d, %d answers", name, type,
                         answer[3] & 15, answer[7]);
}

/* An address of either round is right, and that there is no AAAA; a name for an address as well. */
static void judge(const char *name, int type, unsigned i, const uint8_t *answer, size_t len)
{
        const uint8_t *end = answer + len - 4;

        if ((answer[3] & 15) != 0 || (type == 28 ? answer[7] > aliases : answer[7] == 0))
                wrong(name, type, answer);
        else if (type == 1 && answer[7] == 1 && (end[0] != 10 || end[1] != 3 || end[2] > ROUNDS || end[3] != i % 250))
                wrong(name, type, answer);
}

static void ask_all_the_time(void)
{
        static const int types[] = { 1, 28, 12, 1 };
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
        struct timeval patience = { 3, 0 };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        unsigned n;

        inet_pton(AF_INET, "10.1.0.1", &to.sin_addr);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        if (connect(fd, (const void *)&to, sizeof(to)) < 0)
                _exit(1);
        for (n = 0; !heard->stop; n++) {
                unsigned i = n * 7919 % NAMES;
                int type = types[n % PIC__COUNT(types)];
                uint8_t packet[512];
                char name[80];
                ssize_t len;

                if (type == 12)
                        snprintf(name, sizeof(name), "%u.%u.1.10.in-addr.arpa", i % 250, 10 + i / 250);
                else
                        snprintf(name, sizeof(name), "n%u.home.internal", i);
                len = send(fd, packet, put_question(packet, name, type, n & 0xffff), 0);
                do
                        len = recv(fd, packet, sizeof(packet), 0);
                while (len >= 12 && (packet[0] << 8 | packet[1]) != (int)(n & 0xffff));
                heard->asked++;
                if (len < 12)
                        heard->silent++;
                else
                        judge(name, type, i, packet, (size_t)len);
        }
        _exit(0);
}

static pid_t begin_asking(void)
{
        pid_t pid;

        heard = mmap(NULL, sizeof(*heard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_true(heard != MAP_FAILED);
        pid = fork();
        if (pid == 0)
                ask_all_the_time();
        return pid;
}

static void items_of(pic__items *out, int round)
{
        unsigned i;

        for (i = 0; i < NAMES; i++) {
                char key[80], value[80];

                snprintf(key, sizeof(key), "n%u.home.internal. A", i);
                snprintf(value, sizeof(value), "10.3.%d.%u", round, i % 250);
                pic__items_add(out, RECORD, key, value, NULL, NULL, NULL);
                snprintf(key, sizeof(key), "%u.%u.1.10.in-addr.arpa. PTR", i % 250, 10 + i / 250);
                snprintf(value, sizeof(value), "n%u-%d.home.internal.", i, round);
                pic__items_add(out, RECORD, key, value, NULL, NULL, NULL);
                if (i % 3 != 0)
                        continue; /* comes and goes beside what stays */
                snprintf(key, sizeof(key), "n%u.home.internal. TXT", i);
                snprintf(value, sizeof(value), "\"%d\"", round);
                if (round % 2 == 0)
                        pic__items_add(out, RECORD, key, value, NULL, NULL, NULL);
        }
}

static void swap(pic__backend *b, pic__items *from, pic__items *to)
{
        pic__auto_steps pic__steps steps = PIC__STEPS_INIT;
        pic_error *err = NULL;
        size_t done = 0;

        assert_int_equal(pic__plan_diff(from, to, &steps, NULL), 0);
        if (b->ops->apply(b, steps.at, steps.count, &done, &err) < 0)
                fail_msg("%s", pic_error_message(err));
        assert_int_equal(done, steps.count);
}

static void swaps_without_a_gap(void **state)
{
        pic__items rounds[ROUNDS + 1];
        pic__backend *b = backend();
        pid_t pid;
        int i, status = 0;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        memset(rounds, 0, sizeof(rounds));
        items_of(&rounds[0], 0);
        swap(b, &(pic__items)PIC__ITEMS_INIT, &rounds[0]);
        pid = begin_asking();
        for (i = 1; i <= ROUNDS; i++) {
                items_of(&rounds[i], i);
                swap(b, &rounds[i - 1], &rounds[i]);
        }
        heard->stop = 1;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        print_message("%d swaps of %d names: %u questions, %u silent, %u wrong%s%s\n", ROUNDS, NAMES, heard->asked,
                      heard->silent, heard->wrong, heard->wrong > 0 ? ": " : "", heard->first);
        assert_int_equal(heard->silent, 0);
        assert_int_equal(heard->wrong, 0);
        assert_true(heard->asked > 300);
        for (i = 0; i <= ROUNDS; i++)
                pic__items_wipe(&rounds[i]);
        b->ops->free(b);
}

/* We were killed in the middle of a swap: what lay behind the zone for its time is not told for ever. */
static void cut_short(void **state)
{
        pic__backend *b = backend();
        char command[400];

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        must(b, RECORD, "a.home.internal. A", NULL, "10.1.0.9");
        must(b, RECORD, "a.home.internal. A", "10.1.0.9", "10.1.0.10");
        snprintf(command, sizeof(command), "test $(wc -l <%s/dns/behind0.zone) = 2", world_dir);
        assert_int_equal(sh(command), 0);
        snprintf(command, sizeof(command),
                 "echo 'ghost.home.internal. 60 A 10.1.0.66' >>%s/dns/behind0.zone && unbound-control -q -c "
                 "%s/dns/unbound.conf auth_zone_reload home.internal",
                 world_dir, world_dir);
        assert_int_equal(sh(command), 0);
        assert_string_equal(dig("ghost.home.internal"), "10.1.0.66");
        b->ops->free(b);
        b = backend();
        assert_string_equal(seen(b, RECORD, "a.home.internal. A"), "10.1.0.10");
        assert_string_equal(dig("ghost.home.internal"), "status: NXDOMAIN");
        b->ops->free(b);
}

/* From addresses to aliases: what is there, and then is another type, is one swap. */
static void other_types(void **state)
{
        pic__auto_items pic__items before = PIC__ITEMS_INIT, after = PIC__ITEMS_INIT;
        pic__backend *b = backend();
        int i, status = 0;
        pid_t pid;

        (void)state;
        must(b, SERVER, "main", NULL, VALUE);
        items_of(&before, 0);
        items_of(&after, 0);
        for (i = 0; i < NAMES; i++) {
                char key[80];

                snprintf(key, sizeof(key), "n%d.home.internal. CNAME", i);
                pic__items_add(&after, RECORD, key, "elsewhere.example.", NULL, NULL, NULL);
        }
        swap(b, &(pic__items)PIC__ITEMS_INIT, &before);
        aliases = 1;
        pid = begin_asking();
        swap(b, &before, &after);
        swap(b, &after, &before);
        heard->stop = 1;
        aliases = 0;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(heard->silent, 0);
        if (heard->wrong > 0)
                fail_msg("%u of %u wrong: %s", heard->wrong, heard->asked, heard->first);
        b->ops->free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = { TEST(swaps_without_a_gap), TEST(other_types), TEST(cut_short) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
