/* Owns: a main that gives each file of the directories and files named to the target, for machines without libFuzzer.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned done;

static void run_file(const char *path)
{
        FILE *f = fopen(path, "rb");
        uint8_t *data = malloc(1 << 20), *exact;
        size_t n;

        must(f != NULL && data != NULL);
        printf("%s\n", path); /* the last one is the one that fails */
        fflush(stdout);
        n = fread(data, 1, 1 << 20, f);
        fclose(f);
        exact = malloc(n > 0 ? n : 1); /* ends where the input ends, so that a sanitizer sees a byte too far */
        must(exact != NULL);
        memcpy(exact, data, n);
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
        free(data);
        done++;
}

static void run_dir(const char *path)
{
        DIR *d = opendir(path);
        struct dirent *e;

        must(d != NULL);
        while ((e = readdir(d)) != NULL) {
                char name[4096];

                if (e->d_name[0] == '.')
                        continue;
                snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
                run_file(name);
        }
        closedir(d);
}

int main(int argc, char **argv)
{
        int i;

        for (i = 1; i < argc; i++) {
                struct stat st;

                must(stat(argv[i], &st) == 0);
                if (S_ISDIR(st.st_mode))
                        run_dir(argv[i]);
                else
                        run_file(argv[i]);
        }
        printf("%u inputs\n", done);
        return done > 0 ? 0 : 1;
}
