#ifndef ASSAY_REPORTERS_COMPARE_WORDS_H
#define ASSAY_REPORTERS_COMPARE_WORDS_H

/* A comparison as people read it, the same in every format: names, signed differences, sentences. Texts are not escaped: whoever puts them into a format
 * does that. Results live in the arena, or are parts of the comparison. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/comparison.h"

struct arena;

/* "answer", "latency_ms p95", "queue recall of billing"; "cases that pass" for the whole case. */
struct str compare_stat_label(struct arena *arena, const struct compared_stat *s);

struct str compare_value(struct arena *arena, const struct compared_stat *s, const struct compared_figure *f);
struct str compare_value_interval(struct arena *arena, const struct compared_stat *s, const struct compared_figure *f);

/* "+15 pts" of shares, "-0.021", "x 1.32" of quantiles; empty when there is none. */
struct str compare_change(struct arena *arena, const struct compared_stat *s, const struct compared_difference *d);
/* Of the change, clipped to what it can be: "+8.2 to +21.8", "1.21 to 1.45". */
struct str compare_change_interval(struct arena *arena, const struct compared_stat *s,
                                   const struct compared_difference *d);
/* What could have been seen: "9.9 pts". */
struct str compare_could_see(struct arena *arena, const struct compared_stat *s, const struct compared_difference *d);

/* "better", "worse", "cannot tell", "no difference seen"; empty where nothing is claimed. */
struct str compare_verdict(const struct compared_difference *d);

/* What keeps a row from being compared, or from a claim: "12 compared, a claim takes 20 cases"; empty when nothing does. */
struct str compare_note(struct arena *arena, const struct compared_stat *s, const struct compared_difference *d);

/* Whether people are shown the row: not those of classes, which have a table of their own, nor the pass rate of cases where it says the same as their
 * one scorer. `is_brief`: only what is claimed about. */
bool compare_shows(const struct comparison *c, const struct compared_table *t, const struct compared_stat *s,
                   bool is_brief);

/* Rows of a table that stand for classes of a classifier. */
static inline bool compare_is_class(const struct compared_stat *s)
{
    return s->label.ptr != NULL;
}

/* How the cases of a candidate meet those of the base: one sentence each, "12 cases only in main: a, b, ...", at most `named` of them by name.
 * Returns how many sentences. */
enum { COMPARE_SENTENCES = 8 };
size_t compare_meeting(struct arena *arena, const struct comparison *c, size_t run, size_t named,
                       struct str ret[static COMPARE_SENTENCES]);

/* What the words and figures of a table mean, in one sentence. */
struct str compare_legend(struct arena *arena, const struct comparison *c);

/* "12 of 200 cases flipped: 5 worse, 7 better"; empty when none can. */
struct str compare_flips(struct arena *arena, const struct compared_run *r);

/* A label of the run's invocation ("branch"); empty when it has none. */
struct str compare_label(struct arena *arena, const struct compared_run *r, const char *name);
/* "main@1a2b3c4", as far as it is known. */
struct str compare_version(struct arena *arena, const struct compared_run *r);
/* "interrupted", "unfinished"; empty for one that came to its end. */
struct str compare_state(const struct compared_run *r);
/* "$0.42"; empty when nothing is known. */
struct str compare_cost(struct arena *arena, const struct compared_run *r);

#endif
