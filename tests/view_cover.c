/* SPDX-License-Identifier: MIT
 *
 * How large a creature is on an image, and how many cells cover it: what nobody has asked
 * for is bounded. */
#include "grids.h"
#include "nca_view.h"

static void test_scale(void)
{
    NcaModel *model = rising();
    CHECK(nca_view_scale(model, 0, 0, 1920, 1080) == 15);
    CHECK(nca_view_scale(model, 100, 10, 1920, 1080) == 19.2);
    CHECK(nca_view_scale(model, 10, 100, 1920, 1080) == 10.8);
    CHECK(nca_model_set_meta(model, "width", "60") == NCA_OK);
    CHECK(nca_view_scale(model, 0, 0, 1, 1080) == 15);
    CHECK(nca_model_set_meta(model, "height", "54") == NCA_OK);
    CHECK(nca_view_scale(model, 0, 0, 1, 1080) == 20);
    CHECK(nca_model_set_meta(model, "height", "-3") == NCA_OK);
    CHECK(nca_view_scale(model, 0, 0, 1, 1080) == 15);
    CHECK(nca_model_set_meta(model, "height", "1536") == NCA_OK);
    CHECK(nca_view_scale(model, 0, 0, 1, 3072) == 2);
    CHECK(nca_model_set_meta(model, "height", "1537") == NCA_OK); /* no training's */
    CHECK(nca_view_scale(model, 0, 0, 1, 1080) == 15);
    nca_model_free(&model);
}

static bool covers(const NcaModel *model, double scale, int image_width, int image_height,
                   int width, int height)
{
    int columns = -1, rows = -1;
    NcaError error = {""};
    NcaStatus status =
        nca_view_cover(model, scale, image_width, image_height, &columns, &rows, &error);
    return status == NCA_OK && !*error.text && columns == width && rows == height;
}

static void check_too_many(const NcaModel *model, double scale, int width, int height)
{
    int columns = -1, rows = -1;
    NcaError error = {""};
    CHECK(nca_view_cover(model, scale, width, height, &columns, &rows, &error) ==
          NCA_ERR_ARGUMENT);
    CHECK(columns == -1 && rows == -1);
    CHECK_MSG(strstr(error.text, "are too many: set grid or scale"), "%s", error.text);
}

/* What a usual model may cover, and a large one not: the one takes much memory, the other
 * much time. */
static void test_cover(void)
{
    NcaModel *usual = NULL, *many = NULL, *slow = NULL;
    NcaShape shape = nca_shape_default();
    CHECK(nca_model_new(&usual, &shape, NULL) == NCA_OK);
    shape.channels = NCA_CHANNELS_MAX;
    shape.hidden = 1;
    CHECK(nca_model_new(&many, &shape, NULL) == NCA_OK);
    shape.channels = 4;
    shape.hidden = NCA_HIDDEN_MAX;
    CHECK(nca_model_new(&slow, &shape, NULL) == NCA_OK);
    CHECK(covers(usual, 15, 1920, 1080, 128, 72));
    CHECK(covers(usual, 15, 1919, 1, 128, 1));
    CHECK(covers(usual, 1, 3840, 2160, 3840, 2160));
    CHECK(covers(usual, 1e-9, 65535, 2, NCA_SIDE_MAX, NCA_SIDE_MAX) == false);
    CHECK(covers(many, 1, 3840, 2000, 3840, 2000));
    CHECK(nca_grid_memory(many, 3840, 2200) > NCA_VIEW_MEMORY_MAX);
    check_too_many(many, 1, 3840, 2200);
    CHECK(covers(slow, 1, 4096, 3584, 4096, 3584));
    CHECK(nca_grid_memory(slow, 4096, 4096) < NCA_VIEW_MEMORY_MAX);
    check_too_many(slow, 1, 4096, 4096);
    nca_model_free(&usual);
    nca_model_free(&many);
    nca_model_free(&slow);
}

int main(void)
{
    test_scale();
    test_cover();
    return test_end();
}
