/* SPDX-License-Identifier: MIT
 *
 * What host3.c and its dialog share. */
#ifndef NCA_GIMP_HOST3_H
#define NCA_GIMP_HOST3_H

#include <libgimp/gimp.h>

#include "options.h"

/* Call.host */
typedef struct Host3 {
    GimpProcedure *procedure;
    GimpProcedureConfig *config;
} Host3;

/* Between GIMP's config and a struct of values. */
void host3_read_values(GimpProcedureConfig *config, const Option *options,
                       gpointer values);
void host3_write_values(GimpProcedureConfig *config, const Option *options,
                        gpointer values);

#endif
