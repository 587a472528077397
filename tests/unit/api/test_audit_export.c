/* Shows: rows come out whole over many pages, to a file, to a pipe that is read slowly or not at all, while others
 * write; and what chooses them. */
#include "../../api/world.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

static void fill(world *w, int count)
{
        pic_error *err = NULL;
        pic_edit *e = NULL;
        char name[16];
        int i;

        ok(pic_edit_new(w->ctx, &e, &err));
        for (i = 0; i < count; i++) {
                snprintf(name, sizeof(name), "g%d", i);
                ok(pic_edit_add(e, "group", name, &err));
        }
        ok(pic_edit_commit(e, PIC_COMMIT_NOWAIT, NULL, &err));
        pic_edit_unref(e);
}

/* Everything that was written to the file. */
static char *text_of(world *w, int format, const pic_history_opts *filter)
{
        char path[] = "/tmp/pic-export-XXXXXX", *text;
        pic_error *err = NULL;
        int fd = mkstemp(path);
        off_t len;

        assert_true(fd >= 0);
        assert_int_equal(unlink(path), 0);
        ok(pic_audit_export(w->ctx, fd, format, filter, &err));
        len = lseek(fd, 0, SEEK_CUR);
        text = calloc(1, (size_t)len + 1);
        assert_int_equal(pread(fd, text, (size_t)len, 0), len);
        close(fd);
        return text;
}

static size_t lines(const char *text)
{
        size_t n = 0;

        for (; *text != '\0'; text++)
                n += *text == '\n';
        return n;
}

static void all_pages(void **state)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        char *text;
        world w;

        (void)state;
        world_init(&w);
        fill(&w, 1700);
        text = text_of(&w, PIC_AUDIT_JSONL, NULL);
        assert_int_equal(lines(text), 1701);
        assert_non_null(strstr(text, "{\"seq\":1701,"));
        free(text);
        text = text_of(&w, PIC_AUDIT_CSV, NULL);
        assert_int_equal(lines(text), 1702);
        free(text);
        text = text_of(&w, PIC_AUDIT_BUNDLE, NULL);
        assert_memory_equal(text, "pic audit bundle 1\nkey pic/", 27);
        assert_non_null(strstr(text, "\nrows 1701\n"));
        assert_non_null(strstr(text, "\nheads 0\nend\n"));
        assert_int_equal(lines(text), 1701 + 5);
        free(text);
        o.name = "g1600";
        text = text_of(&w, PIC_AUDIT_JSONL, &o);
        assert_int_equal(lines(text), 1);
        free(text);
        o.name = NULL;
        o.max = 600;
        o.before = 1500;
        text = text_of(&w, PIC_AUDIT_JSONL, &o);
        assert_int_equal(lines(text), 600);
        assert_non_null(strstr(text, "{\"seq\":600,"));
        free(text);
        o.max = 0;
        text = text_of(&w, PIC_AUDIT_JSONL, &o);
        assert_int_equal(lines(text), 1499);
        free(text);
        world_end(&w);
}

struct reader {
        int fd;
        size_t bytes;
};

static void *read_slowly(void *data)
{
        struct reader *r = data;
        char buf[3000];
        ssize_t n;

        while ((n = read(r->fd, buf, sizeof(buf))) > 0) {
                r->bytes += (size_t)n;
                usleep(200);
        }
        return NULL;
}

/* Somebody writes to the cell meanwhile: neither waits for the other. */
static void slow_pipe(void **state)
{
        struct reader r = { 0, 0 };
        pic_error *err = NULL;
        pthread_t thread;
        int fds[2];
        char *text;
        world w;

        (void)state;
        world_init(&w);
        fill(&w, 1200);
        text = text_of(&w, PIC_AUDIT_BUNDLE, NULL);
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
        r.fd = fds[0];
        pthread_create(&thread, NULL, read_slowly, &r);
        ok(pic_audit_export(w.ctx, fds[1], PIC_AUDIT_BUNDLE, NULL, &err));
        close(fds[1]);
        pthread_join(thread, NULL);
        assert_int_equal(r.bytes, strlen(text));
        free(text);
        close(fds[0]);
        /* nobody reads */
        (void)signal(SIGPIPE, SIG_IGN);
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        close(fds[0]);
        refused(pic_audit_export(w.ctx, fds[1], PIC_AUDIT_CSV, NULL, &err), PIC_IO, "cannot be written");
        close(fds[1]);
        world_end(&w);
}

static void invalid(void **state)
{
        pic_history_opts o = PIC_HISTORY_OPTS_INIT;
        pic_error *err = NULL;
        world w;

        (void)state;
        world_init(&w);
        refused(pic_audit_export(w.ctx, -1, PIC_AUDIT_CSV, NULL, &err), PIC_INVALID, "fd");
        refused(pic_audit_export(w.ctx, 9999, PIC_AUDIT_CSV, NULL, &err), PIC_INVALID, "fd");
        refused(pic_audit_export(w.ctx, 1, 3, NULL, &err), PIC_INVALID, "format");
        refused(pic_audit_export(w.ctx, 1, -1, NULL, &err), PIC_INVALID, "format");
        refused(pic_audit_export(w.ctx, 1, PIC_AUDIT_BUNDLE, &o, &err), PIC_INVALID, "whole");
        o.kind = "pear";
        refused(pic_audit_export(w.ctx, 1, PIC_AUDIT_CSV, &o, &err), PIC_INVALID, "kind");
        world_end(&w);
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(all_pages), cmocka_unit_test(slow_pipe),
                                            cmocka_unit_test(invalid) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
