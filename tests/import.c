/* SPDX-License-Identifier: MIT
 *
 * The published formats: the nine models of the article against values that an
 * independent program decoded, and files made here whose every weight tells its own
 * place. */
#include "import.h"

#include <unistd.h>

#include "base64.h"
#include "models.h"

/* ------------------------------------------------------- the article's models */

/* FNV-1a of w1, b1, w2, b2 in our order as little-endian float32, and three of the
 * weights, from a Python program that shares nothing with core. */
static const struct {
    const char *name;
    uint64_t hash;
    float w1, w2,
        b2; /* band 1, channel 1 → hidden 5; hidden 100 → channel 3; channel 3 */
} published[] = {
    {"ex1_lizard", 0xb1a5c0b1a320e6d5u, -0.13678433f, 0.0158486422f, 0.107121035f},
    {"ex1_smiley", 0x0a14cb116c6c14dbu, 0.00231809006f, -0.00841110852f, 0.0486816727f},
    {"ex1_web", 0x6170b5ea75020c01u, -0.162614599f, 0.0353900492f, 0.0677323192f},
    {"ex2_lizard", 0x2ba06e8c40275d44u, 0.151291698f, 0.0781524628f, 0.0498224907f},
    {"ex2_smiley", 0x00bba4472f1da984u, -0.00262665655f, -0.00184033171f, 0.0567848757f},
    {"ex2_web", 0xa70451b516bf9676u, -0.178544194f, -0.167057946f, 0.0287621189f},
    {"ex3_lizard", 0x165338038c2c8b1bu, 0.0163469762f, -0.0827640146f, 0.00867556129f},
    {"ex3_smiley", 0x1a0910cc6787e2ebu, 0.00765728205f, 0.0291281901f, 0.056763567f},
    {"ex3_web", 0x495792d70ba2cc1du, 0.0893263966f, 0.232049003f, -0.0175920203f},
};

static uint64_t hash_of(const NcaModel *m)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (int t = 0; t < NCA_TENSORS; t++)
        for (size_t i = 0; i < nca_model_tensor_size(m, t); i++) {
            uint32_t bits;
            memcpy(&bits, nca_model_tensor(m, t) + i, 4);
            for (int k = 0; k < 4; k++)
                hash = (hash ^ (bits >> (8 * k) & 255)) * 0x100000001b3u;
        }
    return hash;
}

/* Written as the demo's JSON, the bytes that were read come out again. */
static void check_again(const NcaModel *m, const char *name)
{
    void *data = NULL;
    size_t size = 0;
    NcaModel *back = NULL;
    CHECK(nca_export_demo(m, &data, &size, NULL) == NCA_OK);
    CHECK(nca_model_parse(&back, data, size, NULL) == NCA_OK);
    for (int t = 0; back && t < NCA_TENSORS; t++) {
        const float *a = nca_model_tensor(m, t), *b = nca_model_tensor(back, t);
        float most = 0, worst = 0;
        for (size_t i = 0; i < nca_model_tensor_size(m, t); i++) {
            most = fmaxf(most, fabsf(a[i]));
            worst = fmaxf(worst, fabsf(a[i] - b[i]));
        }
        /* Half a level of 2·most / 255, and the rounding of three float operations. */
        CHECK_MSG(worst <= most * (1.0f / 255 + 1e-6f), "%s %d: %g", name, t,
                  (double)worst);
    }
    nca_model_free(&back);
    free(data);
}

static void test_published(void)
{
    const char *shared = getenv("NCA_SHARED"), *key, *value;
    NcaShape expected = nca_shape_default();
    char path[4096];
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        NcaModel *m = NULL;
        NcaError error = {""};
        snprintf(path, sizeof(path), "%s/data/distill/%s.json", shared ? shared : ".",
                 published[i].name);
        if (access(path, F_OK) != 0) {
            fprintf(stderr, "%s is not here: skipped\n", published[i].name);
            continue;
        }
        CHECK_MSG(nca_model_load(&m, path, &error) == NCA_OK, "%s", error.text);
        if (!m)
            continue;
        CHECK(shapes_equal(nca_model_shape(m), &expected));
        CHECK(nca_model_tensor(m, NCA_W1)[5 * 48 + 17] == published[i].w1);
        CHECK(nca_model_tensor(m, NCA_W2)[3 * 128 + 100] == published[i].w2);
        CHECK(nca_model_tensor(m, NCA_B2)[3] == published[i].b2);
        CHECK_MSG(hash_of(m) == published[i].hash, "%s", published[i].name);
        CHECK(!nca_model_meta_at(m, 0, &key, &value));
        check_again(m, published[i].name);
        nca_model_free(&m);
    }
}

/* ---------------------------------------------------------------- made here */

/* Each weight is a number of its own, exact in float. */
static float w1_of(int band, int channel, int hidden)
{
    return (float)(1 + band + 4 * channel + 256 * hidden);
}

static float w2_of(int hidden, int channel)
{
    return -(float)(1 + channel + 64 * hidden);
}

static float b1_of(int hidden)
{
    return 0.5f + (float)hidden;
}

static float b2_of(int channel)
{
    return -0.5f - (float)channel;
}

/* w1 [3c][h] with interleaved rows, b1, w2 [h][c], b2, one behind the other. */
static float *make_layers(int c, int h, float *at[4], size_t *count)
{
    *count = (size_t)(3 * c * h + h + h * c + c);
    float *all = malloc(*count * sizeof(float)), *p = all;
    at[0] = p;
    for (int row = 0; row < 3 * c; row++)
        for (int j = 0; j < h; j++)
            *p++ = w1_of(row % 3, row / 3, j);
    at[1] = p;
    for (int j = 0; j < h; j++)
        *p++ = b1_of(j);
    at[2] = p;
    for (int j = 0; j < h; j++)
        for (int o = 0; o < c; o++)
            *p++ = w2_of(j, o);
    at[3] = p;
    for (int o = 0; o < c; o++)
        *p++ = b2_of(o);
    return all;
}

static void check_places(const NcaModel *m, int c, int h)
{
    NcaShape expected = nca_shape_default();
    int wrong = 0;
    expected.channels = c;
    expected.hidden = h;
    CHECK(shapes_equal(nca_model_shape(m), &expected));
    for (int j = 0; j < h; j++) {
        for (int i = 0; i < 3 * c; i++)
            wrong += nca_model_tensor(m, NCA_W1)[j * 3 * c + i] != w1_of(i / c, i % c, j);
        for (int o = 0; o < c; o++)
            wrong += nca_model_tensor(m, NCA_W2)[o * h + j] != w2_of(j, o);
        wrong += nca_model_tensor(m, NCA_B1)[j] != b1_of(j);
    }
    for (int o = 0; o < c; o++)
        wrong += nca_model_tensor(m, NCA_B2)[o] != b2_of(o);
    CHECK_MSG(wrong == 0, "%d weights of %d × %d", wrong, c, h);
}

static void test_shard(void)
{
    float *at[4];
    size_t count;
    float *shard = make_layers(16, 128, at, &count);
    NcaModel *m = NULL;
    CHECK(count * 4 == 33344);
    CHECK(nca_model_parse(&m, shard, count * 4, NULL) == NCA_OK);
    if (m)
        check_places(m, 16, 128);
    nca_model_free(&m);
    CHECK(nca_model_parse(&m, shard, count * 4 - 1, NULL) == NCA_ERR_FORMAT);
    CHECK(nca_model_parse(&m, shard, count * 4 - 4, NULL) == NCA_ERR_FORMAT);
    memcpy(shard, "[\"{", 4); /* as a float: 1.1e-38 */
    CHECK(nca_model_parse(&m, shard, count * 4, NULL) == NCA_OK);
    nca_model_free(&m);
    shard[4000] = NAN;
    NcaError error = {""};
    CHECK(nca_model_parse(&m, shard, count * 4, &error) == NCA_ERR_FORMAT && !m);
    CHECK_MSG(strstr(error.text, "w1["), "%s", error.text);
    free(shard);
}

static char *node(const char *op, const char *type, const char *dims, const float *values,
                  size_t count)
{
    size_t room = 400 + 6 * count;
    char *text = malloc(room), *content = malloc(6 * count + 8);
    nca_base64_encode(content, (const uint8_t *)values, count * 4);
    snprintf(text, room,
             "{\"op\":\"%s\",\"attr\":{\"value\":{\"tensor\":{\"dtype\":\"%s\","
             "\"tensorShape\":{\"dim\":[%s]},\"tensorContent\":\"%s\"}}}}",
             op, type, dims, content);
    free(content);
    return text;
}

/* A graph of c channels and h hidden, in the unhelpful order of an exporter. */
static char *make_graph(int c, int h)
{
    float *at[4], zero = 0;
    size_t count;
    char dims[5][96], *nodes[6];
    float *all = make_layers(c, h, at, &count);
    snprintf(dims[0], 96,
             "{\"size\":\"1\"},{\"size\":\"1\"},{\"size\":\"%d\"},{\"size\":\"%d\"}",
             3 * c, h);
    snprintf(dims[1], 96, "{\"size\":\"%d\"}", h);
    snprintf(dims[2], 96,
             "{\"size\":\"1\"},{\"size\":\"1\"},{\"size\":\"%d\"},{\"size\":\"%d\"}", h,
             c);
    snprintf(dims[3], 96, "{\"size\":\"%d\"}", c);
    snprintf(dims[4], 96,
             "{\"size\":\"3\"},{\"size\":\"3\"},{\"size\":\"1\"},{\"size\":\"1\"}");
    nodes[0] = node("Const", "DT_FLOAT", dims[2], at[2], (size_t)(h * c));
    nodes[1] = node("Const", "DT_INT32", dims[3], at[3], (size_t)c);
    nodes[2] = node("Const", "DT_FLOAT", h == c ? dims[1] : dims[3],
                    h == c ? at[1] : at[3], (size_t)c);
    nodes[3] = node("Conv2D", "DT_FLOAT", dims[4], &zero, 1);
    nodes[4] = node("Const", "DT_FLOAT", dims[0], at[0], (size_t)(3 * c * h));
    nodes[5] = node("Const", "DT_FLOAT", h == c ? dims[3] : dims[1],
                    h == c ? at[3] : at[1], (size_t)h);
    size_t room = 100;
    for (int i = 0; i < 6; i++)
        room += strlen(nodes[i]) + 1;
    char *text = malloc(room), *p = text;
    p += sprintf(p, " {\"modelTopology\":{\"node\":[{\"op\":\"Const\"}");
    for (int i = 0; i < 6; i++) {
        p += sprintf(p, ",%s", nodes[i]);
        free(nodes[i]);
    }
    strcpy(p, "]}}\n");
    free(all);
    return text;
}

static void test_graph(void)
{
    static const int sizes[][2] = {{16, 128}, {16, 16}, {12, 8}, {4, 3}};
    for (int i = 0; i < 4; i++) {
        NcaModel *m = NULL;
        NcaError error = {""};
        char *text = make_graph(sizes[i][0], sizes[i][1]);
        CHECK_MSG(nca_model_parse(&m, text, strlen(text), &error) == NCA_OK, "%s",
                  error.text);
        if (m)
            check_places(m, sizes[i][0], sizes[i][1]);
        nca_model_free(&m);
        free(text);
    }
}

#define CONST(dims, value)                                                               \
    "{\"op\":\"Const\",\"attr\":{\"value\":{\"tensor\":{\"dtype\":\"DT_FLOAT\","         \
    "\"tensorShape\":{\"dim\":[" dims "]}," value "}}}}"
#define FLAT "\"floatVal\":[0.25]"
#define ONES "{\"size\":\"1\"},{\"size\":\"1\"},"
#define GRAPH(nodes) "{\"modelTopology\":{\"node\":[" nodes "]}}"
#define K1 CONST(ONES "{\"size\":\"12\"},{\"size\":\"8\"}", FLAT)
#define K2 CONST(ONES "{\"size\":\"8\"},{\"size\":\"4\"}", FLAT)
#define BIAS(n) CONST("{\"size\":\"" n "\"}", FLAT)

static void check_text(const char *text, const char *reason)
{
    NcaModel *m = NULL;
    NcaError error = {""};
    NcaStatus status = nca_model_parse(&m, text, strlen(text), &error);
    CHECK_MSG(status == (reason ? NCA_ERR_FORMAT : NCA_OK), "%s: %s", text, error.text);
    CHECK_MSG(!reason || strstr(error.text, reason), "\"%s\", not \"%s\"", error.text,
              reason);
    nca_model_free(&m);
}

/* A constant-filled tensor is stored once. */
static void test_constant_graph(void)
{
    const char *text = GRAPH(K1 "," BIAS("4") "," K2 "," BIAS("8"));
    NcaModel *m = NULL;
    CHECK(nca_model_parse(&m, text, strlen(text), NULL) == NCA_OK);
    CHECK(m && nca_model_tensor(m, NCA_W1)[95] == 0.25f &&
          nca_model_tensor(m, NCA_B2)[3] == 0.25f);
    nca_model_free(&m);
    check_text(GRAPH(K1 "," K2 "," BIAS("8")), "no two layers");
    check_text(GRAPH(K1 "," K2 "," BIAS("8") "," BIAS("5")), "do not fit");
    check_text(GRAPH(K1 "," K1 "," BIAS("8") "," BIAS("4")), "do not fit");
    check_text(GRAPH(K1 "," K2 "," BIAS("8") "," BIAS("4") "," BIAS("4")),
               "more than two");
    check_text(GRAPH(K1 "," K2 "," BIAS("8x") "," BIAS("4")), "no two layers");
    check_text(GRAPH(K1 "," K2 "," BIAS("99999999999999999999") "," BIAS("4")), "no two");
    check_text(GRAPH(K1 "," K2 "," CONST("{\"size\":\"8\"}", "\"a\":1") "," BIAS("4")),
               "without a sensible value");
    check_text(GRAPH(CONST("{\"size\":\"2\"}", "\"tensorContent\":\"AAAA\"")),
               "not base64 of 2");
    check_text(GRAPH(""), "no two layers");
    check_text("{}", "neither a demo JSON nor");
    check_text("{\"modelTopology\":3}", "neither a demo JSON nor");
}

/* ---------------------------------------------------------------- demo JSON */

#define DATA52 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define LAYER(data, in, out, scale, type)                                                \
    "{\"data_b64\":\"" data "\",\"in_ch\":" in ",\"out_ch\":" out                        \
    ",\"weight_scale\":" scale ",\"bias_scale\":2.0,\"type\":\"" type "\"}"
#define FIRST LAYER(DATA52, "12", "4", "1.5", "uint8")
#define SECOND LAYER("AAAAAAAAAAAAAAAAAAAAAAAAAP8=", "4", "4", "1", "uint8")

static void test_demo(void)
{
    const char *text = " \n[" FIRST "," SECOND "]";
    NcaModel *m = NULL;
    CHECK(nca_model_parse(&m, text, strlen(text), NULL) == NCA_OK);
    CHECK(m && nca_model_tensor(m, NCA_W1)[47] == -0.75f);
    CHECK(m && nca_model_tensor(m, NCA_B1)[3] == -1 &&
          nca_model_tensor(m, NCA_W2)[0] == -0.5f);
    CHECK(m && nca_model_tensor(m, NCA_B2)[2] == -1 &&
          nca_model_tensor(m, NCA_B2)[3] == 1);
    nca_model_free(&m);
    check_text("[" FIRST "]", "two layers");
    check_text("[" FIRST "," SECOND ",1]", "two layers");
    check_text("[1,2]", "not as expected");
    check_text("[" FIRST "," FIRST "]", "do not fit");
    check_text("[" SECOND "," SECOND "]", "do not make a model");
    check_text("[" LAYER(DATA52, "12", "4", "1", "int8") "," SECOND "]",
               "not as expected");
    check_text("[" LAYER(DATA52, "12", "4", "1e9", "uint8") "," SECOND "]",
               "not as expected");
    check_text("[" LAYER(DATA52, "12", "4", "-1", "uint8") "," SECOND "]",
               "not as expected");
    check_text("[" LAYER(DATA52, "12", "4", "\"1\"", "uint8") "," SECOND "]",
               "not as expected");
    check_text("[" LAYER(DATA52, "12.0", "4", "1", "uint8") "," SECOND "]",
               "not as expected");
    check_text("[" LAYER(DATA52, "-1", "4", "1", "uint8") "," SECOND "]",
               "not as expected");
    check_text("[" LAYER(DATA52, "2147483648", "4", "1", "uint8") "," SECOND "]",
               "expected");
    check_text("[" LAYER(DATA52, "12", "5", "1", "uint8") "," SECOND "]",
               "base64 of 65 bytes");
    check_text("[" LAYER(DATA52 "AAAA", "12", "4", "1", "uint8") "," SECOND "]",
               "of 52 bytes");
    check_text("[" FIRST "," SECOND, "line 1");
    check_text("[" FIRST "," SECOND "]]", "end of file");
    check_text("[{\"type\":1,\"type\":1}]", "duplicate");
}

/* Every prefix of a file is refused, and no flipped bit does harm. */
static void test_damaged(void)
{
    const char *good = "[" FIRST "," SECOND "]";
    size_t size = strlen(good);
    for (size_t n = 0; n < 9 * size; n++) {
        size_t part = n < size ? n : size;
        char *text = malloc(part ? part : 1);
        NcaModel *m = NULL;
        memcpy(text, good, part);
        if (n >= size)
            text[(n - size) / 8] ^= (char)(1 << (n - size) % 8);
        NcaStatus status = nca_model_parse(&m, text, part, NULL);
        CHECK_MSG((status == NCA_OK) == (m != NULL) && (n >= size || !m), "%zu", n);
        nca_model_free(&m);
        free(text);
    }
}

static void test_big_json(void)
{
    size_t size = (4 << 20) + 1;
    char *text = malloc(size);
    NcaModel *m = NULL;
    NcaError error = {""};
    memset(text, '[', size);
    CHECK(nca_model_parse(&m, text, size, &error) == NCA_ERR_FORMAT);
    CHECK(strstr(error.text, "4194305 bytes"));
    CHECK(nca_model_parse(&m, text, size / 2, &error) == NCA_ERR_FORMAT);
    CHECK(strstr(error.text, "depth"));
    free(text);
}

/* ------------------------------------------------------------------- export */

static NcaStatus export_shape(const NcaShape *shape, float value, NcaError *error)
{
    NcaModel *m = NULL, *back = NULL;
    void *data = NULL;
    size_t size;
    CHECK(nca_model_new(&m, shape, NULL) == NCA_OK);
    nca_model_tensor_mut(m, NCA_W1)[1] = value;
    NcaStatus status = nca_export_demo(m, &data, &size, error);
    if (status == NCA_OK) {
        CHECK(nca_model_parse(&back, data, size, error) == NCA_OK);
        /* The untouched tensors are zero and stay so exactly. */
        for (int t = NCA_B1; back && t < NCA_TENSORS; t++)
            for (size_t i = 0; i < nca_model_tensor_size(back, t); i++)
                CHECK(nca_model_tensor(back, t)[i] == 0);
        CHECK(back && nca_model_tensor(back, NCA_W1)[1] == value);
    }
    nca_model_free(&back);
    nca_model_free(&m);
    free(data);
    return status;
}

static void test_export(void)
{
    NcaShape shapes[8], shape = nca_shape_default();
    NcaError error = {""};
    for (int i = 0; i < 8; i++)
        shapes[i] = shape;
    CHECK(export_shape(&shape, 0, &error) == NCA_OK);
    CHECK(export_shape(&shape, 0.375f, &error) == NCA_OK);
    CHECK(export_shape(&shape, -1e-45f, &error) == NCA_OK);
    CHECK(export_shape(&shape, 1e7f, &error) == NCA_ERR_ARGUMENT);
    shape.output_bias = false;
    shape.edge = NCA_EDGE_WRAP;
    shape.channels = 12;
    CHECK(export_shape(&shape, 1, &error) == NCA_OK);
    shapes[0] = texture_shape();
    shapes[1] = isotropic_shape();
    shapes[2].band[1] = NCA_BAND_LAPLACIAN;
    shapes[3].band_scale[2] = 1;
    shapes[4].alive = NCA_ALIVE_PRE;
    shapes[5].fire_rate = 1;
    shapes[6].clamp = 3;
    shapes[7].alive_threshold = 0.2f;
    for (int i = 0; i < 8; i++)
        CHECK_MSG(export_shape(&shapes[i], 1, &error) == NCA_ERR_ARGUMENT, "shape %d", i);
    CHECK(strstr(error.text, "published kind"));
}

/* ------------------------------------------------------------------- base64 */

static void test_base64(void)
{
    static const struct {
        const char *data, *text;
    } good[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {"\xfb\xff\xfe", "+//+"}};
    static const char *const bad[] = {
        "Zg=",  "Zg",       "Zg===", "Z===", "Zh==", "Zg=A",
        "=Zg=", "Zg==Zg==", "Zm8=",  "Z g=", "Z-==", "Zg\n="};
    uint8_t data[8];
    char text[12];
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        size_t size = strlen(good[i].data);
        nca_base64_encode(text, (const uint8_t *)good[i].data, size);
        CHECK_MSG(!strcmp(text, good[i].text), "%s", text);
        CHECK(nca_base64_decode(data, size, good[i].text) &&
              !memcmp(data, good[i].data, size));
        CHECK(!nca_base64_decode(data, size + 1, good[i].text));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_MSG(!nca_base64_decode(data, 1, bad[i]), "%s", bad[i]);
}

int main(void)
{
    test_published();
    test_shard();
    test_graph();
    test_constant_graph();
    test_demo();
    test_damaged();
    test_big_json();
    test_export();
    test_base64();
    return test_end();
}
