/* SPDX-License-Identifier: MIT
 *
 * From a PNG file to a target. */
#ifndef NCA_TARGET_FILE_H
#define NCA_TARGET_FILE_H

#include "nca_train.h"

/* Returns an exit status, see program.h. */
int target_file_read(NcaTarget **target, const char *path, const NcaTargetParams *params);

#endif
