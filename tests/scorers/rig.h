#ifndef ASSAY_TESTS_SCORERS_RIG_H
#define ASSAY_TESTS_SCORERS_RIG_H

/* Scores one sample by scorers written as in a suite, without a suite file: load, say what the case and its output are, run, look. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/diag.h"
#include "model/environment.h"
#include "model/service.h"
#include "model/suite.h"
#include "scorers/scorer.h"
#include "scorers/scoring.h"

enum { RIG_SCORERS_MAX = 16, RIG_DIMENSIONS_MAX = 32 };

struct rig {
    struct arena arena, sample_arena;
    struct diag diag;
    struct environment environment;
    struct scorer_env env;
    struct scorer_use *uses[RIG_SCORERS_MAX];
    const struct scorer_use *shown[RIG_SCORERS_MAX]; /* the same, as a suite has them */
    struct dimension dimensions[RIG_DIMENSIONS_MAX];
    struct suite suite;
    struct variant variant;
    struct eval_case eval_case;
    struct value row, vars;
    struct output output;
    struct call_result reply;          /* what programs answer */
    const struct call_result *replies; /* not NULL: what is answered to the first calls, `reply` after them */
    size_t reply_count;
    struct str asked; /* stdin of the last program, body of the last request */
    struct call last_call;
    struct service service;
    bool has_parent_span;
    int64_t turn_ns;     /* 0 = in one go */
    size_t turns, calls; /* of the last run */
    struct scoring_result result;
};

struct rig *rig_new(void);
void rig_free(struct rig **rig);
#define RIG(name) struct rig *name CLEANUP(rig_free) = rig_new()

/* `text`: a YAML list of scorers. What was loaded before is gone. rig_load shows the faults there are. */
bool rig_try_load(struct rig *rig, const char *text);
bool rig_load(struct rig *rig, const char *name, const char *text);
struct str rig_faults(struct rig *rig); /* with places and hints, as people see them */

void rig_expected(struct rig *rig, const char *json); /* NULL: the case has none */
void rig_row(struct rig *rig, const char *json);      /* the data row's map */
void rig_text(struct rig *rig, struct str text);      /* the output is this text */
void rig_json(struct rig *rig, const char *json);     /* the output is this value */
void rig_reply(struct rig *rig, const char *text);    /* programs end well and write this */

/* Scores into rig->result; NULL when there is no score of that name. */
void rig_run(struct rig *rig);
const struct score *rig_score(const struct rig *rig, const char *dimension);

/* One scorer over one text, its main score. `expected`: JSON, NULL = none. `comment`: part of it, NULL = not looked at. Scored in one go and in
 * turns of next to no time: both say the same. */
struct scored {
    const char *name, *scorer, *output, *expected;
    enum score_outcome outcome;
    const char *comment;
};
void check_scored(const struct scored *rows, size_t count);

/* One list of scorers that is refused with one fault that holds `part`; `hint` in its hint, col of its place (NULL, 0 = not looked at). */
struct refused {
    const char *name, *scorers, *part, *hint;
    uint32_t col;
};
void check_refused(const struct refused *rows, size_t count);

#endif
