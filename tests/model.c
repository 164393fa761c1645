/* SPDX-License-Identifier: MIT
 *
 * Weights and metadata: kept bit for bit in any locale, copied, and whole whichever
 * allocation fails. */
#include <jansson.h>
#include <unistd.h>

#include "allocations.h"
#include "comma.h"
#include "folder.h"
#include "models.h"
#include "nca_train.h"

/* ------------------------------------------------------------- round trips */

static void check_round_trip(const NcaShape *shape)
{
    NcaModel *m = filled(shape), *back = NULL, *copy = NULL;
    NcaError error = {""};
    nca_model_set_meta(m, "zebra", "last letter first, ünïcode \"quoted\" \\ \n");
    nca_model_set_meta(m, "name", "a test");
    CHECK(nca_model_save(m, path_of("a.bin"), NCA_FORMAT_SAFETENSORS, &error) == NCA_OK);
    CHECK_MSG(nca_model_load(&back, path_of("a.bin"), &error) == NCA_OK, "%s",
              error.text);
    CHECK(back && models_equal(m, back));
    CHECK(nca_model_copy(&copy, m, NULL) == NCA_OK && models_equal(m, copy));
    CHECK(nca_model_tensor(copy, NCA_W1) != nca_model_tensor(m, NCA_W1));
    CHECK((nca_model_tensor(m, NCA_B2) != NULL) == shape->output_bias);
    nca_model_free(&m);
    nca_model_free(&back);
    nca_model_free(&copy);
    nca_model_free(&copy);
}

static void check_format(const NcaModel *m, NcaFormat format)
{
    void *data = NULL;
    size_t size = 0;
    CHECK(nca_model_format(m, format, &data, &size, NULL) == NCA_OK);
    CHECK(nca_model_save(m, path_of("b"), format, NULL) == NCA_OK);
    FILE *file = fopen(path_of("b"), "rb");
    char *saved = malloc(size + 1);
    CHECK(file && fread(saved, 1, size + 1, file) == size && !memcmp(saved, data, size));
    NcaModel *back = NULL;
    CHECK(nca_model_parse(&back, data, size, NULL) == NCA_OK);
    CHECK(format == NCA_FORMAT_DEMO_JSON || (back && models_equal(m, back)));
    nca_model_free(&back);
    fclose(file);
    free(saved);
    free(data);
}

/* In memory the same bytes as in a file; and on failure nothing. */
static void test_format(void)
{
    NcaShape shape = tiny_shape(), texture = texture_shape();
    NcaModel *m = random_model(&shape, 0.5, 3), *other = random_model(&texture, 0.5, 3);
    void *data = m;
    size_t size = 7;
    NcaError error = {""};
    nca_model_set_meta(m, "name", "a test");
    check_format(m, NCA_FORMAT_SAFETENSORS);
    check_format(m, NCA_FORMAT_DEMO_JSON);
    check_format(other, NCA_FORMAT_SAFETENSORS);
    CHECK(nca_model_format(other, NCA_FORMAT_DEMO_JSON, &data, &size, &error) ==
          NCA_ERR_ARGUMENT);
    CHECK(!strcmp(error.text, "the demo's JSON holds only models of the published kind"));
    nca_model_tensor_mut(m, NCA_W2)[1] = NAN;
    CHECK(nca_model_format(m, NCA_FORMAT_SAFETENSORS, &data, &size, &error) ==
          NCA_ERR_FORMAT);
    CHECK(!strcmp(error.text, "w2[1] is not a finite number"));
    CHECK(data == m && size == 7);
    nca_model_free(&m);
    nca_model_free(&other);
}

static void test_round_trips(void)
{
    NcaShape shapes[] = {nca_shape_default(), texture_shape(), isotropic_shape(),
                         tiny_shape(), largest_shape()};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        check_round_trip(&shapes[i]);
}

/* GIMP runs in the user's locale, where a comma may part the decimals. */
static void test_comma_locale(void)
{
    if (!comma_locale())
        return;
    test_round_trips();
    setlocale(LC_ALL, "C");
    NcaModel *m = NULL;
    CHECK(nca_model_load(&m, path_of("a.bin"), NULL) == NCA_OK);
    nca_model_free(&m);
}

static void test_metadata(void)
{
    NcaShape shape = tiny_shape();
    NcaModel *m = filled(&shape);
    const char *key = NULL, *value = NULL;
    CHECK(nca_model_meta(m, "name") == NULL && !nca_model_meta_at(m, 0, &key, &value));
    CHECK(nca_model_set_meta(m, "name", "lizard") == NCA_OK);
    CHECK(nca_model_set_meta(m, "seed", "1") == NCA_OK);
    CHECK(nca_model_set_meta(m, "name", "smiley") == NCA_OK);
    CHECK(!strcmp(nca_model_meta(m, "name"), "smiley"));
    CHECK(nca_model_meta_at(m, 1, &key, &value) && !strcmp(key, "seed") &&
          !strcmp(value, "1"));
    CHECK(!nca_model_meta_at(m, 2, &key, &value));
    CHECK(nca_model_set_meta(m, "name", NULL) == NCA_OK && !nca_model_meta(m, "name"));
    CHECK(nca_model_set_meta(m, "name", NULL) == NCA_OK);
    CHECK(nca_model_set_meta(m, "fire_rate", "1") == NCA_ERR_ARGUMENT);
    CHECK(nca_model_set_meta(m, "", "1") == NCA_ERR_ARGUMENT);
    CHECK(nca_model_set_meta(m, "name", "\xff") == NCA_ERR_ARGUMENT);
    CHECK(nca_model_set_meta(m, "\xc0\x80", "1") == NCA_ERR_ARGUMENT);
    char *long_text = malloc(2 << 20);
    memset(long_text, 'x', 2 << 20);
    long_text[(2 << 20) - 1] = 0;
    nca_model_set_meta(m, "long", long_text);
    CHECK(nca_model_save(m, path_of("long.bin"), NCA_FORMAT_SAFETENSORS, NULL) ==
          NCA_ERR_ARGUMENT);
    CHECK(access(path_of("long.bin"), F_OK) != 0);
    free(long_text);
    nca_model_free(&m);
}

static void test_shapes_out_of_range(void)
{
    NcaModel *m = NULL;
    NcaShape good = nca_shape_default(), s[16];
    for (int i = 0; i < 16; i++)
        s[i] = good;
    s[0].channels = 3;
    s[1].channels = 65;
    s[2].hidden = 0;
    s[3].hidden = 513;
    s[4].bands = 0;
    s[5].bands = 5;
    s[6].band[1] = NCA_BAND_IDENTITY;
    s[7].band[1] = NCA_BAND_COUNT;
    s[8].band_scale[0] = NAN;
    s[9].alive = (NcaAlive)3;
    s[10].alive_threshold = NAN;
    s[11].edge = (NcaEdge)2;
    s[12].fire_rate = 1.5f;
    s[13].color = (NcaColor)3;
    s[14].clamp = INFINITY;
    s[15].fire_rate = -0.5f;
    for (int i = 0; i < 16; i++)
        CHECK_MSG(nca_model_new(&m, &s[i], NULL) == NCA_ERR_ARGUMENT && !m, "shape %d",
                  i);
}

/* -------------------------------------------------- allocations that fail */

/* Everything that allocates, once. */
static NcaStatus use_all(const char *path, NcaError *error)
{
    NcaShape shape = tiny_shape();
    NcaModel *m = NULL, *copy = NULL, *back = NULL;
    NcaStatus status = nca_model_new(&m, &shape, error);
    if (status == NCA_OK)
        status = nca_model_set_meta(m, "name", "a test");
    if (status == NCA_OK)
        status = nca_model_copy(&copy, m, error);
    if (status == NCA_OK)
        status = nca_model_save(copy, path, NCA_FORMAT_SAFETENSORS, error);
    if (status == NCA_OK)
        status = nca_model_load(&back, path, error);
    if (status == NCA_OK && !models_equal(m, back))
        status = NCA_ERR_FORMAT;
    nca_model_free(&back);
    if (status == NCA_OK)
        status = nca_model_save(m, path, NCA_FORMAT_DEMO_JSON, error);
    if (status == NCA_OK)
        status = nca_model_load(&back, path, error);
    nca_model_free(&m);
    nca_model_free(&copy);
    nca_model_free(&back);
    return status;
}

static void test_allocations(void)
{
    NcaStatus status = NCA_ERR_MEMORY;
    char path[sizeof(folder) + 64];
    int n = 0;
    snprintf(path, sizeof(path), "%s", path_of("memory.bin"));
    json_set_alloc_funcs(__wrap_malloc, free);
    for (; status != NCA_OK && n < 100000 && !test_failures; n++) {
        NcaError error = {""};
        allocations_left = n;
        status = use_all(path, &error);
        allocations_left = -1;
        /* jansson's reader takes some of its own failures for a mistake in the text. */
        CHECK_MSG(status == NCA_OK || status == NCA_ERR_MEMORY ||
                      (status == NCA_ERR_FORMAT && *error.text),
                  "allocation %d: %d %s", n, status, error.text);
    }
    CHECK_MSG(n > 100, "only %d allocations were tried", n);
    json_set_alloc_funcs(malloc, free);
}

/* -------------------------------------------------------- the trained size */

static bool trained_on(NcaModel *model, const char *wide, const char *high, int width,
                       int height)
{
    int columns, rows;
    CHECK(nca_model_set_meta(model, "width", wide) == NCA_OK);
    CHECK(nca_model_set_meta(model, "height", high) == NCA_OK);
    nca_model_trained_size(model, &columns, &rows);
    return columns == width && rows == height;
}

/* 131 648 weights. */
static void test_trained(void)
{
    NcaModel *usual = NULL, *large = NULL;
    NcaShape shape = nca_shape_default();
    CHECK(nca_model_new(&usual, &shape, NULL) == NCA_OK);
    CHECK(trained_on(usual, "1536", "1536", 1536, 1536));
    CHECK(trained_on(usual, "100", "50", 100, 50));
    CHECK(trained_on(usual, "100", NULL, 72, 72));
    CHECK(trained_on(usual, "1537", "100", 72, 72));
    CHECK(trained_on(usual, "100", "0", 72, 72));
    shape.channels = NCA_CHANNELS_MAX;
    shape.hidden = NCA_HIDDEN_MAX;
    CHECK(nca_model_new(&large, &shape, NULL) == NCA_OK);
    CHECK(trained_on(large, "1021", "1021", 1021, 1021));
    CHECK(nca_target_params_of(large).size == 1021 - 2 * 16);
    CHECK(trained_on(large, "1022", "1022", 72, 72));
    CHECK(nca_target_params_of(large).size == 40);
    nca_model_free(&usual);
    nca_model_free(&large);
}

/* -------------------------------------------------------------------- main */

int main(void)
{
    if (!folder_make())
        return test_end();
    test_round_trips();
    test_format();
    test_comma_locale();
    test_metadata();
    test_shapes_out_of_range();
    test_trained();
    test_allocations();
    folder_remove();
    return test_end();
}
