/* SPDX-License-Identifier: MIT
 *
 * --device: what computes, the same option in every verb that has it. */
#ifndef NCA_CLI_DEVICE_H
#define NCA_CLI_DEVICE_H

#include "options.h"
#include "program.h"

/* The option's row; at: of an int, one of NCA_DEVICE_CPU, …, in the struct of values. */
#define DEVICE_OPTION(at)                                                                \
    {                                                                                    \
        .name = "device", .argument = "cpu|opencl[:N]", .kind = OPTION_READ,             \
        .offset = (at), .initial = "cpu", .help = "what computes, see nca devices",      \
        .read = device_read, .expected = "cpu, opencl or opencl:N, N below 64"           \
    }

/* An OPTION_READ function. */
bool device_read(const char *text, void *device);

/* Judges the answer of a grid or a trainer: why it is not on `device`.  EXIT_FAILED where
 * it was asked for by its number; else the processor goes on, which is told once, by
 * *told. */
int check_device(int device, NcaStatus status, const NcaError *error, bool *told);

#endif
