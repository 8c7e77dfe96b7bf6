#ifndef ASSAY_MODEL_RECORD_H
#define ASSAY_MODEL_RECORD_H

/* What the store holds, as records: an invocation (one `assay run`), its plans (one a suite: which cases), its runs (one a suite and variant:
 * a trace with a root span), and samples (a child span with its metrics). `seq` numbers are the store's own; ids are derived (base/id.h). Texts
 * belong to whoever filled the record (an arena, or the cursor until its next step). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/id.h"
#include "base/str.h"
#include "data/value.h"
#include "model/dimension.h"
#include "model/output.h"
#include "model/score.h"
#include "model/verdict.h"

struct err;
struct summary;

enum run_state { RUN_RUNNING, RUN_FINISHED, RUN_INTERRUPTED };
extern const char *const RUN_STATE_WORDS[]; /* in exports; NULL-ended */
enum run_origin { ORIGIN_LOCAL, ORIGIN_IMPORTED, ORIGIN_PULLED, ORIGIN_RESCORED };

struct invocation_record {
    int64_t seq;
    struct uuid id;
    struct str name;                           /* of --run-id; empty = none */
    int64_t started_unix_ms, finished_unix_ms; /* 0 = not finished */
    enum run_state state;
    enum run_origin origin;
    struct str options; /* JSON: the flags that change what is run (selection, --set, trials, ...); resume reads them */
    struct str labels;  /* JSON map, git's branch and commit among them */
    bool is_full_selection; /* no filter, tag, case, limit or shard */
    enum verdict verdict;   /* when finished */
    struct str reason;      /* a sentence, for the last line */
};

struct plan_record {
    int64_t seq, invocation;
    uint32_t position; /* order of the suites on the command line */
    struct str suite;
    struct str path; /* of the suite file, absolute */
    struct str
        resolved; /* JSON: {"files": [{"path","sha256","text"}...], "env": {}}: the suite and its includes as read, and the environment that its
                   * vars and labels were made from (left out when there is none); resume and gate parse these */
    struct str data_files; /* JSON: [{"path","sha256","size"}] */
    struct digest suite_digest, plan_digest;
    uint64_t case_count, skipped_count;
    uint32_t trials;
};

struct plan_case {
    uint64_t ordinal;
    struct str id;
    struct digest digest;
    struct str tags;               /* JSON list of texts, "[]" when none */
    struct str cluster;            /* ptr NULL = its own */
    struct str skip;               /* ptr NULL = not skipped */
    uint64_t row_offset, row_line; /* of a data row; line 0 = written in the suite */
};

struct run_record {
    int64_t seq, invocation, plan;
    struct uuid id; /* the trace id too */
    struct uuid root_span;
    uint32_t position; /* order of the variants */
    struct str suite, variant;
    struct digest target_digest;
    int64_t started_unix_ms, finished_unix_ms;
    enum run_state state;
    enum run_origin origin;
    struct dimension *dimensions;
    size_t dimension_count;
    struct str header;     /* JSON: line 1 of the jsonl export (contract D); what was run */
    struct str source_run; /* of a rescore: the run's id as text, else empty */
    enum verdict verdict;
    struct str summary; /* JSON of judge/summary: the one record of the verdict; empty until judged */
};

enum sample_state { SAMPLE_SCORED, SAMPLE_ERRORED };
extern const char *const SAMPLE_STATE_WORDS[]; /* NULL-ended */
enum sample_pass { PASS_NONE, PASS_YES, PASS_NO };

/* One executed (variant, case, trial): the child span and its metrics. */
struct sample_record {
    int64_t seq, run;
    uint64_t ordinal;   /* the case's place in the plan */
    struct str case_id; /* filled on reading; on writing only for messages */
    struct digest case_digest;
    struct str tags, cluster; /* filled on reading (struct plan_case) */
    uint32_t trial;           /* from 1 */
    uint32_t attempt;         /* earlier recorded executions, from 0 */
    struct uuid span;
    int64_t started_unix_ms, ended_unix_ms;
    enum sample_state state;
    enum error_kind error;
    struct str error_text;
    struct str input;    /* JSON text of the case's input (a text is a JSON string) */
    struct str expected; /* JSON text; ptr NULL = none */
    struct str output;   /* bytes as the target gave them; ptr NULL = none */
    bool output_is_json;
    struct str meta; /* JSON map, compact; ptr NULL = none */
    enum sample_pass pass;
    bool has_score;
    double score; /* 0..1 */
    struct call_measures measures;
    struct score *scores;
    size_t score_count;
};

/* The integer score of a span (contract A): -1 = null, 10 iff score = 1, 0 iff score = 0, else clamp(floor(10 s + 0.5), 1, 9). */
int record_span_score(bool has_score, double score);

/* Whether a score is a metric on its span: it has a value, and of an errored sample only measures count (contract A). */
bool record_score_is_metric(const struct score *score, const struct dimension *dimension, enum sample_state state);
/* How many of a sample's are; `dimensions` are its run's. */
size_t record_count_metrics(const struct sample_record *sample, const struct dimension *dimensions);

/* Samples one after the other, in plan order (ordinal, trial), current records only. Whoever makes a cursor closes it. */
struct sample_cursor {
    /* *ret_has = false at the end. The record's texts live until the next call. */
    bool (*next)(struct sample_cursor *cursor, bool *ret_has, struct sample_record *ret, struct err *err);
    void (*close)(struct sample_cursor *cursor);
    void *state;
};

static inline void sample_cursor_close(struct sample_cursor *cursor) /* for CLEANUP; an empty cursor is fine */
{
    if (cursor->close != NULL) {
        cursor->close(cursor);
        cursor->close = NULL;
    }
}

#endif
