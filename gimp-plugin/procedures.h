/* SPDX-License-Identifier: MIT
 *
 * The three procedures. */
#ifndef NCA_GIMP_PROCEDURES_H
#define NCA_GIMP_PROCEDURES_H

#include "host.h"

extern const Procedure procedure_train, procedure_grow, procedure_regenerate;

Outcome train_run(Call *call);
Outcome grow_run(Call *call);
Outcome regenerate_run(Call *call);

#endif
