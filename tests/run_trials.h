/* SPDX-License-Identifier: MIT
 *
 * What the tests of the harder trials share: which is which, and running one. */
#ifndef NCA_TEST_RUN_TRIALS_H
#define NCA_TEST_RUN_TRIALS_H

#include "hands.h"
#include "trials.h"

enum { SWIPES = 5, SCATTERED, NOISE, THIRDS, AGAIN, BITS, BESIDE, TURNED };
enum { OLD = TURNED + 3 };

static inline NcaTrial run_trial(const NcaModel *model, const NcaTarget *target,
                                 int trial, uint64_t seed_of_run, NcaShot *first,
                                 NcaShot *last)
{
    atomic_bool never = false;
    NcaRun run;
    NcaTrial verdict = {0};
    CHECK(nca_run_init(&run, model, target, &never, NULL) == NCA_OK);
    run.seed = seed_of_run;
    run.first = first;
    run.last = last;
    CHECK(nca_trial_run(&run, trial, &verdict, NULL) == NCA_OK);
    nca_run_uninit(&run);
    return verdict;
}

#endif
