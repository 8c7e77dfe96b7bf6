/* The stored form of a summary: one JSON map. Keys are added, never renamed; a reader takes what it knows. */

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"
#include "judge/judge.h"

enum { SUMMARY_FORMAT = 1 };

static const char *const SEVERITY_WORDS[] = {[GATE_FAIL] = "fail", [GATE_WARN] = "warn", NULL};

/* --- writing -------------------------------------------------------------------------------------------------------------------------- */

static void put_optional_text(struct json_writer *w, const char *key, struct str text)
{
    if (text.ptr != NULL) {
        json_put_text(w, key, text);
    }
}

static void put_number(struct json_writer *w, const char *key, bool has, double value)
{
    json_key(w, key);
    if (has) {
        json_number(w, value);
    } else {
        json_null(w);
    }
}

static void put_dimension(struct json_writer *w, const struct dimension_summary *d)
{
    bool is_measure = d->kind == DIMENSION_MEASURE;
    json_open_map(w);
    json_put_text(w, "name", d->name);
    json_put_text(w, "kind", str_from(DIMENSION_KIND_WORDS[d->kind]));
    json_put_text(w, "direction", str_from(DIMENSION_DIRECTION_WORDS[d->direction]));
    json_put_int(w, "n", (int64_t)d->n_cases);
    json_put_int(w, "not_scored", (int64_t)d->not_scored);
    put_number(w, "mean", d->has_mean, d->mean);
    put_number(w, "pass_rate", d->has_pass_rate, d->pass_rate);
    json_put_int(w, "passed", (int64_t)d->n_passed);
    put_number(w, "min", d->has_mean, d->min);
    put_number(w, "max", d->has_mean, d->max);
    put_number(w, "sum", d->has_mean, d->sum);
    put_number(w, "stddev", d->has_stddev, d->stddev);
    put_number(w, "p50", d->has_mean && is_measure, d->p50);
    put_number(w, "p95", d->has_mean && is_measure, d->p95);
    json_close_map(w);
}

static void put_gate(struct json_writer *w, const struct gate_result *g)
{
    json_open_map(w);
    json_put_text(w, "gate", g->text);
    json_put_text(w, "severity", str_from(SEVERITY_WORDS[g->severity]));
    json_put_text(w, "outcome", str_from(gate_outcome_word(g->outcome)));
    json_put_bool(w, "implied", g->is_implied);
    put_number(w, "left", g->has_left, g->left);
    put_number(w, "right", g->has_right, g->right);
    json_put_int(w, "n", (int64_t)g->n);
    json_put_text(w, "reason", g->reason);
    json_close_map(w);
}

static void put_skipped(struct json_writer *w, const struct skipped_case *c)
{
    json_open_map(w);
    json_put_int(w, "ordinal", (int64_t)c->ordinal);
    json_put_text(w, "case", c->id);
    json_put_text(w, "digest", c->digest);
    json_put_raw(w, "tags", c->tags.len > 0 ? c->tags : STR("[]"));
    put_optional_text(w, "cluster", c->cluster);
    json_put_text(w, "reason", c->reason);
    json_close_map(w);
}

static void put_counts(struct json_writer *w, const struct summary *s)
{
    json_put_int(w, "planned_samples", (int64_t)s->planned_samples);
    json_put_int(w, "samples", (int64_t)s->samples);
    json_put_int(w, "trials", (int64_t)s->trials);
    json_put_int(w, "cases", (int64_t)s->n_cases);
    json_put_int(w, "passed", (int64_t)s->n_passed);
    json_put_int(w, "failed", (int64_t)s->n_failed);
    json_put_int(w, "errored", (int64_t)s->n_errored);
    json_put_int(w, "no_pass", (int64_t)s->n_no_pass);
    json_put_int(w, "skipped", (int64_t)s->n_skipped);
    json_put_int(w, "errors", (int64_t)s->errors);
    put_number(w, "score", s->has_score, s->score);
    put_number(w, "pass_rate", s->has_pass_rate, s->pass_rate);
    put_number(w, "span_score", s->span_score >= 0, s->span_score);
}

struct str summary_to_json(const struct summary *s, struct arena *arena)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer writer;
    struct json_writer *w = &writer;
    json_writer_init(w, &text);
    json_open_map(w);
    json_put_int(w, "format", SUMMARY_FORMAT);
    json_put_text(w, "suite", s->suite);
    json_put_text(w, "variant", s->variant);
    json_put_text(w, "run", s->run_id);
    json_put_text(w, "verdict", str_from(verdict_row(s->verdict)->word));
    json_put_int(w, "exit_code", verdict_row(s->verdict)->exit_code);
    json_put_text(w, "reason", s->reason);
    json_put_bool(w, "partial", s->is_partial);
    json_put_time(w, "started", s->started_unix_ms);
    json_put_time(w, "finished", s->finished_unix_ms);
    put_counts(w, s);
    json_key(w, "dimensions");
    json_open_list(w);
    for (size_t i = 0; i < s->dimension_count; i++) {
        put_dimension(w, &s->dimensions[i]);
    }
    json_close_list(w);
    json_key(w, "gates");
    json_open_list(w);
    for (size_t i = 0; i < s->gate_count; i++) {
        put_gate(w, &s->gates[i]);
    }
    json_close_list(w);
    json_key(w, "skipped_cases");
    json_open_list(w);
    for (size_t i = 0; i < s->skipped_count; i++) {
        put_skipped(w, &s->skipped[i]);
    }
    json_close_list(w);
    json_close_map(w);
    return arena_str(arena, buf_str(&text));
}

/* --- reading ---------------------------------------------------------------------------------------------------------------------------- */

/* The map being read; the first key that is not what it should be is kept. */
struct reading {
    const struct value *map;
    struct arena *arena;
    const char *bad_key;
};

static bool get_node(struct reading *r, const char *key, enum value_kind kind, const struct value **ret)
{
    const struct value *v = value_get(r->map, str_from(key));
    if (v == NULL || v->kind == VALUE_NULL) {
        return false;
    }
    if (v->kind != kind) {
        r->bad_key = r->bad_key == NULL ? key : r->bad_key;
        return false;
    }
    *ret = v;
    return true;
}

static void get_text(struct reading *r, const char *key, struct str *ret)
{
    const struct value *v = NULL;
    if (get_node(r, key, VALUE_TEXT, &v)) {
        *ret = arena_str(r->arena, v->text);
    }
}

static void get_bool(struct reading *r, const char *key, bool *ret)
{
    const struct value *v = NULL;
    if (get_node(r, key, VALUE_BOOL, &v)) {
        *ret = v->boolean;
    }
}

static bool get_number(struct reading *r, const char *key, double *ret)
{
    const struct value *v = NULL;
    if (!get_node(r, key, VALUE_NUMBER, &v)) {
        return false;
    }
    if (!value_number(v, ret)) {
        r->bad_key = r->bad_key == NULL ? key : r->bad_key;
        return false;
    }
    return true;
}

static void get_count(struct reading *r, const char *key, uint64_t *ret)
{
    double number = 0;
    if (!get_number(r, key, &number)) {
        return;
    }
    if (number < 0 || number > 9007199254740992.0 || floor(number) != number) {
        r->bad_key = r->bad_key == NULL ? key : r->bad_key;
        return;
    }
    *ret = (uint64_t)number;
}

static void get_time(struct reading *r, const char *key, int64_t *ret_unix_ms)
{
    const struct value *v = NULL;
    if (get_node(r, key, VALUE_TEXT, &v) && !clock_parse_rfc3339(v->text, ret_unix_ms)) {
        r->bad_key = r->bad_key == NULL ? key : r->bad_key;
    }
}

/* A word of a NULL-ended list: its index; what is no word of it is a fault. */
static int get_word(struct reading *r, const char *key, const char *const *words, int otherwise)
{
    const struct value *v = NULL;
    if (!get_node(r, key, VALUE_TEXT, &v)) {
        return otherwise;
    }
    for (int i = 0; words[i] != NULL; i++) {
        if (str_eq_cstr(v->text, words[i])) {
            return i;
        }
    }
    r->bad_key = r->bad_key == NULL ? key : r->bad_key;
    return otherwise;
}

static void get_dimension(struct reading *r, struct dimension_summary *d)
{
    double ignored = 0;
    get_text(r, "name", &d->name);
    d->kind = (enum dimension_kind)get_word(r, "kind", DIMENSION_KIND_WORDS, DIMENSION_JUDGED);
    d->direction = (enum dimension_direction)get_word(r, "direction", DIMENSION_DIRECTION_WORDS, DIRECTION_NONE);
    get_count(r, "n", &d->n_cases);
    get_count(r, "not_scored", &d->not_scored);
    get_count(r, "passed", &d->n_passed);
    d->has_mean = get_number(r, "mean", &d->mean);
    d->has_pass_rate = get_number(r, "pass_rate", &d->pass_rate);
    d->has_stddev = get_number(r, "stddev", &d->stddev);
    static const char *const keys[] = {"min", "max", "sum", "p50", "p95"};
    double *const fields[] = {&d->min, &d->max, &d->sum, &d->p50, &d->p95};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        *fields[i] = get_number(r, keys[i], &ignored) ? ignored : 0;
    }
}

static void get_gate(struct reading *r, struct gate_result *g)
{
    const char *outcomes[GATE_NOT_JUDGED + 2] = {NULL};
    for (int i = 0; i <= GATE_NOT_JUDGED; i++) {
        outcomes[i] = gate_outcome_word((enum gate_outcome)i);
    }
    get_text(r, "gate", &g->text);
    g->severity = (enum gate_severity)get_word(r, "severity", SEVERITY_WORDS, GATE_FAIL);
    g->outcome = (enum gate_outcome)get_word(r, "outcome", outcomes, GATE_NOT_JUDGED);
    get_bool(r, "implied", &g->is_implied);
    g->has_left = get_number(r, "left", &g->left);
    g->has_right = get_number(r, "right", &g->right);
    get_count(r, "n", &g->n);
    get_text(r, "reason", &g->reason);
}

static void get_skipped(struct reading *r, struct skipped_case *c)
{
    get_count(r, "ordinal", &c->ordinal);
    get_text(r, "case", &c->id);
    get_text(r, "digest", &c->digest);
    get_text(r, "cluster", &c->cluster);
    get_text(r, "reason", &c->reason);
    const struct value *tags = NULL;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    if (get_node(r, "tags", VALUE_LIST, &tags)) {
        json_writer_init(&w, &text);
        json_value(&w, tags);
        c->tags = arena_str(r->arena, buf_str(&text));
    }
}

/* The items of a list of maps, one after the other: `r` becomes the reading of the item. */
static size_t list_len(struct reading *r, const char *key, const struct value **ret)
{
    *ret = NULL;
    return get_node(r, key, VALUE_LIST, ret) ? (*ret)->len : 0;
}

static void get_lists(struct reading *r, struct summary *s)
{
    const struct value *dimensions = NULL;
    const struct value *gates = NULL;
    const struct value *skipped = NULL;
    s->dimension_count = list_len(r, "dimensions", &dimensions);
    s->gate_count = list_len(r, "gates", &gates);
    s->skipped_count = list_len(r, "skipped_cases", &skipped);
    s->dimensions = arena_array(r->arena, struct dimension_summary, s->dimension_count + 1);
    s->gates = arena_array(r->arena, struct gate_result, s->gate_count + 1);
    s->skipped = arena_array(r->arena, struct skipped_case, s->skipped_count + 1);
    struct reading item = {.arena = r->arena, .bad_key = r->bad_key};
    for (size_t i = 0; i < s->dimension_count; i++) {
        item.map = &dimensions->items[i];
        get_dimension(&item, &s->dimensions[i]);
    }
    for (size_t i = 0; i < s->gate_count; i++) {
        item.map = &gates->items[i];
        get_gate(&item, &s->gates[i]);
    }
    for (size_t i = 0; i < s->skipped_count; i++) {
        item.map = &skipped->items[i];
        get_skipped(&item, &s->skipped[i]);
    }
    r->bad_key = item.bad_key;
}

/* "interrupted" stands for two signals: the exit code tells. */
static void get_verdict(struct reading *r, struct summary *s)
{
    uint64_t exit_code = UINT64_MAX;
    get_count(r, "exit_code", &exit_code);
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        if ((uint64_t)VERDICTS[i].exit_code == exit_code) {
            s->verdict = VERDICTS[i].verdict;
            return;
        }
    }
    r->bad_key = r->bad_key == NULL ? "exit_code" : r->bad_key;
}

static void get_counts(struct reading *r, struct summary *s)
{
    uint64_t trials = 0;
    double span_score = -1;
    get_count(r, "planned_samples", &s->planned_samples);
    get_count(r, "samples", &s->samples);
    get_count(r, "trials", &trials);
    s->trials = (uint32_t)(trials > UINT32_MAX ? UINT32_MAX : trials);
    get_count(r, "cases", &s->n_cases);
    get_count(r, "passed", &s->n_passed);
    get_count(r, "failed", &s->n_failed);
    get_count(r, "errored", &s->n_errored);
    get_count(r, "no_pass", &s->n_no_pass);
    get_count(r, "skipped", &s->n_skipped);
    get_count(r, "errors", &s->errors);
    s->has_score = get_number(r, "score", &s->score);
    s->has_pass_rate = get_number(r, "pass_rate", &s->pass_rate);
    s->span_score =
        get_number(r, "span_score", &span_score) && span_score >= 0 && span_score <= 10 ? (int)span_score : -1;
}

bool summary_from_json(struct str json, struct arena *arena, struct summary *ret, struct err *err)
{
    struct arena tree CLEANUP(arena_deinit) = ARENA_NULL;
    struct value map;
    if (!json_read(&tree, json, JSON_OURS, (struct src_pos){0}, &map, NULL, err)) {
        return err_wrap(err, "the stored summary");
    }
    if (map.kind != VALUE_MAP) {
        return err_set(err, ERR_IO, "the stored summary is no map");
    }
    struct reading r = {.map = &map, .arena = arena};
    struct summary s = {0};
    uint64_t format = 0;
    get_count(&r, "format", &format);
    if (format != SUMMARY_FORMAT) {
        return err_set(err, ERR_IO, "the stored summary has format %llu: a newer assay wrote it",
                       (unsigned long long)format);
    }
    get_verdict(&r, &s);
    get_text(&r, "suite", &s.suite);
    get_text(&r, "variant", &s.variant);
    get_text(&r, "run", &s.run_id);
    get_text(&r, "reason", &s.reason);
    get_bool(&r, "partial", &s.is_partial);
    get_time(&r, "started", &s.started_unix_ms);
    get_time(&r, "finished", &s.finished_unix_ms);
    get_counts(&r, &s);
    get_lists(&r, &s);
    if (r.bad_key != NULL) {
        return err_set(err, ERR_IO, "the stored summary: '%s' is not what it should be", r.bad_key);
    }
    *ret = s;
    return true;
}
