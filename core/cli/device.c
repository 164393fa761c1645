/* SPDX-License-Identifier: MIT
 *
 * Just one device or none; or any, and the processor where there is none. */
#include "device.h"

bool device_read(const char *text, void *device)
{
    return nca_device_parse(device, text, NULL) == NCA_OK;
}

int check_device(int device, NcaStatus status, const NcaError *error, bool *told)
{
    if (status == NCA_OK)
        return EXIT_GOOD;
    if (device >= NCA_DEVICE_FIRST)
        return complain_error("--device", error);
    if (!*told)
        complain("--device", "%s; the processor computes", error->text);
    *told = true;
    return EXIT_GOOD;
}
