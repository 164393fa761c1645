/* SPDX-License-Identifier: MIT
 *
 * nca convert: a model in another format, told by the ending of the new file's name. */
#include <string.h>

#include "options.h"
#include "program.h"

static const Option options[] = {{NULL}};

static const Command command = {
    .verb = "convert",
    .operands = "IN OUT.bin|OUT.json",
    .summary = "Writes a model in another format.",
    .notes =
        "IN may be safetensors, the browser demo's JSON, a TF.js graph or a TensorFlow\n"
        "checkpoint shard, told by its content.  OUT.bin is safetensors and keeps all;\n"
        "OUT.json is the browser demo's, 8 bits a weight.",
    .options = options,
    .least = 2,
    .most = 2,
};

static bool format_of(const char *path, NcaFormat *format)
{
    size_t length = strlen(path);
    bool is_bin = length > 4 && !strcmp(path + length - 4, ".bin");
    bool is_json = length > 5 && !strcmp(path + length - 5, ".json");
    *format = is_json ? NCA_FORMAT_DEMO_JSON : NCA_FORMAT_SAFETENSORS;
    return is_bin || is_json;
}

int convert_main(int argc, char **argv)
{
    Arguments arguments;
    NcaModel *model;
    NcaError error;
    NcaFormat format;
    int status = options_parse(&command, argc, argv, NULL, &arguments);
    if (status != OPTIONS_GO_ON)
        return status;
    const char *out = arguments.operand[1];
    if (!format_of(out, &format))
        return usage_error(&command, "\"%s\" does not end in .bin or .json", out);
    if ((status = load_model(&model, arguments.operand[0])) != EXIT_GOOD)
        return status;
    if (nca_model_save(model, out, format, &error) < 0)
        status = complain_error(NULL, &error);
    nca_model_free(&model);
    return status;
}
