#ifndef ASSAY_MODEL_GATE_H
#define ASSAY_MODEL_GATE_H

/* A gate as a suite or a flag gives it, and what became of it: everything that print, report and exit code need, so that nobody computes it again.
 *
 * Words:  the *line* is the number that decides: the threshold, or the baseline's figure with margin or factor. A gate with confidence makes two
 *         claims about it. The *pass claim* is that the condition holds (for a regression: "not worse than the line"), the *fail claim* that it
 *         does not. Neither shown: GATE_CANNOT_TELL.
 * Units:  those of the statistic, as written in the suite (nothing is mirrored for "lower is better"). A difference is candidate - baseline; where
 *         is_ratio is set, difference, interval, bound and mde are ratios candidate / baseline (mde: 0.1 = ten per cent more). */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "data/gate_expr.h"
#include "model/how.h"

enum gate_severity { GATE_FAIL, GATE_WARN };

/* How it is decided: the figure alone; shown or failed; failed only when worse is shown. */
enum gate_form { GATE_PLAIN, GATE_CLAIM, GATE_REGRESSION };
extern const char *const GATE_FORM_WORDS[]; /* NULL-ended */

struct baseline_list;

enum gate_unknown { UNKNOWN_BY_FORM, UNKNOWN_PASSES, UNKNOWN_FAILS }; /* on_inconclusive */

struct gate {
    struct gate_expr expr;
    enum gate_severity severity;
    enum gate_unknown on_inconclusive;
    uint64_t min_cases;                   /* of a claim; 0 = as docs/statistics.md says */
    const struct baseline_list *baseline; /* of its own; NULL = the suite's */
    struct src_pos pos;
    bool is_implied; /* no gates given: `pass_rate >= 100%` */
};

bool gate_needs_baseline(const struct gate *gate);
enum gate_form gate_form_of(const struct gate_expr *expr);

enum gate_outcome { GATE_HOLDS, GATE_BROKEN, GATE_CANNOT_TELL, GATE_NOT_JUDGED };

/* Which way of the line is bad, in what the statistic measures: below it (accuracy) or above it (latency). */
enum gate_worse { GATE_WORSE_BELOW, GATE_WORSE_ABOVE };

/* What a gate with confidence was decided by. */
struct gate_evidence {
    double confidence;          /* 0.95; the claims are one-sided at alpha = 1 - confidence */
    enum gate_worse worse;      /* the fail claim is "on this side of the line" */
    struct stat_interval drawn; /* two-sided 95 %, of the estimate or the difference; how.method NONE = there is none */
    struct stat_interval bounds; /* one-sided at alpha each, of the fail claim at the level that Holm left it */
    struct stat_how how;         /* of the test */
    double statistic;            /* z, t or a count, as the method says */
    double p_fail, p_pass;       /* of the two claims */
    double p_fail_adjusted;      /* by Holm, over `family` fail claims of the verdict */
    uint64_t family;             /* m; 1 = not adjusted */
    bool has_pairs;              /* binary differences: cases that only the candidate, only the baseline got right */
    uint64_t pairs_b, pairs_c;
    double p_exact; /* exact McNemar p of the fail claim, beside the mid-p; with has_pairs at the line 0 */
    bool has_mde;
    double mde; /* what could have been seen, from the noise alone: a change of so much, beyond no margin at all */
    double mde_beyond; /* the same beyond the margin: the change from the baseline that this gate could have seen */
};

struct gate_result {
    struct str text; /* the gate as written */
    enum gate_severity severity;
    enum gate_outcome outcome;
    enum gate_form form;
    bool fails; /* the verdict counts it as failed; never a warning */
    bool warns; /* what would have failed, were its severity not `warn` */
    bool is_implied;
    bool has_left, has_right;
    double left, right; /* what was compared: the candidate's figure, the line */
    uint64_t n;         /* cases (or what the statistic counts) behind the left side; of a comparison: pairs */
    uint64_t clusters;  /* of those cases; 0 = every case its own */
    uint64_t
        needed; /* cases it would take: to be judged at all, or to show it if things stay as they are; 0 = not known */
    struct str reason; /* a sentence: "0.715 is below 0.8 (143 of 200)" */

    bool has_reference, is_ratio; /* compared with another figure: the baseline's, another variant's */
    double reference, difference; /* the other figure over the same cases; this one less that, or their ratio */
    double margin;                /* `- 0.02`, `beyond 0.02` as 0.02; `* 1.1` as 1.1 with is_ratio; 0 = none */
    uint32_t baseline;            /* place in summary.baselines plus 1; 0 = none */

    bool has_evidence; /* with confidence, and judged */
    struct gate_evidence evidence;
};

const char *gate_outcome_word(enum gate_outcome outcome); /* "passed", "failed", "cannot_tell", "not_judged" */

#endif
