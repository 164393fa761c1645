/* SPDX-License-Identifier: MIT
 *
 * Files whole or not at all, and the wording of what goes wrong. */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "status.h"
#include "utf8.h"

static int entries(void)
{
    DIR *dir = opendir(folder);
    int count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 2;
}

static bool holds(const char *name, const char *text)
{
    void *data = NULL;
    size_t size = 0;
    bool good = nca_file_read(path_of(name), 1 << 20, &data, &size, NULL) == NCA_OK &&
                size == strlen(text) && !memcmp(data, text, size);
    free(data);
    return good;
}

static NcaStatus put(const char *name, const char *text, NcaError *error)
{
    return nca_file_write(path_of(name), text, strlen(text), error);
}

static NcaStatus put_frame(const char *name, const char *text)
{
    return nca_file_write_frame(path_of(name), text, strlen(text), NULL);
}

/* Refused in one line that names the file and the reason, and nothing is left behind. */
static void check_refused(NcaStatus status, NcaStatus expected, const NcaError *error,
                          const char *path, const char *reason)
{
    CHECK_MSG(status == expected, "%d for %s", status, path);
    CHECK_MSG(!strncmp(error->text, path, strlen(path)) && strstr(error->text, reason),
              "%s", error->text);
}

static void check_unreadable(const char *path, NcaStatus expected, const char *reason)
{
    void *data = NULL;
    size_t size = 1;
    NcaError error = {""};
    NcaStatus status = nca_file_read(path, 10, &data, &size, &error);
    check_refused(status, expected, &error, path, reason);
    CHECK(!data && size == 1);
}

static void test_read(void)
{
    put("ten", "0123456789", NULL);
    put("eleven", "0123456789a", NULL);
    put("empty", "", NULL);
    CHECK(mkfifo(path_of("pipe"), 0600) == 0);
    CHECK(holds("ten", "0123456789"));
    check_unreadable(path_of("eleven"), NCA_ERR_FORMAT, "11 bytes, at most 10");
    check_unreadable(path_of("empty"), NCA_ERR_IO, "empty");
    check_unreadable(path_of("pipe"), NCA_ERR_IO, "not a regular file");
    check_unreadable(path_of("none"), NCA_ERR_IO, strerror(ENOENT));
    check_unreadable(folder, NCA_ERR_IO, strerror(EISDIR));
    check_unreadable("/dev/zero", NCA_ERR_IO, "not a regular file");
    if (geteuid() != 0) {
        chmod(path_of("ten"), 0);
        check_unreadable(path_of("ten"), NCA_ERR_IO, strerror(EACCES));
        chmod(path_of("ten"), 0644);
    }
}

static mode_t mode_of(const char *name)
{
    struct stat info = {0};
    stat(path_of(name), &info);
    return info.st_mode & 0777;
}

static void test_mode(void)
{
    mode_t mask = umask(027);
    CHECK(put("new", "1", NULL) == NCA_OK && mode_of("new") == 0640);
    umask(mask);
    chmod(path_of("new"), 0606);
    CHECK(put("new", "2", NULL) == NCA_OK && mode_of("new") == 0606 && holds("new", "2"));
    if (geteuid() == 0)
        return;
    NcaError error = {""};
    chmod(path_of("new"), 0444);
    check_refused(put("new", "3", &error), NCA_ERR_IO, &error, path_of("new"),
                  strerror(EACCES));
    CHECK(holds("new", "2"));
}

static bool is_link(const char *name)
{
    struct stat info;
    return lstat(path_of(name), &info) == 0 && S_ISLNK(info.st_mode);
}

static void test_links(void)
{
    NcaError error = {""};
    mkdir(path_of("sub"), 0777);
    CHECK(symlink("target", path_of("sub/second")) == 0);
    CHECK(symlink("sub/second", path_of("first")) == 0);
    CHECK(put("first", "dangling", &error) == NCA_OK && holds("sub/target", "dangling"));
    CHECK(put("first", "there", &error) == NCA_OK && holds("sub/target", "there"));
    CHECK(unlink(path_of("sub/target")) == 0);
    CHECK(put_frame("first", "a frame") == NCA_OK && holds("sub/target", "a frame"));
    CHECK(is_link("first") && is_link("sub/second") && !is_link("sub/target"));
    CHECK(symlink("round", path_of("round")) == 0);
    check_refused(put("round", "x", &error), NCA_ERR_IO, &error, path_of("round"),
                  strerror(ELOOP));
    CHECK(is_link("round"));
}

/* A limit on the size of files stands for a full disk: a write succeeds in part. */
static void test_full(void)
{
    NcaError error = {""};
    struct rlimit old, limit;
    char *much = calloc(1, 20001);
    memset(much, 'x', 20000);
    put("kept", "before", NULL);
    int count = entries();
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = 10000;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    NcaStatus there = put("kept", much, &error);
    NcaStatus fresh = put("fresh", much, NULL);
    setrlimit(RLIMIT_FSIZE, &old);
    check_refused(there, NCA_ERR_IO, &error, path_of("kept"), strerror(EFBIG));
    CHECK(fresh == NCA_ERR_IO && holds("kept", "before"));
    CHECK_MSG(entries() == count, "%d files, not %d", entries(), count);
    free(much);
}

static void test_unwritable(void)
{
    NcaError error = {""};
    int count = entries();
    char name[300];
    check_refused(nca_file_write("/dev/full", "x", 1, &error), NCA_ERR_IO, &error,
                  "/dev/full", strerror(ENOSPC));
    check_refused(put("none/a", "x", &error), NCA_ERR_IO, &error, path_of("none/a"),
                  strerror(ENOENT));
    check_refused(nca_file_write(folder, "x", 1, &error), NCA_ERR_IO, &error, folder,
                  strerror(EISDIR));
    check_refused(nca_file_write("", "x", 1, &error), NCA_ERR_IO, &error, "",
                  strerror(ENOENT));
    memset(name, 'n', 256);
    name[256] = 0;
    CHECK(put(name, "x", &error) == NCA_ERR_IO &&
          strstr(error.text, strerror(ENAMETOOLONG)));
    CHECK(entries() == count);
    name[255] = 0;
    CHECK_MSG(put(name, "x", &error) == NCA_OK && holds(name, "x"), "%s", error.text);
    CHECK(nca_file_write("/dev/null", "x", 1, &error) == NCA_OK);
}

/* Without a folder in its name a file goes to the present one. */
static void test_here(void)
{
    char *was = getcwd(NULL, 0);
    CHECK(was && chdir(folder) == 0 && nca_file_write("here", "x", 1, NULL) == NCA_OK);
    CHECK(was && chdir(was) == 0 && holds("here", "x"));
    free(was);
}

/* ----------------------------------------------------------- held, and left */

/* Whether another process gets it; it does not hold it afterwards. */
static NcaStatus held_by_child(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        int held = -1;
        _exit(-nca_file_keep(&held, path, "child", 5, NULL));
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return (NcaStatus)-WEXITSTATUS(status);
}

static void test_held(void)
{
    int held = -1, other = -1, none = -1;
    NcaError error = {""};
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s", path_of("held"));
    CHECK(nca_file_hold(&held, path, &error) == NCA_OK && held < 0);
    CHECK(nca_file_keep(&held, path, "1", 1, &error) == NCA_OK && held >= 0);
    for (int i = 0; i < 3; i++) { /* and still, when it was replaced */
        check_refused(nca_file_hold(&other, path, &error), NCA_ERR_BUSY, &error, path,
                      "in use by another training");
        CHECK(other < 0 && held_by_child(path) == NCA_ERR_BUSY);
        CHECK(nca_file_keep(&held, path, "2", 1, &error) == NCA_OK && holds("held", "2"));
        CHECK(nca_file_hold(&held, path, &error) == NCA_OK);
    }
    nca_file_release(&held);
    CHECK(held < 0 && held_by_child(path) == NCA_OK && holds("held", "child"));
    CHECK(nca_file_hold(&other, path, &error) == NCA_OK && other >= 0);
    CHECK(nca_file_hold(&held, path, &error) == NCA_ERR_BUSY);
    CHECK(unlink(path) == 0 && nca_file_keep(&held, path, "3", 1, &error) == NCA_OK);
    CHECK(nca_file_keep(&other, path, "4", 1, &error) == NCA_ERR_BUSY);
    CHECK(nca_file_keep(&none, "/dev/null", "x", 1, &error) == NCA_OK && none < 0);
    CHECK(nca_file_hold(&none, path_of("none/a"), &error) == NCA_OK && none < 0);
    /* Nobody reads from the pipe: who opened it to write would wait. */
    check_refused(nca_file_keep(&none, path_of("pipe"), "x", 1, &error), NCA_ERR_IO,
                  &error, path_of("pipe"), "not a regular file");
    check_refused(nca_file_hold(&none, folder, &error), NCA_ERR_IO, &error, folder,
                  "not a regular file");
    nca_file_release(&held);
    nca_file_release(&other);
    CHECK(holds("held", "3"));
}

/* What a killed writer left goes away with the next file; what is still written, or has
 * another name, stays. */
static void test_left(void)
{
    static const char *const stays[] = {".nca-notes", ".nca-12-1.txt", ".nca-1"};
    char dead[PATH_MAX], written[PATH_MAX];
    snprintf(dead, sizeof(dead), "%s", path_of(".nca-4000000-7"));
    snprintf(written, sizeof(written), "%s", path_of(".nca-4000000-8"));
    int count = entries();
    for (size_t i = 0; i < 3; i++)
        CHECK(mknod(path_of(stays[i]), S_IFREG | 0600, 0) == 0);
    CHECK(mknod(dead, S_IFREG | 0600, 0) == 0);
    int file = open(written, O_WRONLY | O_CREAT, 0600);
    CHECK(file >= 0 && flock(file, LOCK_EX) == 0);
    CHECK(put_frame("ten", "a frame") == NCA_OK && access(dead, F_OK) == 0);
    CHECK(put("ten", "0123456789", NULL) == NCA_OK);
    CHECK(access(dead, F_OK) != 0 && access(written, F_OK) == 0);
    close(file);
    CHECK(put("ten", "0123456789", NULL) == NCA_OK && access(written, F_OK) != 0);
    CHECK_MSG(entries() == count + 3, "%d files, not %d", entries(), count + 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(unlink(path_of(stays[i])) == 0);
}

/* ------------------------------------------------------------------ wording */

static bool is_clean(const char *text)
{
    size_t length;
    while ((length = nca_utf8_length(text)) > 0 && (unsigned char)*text >= ' ')
        text += length;
    return !*text;
}

static void test_wording(void)
{
    NcaError error;
    char path[600];
    CHECK(nca_fail(&error, NCA_ERR_FORMAT, "%s", "a\nb\x1b[2J \xff\xc3\xa9") ==
          NCA_ERR_FORMAT);
    CHECK_MSG(!strcmp(error.text, "a?b?[2J ?\xc3\xa9"), "%s", error.text);
    CHECK(nca_fail(NULL, NCA_ERR_IO, "x") == NCA_ERR_IO);
    for (size_t length = 1; length < 590; length += 1) {
        memset(path, '/', 1);
        for (size_t i = 1; i < length; i++)
            path[i] = i % 2 ? '\xc3' : '\xa9';
        path[length] = 0;
        nca_fail(&error, NCA_ERR_IO, "%s", path);
        CHECK(is_clean(error.text) &&
              strlen(error.text) + 3 > (length < 255 ? length : 255));
        nca_fail(&error, NCA_ERR_IO, "the reason");
        nca_fail_at(&error, NCA_ERR_IO, path);
        CHECK(is_clean(error.text) && strstr(error.text, ": the reason"));
    }
    nca_fail(&error, NCA_ERR_IO, "%.255s", path);
    nca_fail_at(&error, NCA_ERR_IO, path);
    CHECK(is_clean(error.text) && strlen(error.text) > 250);
}

static void test_utf8(void)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"", 0},
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xc2\x80", 2},
        {"\xc1\xbf", 0},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xe0\x9f\xbf", 0},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0},
        {"\xee\x80\x80", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0},
        {"\xf8\x88\x80\x80\x80", 0},
        {"\xc3", 0},
        {"\xe2\x82", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_MSG(nca_utf8_length(cases[i].text) == cases[i].length, "case %zu", i);
}

int main(void)
{
    if (!folder_make())
        return test_end();
    test_read();
    test_mode();
    test_links();
    test_full();
    test_unwritable();
    test_here();
    test_held();
    test_left();
    test_wording();
    test_utf8();
    folder_remove();
    return test_end();
}
