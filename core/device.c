/* SPDX-License-Identifier: MIT
 *
 * What computes, by name. */
#include <stdlib.h>
#include <string.h>

#include "nca.h"
#include "opencl/opencl.h"
#include "status.h"

NcaStatus nca_device_parse(int *device, const char *text, NcaError *error)
{
    const char *number = text + strlen("opencl:");
    if (!strcmp(text, "cpu")) {
        *device = NCA_DEVICE_CPU;
    } else if (!strcmp(text, "opencl")) {
        *device = NCA_DEVICE_OPENCL;
    } else if (!strncmp(text, "opencl:", strlen("opencl:")) && *number &&
               strspn(number, "0123456789") == strlen(number) && strlen(number) <= 2 &&
               atoi(number) < NCA_DEVICES_MAX) {
        *device = NCA_DEVICE_FIRST + atoi(number);
    } else {
        return nca_fail(
            error, NCA_ERR_ARGUMENT,
            "\"%.40s\" where cpu, opencl or opencl:N was expected, N below %d", text,
            NCA_DEVICES_MAX);
    }
    return NCA_OK;
}

NcaStatus nca_devices_each(NcaDeviceFound *found, void *arg, NcaError *error)
{
    return nca_cl_devices_each(found, arg, error);
}
