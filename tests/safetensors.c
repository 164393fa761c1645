/* SPDX-License-Identifier: MIT
 *
 * safetensors made by hand: the number types, every mistake that a header can hold, every
 * length it can be cut to and every bit that can be flipped in it. */
#include "model.h"
#include "models.h"

/* A safetensors file of this header and `size` bytes that begin with `data`. */
static uint8_t *make_file(const char *header, const void *data, size_t size,
                          size_t *total)
{
    size_t length = strlen(header);
    uint8_t *file = calloc(1, 8 + length + size);
    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)((uint64_t)length >> (8 * i));
    memcpy(file + 8, header, length);
    if (data)
        memcpy(file + 8 + length, data, size);
    *total = 8 + length + size;
    return file;
}

#define ENTRY(name, type, shape, begin, end)                                             \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":[" begin  \
    "," end "]}"
#define W1 ENTRY("w1", "F32", "[2,12]", "0", "96")
#define B1 ENTRY("b1", "F32", "[2]", "96", "104")
#define W2 ENTRY("w2", "F32", "[4,2]", "104", "136")
#define B2 ENTRY("b2", "F32", "[4]", "136", "152")
#define ALL W1 "," B1 "," W2 "," B2

/* The three number types; 1.5, -2, the smallest and the largest of each. */
static void test_types(void)
{
    static const uint16_t half[] = {0x3e00, 0xc000, 0x0001, 0x7bff, 0x0400, 0x8001};
    static const float of_half[] = {1.5f, -2, 0x1p-24f, 65504, 0x1p-14f, -0x1p-24f};
    static const uint16_t brain[] = {0x3fc0, 0xc000, 0x0001, 0x7f7f, 0x0080, 0x8001};
    uint16_t data[38] = {0};
    for (int brains = 0; brains < 2; brains++) {
        char header[512];
        size_t size;
        NcaModel *m = NULL;
        NcaError error = {""};
        snprintf(header, sizeof(header),
                 "{\"b1\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,4]},"
                 "\"w2\":{\"dtype\":\"%s\",\"shape\":[4,2],\"data_offsets\":[4,20]},"
                 "\"w1\":{\"dtype\":\"%s\",\"shape\":[2,12],\"data_offsets\":[20,68]}}  ",
                 brains ? "BF16" : "F16", brains ? "BF16" : "F16",
                 brains ? "BF16" : "F16");
        memcpy(data + 2, brains ? brain : half, sizeof(half));
        uint8_t *file = make_file(header, data, 68, &size);
        CHECK_MSG(nca_model_parse(&m, file, size, &error) == NCA_OK, "%s", error.text);
        for (int i = 0; m && i < 6; i++) {
            uint32_t bits = (uint32_t)brain[i] << 16;
            float expected = of_half[i];
            if (brains)
                memcpy(&expected, &bits, 4);
            CHECK_MSG(nca_model_tensor(m, NCA_W2)[i] == expected, "%d %d", brains, i);
        }
        CHECK(m && !nca_model_shape(m)->output_bias && nca_model_shape(m)->channels == 4);
        nca_model_free(&m);
        free(file);
    }
}

typedef struct Wrong {
    const char *header, *reason;
} Wrong;

/* Each is the good header with one mistake. */
static const Wrong wrongs[] = {
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F64", "[4]", "136", "152") "}",
     "b2 is not of type"},
    {"{" W1 "," B1 "," B2 "}", "w2 is missing"},
    {"{" ALL "," B2 "}", "duplicate"},
    {"{" ALL "," ENTRY("extra", "F32", "[0]", "0", "0") "}", "extra"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[4]", "132", "148") "}", "overlap"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[4]", "140", "156") "}", "outside"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[4]", "152", "136") "}", "outside"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[4]", "-16", "0") "}", "outside"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[3]", "136", "152") "}",
     "16 bytes where"},
    {"{" W1 "," B1 "," W2
     "," ENTRY("b2", "F32", "[4]", "136", "99999999999999999999") "}",
     "too big"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[1,4]", "136", "152") "}", "b1 or b2"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[4.0]", "136", "152") "}", "absurd"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "[1,1,4]", "136", "152") "}", "absurd"},
    {"{" W1 "," B1 "," W2 "," ENTRY("b2", "F32", "4", "136", "152") "}", "absurd"},
    {"{" W1 "," B1 "," W2 "}", "136 bytes of tensors where there are 152"},
    {"{" ENTRY("w1", "F32", "[12,2]", "0", "96") "," B1 "," W2 "," B2 "}", "w1 is 12×2"},
    {"{" ENTRY("w1", "F32", "[24]", "0", "96") "," B1 "," W2 "," B2 "}",
     "two dimensions"},
    {"{" ENTRY("w1", "F32", "[4294967296,4294967296]", "0", "96") "," B1 "," W2 "," B2
                                                                  "}",
     "absurd"},
    {"{\"__metadata__\":{\"channels\":\"16\"}," ALL "}", "channels is 16"},
    {"{\"__metadata__\":{\"hidden\":\"nan\"}," ALL "}", "hidden \"nan\""},
    {"{\"__metadata__\":{\"fire_rate\":\"0,5\"}," ALL "}", "fire_rate \"0,5\""},
    {"{\"__metadata__\":{\"fire_rate\":\"2\"}," ALL "}", "fire rate"},
    {"{\"__metadata__\":{\"fire_rate\":0.5}," ALL "}", "not a string"},
    {"{\"__metadata__\":{\"bands\":\"identity\"}," ALL "}", "w1 is 2×12 where 2×4"},
    {"{\"__metadata__\":{\"bands\":\"identity,sobel_x,sobel_x\"}," ALL "}",
     "there twice"},
    {"{\"__metadata__\":{\"bands\":\"identity,sobel\"}," ALL "}", "bands"},
    {"{\"__metadata__\":{\"bands\":\"\"}," ALL "}", "bands"},
    {"{\"__metadata__\":{\"band_scale\":\"1,2\"}," ALL "}", "band_scale"},
    {"{\"__metadata__\":{\"band_scale\":\"1,2,3,4\"}," ALL "}", "band_scale"},
    {"{\"__metadata__\":{\"band_scale\":\"1,2,1e300\"}," ALL "}", "band_scale"},
    {"{\"__metadata__\":{\"version\":\"2\"}," ALL "}", "version"},
    {"{\"__metadata__\":{\"edge\":\"torus\"}," ALL "}", "edge \"torus\""},
    {"{\"__metadata__\":[]," ALL "}", "not an object"},
    {"{\"__metadata__\":{\"a\":\"\xff\"}," ALL "}", "decode byte 0xff"},
    {"{\"__metadata__\":{\"a\":\"\\u0000\"}," ALL "}", "NUL"},
    {"{\"__metadata__\":{\"alive\":\"\\u001b[2J\\n\"}," ALL "}", "alive \"?[2J?\""},
    {"{" ALL "", "'}'"},
    {"{" ALL "} x", "end of file"},
    {"{}", "w1 is missing"},
};

static bool is_one_line(const char *text)
{
    return *text && !strpbrk(text, "\n\r\t") && text[strlen(text) - 1] != '.';
}

static void test_wrong_headers(void)
{
    float data[38] = {0};
    size_t size;
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        NcaModel *m = NULL;
        NcaError error = {""};
        uint8_t *file = make_file(wrongs[i].header, data, sizeof(data), &size);
        CHECK_MSG(nca_model_parse(&m, file, size, &error) == NCA_ERR_FORMAT && !m, "%s",
                  wrongs[i].header);
        CHECK_MSG(strstr(error.text, wrongs[i].reason), "\"%s\", not \"%s\"", error.text,
                  wrongs[i].reason);
        CHECK(is_one_line(error.text));
        free(file);
    }
    NcaModel *m = NULL;
    uint8_t *file = make_file("{" ALL "}", data, sizeof(data), &size);
    CHECK(nca_model_parse(&m, file, size, NULL) == NCA_OK);
    nca_model_free(&m);
    free(file);
}

/* A length that begins like a JSON is still a length. */
static void test_length_like_text(void)
{
    float data[38] = {0};
    char header[0x5b21];
    size_t size;
    memset(header, ' ', sizeof(header));
    memcpy(header, "{" ALL "}", strlen("{" ALL "}"));
    header[0x5b20] = 0; /* its first bytes are then " [" */
    uint8_t *file = make_file(header, data, sizeof(data), &size);
    NcaModel *m = NULL;
    CHECK(nca_model_parse(&m, file, size, NULL) == NCA_OK);
    nca_model_free(&m);
    free(file);
}

static void test_huge_headers(void)
{
    size_t length = (1 << 20) + 8, size;
    char *header = malloc(length + 1);
    NcaModel *m = NULL;
    NcaError error = {""};
    memset(header, ' ', length);
    header[0] = '{';
    header[length] = 0;
    uint8_t *file = make_file(header, NULL, 0, &size);
    CHECK(nca_model_parse(&m, file, size, &error) == NCA_ERR_FORMAT);
    CHECK(strstr(error.text, "a header of 1048584 bytes"));
    free(file);
    memcpy(header, "{\"w1\":", 6);
    memset(header + 6, '[', 1 << 19);
    header[6 + (1 << 19)] = 0;
    file = make_file(header, NULL, 0, &size);
    CHECK(nca_model_parse(&m, file, size, &error) == NCA_ERR_FORMAT);
    CHECK(strstr(error.text, "depth"));
    free(file);
    free(header);
}

/* --------------------------------------------------------- damaged in transit */

static uint8_t *good_file(size_t *size)
{
    NcaShape shape = tiny_shape();
    NcaModel *m = filled(&shape);
    void *data = NULL;
    nca_model_set_meta(m, "name", "ünïcode");
    CHECK(nca_safetensors_write(m, &data, size, NULL) == NCA_OK);
    nca_model_free(&m);
    return data;
}

/* Exactly as long as it says, so that the sanitizer sees a read behind it. */
static NcaStatus parse_part(const uint8_t *file, size_t size)
{
    uint8_t *part = malloc(size ? size : 1);
    NcaModel *m = NULL;
    NcaError error = {""};
    memcpy(part, file, size);
    NcaStatus status = nca_model_parse(&m, part, size, &error);
    CHECK((status == NCA_OK) == (m != NULL));
    CHECK_MSG(status == NCA_OK || is_one_line(error.text), "%s", error.text);
    if (m) {
        CHECK(nca_shape_check(nca_model_shape(m), NULL) == NCA_OK);
        CHECK(nca_model_check(m, NULL) == NCA_OK);
    }
    nca_model_free(&m);
    free(part);
    return status;
}

static void test_truncations(void)
{
    size_t size;
    uint8_t *file = good_file(&size);
    uint8_t *longer = calloc(1, size + 1);
    memcpy(longer, file, size);
    CHECK(parse_part(longer, size) == NCA_OK);
    CHECK(parse_part(longer, size + 1) == NCA_ERR_FORMAT);
    for (size_t n = 0; n < size; n++)
        CHECK_MSG(parse_part(file, n) == NCA_ERR_FORMAT, "cut to %zu of %zu", n, size);
    free(longer);
    free(file);
}

static void test_flipped_bits(void)
{
    size_t size, header;
    uint8_t *file = good_file(&size);
    int refused = 0;
    header = 8 + file[0] + 256u * file[1];
    for (size_t i = 0; i < 8 * header; i++) {
        file[i / 8] ^= (uint8_t)(1u << i % 8);
        refused += parse_part(file, size) == NCA_ERR_FORMAT;
        file[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    CHECK_MSG(refused > (int)header * 4, "%d of %zu refused", refused, 8 * header);
    free(file);
}

static void test_not_finite(void)
{
    static const float values[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        NcaShape shape = tiny_shape();
        NcaModel *m = filled(&shape), *back = NULL;
        NcaError error = {""};
        size_t size;
        void *data = NULL;
        nca_model_tensor_mut(m, NCA_W2)[7] = values[i];
        CHECK(nca_safetensors_write(m, &data, &size, NULL) == NCA_OK);
        CHECK(nca_model_parse(&back, data, size, &error) == NCA_ERR_FORMAT && !back);
        CHECK_MSG(strstr(error.text, "w2[7]"), "%s", error.text);
        CHECK(nca_model_save(m, "/dev/null", NCA_FORMAT_SAFETENSORS, NULL) ==
              NCA_ERR_FORMAT);
        nca_model_free(&m);
        free(data);
    }
}

/* What Rust's reader demands beside the offsets: a brace first, tensors aligned. */
static void test_written_form(void)
{
    size_t size;
    uint8_t *file = good_file(&size);
    size_t header = file[0] + 256u * file[1];
    CHECK(header % 8 == 0 && file[8] == '{');
    CHECK(
        !memcmp(file + 8, "{\"__metadata__\":{\"format\":\"nca\",\"version\":\"1\"", 41));
    CHECK(size == 8 + header + 4 * 38);
    free(file);
}

int main(void)
{
    test_types();
    test_wrong_headers();
    test_length_like_text();
    test_huge_headers();
    test_truncations();
    test_flipped_bits();
    test_not_finite();
    test_written_form();
    return test_end();
}
