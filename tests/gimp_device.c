/* SPDX-License-Identifier: MIT
 *
 * The procedures on whatever OpenCL device is there: what they make is what the processor
 * makes, and where there is no device that is told once.  Usage: gimp_device
 * LIZARD.bin */
#include "gimp_calls.h"

#include "../gimp-plugin/layer.h"

enum { SIDE = 80 };

static gboolean have_device;

static bool take_note(void *arg, int n, const NcaDeviceInfo *info)
{
    (void)arg;
    printf("device %d: %s\n", n, info->name);
    have_device |= !info->why_not;
    return true;
}

/* Of the processor alone the test runs where there is no device. */
static gint expected(const char *device)
{
    return strcmp(device, "0") != 0 && !have_device;
}

static void check_told(gint before, gint told)
{
    CHECK_MSG(fake_messages() - before == told, "%d messages", fake_messages() - before);
    CHECK(!told || strstr(fake_message(), "The processor computes: "));
}

/* The newest layer's pixels, of a film of that output. */
static guint8 *grow_on(const char *device, const char *output, gsize *size)
{
    const char *set[] = {"model", lizard,   "steps", "20",     "every", "5", "scale",
                         "1",     "output", output,  "device", device,  NULL};
    gint before = fake_messages();
    gint32 layer = fake_layer("picture", SIDE, SIDE), image = host_image_of(layer);
    CHECK(says(run(&procedure_grow, MODE_SCRIPT, layer, set), NULL));
    check_told(before, expected(device));
    gint width, height;
    host_size(fake_newest(image), &width, &height);
    *size = (gsize)4 * (gsize)width * (gsize)height;
    return layer_read8(fake_newest(image));
}

/* Rounding is not seen after so few steps, but for the last digit. */
static void check_same(const guint8 *a, const guint8 *b, gsize size)
{
    int most = 0, seen = 0;
    for (gsize i = 0; i < size; i++) {
        most = MAX(most, abs(a[i] - b[i]));
        seen += a[i] > 0;
    }
    CHECK_MSG(most <= 1, "they differ by %d", most);
    CHECK(seen > 100);
}

static void test_grow(const char *output)
{
    gsize size, other;
    guint8 *here = grow_on("0", output, &size), *there = grow_on("1", output, &other);
    CHECK(size == other);
    check_same(here, there, size);
    g_free(here);
    g_free(there);
}

static void test_regenerate(void)
{
    static const char *const set[] = {"steps", "3", "device", "1", NULL};
    gint32 layer = grown();
    gint before = fake_messages();
    CHECK(says(run(&procedure_regenerate, MODE_SCRIPT, layer, set), NULL));
    check_told(before, expected("1"));
}

/* What a device does in training is for tests of libnca. */
static void test_train(void)
{
    const char *set[] = {"size",       "8", "padding", "2", "from", lizard,
                         "iterations", "2", "device",  "1", NULL};
    gint before = fake_messages();
    gint32 layer = fake_layer("picture", 16, 16);
    GeglBuffer *pixels = host_buffer(layer);
    GeglColor *red = gegl_color_new("red");
    gegl_buffer_set_color(pixels, NULL, red);
    CHECK(says(run(&procedure_train, MODE_SCRIPT, layer, set), NULL));
    check_told(before, expected("1"));
    g_object_unref(red);
    g_object_unref(pixels);
}

int main(int count, char **arguments)
{
    if (!begin_calls(count, arguments))
        return 1;
    nca_devices_each(take_note, NULL, NULL);
    test_grow("1");
    test_grow("2");
    test_regenerate();
    test_train();
    return end_calls();
}
