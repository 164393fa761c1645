/* SPDX-License-Identifier: MIT
 *
 * nca eval: how well models grow, stay and heal.  libnca judges; here it is printed. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nca_train.h"
#include "options.h"
#include "png_file.h"
#include "program.h"
#include "progress.h"
#include "target_file.h"

typedef struct EvalOptions {
    const char *target, *shot;
    int seeds, threads;
    bool hard, json;
} EvalOptions;

#define AT(field) offsetof(EvalOptions, field)

static const Option options[] = {
    {"target", 't', "FILE", OPTION_FILE, AT(target),
     .help = "the picture that the models were trained on (PNG)"},
    {"seeds", 0, "N", OPTION_INT, AT(seeds), 1, 1000,
     .help = "runs, of which the worst counts in each figure"},
    {"hard", 0, NULL, OPTION_FLAG, AT(hard),
     .help = "go on to erasers, noise, ten wounds, 100 000 steps"},
    {"json", 0, NULL, OPTION_FLAG, AT(json), .help = "print JSON"},
    {"shot", 0, "FILE", OPTION_FILE, AT(shot),
     .help = "draw growth and healing, the worst seed of each (PNG, one MODEL)"},
    {"threads", 'j', "N", OPTION_INT, AT(threads), 0, 256, "one for each processor",
     "threads"},
    {NULL},
};

static const Command command = {
    .verb = "eval",
    .operands = "MODEL... --target FILE",
    .summary = "Grows models and measures their loss after 96, 200 and 1000 steps, and "
               "how many\n"
               "of five cuts they heal; with --hard also what else they come through.",
    .notes = "The target is scaled and padded as the model says it was in its training, "
             "else to\n"
             "40 cells with 16 around them.",
    .options = options,
    .least = 1,
    .most = 1 << 20,
};

/* ------------------------------------------------------------------ judging */

typedef struct Shown {
    Progress progress;
    const char *name;
} Shown;

static bool show(void *arg, int done, int total)
{
    Shown *s = arg;
    if (progress_due(&s->progress))
        progress_show(&s->progress, "%s: run %d of %d", s->name, done, total);
    return true;
}

static int judge(NcaEval *eval, const NcaModel *model, const char *name,
                 const NcaTarget *target, const EvalOptions *o, NcaPool *pool,
                 uint8_t *shot)
{
    NcaError error;
    Shown shown = {.name = name};
    NcaEvalParams params = {
        .seeds = o->seeds,
        .hard = o->hard,
        .parallel = nca_pool_run,
        .host = pool,
        .threads = nca_pool_threads(pool),
        .progress = show,
        .progress_arg = &shown,
    };
    progress_begin(&shown.progress, 0);
    NcaStatus status = nca_eval(eval, model, target, &params, shot, &error);
    progress_end(&shown.progress);
    return status < 0 ? complain_error(name, &error) : EXIT_GOOD;
}

static int judge_and_draw(NcaEval *eval, const NcaModel *model, const char *name,
                          const NcaTarget *target, const EvalOptions *o, NcaPool *pool)
{
    int width, height;
    if (!o->shot)
        return judge(eval, model, name, target, o, pool, NULL);
    nca_eval_picture_size(target, o->hard, &width, &height);
    uint8_t *shot = calloc((size_t)width * (size_t)height, 4);
    if (!shot)
        return complain(o->shot, "out of memory");
    int status = judge(eval, model, name, target, o, pool, shot);
    if (status == EXIT_GOOD)
        status = png_file_write(o->shot, shot, width, height);
    free(shot);
    return status;
}

static int eval_file(NcaEval *eval, const char *name, const EvalOptions *o, NcaPool *pool)
{
    NcaModel *model = NULL;
    NcaTarget *target = NULL;
    int status = load_model(&model, name);
    if (status == EXIT_GOOD) {
        NcaTargetParams params = nca_target_params_of(model);
        status = target_file_read(&target, o->target, &params);
    }
    if (status == EXIT_GOOD)
        status = judge_and_draw(eval, model, name, target, o, pool);
    nca_target_free(&target);
    nca_model_free(&model);
    return status;
}

/* ----------------------------------------------------------------- printing */

static json_t *trials_of(const NcaEval *e, int first, int last)
{
    json_t *trials = json_array();
    for (int i = first; i < last; i++) {
        const NcaTrial *t = &e->trial[i];
        json_array_append_new(
            trials, json_pack("{s:s, s:o, s:o, s:o, s:[i,i], s:b}", "name", t->name,
                              "loss", json_number(t->loss), "before",
                              json_number(t->before), "bound", json_number(t->bound),
                              "shift", t->shift_x, t->shift_y, "pass", t->pass));
    }
    return trials;
}

static json_t *json_of(const NcaEval *e, const char *name, const char *target)
{
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:o, s:o, s:o, s:i, s:o}", "model", name, "target",
                  target, "seeds", e->seeds, "loss96", json_number(e->loss96), "loss200",
                  json_number(e->loss200), "loss1000", json_number(e->loss1000),
                  "regrown", e->regrown, "cuts", trials_of(e, 0, NCA_CUTS));
    if (json && e->trials > NCA_CUTS) {
        json_object_set_new(json, "passed", json_integer(e->passed));
        json_object_set_new(json, "hard", trials_of(e, NCA_CUTS, e->trials));
    }
    return json;
}

static void print_head(const NcaEval *e, int width)
{
    printf("%-*s %9s %9s %9s  %-7s", width, "model", "loss96", "loss200", "loss1000",
           "regrown");
    for (int i = 0; i < NCA_CUTS; i++)
        printf(" %9s", e->trial[i].name);
    putchar('\n');
}

static void print_row(const NcaEval *e, const char *name, int width, int row)
{
    if (row == 0)
        print_head(e, width);
    print_text(stdout, name);
    printf("%*s %9.2e %9.2e %9.2e  %d of %d ", width - (int)strlen(name), "", e->loss96,
           e->loss200, e->loss1000, e->regrown, NCA_CUTS);
    for (int i = 0; i < NCA_CUTS; i++)
        printf(" %8.1e%c", e->trial[i].loss, e->trial[i].pass ? ' ' : '!');
    putchar('\n');
}

/* Too many for columns. */
static void print_trials(const NcaEval *e, const char *name)
{
    print_text(stdout, name);
    printf(": loss@96 %.2e, @200 %.2e, @1000 %.2e\n", e->loss96, e->loss200, e->loss1000);
    for (int i = 0; i < e->trials; i++) {
        const NcaTrial *t = &e->trial[i];
        printf("  %-12s %9.2e of %8.2e  %s\n", t->name, t->loss, t->bound,
               t->pass ? "passed" : "FAILED");
    }
    printf("  %d of %d passed, worst of %d seeds\n", e->passed, e->trials, e->seeds);
}

static int eval_all(const EvalOptions *o, const Arguments *a, NcaPool *pool)
{
    int status = EXIT_GOOD, width = 5, rows = 0;
    json_t *all = json_array();
    for (int i = 0; i < a->operands; i++)
        if ((int)strlen(a->operand[i]) > width)
            width = (int)strlen(a->operand[i]);
    for (int i = 0; i < a->operands; i++) {
        NcaEval eval = {0};
        const char *name = a->operand[i];
        if (eval_file(&eval, name, o, pool) != EXIT_GOOD)
            status = EXIT_FAILED;
        else if (!o->json && o->hard)
            print_trials(&eval, name);
        else if (!o->json)
            print_row(&eval, name, width, rows++);
        else if (append_json(all, json_of(&eval, name, o->target), name) != EXIT_GOOD)
            status = EXIT_FAILED;
        fflush(stdout);
    }
    if (!o->json)
        json_decref(all);
    else if (print_json(all) != EXIT_GOOD)
        status = EXIT_FAILED;
    return status;
}

int eval_main(int argc, char **argv)
{
    EvalOptions o = {.seeds = 5};
    Arguments arguments;
    NcaPool *pool = NULL;
    int status = options_parse(&command, argc, argv, &o, &arguments);
    if (status != OPTIONS_GO_ON)
        return status;
    if (!o.target)
        return usage_error(&command, "--target FILE is expected");
    if (o.shot && arguments.operands > 1)
        return usage_error(&command, "--shot is for one MODEL");
    if (o.shot && is_same_file(o.shot, o.target))
        return usage_error(&command, "\"%s\" is the target and the shot", o.shot);
    if (o.shot && is_same_file(o.shot, arguments.operand[0]))
        return usage_error(&command, "\"%s\" is the model and the shot", o.shot);
    if ((status = check_writable(o.shot)) != EXIT_GOOD ||
        (status = new_pool(&pool, o.threads)) != EXIT_GOOD)
        return status;
    status = eval_all(&o, &arguments, pool);
    nca_pool_free(&pool);
    return status;
}
