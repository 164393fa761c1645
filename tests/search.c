/* SPDX-License-Identifier: MIT
 *
 * Models by name: which folder wins, which files are models, and that the list and the
 * search agree. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "models.h"

/* Channels tell one model from another. */
static void save(const char *file, int channels)
{
    NcaShape shape = tiny_shape();
    shape.channels = channels;
    NcaModel *m = filled(&shape);
    CHECK(nca_model_save(m, path_of(file), NCA_FORMAT_SAFETENSORS, NULL) == NCA_OK);
    nca_model_free(&m);
}

static void make_folders(void)
{
    static const char *const names[] = {"first",
                                        "second",
                                        "data",
                                        "data/nca",
                                        "data/nca/models",
                                        "home",
                                        "home/.local",
                                        "home/.local/share",
                                        "home/.local/share/nca",
                                        "home/.local/share/nca/models"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        CHECK(mkdir(path_of(names[i]), 0777) == 0);
}

/* channels 0: it is not to be found. */
static void check_found(const char *name, int channels)
{
    NcaModel *m = NULL;
    NcaError error = {""};
    NcaStatus status = nca_model_find(&m, name, &error);
    CHECK_MSG(status == (channels ? NCA_OK : NCA_ERR_IO), "%s: %s", name, error.text);
    CHECK(channels || strstr(error.text, name));
    CHECK_MSG(!m || nca_model_shape(m)->channels == channels, "%s: %d channels", name,
              nca_model_shape(m)->channels);
    nca_model_free(&m);
}

/* ------------------------------------------------------------ user's folder */

static void check_user_folder(const char *data, const char *home, const char *expected)
{
    char path[PATH_MAX] = "as before";
    NcaError error = {""};
    data ? setenv("XDG_DATA_HOME", data, 1) : unsetenv("XDG_DATA_HOME");
    home ? setenv("HOME", home, 1) : unsetenv("HOME");
    NcaStatus status = nca_model_user_folder(path, sizeof(path), &error);
    CHECK(status == (expected ? NCA_OK : NCA_ERR_IO) && !*error.text == !!expected);
    CHECK_MSG(!strcmp(path, expected ? expected : "as before"), "%s", path);
}

static void test_user_folder(void)
{
    char path[32] = "as before";
    check_user_folder("/d", "/h", "/d/nca/models");
    check_user_folder("/d", NULL, "/d/nca/models");
    check_user_folder(NULL, "/h", "/h/.local/share/nca/models");
    check_user_folder("", "/h", "/h/.local/share/nca/models");
    check_user_folder("d", "/h", "/h/.local/share/nca/models");
    check_user_folder("d", "", NULL);
    check_user_folder(NULL, "h", NULL);
    check_user_folder(NULL, NULL, NULL);
    check_found("newt", 0);
    setenv("HOME", "/h", 1); /* the folder has 26 letters */
    CHECK(nca_model_user_folder(path, 26, NULL) == NCA_ERR_IO);
    CHECK(nca_model_user_folder(path, 0, NULL) == NCA_ERR_IO);
    CHECK(!strcmp(path, "as before"));
    CHECK(nca_model_user_folder(path, 27, NULL) == NCA_OK && strlen(path) == 26);
}

/* -------------------------------------------------------------------- find */

/* $NCA_MODEL_PATH with two folders, the user's folder in `data`. */
static void set_folders(void)
{
    char text[2 * sizeof(folder) + 64];
    snprintf(text, sizeof(text), "/nowhere:%s/first:/else:%s/second:", folder, folder);
    setenv("NCA_MODEL_PATH", text, 1);
    setenv("XDG_DATA_HOME", path_of("data"), 1);
    setenv("HOME", path_of("home"), 1);
}

static void test_find(void)
{
    set_folders();
    save("alone.bin", 4);
    check_found(path_of("alone.bin"), 4);
    check_found(path_of("alone"), 0);
    check_found("alone", 0);
    save("first/newt.bin", 5);
    check_found("newt", 5);
    check_found("newt.bin", 5);
    check_found("newt.bin.bin", 0);
    check_found("no-such", 0);
    mkdir(path_of("first/newt"), 0777); /* a folder of that name is no model */
    check_found("newt", 5);
    rmdir(path_of("first/newt"));
    unlink(path_of("first/newt.bin"));
}

/* Each folder in turn becomes the first to have it. */
static void test_order(void)
{
    set_folders();
    save("home/.local/share/nca/models/newt.bin", 4);
    check_found("newt", 0); /* XDG_DATA_HOME is elsewhere */
    unsetenv("XDG_DATA_HOME");
    check_found("newt", 4);
    set_folders();
    save("data/nca/models/newt.bin", 5);
    check_found("newt", 5);
    save("second/newt.bin", 6);
    check_found("newt", 6);
    save("first/newt.bin", 7);
    check_found("newt", 7);
    CHECK(chdir(folder) == 0);
    save("newt", 8);
    check_found("newt", 8); /* as given */
    check_found("newt.bin", 7);
    unlink(path_of("newt"));
}

/* The user's folder where there is nothing between colons. */
static void check_between(const char *format, int channels)
{
    char text[2 * sizeof(folder) + 64];
    snprintf(text, sizeof(text), format, folder);
    setenv("NCA_MODEL_PATH", text, 1);
    check_found("newt", channels);
}

static void test_between(void)
{
    set_folders(); /* with what test_order left there */
    check_between("/nowhere::%s/first", 5);
    check_between(":%s/first", 5);
    check_between("%s/first::", 7);
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    check_between("::%s/first", 7);
}

/* -------------------------------------------------------------------- each */

typedef struct List {
    char text[512];
    int left;     /* calls until it ends it */
    bool strange; /* one outside our folder was before one in it */
    bool outside;
} List;

/* Adds "FOLDER:NAME ", by the folder's first letter. */
static bool add(void *arg, const char *name, const char *path)
{
    List *list = arg;
    size_t length = strlen(list->text), ours = strlen(folder);
    if (strncmp(path, folder, ours) != 0) {
        list->outside = true; /* installed on this machine */
        return true;
    }
    list->strange |= list->outside;
    snprintf(list->text + length, sizeof(list->text) - length, "%c:%s ", path[ours + 1],
             name);
    NcaModel *by_name = NULL, *by_path = NULL;
    CHECK(nca_model_find(&by_name, name, NULL) == nca_model_load(&by_path, path, NULL));
    CHECK_MSG(!by_name || models_equal(by_name, by_path), "%s", path);
    nca_model_free(&by_name);
    nca_model_free(&by_path);
    return --list->left != 0;
}

static void check_list(int most, const char *expected)
{
    List list = {.left = most};
    nca_model_each(add, &list);
    CHECK_MSG(!strcmp(list.text, expected), "\"%s\", not \"%s\"", list.text, expected);
    CHECK(!list.strange);
}

static void test_each(void)
{
    char text[2 * sizeof(folder) + 64];
    set_folders();
    check_list(-1, "f:newt ");
    save("first/newt 2.bin", 4);
    save("first/eft.bin", 4);
    save("second/axolotl.bin", 4);
    save("second/eft.bin", 5);
    save("data/nca/models/own.bin", 4);
    save("data/nca/models/axolotl.bin", 5);
    check_list(-1, "f:eft f:newt f:newt 2 s:axolotl d:own ");
    check_list(1, "f:eft ");
    check_list(4, "f:eft f:newt f:newt 2 s:axolotl ");
    snprintf(text, sizeof(text), "%s/second:%s/second/", folder, folder);
    setenv("NCA_MODEL_PATH", text, 1);
    check_list(-1, "s:axolotl s:eft s:newt d:own ");
    snprintf(text, sizeof(text), "::%s/second", folder);
    setenv("NCA_MODEL_PATH", text, 1);
    check_list(-1, "d:axolotl d:newt d:own s:eft ");
    unsetenv("NCA_MODEL_PATH");
    check_list(-1, "d:axolotl d:newt d:own ");
}

/* What is no model by its name or its kind; a link to one is. */
static void test_kinds(void)
{
    set_folders();
    setenv("NCA_MODEL_PATH", path_of("kinds"), 1);
    setenv("XDG_DATA_HOME", "/nowhere", 1);
    CHECK(mkdir(path_of("kinds"), 0777) == 0);
    check_list(-1, "");
    save("kinds/.bin", 4);
    save("kinds/.hidden.bin", 4);
    save("kinds/plain", 4);
    save("kinds/newt.BIN", 4);
    save("kinds/l\xe9zard.bin", 4);
    CHECK(mkdir(path_of("kinds/folder.bin"), 0777) == 0);
    CHECK(mkfifo(path_of("kinds/pipe.bin"), 0666) == 0);
    CHECK(symlink("nowhere", path_of("kinds/broken.bin")) == 0);
    CHECK(symlink("folder.bin", path_of("kinds/to-folder.bin")) == 0);
    check_list(-1, "");
    CHECK(symlink("../first/newt.bin", path_of("kinds/link.bin")) == 0);
    save("kinds/l\xc3\xa9zard.bin", 4);
    check_list(-1, "k:link k:l\xc3\xa9zard ");
}

/* What the search ends at in front hides what is behind; a folder does not end it. */
static void test_hidden(void)
{
    set_folders();
    CHECK(mkdir(path_of("first/axolotl.bin"), 0777) == 0);
    save("second/eft", 6); /* beside eft.bin, which has the name */
    save("first/own", 6);
    save("second/newt.bin.bin", 7);
    check_list(-1, "f:eft f:newt f:newt 2 s:axolotl ");
    unlink(path_of("first/newt.bin"));
    check_list(-1, "f:eft f:newt 2 s:axolotl s:newt s:newt.bin ");
    CHECK(mkfifo(path_of("first/newt.bin"), 0666) == 0);
    check_list(-1, "f:eft f:newt 2 s:axolotl ");
}

/* ------------------------------------------------------------------ memory */

/* scandir under the name that it has for files of any size. */
static int scans_left = -1; /* negative: never fail */

int __real_scandir64(const char *name, struct dirent ***list,
                     int (*filter)(const struct dirent *),
                     int (*compare)(const struct dirent **, const struct dirent **));
int __wrap_scandir64(const char *name, struct dirent ***list,
                     int (*filter)(const struct dirent *),
                     int (*compare)(const struct dirent **, const struct dirent **));

int __wrap_scandir64(const char *name, struct dirent ***list,
                     int (*filter)(const struct dirent *),
                     int (*compare)(const struct dirent **, const struct dirent **))
{
    if (scans_left < 0 || scans_left-- > 0)
        return __real_scandir64(name, list, filter, compare);
    errno = ENOMEM;
    return -1;
}

/* Folders that are not there are no end, a lack of memory is. */
static void test_memory(void)
{
    static const char *const lists[] = {"",
                                        "",
                                        "f:eft f:newt f:newt 2 ",
                                        "f:eft f:newt f:newt 2 ",
                                        "f:eft f:newt f:newt 2 s:axolotl ",
                                        "f:eft f:newt f:newt 2 s:axolotl d:own "};
    set_folders(); /* /nowhere, first, /else, second, data, installed */
    for (int n = 0; n < 6; n++) {
        scans_left = n;
        check_list(-1, lists[n]);
    }
    scans_left = -1;
}

int main(void)
{
    if (!folder_make())
        return test_end();
    make_folders();
    unsetenv("NCA_MODEL_PATH");
    test_user_folder();
    test_find();
    test_order();
    test_between();
    test_each();
    test_kinds();
    test_memory();
    test_hidden();
    CHECK(chdir("/") == 0);
    folder_remove();
    return test_end();
}
