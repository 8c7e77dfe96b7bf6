#include "store/store_private.h"

#include <stdio.h>

#include "base/err.h"
#include "model/recording.h"

/* The journal's tables (query.h says how a file is told to be ours).
 *
 * What decides speed (bench/): every hot table is appended in key order. The one exception is
 * span_place, the guard against doubles, which is small and nearly in order. No foreign keys: each would be one more look-up a row. A random
 * index over all bodies tripled the cost of a sample, so only long texts have one.
 *
 * Columns without a type hold a text, or the number of the body that holds it (body.c); a declared type would convert one into the other. */

/* Numbers of enums are stored: values are added at their ends only. */
_Static_assert(RUN_RUNNING == 0 && RUN_FINISHED == 1 && RUN_INTERRUPTED == 2, "stored numbers");
_Static_assert(ORIGIN_LOCAL == 0 && ORIGIN_IMPORTED == 1 && ORIGIN_PULLED == 2 && ORIGIN_RESCORED == 3,
               "stored numbers");
_Static_assert(RECORD_AUTO == 0 && RECORD_OPPER == 1 && RECORD_LOCAL == 2, "stored numbers");
_Static_assert(RECORD_FULL == 0 && RECORD_NONE == 1 && RECORD_DIGEST == 2, "stored numbers");
_Static_assert(SAMPLE_SCORED == 0 && SAMPLE_ERRORED == 1, "stored numbers");
_Static_assert(PASS_NONE == 0 && PASS_YES == 1 && PASS_NO == 2, "stored numbers");
_Static_assert(SCORE_NOT_SCORED == 0 && SCORE_NONE == 1 && SCORE_PASS == 2 && SCORE_FAIL == 3, "stored numbers");
_Static_assert(DIMENSION_JUDGED == 0 && DIMENSION_MEASURE == 1, "stored numbers");
_Static_assert(TYPE_BINARY == 0 && TYPE_BOUNDED == 1 && TYPE_UNBOUNDED == 2, "stored numbers");
_Static_assert(DIRECTION_NONE == 0 && DIRECTION_HIGHER == 1 && DIRECTION_LOWER == 2, "stored numbers");

#define UUID_TEXT(x)                                                                                                   \
    "lower(substr(hex(" x "), 1, 8) || '-' || substr(hex(" x "), 9, 4) || '-' || substr(hex(" x "), 13, 4) || '-' || " \
    "substr(hex(" x "), 17, 4) || '-' || substr(hex(" x "), 21))"
#define WHOLE_TEXT(x) "CASE typeof(" x ") WHEN 'integer' THEN (SELECT bytes FROM body WHERE seq = " x ") ELSE " x " END"
#define TIME_TEXT(x) "strftime('%Y-%m-%dT%H:%M:%fZ', " x " / 1000.0, 'unixepoch')"

/* clang-format off */
#define OPPER_METRIC "CREATE VIEW opper_metric AS " \
    "SELECT " UUID_TEXT("r.root") " AS span_id, m.dimension AS dimension, m.value AS value, m.comment AS comment " \
    "FROM run_metric m JOIN run r ON r.seq = m.run " \
    "UNION ALL " \
    "SELECT " UUID_TEXT("s.id") ", d.name, m.value, m.comment " \
    "FROM metric m JOIN span s ON s.seq = m.span JOIN dimension d ON d.run = s.run AND d.position = m.dimension " \
    "WHERE m.outcome <> 0 AND (m.is_counted OR d.kind = 1)"

/* --- what steps begin with and end with ------------------------------------------------------------------------------------------------ */

/* Tables that no step has changed, and what stands on them. */
#define LASTING \
    "CREATE TABLE invocation (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT, started_ms INTEGER NOT NULL, " \
    "finished_ms INTEGER, order_ms INTEGER, state INTEGER NOT NULL, origin INTEGER NOT NULL, options, labels TEXT, " \
    "is_full INTEGER NOT NULL, exit_code INTEGER, reason TEXT)", \
    "CREATE TABLE plan (seq INTEGER PRIMARY KEY, invocation INTEGER NOT NULL, position INTEGER NOT NULL, " \
    "suite TEXT NOT NULL, path TEXT, resolved, data_files, suite_digest BLOB NOT NULL, plan_digest BLOB NOT NULL, " \
    "case_count INTEGER NOT NULL, skipped_count INTEGER NOT NULL, trials INTEGER NOT NULL)", \
    "CREATE INDEX plan_invocation ON plan (invocation)", \
    /* seq = plan << 40 | ordinal, in both */ \
    "CREATE TABLE plan_case (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, digest BLOB NOT NULL, tags INTEGER, " \
    "cluster TEXT, skip TEXT, row_offset INTEGER NOT NULL, row_line INTEGER NOT NULL)", \
    "CREATE TABLE case_text (seq INTEGER PRIMARY KEY, input, expected)", \
    "CREATE TABLE tag_list (seq INTEGER PRIMARY KEY, tags TEXT NOT NULL UNIQUE)", \
    "CREATE TABLE run (seq INTEGER PRIMARY KEY, invocation INTEGER NOT NULL, plan INTEGER NOT NULL, " \
    "id BLOB NOT NULL UNIQUE, root BLOB NOT NULL, position INTEGER NOT NULL, variant TEXT NOT NULL, " \
    "target_digest BLOB NOT NULL, started_ms INTEGER NOT NULL, finished_ms INTEGER, state INTEGER NOT NULL, " \
    "origin INTEGER NOT NULL, header, source_run TEXT, exit_code INTEGER, summary, root_input, root_output, " \
    "root_meta, root_score INTEGER)", \
    "CREATE INDEX run_invocation ON run (invocation)", \
    "CREATE TABLE run_metric (run INTEGER, dimension TEXT, value REAL, comment TEXT, " \
    "PRIMARY KEY (run, dimension)) WITHOUT ROWID", \
    "CREATE TABLE dimension (run INTEGER, position INTEGER, name TEXT NOT NULL, kind INTEGER NOT NULL, " \
    "type INTEGER NOT NULL, lo REAL NOT NULL, hi REAL NOT NULL, direction INTEGER NOT NULL, weight REAL NOT NULL, " \
    "threshold REAL NOT NULL, is_optional INTEGER NOT NULL, is_required INTEGER NOT NULL, min REAL, max REAL, " \
    "is_call_measure INTEGER NOT NULL, scorer BLOB NOT NULL, PRIMARY KEY (run, position)) WITHOUT ROWID", \
    "CREATE UNIQUE INDEX span_place ON span (run, ordinal, trial) WHERE superseded IS NULL", \
    "CREATE INDEX span_errored ON span (run) WHERE state = 1 AND superseded IS NULL", \
    "CREATE TABLE body (seq INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, bytes NOT NULL)", \
    /* the same in Opper's own terms, for people with a shell */ \
    "CREATE VIEW opper_span AS " \
    "SELECT " UUID_TEXT("r.root") " AS id, " UUID_TEXT("r.id") " AS trace_id, NULL AS parent_id, " \
    "p.suite || ' [' || r.variant || ']' AS name, 'evaluation_run' AS type, " TIME_TEXT("r.started_ms") " AS start_time, " \
    TIME_TEXT("r.finished_ms") " AS end_time, " WHOLE_TEXT("r.root_input") " AS input, " \
    WHOLE_TEXT("r.root_output") " AS output, NULL AS error, " WHOLE_TEXT("r.root_meta") " AS meta, " \
    "r.root_score AS score, NULL AS superseded " \
    "FROM run r JOIN plan p ON p.seq = r.plan " \
    "UNION ALL " \
    "SELECT " UUID_TEXT("s.id") ", " UUID_TEXT("r.id") ", " UUID_TEXT("r.root") ", c.id, 'evaluation_case', " \
    TIME_TEXT("s.started_ms") ", " TIME_TEXT("s.ended_ms") ", " WHOLE_TEXT("t.input") ", " WHOLE_TEXT("s.output") ", " \
    "s.error_text, s.meta, CASE WHEN s.score IS NULL THEN NULL WHEN s.score >= 1 THEN 10 WHEN s.score <= 0 THEN 0 " \
    "ELSE max(1, min(9, CAST(10 * s.score + 0.5 AS INTEGER))) END, s.superseded " \
    "FROM span s JOIN run r ON r.seq = s.run JOIN plan_case c ON c.seq = (r.plan << 40 | s.ordinal) " \
    "LEFT JOIN case_text t ON t.seq = c.seq"

/* Those that steps have added columns to, as they began; the bracket is left open. */
/* superseded: NULL, or 1 when a later attempt took its place. error: the kind's word, NULL when there is none */
#define SPAN_TABLE \
    "CREATE TABLE span (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, run INTEGER NOT NULL, ordinal INTEGER NOT NULL, " \
    "trial INTEGER NOT NULL, attempt INTEGER NOT NULL, superseded INTEGER, state INTEGER NOT NULL, error TEXT, " \
    "started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, pass INTEGER NOT NULL, score REAL, latency_ms REAL, " \
    "cost_usd REAL, input_tokens REAL, output_tokens REAL, tries INTEGER NOT NULL, output_is_json INTEGER NOT NULL, " \
    "error_text TEXT, output, meta TEXT"

/* what Opper has not received yet: outbox.h */
#define OUTBOX_TABLE \
    "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, op INTEGER NOT NULL, run INTEGER NOT NULL, span INTEGER, " \
    "state INTEGER NOT NULL, tries INTEGER NOT NULL, not_before_ms INTEGER, last_error TEXT"

/* Recording on Opper (outbox.h). ahead: place of the last sample whose span may have been created before it was recorded */
#define RECORDING_TABLE \
    "CREATE TABLE recording (run INTEGER PRIMARY KEY, mode INTEGER NOT NULL, inputs INTEGER NOT NULL, " \
    "outputs INTEGER NOT NULL, comments INTEGER NOT NULL, max_bytes INTEGER NOT NULL, base_url TEXT NOT NULL, " \
    "spans INTEGER NOT NULL, metrics INTEGER NOT NULL, ahead_ordinal INTEGER, ahead_trial INTEGER"

#define SPAN_SUPERSEDED "CREATE INDEX span_superseded ON span (run, ordinal, trial) WHERE superseded = 1"

/* Scores stand in the row of their span (scores.c). Who asks for their rows, an older assay too, finds them in a view of the same name. (Not by
 * json_extract: SQLite 3.38 to 3.40 call it unsafe in views when the schema is not trusted.) */
#define SCORE_PART(n) "(SELECT value FROM json_each(j.value) WHERE key = " #n ")"
#define METRIC_VIEW \
    "CREATE VIEW metric AS SELECT s.seq AS span, " SCORE_PART(0) " AS dimension, s.state = 0 AS is_counted, " \
    SCORE_PART(1) " AS outcome, CAST(" SCORE_PART(2) " AS REAL) AS value, CAST(" SCORE_PART(3) " AS REAL) AS unit, " \
    SCORE_PART(4) " AS comment, " SCORE_PART(5) " AS answered, " SCORE_PART(6) " AS wanted " \
    "FROM span s, json_each(s.scores) j"

/* --- steps ---------------------------------------------------------------------------------------------------------------------------- */

static const char *const STEP_1[] = {
    SPAN_TABLE ")",
    OUTBOX_TABLE ")",
    LASTING,
    /* is_counted: the sample is scored, so that statistics need not look at its span */
    "CREATE TABLE metric (span INTEGER, dimension INTEGER, is_counted INTEGER NOT NULL, outcome INTEGER NOT NULL, "
    "value REAL NOT NULL, unit REAL, comment TEXT, answered TEXT, wanted TEXT, PRIMARY KEY (span, dimension)) "
    "WITHOUT ROWID",
    OPPER_METRIC,
};

static const char *const STEP_RECORDING[] = {
    RECORDING_TABLE ")",
    "ALTER TABLE outbox ADD COLUMN part INTEGER NOT NULL DEFAULT 0",
    SPAN_SUPERSEDED,
};

/* What reading a run's recording back came to; NULL = it was not. */
static const char *const STEP_VERIFIED[] = {
    "ALTER TABLE recording ADD COLUMN verified_spans INTEGER",
    "ALTER TABLE recording ADD COLUMN verified_metrics INTEGER",
    "ALTER TABLE recording ADD COLUMN missing INTEGER",
    "ALTER TABLE recording ADD COLUMN differing INTEGER",
};

static const char *const STEP_SCORES[] = {
    "ALTER TABLE span ADD COLUMN scores TEXT",
    "UPDATE span AS s SET scores = " SCORES_ROWS,
    "DROP VIEW opper_metric",
    "DROP TABLE metric",
    METRIC_VIEW,
    OPPER_METRIC,
};

/* --- a new store ---------------------------------------------------------------------------------------------------------------------- */

/* What the steps come to (tests/store/test_open.c compares): made at once, a new store takes a third of the time. */
static const char *const ANEW[] = {
    SPAN_TABLE ", scores TEXT)",
    OUTBOX_TABLE ", part INTEGER NOT NULL DEFAULT 0)",
    RECORDING_TABLE ", verified_spans INTEGER, verified_metrics INTEGER, missing INTEGER, differing INTEGER)",
    LASTING,
    SPAN_SUPERSEDED,
    METRIC_VIEW,
    OPPER_METRIC,
};
/* clang-format on */

static const struct schema_step STEPS[] = {
    {STEP_1, ARRAY_LEN(STEP_1)},
    {STEP_RECORDING, ARRAY_LEN(STEP_RECORDING)},
    {STEP_VERIFIED, ARRAY_LEN(STEP_VERIFIED)},
    {.statements = STEP_SCORES, .count = ARRAY_LEN(STEP_SCORES), .rewrites = true}};

const struct schema SCHEMA_JOURNAL = {
    .what = "a store of assay",
    .application_id = SCHEMA_JOURNAL_ID,
    .generation = 1,
    .steps = STEPS,
    .step_count = ARRAY_LEN(STEPS),
    .anew = {.statements = ANEW, .count = ARRAY_LEN(ANEW)},
};
