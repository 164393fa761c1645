/* SPDX-License-Identifier: MIT
 *
 * nca_eval with one seed, in a thread of its own. */
#ifndef NCA_GIMP_JUDGE_H
#define NCA_GIMP_JUDGE_H

#include <glib.h>

#include "nca_train.h"

typedef struct Judge Judge;

/* Both are copied.  NULL where there is no memory or no thread for it. */
Judge *judge_start(const NcaModel *model, const NcaTarget *target);

/* Whether it has come to its end. */
gboolean judge_finished(Judge *judge);

/* Its verdict: false while there is none, and where there will be none. */
gboolean judge_poll(Judge *judge, NcaEval *eval);

/* How long it has run so far, or ran; seconds. */
double judge_seconds(Judge *judge);

/* Returns at once; a thread that still runs ends by itself after one run of the
 * evaluation at most.  NULL is accepted. */
void judge_free(Judge *judge);

#endif
