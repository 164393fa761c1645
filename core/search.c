/* SPDX-License-Identifier: MIT
 *
 * Models by name: in the folders of $NCA_MODEL_PATH, in the user's, among the installed
 * ones.  The first folder that has the name wins. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nca.h"
#include "status.h"
#include "utf8.h"

static const char ENDING[] = ".bin";

/* ----------------------------------------------------------------- folders */

/* A path that does not depend on where the program was started; NULL: there is none. */
static const char *absolute(const char *variable)
{
    const char *path = getenv(variable);
    return path && *path == '/' ? path : NULL;
}

NcaStatus nca_model_user_folder(char *path, size_t size, NcaError *error)
{
    const char *data = absolute("XDG_DATA_HOME"), *home = absolute("HOME");
    const char *base = data ? data : home;
    const char *rest = data ? "/nca/models" : "/.local/share/nca/models";
    if (!base)
        return nca_fail(error, NCA_ERR_IO,
                        "no folder of your own: HOME is not set to an absolute path");
    if (strlen(base) + strlen(rest) >= size)
        return nca_fail(error, NCA_ERR_IO, "the path of your folder is too long");
    snprintf(path, size, "%s%s", base, rest);
    return NCA_OK;
}

/* One of $NCA_MODEL_PATH; nothing stands for the user's folder. */
static bool take(const char *name, size_t length, char folder[PATH_MAX])
{
    if (length == 0)
        return nca_model_user_folder(folder, PATH_MAX, NULL) == NCA_OK;
    if (length >= PATH_MAX)
        return false;
    memcpy(folder, name, length);
    folder[length] = 0;
    return true;
}

/* The i-th folder of the search; false behind the last. */
static bool folder_at(int i, char folder[PATH_MAX])
{
    const char *folders = getenv("NCA_MODEL_PATH");
    while (folders && *folders) {
        size_t length = strcspn(folders, ":");
        if (take(folders, length, folder) && i-- == 0)
            return true;
        folders += length + (folders[length] == ':');
    }
    if (take("", 0, folder) && i-- == 0)
        return true;
    snprintf(folder, PATH_MAX, "%s", NCA_MODELS_DIR);
    return i == 0;
}

static bool join(char path[PATH_MAX], const char *folder, const char *name,
                 const char *ending)
{
    return snprintf(path, PATH_MAX, "%s/%s%s", folder, name, ending) < PATH_MAX;
}

/* -------------------------------------------------------------------- find */

static bool is_there(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

/* folder/name.bin, for that is what is listed, or folder/name; false where neither is. */
static bool find_in(const char *folder, const char *name, char path[PATH_MAX])
{
    return (join(path, folder, name, ENDING) && is_there(path)) ||
           (join(path, folder, name, "") && is_there(path));
}

NcaStatus nca_model_find(NcaModel **model, const char *name, NcaError *error)
{
    char folder[PATH_MAX], path[PATH_MAX];
    if (is_there(name) || strchr(name, '/'))
        return nca_model_load(model, name, error);
    for (int i = 0; folder_at(i, folder); i++)
        if (find_in(folder, name, path))
            return nca_model_load(model, path, error);
    return nca_fail(error, NCA_ERR_IO,
                    "%s: no such file, nor an installed model of that name", name);
}

/* -------------------------------------------------------------------- each */

/* Who is told of the models. */
typedef struct Listener {
    bool (*found)(void *arg, const char *name, const char *path);
    void *arg;
} Listener;

/* Without the ending. */
static int name_length(const char *file)
{
    return (int)strlen(file) - (int)strlen(ENDING);
}

static int is_listed(const struct dirent *entry)
{
    const char *file = entry->d_name;
    int length = name_length(file);
    return *file != '.' && length > 0 && !strcmp(file + length, ENDING) &&
           nca_utf8_valid(file);
}

/* By name: "newt.bin" is before "newt 2.bin", although '.' is behind ' '. */
static int compare(const struct dirent **a, const struct dirent **b)
{
    int n = name_length((*a)->d_name), m = name_length((*b)->d_name);
    int order = memcmp((*a)->d_name, (*b)->d_name, (size_t)(n < m ? n : m));
    return order ? order : n - m;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* Whether the search ends in one of the first `count` folders. */
static bool is_hidden(const char *name, int count)
{
    char folder[PATH_MAX], path[PATH_MAX];
    for (int i = 0; i < count && folder_at(i, folder); i++)
        if (find_in(folder, name, path))
            return true;
    return false;
}

static bool tell(const Listener *l, const char *folder, int number, const char *file)
{
    char path[PATH_MAX], name[NAME_MAX + 1];
    snprintf(name, sizeof(name), "%.*s", name_length(file), file);
    if (!join(path, folder, file, "") || !is_file(path) || is_hidden(name, number))
        return true;
    return l->found(l->arg, name, path);
}

static bool tell_all(const Listener *l, const char *folder, int number)
{
    struct dirent **files = NULL;
    int count = scandir(folder, &files, is_listed, compare);
    bool more = count >= 0 || errno != ENOMEM;
    for (int i = 0; i < count; i++) {
        more = more && tell(l, folder, number, files[i]->d_name);
        free(files[i]);
    }
    free(files);
    return more;
}

void nca_model_each(bool (*found)(void *arg, const char *name, const char *path),
                    void *arg)
{
    char folder[PATH_MAX];
    Listener listener = {found, arg};
    for (int i = 0; folder_at(i, folder); i++)
        if (!tell_all(&listener, folder, i))
            return;
}
