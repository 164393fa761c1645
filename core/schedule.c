/* SPDX-License-Identifier: MIT
 *
 * The published recipe is the notebook's.  What ours does differently is told in
 * models/README.md. */
#include "schedule.h"

#include <math.h>
#include <string.h>

#include "damage.h"
#include "random.h"
#include "status.h"
#include "target.h"

enum { PUBLISHED_ITERATIONS = 8001, PUBLISHED_FAST = 2000 };
enum { STEPS_LEAST = 64, STEPS_MOST = 95 };
enum { BATCH_MOST = 256, POOL_MOST = 65536 };
/* With random weights they begin at so many cells at least. */
enum { RANDOM_LEAST = 16 };

/* What of an iteration is drawn. */
enum { DRAW_STEPS = 1, DRAW_LOSS, DRAW_SEEDS, DRAW_DAMAGED, DRAW_EARLY };

static const char *const regime_names[] = {"growing", "persistent", "regenerating"};

const char *nca_regime_name(NcaRegime regime)
{
    return regime_names[regime];
}

NcaStatus nca_regime_parse(NcaRegime *regime, const char *name, NcaError *error)
{
    for (int i = 0; i <= NCA_REGIME_REGENERATING; i++)
        if (!strcmp(name, regime_names[i])) {
            *regime = (NcaRegime)i;
            return NCA_OK;
        }
    return nca_fail(error, NCA_ERR_ARGUMENT,
                    "\"%s\" where growing, persistent or regenerating was expected",
                    name);
}

/* ----------------------------------------------------------------- presets */

NcaTrainParams nca_train_params_default(void)
{
    return (NcaTrainParams){
        .regime = NCA_REGIME_REGENERATING,
        .recipe = NCA_RECIPE_PUBLISHED,
        .channels = 16,
        .hidden = 128,
        .batch = 8,
        .pool = 1024,
        .iterations = PUBLISHED_ITERATIONS,
        .rate = 2e-3f,
        .memory = (size_t)1 << 30,
        .threads = 1,
    };
}

NcaStatus nca_train_params_preset(NcaTrainParams *params, const char *name,
                                  NcaError *error)
{
    NcaTrainParams p = nca_train_params_default();
    p.recipe = NCA_RECIPE_OWN;
    p.batch = 2;
    p.pool = 256;
    if (!strcmp(name, "draft")) {
        p.recipe = NCA_RECIPE_DRAFT;
        p.iterations = 900;
    } else if (!strcmp(name, "standard")) {
        p.iterations = 7000;
    } else if (!strcmp(name, "best")) {
        p.iterations = 40000;
    } else if (!strcmp(name, "finish")) {
        p.recipe = NCA_RECIPE_FINISHING;
        p.iterations = 16000;
    } else {
        return nca_fail(error, NCA_ERR_ARGUMENT,
                        "\"%s\" where draft, standard, best or finish was expected",
                        name);
    }
    *params = p;
    return NCA_OK;
}

NcaStatus nca_schedule_check(const NcaTrainParams *p, NcaError *error)
{
    if (p->batch < 1 || p->batch > BATCH_MOST)
        return nca_fail(error, NCA_ERR_ARGUMENT, "a batch of %d, 1 … %d are possible",
                        p->batch, BATCH_MOST);
    if (p->pool < 1 || p->pool > POOL_MOST)
        return nca_fail(error, NCA_ERR_ARGUMENT, "a pool of %d, 1 … %d are possible",
                        p->pool, POOL_MOST);
    if (nca_schedule_has_pool(p) && p->pool < p->batch)
        return nca_fail(error, NCA_ERR_ARGUMENT, "a pool of %d for batches of %d",
                        p->pool, p->batch);
    if (p->iterations < 1 || p->iterations > NCA_ITERATIONS_MAX)
        return nca_fail(error, NCA_ERR_ARGUMENT, "%lld iterations, 1 … %lld are possible",
                        (long long)p->iterations, (long long)NCA_ITERATIONS_MAX);
    if (!(p->minutes >= 0) || !(p->minutes <= 1e9))
        return nca_fail(error, NCA_ERR_ARGUMENT, "%g minutes", p->minutes);
    if (!(p->rate > 0) || !(p->rate <= 1))
        return nca_fail(error, NCA_ERR_ARGUMENT, "a learning rate of %g",
                        (double)p->rate);
    return NCA_OK;
}

bool nca_schedule_has_pool(const NcaTrainParams *p)
{
    return p->regime != NCA_REGIME_GROWING;
}

/* ------------------------------------------------------------------- plans */

/* Uniform in low … high. */
static int draw(const NcaTrainParams *p, int64_t iteration, uint64_t what, int low,
                int high)
{
    uint64_t hash = nca_hash3(p->seed, (uint64_t)iteration, what);
    return low + (int)(hash % (uint64_t)(high - low + 1));
}

static NcaPlan published(const NcaTrainParams *p, int64_t iteration, double progress)
{
    bool fast = p->minutes > 0
                    ? progress < (double)PUBLISHED_FAST / PUBLISHED_ITERATIONS
                    : iteration <= p->iterations * PUBLISHED_FAST / PUBLISHED_ITERATIONS;
    NcaPlan plan = {
        .rate = fast ? p->rate : p->rate * 0.1,
        .steps = draw(p, iteration, DRAW_STEPS, STEPS_LEAST, STEPS_MOST),
        .losses = 1,
        .loss_weight = {1},
        .seeds = nca_schedule_has_pool(p) ? 1 : p->batch,
        .damaged = p->regime == NCA_REGIME_REGENERATING ? 3 : 0,
    };
    plan.loss_step[0] = plan.steps;
    return plan;
}

/* To reach the rim takes about 1.25 steps a cell of the longest side, to refine the
 * picture 15 to 45 more. */
static int steps_of(int side, int more)
{
    return side * 5 / 4 + more;
}

/* Up within the first 2 %, then flat, then half a cosine down. */
static double one_cycle(double progress)
{
    const double up = 0.02, down = 0.25, least = 0.005;
    if (progress < up)
        return 0.1 + 0.9 * progress / up;
    if (progress < down)
        return 1;
    double x = (progress - down) / (1 - down);
    return least + (1 - least) * 0.5 * (1 + cos(M_PI * fmin(x, 1)));
}

/* The loss counts at the last step and at one before it, late enough for a picture. */
static void set_losses(NcaPlan *plan, const NcaTrainParams *p, int64_t iteration)
{
    int early = plan->steps * 3 / 5;
    plan->losses = 2;
    plan->loss_step[0] = draw(p, iteration, DRAW_LOSS, early, plan->steps - 1);
    plan->loss_step[1] = plan->steps;
    plan->loss_weight[0] = plan->loss_weight[1] = 0.5f;
}

/* A number of samples, rounded so that its mean over iterations is exact. */
static int round_by_chance(const NcaTrainParams *p, int64_t iteration, uint64_t what,
                           double samples)
{
    uint64_t hash = nca_hash3(p->seed, (uint64_t)iteration, what);
    return (int)(samples + nca_uniform(hash));
}

/* What part of the training each stage has. */
static double share_of(int first)
{
    return 1.0 / (first + 1);
}

/* The longer the run, the more a change of the weights changes its end. */
static double for_side(int side)
{
    return fmin(1, 40.0 / side);
}

/* The size of the picture at that progress; returns the progress with that size. */
static double enter_stage(NcaPlan *plan, int first, double progress)
{
    double share = share_of(first);
    plan->stage = first;
    while (plan->stage > 0 && progress >= share) {
        progress -= share;
        plan->stage--;
    }
    return progress / share;
}

/* 0 before that part of a stage, 1 after `length` more. */
static double ramp(double progress, double begin, double length)
{
    return fmax(0, fmin((progress - begin) / length, 1));
}

/* A wound can take what told a creature its place, and then a perfect one a cell aside is
 * all that can be asked.  1 cell in 20, and no further than there is room for the
 * picture. */
static int aside(const NcaTarget *target, int side)
{
    const int most = 4;
    int cells = side < 20 * most ? (side + 19) / 20 : most;
    int room = nca_target_padding(target);
    return cells < room ? cells : room;
}

/* Whoever heals well sometimes leaves a limb that forgot itself, or becomes whole far
 * aside.  Before healing is learnt most samples would be such, and learn to die. */
static void tidy(NcaPlan *plan)
{
    plan->stray_weight = 0.15f;
    plan->put_back = plan->let_die = true;
}

/* What does not heal yet has by far the largest gradients, and is rare: it counts for
 * what it is, and in the end, when the picture is made fine again, all count alike. */
static void set_finish(NcaPlan *plan, const NcaTrainParams *p, int64_t iteration,
                       double part)
{
    /* From a fifth to three fifths of the way: what is left of a creature forgets what it
     * was, or not, within so many steps. */
    plan->early_step =
        draw(p, iteration, DRAW_EARLY, plan->steps / 5, plan->steps * 3 / 5 - 1);
    plan->early_weight = 0.25f;
    plan->erased = 0.35;
    plan->holed = 0.15;
    plan->keep_placed = true;
    plan->usual_share = 1 - ramp(part, 0.6, 0.15);
    plan->place_weight = 0.05f * (float)plan->usual_share;
}

/* How many of those that go on are wounded, and again before they have healed.  A draft
 * has just the time to heal what is not too bad. */
static void set_wounds(NcaPlan *plan, const NcaTrainParams *p, int64_t iteration,
                       int side, double share)
{
    if (p->regime == NCA_REGIME_REGENERATING)
        plan->damaged =
            round_by_chance(p, iteration, DRAW_DAMAGED, share * (p->batch - plan->seeds));
    plan->again = p->recipe == NCA_RECIPE_DRAFT ? 0 : 4;
    plan->pause_least = side / 4;
    plan->pause_most = side;
}

/* Each size of the picture is a training of its own.  Half of the samples begin as the
 * seed until growing is learnt, then fewer, so that others grow old and staying is
 * learnt. */
static NcaPlan own(const NcaTrainParams *p, const NcaTarget *target, int first,
                   int64_t iteration, double progress)
{
    bool finishing = p->recipe == NCA_RECIPE_FINISHING;
    bool draft = p->recipe == NCA_RECIPE_DRAFT;
    NcaPlan plan = {
        .overflow_weight = 0.01f,
        .seeds = p->batch,
        .mixed = true,
        .reseed = true,
        .hopeless = 0.7,
    };
    double part = enter_stage(&plan, first, progress);
    int side = nca_schedule_side(target, plan.stage);
    plan.rate = p->rate * one_cycle(part) * for_side(side);
    plan.aside = aside(target, side);
    /* The finish goes on where learning ended. */
    double grown = finishing ? 1 : part;
    if (p->regime == NCA_REGIME_REGENERATING && plan.stage == 0 && grown > 0.6 && !draft)
        tidy(&plan);
    plan.steps = draw(p, iteration, DRAW_STEPS, steps_of(side, 14), steps_of(side, 45));
    set_losses(&plan, p, iteration);
    if (finishing)
        set_finish(&plan, p, iteration, part);
    if (nca_schedule_has_pool(p))
        plan.seeds = round_by_chance(p, iteration, DRAW_SEEDS,
                                     (0.5 - 0.35 * ramp(grown, 0.4, 0.3)) * p->batch);
    double wounded = finishing ? 0.85
                     : draft   ? 0.3
                               : 0.6; /* of those that are not seeds */
    set_wounds(&plan, p, iteration, side, wounded * ramp(grown, 0.1, 0.3));
    return plan;
}

NcaPlan nca_schedule_plan(const NcaTrainParams *params, const NcaTarget *target,
                          int first, int64_t iteration, double progress)
{
    NcaPlan plan = params->recipe == NCA_RECIPE_PUBLISHED
                       ? published(params, iteration, progress)
                       : own(params, target, first, iteration, progress);
    int left = params->batch - plan.seeds;
    plan.damaged = plan.damaged < left ? plan.damaged : left;
    return plan;
}

/* Time that an iteration of that stage takes: cells times steps. */
static double cost_of(const NcaTarget *target, int stage)
{
    int side = nca_schedule_side(target, stage);
    return (double)side * side * steps_of(side, 30);
}

static double whole_cost(const NcaTarget *target, int first)
{
    double sum = 0;
    for (int stage = first; stage >= 0; stage--)
        sum += cost_of(target, stage);
    return sum * share_of(first);
}

double nca_schedule_time(const NcaTarget *target, int first, double progress)
{
    double sum = 0, left = progress;
    for (int stage = first; stage >= 0; stage--) {
        double part = fmin(left, share_of(first));
        sum += part * cost_of(target, stage);
        left -= part;
    }
    return fmin(sum / whole_cost(target, first), 1);
}

double nca_schedule_progress(const NcaTarget *target, int first, double time)
{
    double progress = 0, left = time * whole_cost(target, first);
    if (time >= 1)
        return 1;
    for (int stage = first; stage >= 0; stage--) {
        double part = fmin(left / cost_of(target, stage), share_of(first));
        progress += part;
        left -= part * cost_of(target, stage);
    }
    return fmin(progress, 1);
}

int nca_schedule_side(const NcaTarget *target, int stage)
{
    return (int)(nca_target_size(target) * nca_stage_part(stage) + 0.5);
}

/* No smaller than what it knows, or can learn from nothing. */
int nca_schedule_first(const NcaTrainParams *params, const NcaTarget *target, int known)
{
    int least = known > 0 ? known : RANDOM_LEAST, stage = 0;
    bool small_first =
        params->recipe == NCA_RECIPE_OWN || params->recipe == NCA_RECIPE_DRAFT;
    while (small_first && stage < NCA_STAGES_MAX &&
           nca_schedule_side(target, stage + 1) >= least)
        stage++;
    return stage;
}

int nca_schedule_steps_max(const NcaTrainParams *params, const NcaTarget *target)
{
    return params->recipe == NCA_RECIPE_PUBLISHED ? STEPS_MOST
                                                  : steps_of(nca_target_size(target), 45);
}
