/* SPDX-License-Identifier: MIT
 *
 * Models lie where nca_model_find looks, so that FFmpeg and the program know them, too.
 * Checkpoints lie in the cache, named by all that they depend on. */
#include "store.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

enum { CHECKPOINTS_KEPT = 4, NAME_MOST = 100, NUMBER_MOST = 1000 };
static const char EXTENSION[] = ".bin";

/* ------------------------------------------------------------------ models */

static gchar *make_folder(const gchar *folder)
{
    if (g_mkdir_with_parents(folder, 0755) == 0)
        return NULL;
    return g_strdup_printf(_("The folder “%s” cannot be made: %s."), folder,
                           g_strerror(errno));
}

/* What a file can be called: no '/', no leading '.', not too long, no ".bin" twice. */
static gchar *clean_name(const char *name)
{
    gchar *clean = g_strstrip(g_utf8_make_valid(name, -1));
    if (g_str_has_suffix(clean, EXTENSION))
        clean[strlen(clean) - strlen(EXTENSION)] = 0;
    g_strdelimit(clean, "/\\\r\n\t:", '-');
    if (*clean == '.')
        *clean = '-';
    if (strlen(clean) > NAME_MOST)
        *g_utf8_find_prev_char(clean, clean + NAME_MOST + 1) = 0;
    if (*clean)
        return clean;
    g_free(clean);
    return g_strdup(_("Creature"));
}

/* "lizard.png #1" → "lizard" */
static gchar *stem(const char *layer)
{
    GRegex *ending =
        g_regex_new("(?<=.)\\.[a-z0-9]{3,4}( #[0-9]+)?$", G_REGEX_CASELESS, 0, NULL);
    gchar *valid = g_utf8_make_valid(layer, -1);
    gchar *name = g_regex_replace_literal(ending, valid, -1, 0, "", 0, NULL);
    g_regex_unref(ending);
    g_free(valid);
    return name;
}

static gchar *file_in(const char *folder, const char *name)
{
    gchar *base = g_strconcat(name, EXTENSION, NULL);
    gchar *file = g_build_filename(folder, base, NULL);
    g_free(base);
    return file;
}

static gint64 iterations_of(const NcaModel *model)
{
    const char *text = nca_model_meta(model, "iterations");
    return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

/* Of another picture, or better trained. */
static gboolean is_worth_more(const char *file, const NcaModel *model)
{
    NcaModel *other = NULL;
    if (nca_model_load(&other, file, NULL) < 0)
        return FALSE;
    gboolean is = g_strcmp0(nca_model_meta(other, "target_sha256"),
                            nca_model_meta(model, "target_sha256")) != 0 ||
                  iterations_of(other) > iterations_of(model);
    nca_model_free(&other);
    return is;
}

/* A name that is looked for, and the file where nca_model_find has it; NULL: nowhere. */
typedef struct Search {
    const char *name;
    gchar *file;
} Search;

static bool compare(void *search, const char *name, const char *file)
{
    Search *s = search;
    if (strcmp(s->name, name) != 0)
        return true;
    s->file = g_strdup(file);
    return false;
}

/* What is found elsewhere would hide the user's, or be hidden by it; what is the user's
 * is not to be lost, where he did not give the name, unless it is of the same picture and
 * no better. */
static gboolean is_taken(const char *folder, const char *name, const NcaModel *model,
                         gboolean given)
{
    Search search = {name, NULL};
    gchar *own = file_in(folder, name);
    nca_model_each(compare, &search);
    gboolean taken = search.file && (strcmp(search.file, own) != 0 ||
                                     (!given && is_worth_more(own, model)));
    g_free(search.file);
    g_free(own);
    return taken;
}

static gchar *free_name(const char *folder, const NcaModel *model, const char *given,
                        const char *layer)
{
    gchar *plain = *given ? g_strdup(given) : stem(layer);
    gchar *clean = clean_name(plain), *name = g_strdup(clean);
    for (int n = 2; n < NUMBER_MOST && is_taken(folder, name, model, *given); n++) {
        g_free(name);
        name = g_strdup_printf("%s %d", clean, n);
    }
    g_free(plain);
    g_free(clean);
    return name;
}

static gchar *save(NcaModel *model, const char *name, const char *file)
{
    NcaError error = {"out of memory"};
    if (nca_model_set_meta(model, "name", name) == NCA_OK &&
        nca_model_save(model, file, NCA_FORMAT_SAFETENSORS, &error) == NCA_OK)
        return NULL;
    return g_strdup_printf(_("The model cannot be kept: %s."), error.text);
}

static gchar *keep_in_file(NcaModel *model, const char *file)
{
    gchar *base = g_path_get_basename(file), *name = clean_name(base);
    gchar *sentence = save(model, name, file);
    g_free(name);
    g_free(base);
    return sentence;
}

/* In the user's folder, which is made. */
static gchar *keep_by_name(NcaModel *model, const char *given, const char *layer,
                           gchar **file)
{
    NcaError error;
    char folder[4096];
    gchar *sentence, *name;
    if (nca_model_user_folder(folder, sizeof(folder), &error) < 0)
        return g_strdup_printf(_("The model cannot be kept: %s."), error.text);
    if ((sentence = make_folder(folder)))
        return sentence;
    name = free_name(folder, model, given, layer);
    *file = file_in(folder, name);
    sentence = save(model, name, *file);
    if (sentence)
        g_clear_pointer(file, g_free);
    g_free(name);
    return sentence;
}

gchar *store_keep(NcaModel *model, const char *name, const char *layer, gchar **file)
{
    if (!strchr(name, '/'))
        return keep_by_name(model, name, layer, file);
    gchar *sentence = keep_in_file(model, name);
    if (!sentence)
        *file = g_strdup(name);
    return sentence;
}

/* ------------------------------------------------------------- checkpoints */

typedef struct Aged {
    gchar *path;
    gint64 time;
} Aged;

static gint newest_first(gconstpointer a, gconstpointer b)
{
    gint64 one = ((const Aged *)a)->time, other = ((const Aged *)b)->time;
    return (one < other) - (one > other);
}

static void free_aged(gpointer aged)
{
    g_free(((Aged *)aged)->path);
}

/* They are large: all but the newest go, and whatever a killed run left half-written, but
 * never the one that is wanted. */
static void prune(const gchar *folder, const gchar *wanted)
{
    GArray *files = g_array_new(FALSE, FALSE, sizeof(Aged));
    GDir *dir = g_dir_open(folder, 0, NULL);
    const gchar *name;
    g_array_set_clear_func(files, free_aged);
    while (dir && (name = g_dir_read_name(dir))) {
        GStatBuf status;
        Aged aged = {g_build_filename(folder, name, NULL), 0};
        if (g_stat(aged.path, &status) == 0)
            aged.time = status.st_mtime;
        if (strcmp(aged.path, wanted) != 0)
            g_array_append_val(files, aged);
        else
            free_aged(&aged);
    }
    g_clear_pointer(&dir, g_dir_close);
    g_array_sort(files, newest_first);
    for (guint i = CHECKPOINTS_KEPT - 1; i < files->len; i++)
        g_remove(g_array_index(files, Aged, i).path);
    g_array_free(files, TRUE);
}

gchar *store_checkpoint(const NcaTarget *target, const TrainValues *v)
{
    gchar *folder = g_build_filename(g_get_user_cache_dir(), "nca", "checkpoints", NULL);
    gchar *all = g_strdup_printf("%s %d %d %d %s", nca_target_sha256(target), v->preset,
                                 v->iterations, v->seed, v->from);
    gchar *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    gchar *base = g_strdup_printf("%.32s.checkpoint", sum);
    gchar *path = g_build_filename(folder, base, NULL);
    g_free(base);
    g_free(sum);
    g_free(all);
    g_free(folder);
    return path;
}

void store_make_room(const gchar *checkpoint)
{
    gchar *folder = g_path_get_dirname(checkpoint);
    g_mkdir_with_parents(folder, 0700); /* where it fails, the training says so */
    prune(folder, checkpoint);
    g_free(folder);
}
