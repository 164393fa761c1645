/* SPDX-License-Identifier: MIT
 *
 * Built programs that are kept: what is written is read, and what is damaged, cut short,
 * another's or nowhere is not.  A device builds once, and anew where its file is
 * damaged. */
#include "opencl/cl.h"

#include <sys/stat.h>

#include "devices.h"
#include "folder.h"

static const char KEY[] = "0123456789abcdef";

static bool reads(const char *data, size_t size)
{
    size_t found = 0;
    char *read = nca_cl_cache_read(KEY, &found);
    bool equal = read && found == size && !memcmp(read, data, size);
    free(read);
    return equal;
}

static const char *file(void)
{
    return path_of("nca/0123456789abcdef.cl");
}

static void damage(const char *path, long at, bool cut)
{
    FILE *f = fopen(path, "r+b");
    CHECK(f != NULL);
    if (!f)
        return;
    if (cut) {
        CHECK(ftruncate(fileno(f), at) == 0);
    } else {
        fseek(f, at, SEEK_SET);
        int byte = fgetc(f);
        fseek(f, at, SEEK_SET);
        fputc(byte ^ 1, f);
    }
    fclose(f);
}

static void test_files(void)
{
    static const long cuts[] = {0, 1, 31, 32, 33, 63};
    char data[32];
    size_t size;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)(i * 37);
    setenv("XDG_CACHE_HOME", folder, 1);
    CHECK(!nca_cl_cache_read(KEY, &size));
    nca_cl_cache_write(KEY, data, sizeof(data));
    CHECK(reads(data, sizeof(data)));
    CHECK(!nca_cl_cache_read("0123", &size));
    for (long at = 0; at < 64; at += 9) {
        damage(file(), at, false);
        CHECK_MSG(!reads(data, sizeof(data)), "byte %ld", at);
        nca_cl_cache_write(KEY, data, sizeof(data));
        CHECK(reads(data, sizeof(data)));
    }
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        damage(file(), cuts[i], true);
        CHECK_MSG(!reads(data, sizeof(data)), "%ld bytes", cuts[i]);
        nca_cl_cache_write(KEY, data, sizeof(data));
    }
}

/* Where there is no place, or none that can be written, there is no cache, and no
 * complaint. */
static void test_places(void)
{
    size_t size;
    setenv("XDG_CACHE_HOME", "relative", 1);
    setenv("HOME", path_of("home"), 1);
    nca_cl_cache_write(KEY, "abc", 3);
    CHECK(!reads("abc", 3) && access("relative", F_OK) < 0); /* no such home */
    CHECK(mkdir(path_of("home"), 0700) == 0);
    nca_cl_cache_write(KEY, "abc", 3);
    CHECK(reads("abc", 3));
    CHECK(access(path_of("home/.cache/nca/0123456789abcdef.cl"), F_OK) == 0);
    unsetenv("XDG_CACHE_HOME");
    CHECK(reads("abc", 3));
    setenv("HOME", "", 1);
    nca_cl_cache_write(KEY, "abc", 3);
    CHECK(!nca_cl_cache_read(KEY, &size));
}

/* The file of the only program that is built here. */
static char *built(void)
{
    static char path[PATH_MAX];
    char command[PATH_MAX];
    snprintf(command, sizeof(command), "ls '%s'/nca/*.cl", folder);
    FILE *list = popen(command, "r");
    bool any = list && fgets(path, sizeof(path), list);
    CHECK(any);
    if (list)
        pclose(list);
    path[strcspn(path, "\n")] = 0;
    return path;
}

static void test_device(void)
{
    NcaModel *model = rising();
    struct stat first, second, third;
    setenv("XDG_CACHE_HOME", folder, 1);
    CHECK(remove(file()) == 0);
    for (int i = 0; i < 3; i++) {
        NcaClWorlds *worlds = worlds_of(model, NCA_EDGE_ZERO, 9, 9, 1, (NcaClTuning){0});
        nca_cl_worlds_free(&worlds);
        CHECK(stat(built(), i == 0 ? &first : i == 1 ? &second : &third) == 0);
        if (i == 1)
            damage(built(), (long)second.st_size / 2, false);
    }
    CHECK(first.st_ino == second.st_ino && first.st_ino != third.st_ino &&
          first.st_size == third.st_size);
    nca_model_free(&model);
}

int main(int count, char **arguments)
{
    take_seed(count, arguments);
    if (!folder_make())
        return test_end();
    test_files();
    test_places();
    if (have_device())
        test_device();
    folder_remove();
    return test_end();
}
