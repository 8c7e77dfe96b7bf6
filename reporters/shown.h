#ifndef ASSAY_REPORTERS_SHOWN_H
#define ASSAY_REPORTERS_SHOWN_H

/* Figures and records as people read them, the same in every report: as many digits as a number is worth, and nothing that is not everything looks
 * like it. Texts are not escaped: whoever puts them into a format does that. Results live in `arena`, or are parts of what was given. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/how.h"

struct arena;
struct baseline_summary;
struct dimension_summary;
struct report_run;
struct sample_record;
struct score;

int shown_digits(double value);                             /* after the point, of shown_number */
struct str shown_number(struct arena *arena, double value); /* "0.857", "15320"; never "1" for less */
struct str shown_share(struct arena *arena, double share);  /* "85.7%"; never "100%" for less, "0%" for more */
struct str shown_figure(struct arena *arena, double value); /* of a gate: four digits, as its words have them */
struct str shown_count(struct arena *arena, uint64_t count);
struct str shown_p(struct arena *arena, double p); /* "0.042", "< 0.001" */

/* "0.79 to 0.9", "68.1% to 81%", "from 12", "up to 340"; empty when there is none. */
struct str shown_interval(struct arena *arena, const struct stat_interval *interval, bool is_share);
static inline bool shown_has(const struct stat_interval *interval)
{
    return interval->how.method != METHOD_NONE && (interval->has_lo || interval->has_hi);
}

/* Whether the mean is the pass rate again, as that of right and wrong is: then it is not shown beside it. */
bool shown_mean_again(const struct dimension_summary *d);

/* "baseline branch=main: 1 run, 280 of 300 cases in common, 3 changed; not compared: tone", or why it was not used. */
struct str shown_baseline(struct arena *arena, const struct baseline_summary *b);

struct str shown_time(struct arena *arena,
                      int64_t unix_ms); /* "2026-11-21 03:00:25 UTC": the same wherever it is made */

/* JSON of a record: a text as it is, a list or a map in its compact form. */
struct str shown_json(struct arena *arena, struct str json);
/* The texts of a JSON list, with a comma between them. */
struct str shown_list(struct arena *arena, struct str json);
/* What the target wrote to standard error, from the sample's meta; empty when it did not. */
struct str shown_stderr(struct arena *arena, struct str meta);
struct str shown_output(struct arena *arena, const struct sample_record *s);

/* "pass", "fail", "errored", or "measured": nothing of it can pass or fail. */
const char *shown_result(const struct sample_record *s);
/* The words of a score: its comment, else its outcome. */
struct str shown_words(const struct score *score);
/* "suite", or "suite [variant]" where it is not the only one. */
struct str shown_run(struct arena *arena, const struct report_run *run);

#endif
