#include "run/import_block.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"

/* A map being read: the first fault is kept, so that a reader is a plain list of fields. */
struct reading {
    const struct value *map;
    struct arena *arena;
    struct err *err;
    bool ok;
};

static const struct value *get(struct reading *r, const char *key, bool is_required)
{
    const struct value *v = r->ok ? value_get(r->map, str_from(key)) : NULL;
    if (v != NULL && v->kind == VALUE_NULL) {
        v = NULL;
    }
    if (v == NULL && is_required && r->ok) {
        r->ok = err_set(r->err, ERR_USAGE, "'%s' is missing", key);
    }
    return v;
}

static void wrong(struct reading *r, const char *key, const char *wanted)
{
    r->ok = r->ok && err_set(r->err, ERR_USAGE, "'%s' is not %s", key, wanted);
}

static struct str get_text(struct reading *r, const char *key, bool is_required)
{
    const struct value *v = get(r, key, is_required);
    struct str text = STR_NULL;
    if (v != NULL && !json_read_bytes(r->arena, v, &text)) {
        wrong(r, key, "a text");
    }
    return v == NULL ? STR_NULL : text;
}

static double get_number(struct reading *r, const char *key, bool is_required, bool *ret_has)
{
    const struct value *v = get(r, key, is_required);
    double number = 0;
    if (v != NULL && !value_number(v, &number)) {
        wrong(r, key, "a number");
    }
    if (ret_has != NULL) {
        *ret_has = v != NULL;
    }
    return number;
}

static uint64_t get_count(struct reading *r, const char *key)
{
    double number = get_number(r, key, true, NULL);
    if (r->ok && (number < 0 || number > 9e15 || number != floor(number))) {
        wrong(r, key, "a count");
        return 0;
    }
    return (uint64_t)number;
}

static uint32_t get_count32(struct reading *r, const char *key)
{
    uint64_t number = get_count(r, key);
    if (number > UINT32_MAX) {
        wrong(r, key, "a count");
        return 0;
    }
    return (uint32_t)number;
}

static bool get_bool(struct reading *r, const char *key)
{
    const struct value *v = get(r, key, true);
    if (v != NULL && v->kind != VALUE_BOOL) {
        wrong(r, key, "true or false");
    }
    return v != NULL && v->boolean;
}

static int64_t get_time(struct reading *r, const char *key)
{
    struct str text = get_text(r, key, false);
    int64_t unix_ms = 0;
    if (r->ok && text.ptr != NULL && !clock_parse_rfc3339(text, &unix_ms)) {
        wrong(r, key, "a time");
    }
    return unix_ms;
}

static struct uuid get_id(struct reading *r, const char *key)
{
    struct str text = get_text(r, key, true);
    struct uuid id = {{0}};
    if (r->ok && !id_parse(text, &id)) {
        wrong(r, key, "an id");
    }
    return id;
}

static struct digest get_digest(struct reading *r, const char *key)
{
    struct str text = get_text(r, key, true);
    struct digest digest = {{0}};
    if (r->ok && !digest_parse(text, &digest)) {
        wrong(r, key, "a SHA-256");
    }
    return digest;
}

/* Index of a word in a NULL-ended list. */
static int get_word(struct reading *r, const char *key, const char *const *words)
{
    struct str text = get_text(r, key, true);
    for (int i = 0; words[i] != NULL && r->ok; i++) {
        if (str_eq_cstr(text, words[i])) {
            return i;
        }
    }
    wrong(r, key, "a known word");
    return 0;
}

static enum verdict get_verdict(struct reading *r)
{
    double code = get_number(r, "exit_code", true, NULL);
    for (size_t i = 0; i < VERDICT_COUNT && r->ok; i++) {
        if ((double)VERDICTS[i].exit_code == code) {
            return VERDICTS[i].verdict;
        }
    }
    wrong(r, "exit_code", "an exit code of assay");
    return VERDICT_INTERNAL;
}

struct str import_json(struct arena *arena, const struct value *v)
{
    return json_compact(arena, v);
}

static struct str get_json(struct reading *r, const char *key, bool is_required)
{
    const struct value *v = r->ok ? value_get(r->map, str_from(key)) : NULL;
    if (v == NULL) {
        (void)get(r, key, is_required);
        return STR_NULL;
    }
    return import_json(r->arena, v);
}

static struct reading below(struct reading *r, const char *key)
{
    const struct value *v = get(r, key, true);
    if (v != NULL && v->kind != VALUE_MAP) {
        wrong(r, key, "a map");
    }
    return (struct reading){.map = v, .arena = r->arena, .err = r->err, .ok = r->ok};
}

static bool read_dimension(struct reading *r, struct dimension *d)
{
    *d = (struct dimension){.name = get_text(r, "name", true)};
    d->kind = (enum dimension_kind)get_word(r, "kind", DIMENSION_KIND_WORDS);
    d->type = (enum dimension_type)get_word(r, "type", DIMENSION_TYPE_WORDS);
    d->direction = (enum dimension_direction)get_word(r, "direction", DIMENSION_DIRECTION_WORDS);
    d->weight = get_number(r, "weight", true, NULL);
    d->threshold = get_number(r, "threshold", true, NULL);
    d->is_optional = get_bool(r, "optional");
    d->is_required = get_bool(r, "required");
    d->min = get_number(r, "min", false, &d->has_min);
    d->max = get_number(r, "max", false, &d->has_max);
    d->is_call_measure = get_bool(r, "call_measure");
    d->scorer = get_digest(r, "scorer");
    const struct value *range = get(r, "range", false);
    bool has_range = range != NULL && range->kind == VALUE_LIST && range->len == 2;
    if (has_range && !(value_number(&range->items[0], &d->lo) && value_number(&range->items[1], &d->hi))) {
        wrong(r, "range", "two numbers");
    } else if (!has_range && d->kind == DIMENSION_JUDGED) {
        d->hi = 1;
    }
    return r->ok;
}

static void read_dimensions(struct reading *r, struct run_record *run)
{
    const struct value *list = get(r, "dimensions", true);
    if (list != NULL && list->kind != VALUE_LIST) {
        wrong(r, "dimensions", "a list");
    }
    if (!r->ok || list == NULL) {
        return;
    }
    run->dimensions = arena_array(r->arena, struct dimension, list->len);
    run->dimension_count = list->len;
    for (size_t i = 0; i < list->len && r->ok; i++) {
        struct reading item = {.map = &list->items[i], .arena = r->arena, .err = r->err, .ok = true};
        r->ok = read_dimension(&item, &run->dimensions[i]);
    }
}

/* The line without what the export added: the header as the store had it. */
static struct str header_text(struct arena *arena, const struct value *line)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    for (uint32_t i = 0; i < line->len; i++) {
        struct str key = line->keys[i].text;
        if (!str_eq(key, STR("recorded")) && !str_eq(key, STR("summary"))) {
            json_key_str(&w, key);
            json_value(&w, &line->items[i]);
        }
    }
    json_close_map(&w);
    return arena_str(arena, buf_str(&text));
}

static bool read_invocation(struct reading r, struct invocation_record *inv)
{
    inv->name = get_text(&r, "name", true);
    inv->started_unix_ms = get_time(&r, "started");
    inv->finished_unix_ms = get_time(&r, "finished");
    inv->state = (enum run_state)get_word(&r, "state", RUN_STATE_WORDS);
    inv->is_full_selection = get_bool(&r, "full_selection");
    inv->options = get_json(&r, "options", true);
    inv->verdict = get_verdict(&r);
    inv->reason = get_text(&r, "reason", true);
    return r.ok;
}

static bool read_plan(struct reading r, struct plan_record *plan)
{
    plan->position = get_count32(&r, "position");
    plan->path = get_text(&r, "path", true);
    plan->resolved = get_json(&r, "files", true);
    plan->data_files = get_json(&r, "data_files", true);
    return r.ok;
}

static bool read_run(struct reading r, struct run_record *run)
{
    run->position = get_count32(&r, "position");
    run->started_unix_ms = get_time(&r, "started");
    run->finished_unix_ms = get_time(&r, "finished");
    run->state = (enum run_state)get_word(&r, "state", RUN_STATE_WORDS);
    run->verdict = get_verdict(&r);
    return r.ok;
}

bool import_check_header(const struct import_header *header, struct err *err)
{
    const struct run_record *run = &header->run;
    struct uuid id = id_of_run(&header->invocation.id, run->suite, run->variant);
    struct uuid root = id_of_root_span(&run->id);
    if (!id_eq(&id, &run->id) || !id_eq(&root, &run->root_span)) {
        return err_set(err, ERR_USAGE, "its ids are not those of suite '%.*s' and variant '%.*s' in its invocation",
                       STR_ARG(run->suite), STR_ARG(run->variant));
    }
    for (size_t i = 1; i < run->dimension_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (str_eq(run->dimensions[i].name, run->dimensions[k].name)) {
                return err_set(err, ERR_USAGE, "two dimensions are named '%.*s'", STR_ARG(run->dimensions[i].name));
            }
        }
    }
    return true;
}

bool import_read_header(const struct value *line, struct arena *arena, struct import_header *ret, struct err *err)
{
    struct reading r = {.map = line, .arena = arena, .err = err, .ok = true};
    struct reading recorded = below(&r, "recorded");
    if (get_count(&r, "format") != 1 && r.ok) {
        return err_set(err, ERR_USAGE, "this export has a format that this program does not know: use a newer one");
    }
    *ret = (struct import_header){0};
    ret->invocation.id = get_id(&r, "invocation");
    ret->invocation.origin = ORIGIN_IMPORTED;
    ret->invocation.labels = get_json(&r, "labels", true);
    ret->plan.suite = get_text(&r, "suite", true);
    ret->plan.suite_digest = get_digest(&r, "suite_digest");
    ret->plan.plan_digest = get_digest(&r, "plan_digest");
    ret->plan.case_count = get_count(&r, "cases");
    ret->plan.skipped_count = get_count(&r, "skipped");
    ret->plan.trials = get_count32(&r, "trials");
    ret->run.id = get_id(&r, "run");
    ret->run.root_span = get_id(&r, "root_span");
    ret->run.suite = ret->plan.suite;
    ret->run.variant = get_text(&r, "variant", true);
    ret->run.target_digest = get_digest(&r, "target_digest");
    ret->run.origin = ORIGIN_IMPORTED;
    ret->run.source_run = get_text(&r, "source_run", false);
    const struct value *summary = get(&r, "summary", false);
    ret->run.summary = summary == NULL ? STR_NULL : import_json(arena, summary);
    read_dimensions(&r, &ret->run);
    if (!r.ok || !read_invocation(below(&recorded, "invocation"), &ret->invocation) ||
        !read_plan(below(&recorded, "plan"), &ret->plan) || !read_run(below(&recorded, "run"), &ret->run)) {
        return false;
    }
    ret->run.header = header_text(arena, line);
    return true;
}

static bool find_dimension(const struct run_record *run, struct str name, uint32_t *ret)
{
    for (size_t i = 0; i < run->dimension_count; i++) {
        if (str_eq(run->dimensions[i].name, name)) {
            *ret = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool read_score(struct reading *r, struct str name, const struct run_record *run, struct score *s)
{
    static const char *const outcomes[] = {"not_scored", "none", "pass", "fail", NULL};
    if (!find_dimension(run, name, &s->dimension)) {
        return err_set(r->err, ERR_USAGE, "score '%.*s' is in no dimension of the run",
                       STR_ARG(str_slice(name, 0, 80)));
    }
    s->outcome = (enum score_outcome)get_word(r, "outcome", outcomes);
    s->value = get_number(r, "value", true, NULL);
    s->unit = get_number(r, "unit", false, &s->has_unit);
    s->answered = get_text(r, "answered", false);
    s->wanted = get_text(r, "wanted", false);
    s->comment = get_text(r, "comment", false);
    return r->ok;
}

static void read_scores(struct reading *r, const struct run_record *run, struct sample_record *s)
{
    const struct value *map = get(r, "scores", true);
    if (map != NULL && map->kind != VALUE_MAP) {
        wrong(r, "scores", "a map");
    }
    if (!r->ok || map == NULL) {
        return;
    }
    s->scores = arena_array(r->arena, struct score, map->len);
    s->score_count = map->len;
    for (uint32_t i = 0; i < map->len && r->ok; i++) {
        struct reading item = {.map = &map->items[i], .arena = r->arena, .err = r->err, .ok = true};
        r->ok = read_score(&item, map->keys[i].text, run, &s->scores[i]);
    }
}

static void read_measures(struct reading *r, struct call_measures *m)
{
    struct reading in = below(r, "measures");
    m->latency_ms = get_number(&in, "latency_ms", false, &m->has_latency);
    m->cost_usd = get_number(&in, "cost_usd", false, &m->has_cost);
    m->input_tokens = get_number(&in, "input_tokens", false, &m->has_input_tokens);
    m->output_tokens = get_number(&in, "output_tokens", false, &m->has_output_tokens);
    m->attempts = get_count32(&in, "attempts");
    r->ok = in.ok;
}

/* A list of texts. */
static struct str get_tags(struct reading *r)
{
    const struct value *v = get(r, "tags", true);
    bool is_list = v != NULL && v->kind == VALUE_LIST;
    for (uint32_t i = 0; is_list && i < v->len; i++) {
        is_list = v->items[i].kind == VALUE_TEXT;
    }
    if (!is_list) {
        wrong(r, "tags", "a list of texts");
        return STR("[]");
    }
    return import_json(r->arena, v);
}

static void read_error(struct reading *r, struct sample_record *s)
{
    struct str word = get_text(r, "error", false);
    s->error_text = get_text(r, "error_text", false);
    if (word.ptr != NULL && !error_kind_of_word(word, &s->error)) {
        wrong(r, "error", "a known kind of error");
    }
}

static void read_bodies(struct reading *r, struct sample_record *s)
{
    s->input = get_json(r, "input", false);
    s->expected = get_json(r, "expected", false);
    s->meta = get_json(r, "meta", false);
    const struct value *is_json = get(r, "output_is_json", false);
    s->output_is_json = is_json != NULL && is_json->kind == VALUE_BOOL && is_json->boolean;
    s->output = s->output_is_json ? get_json(r, "output", false) : get_text(r, "output", false);
}

static bool is_share(bool has, double number)
{
    return !has || (number >= 0 && number <= 1);
}

bool import_check_sample(const struct import_header *header, const struct sample_record *sample, struct err *err)
{
    const struct run_record *run = &header->run;
    if (sample->trial < 1 || sample->trial > header->plan.trials) {
        return err_set(err, ERR_USAGE, "trial %u of %u", (unsigned)sample->trial, (unsigned)header->plan.trials);
    }
    if (!is_share(sample->has_score, sample->score)) {
        return err_set(err, ERR_USAGE, "'score' is not in 0 to 1");
    }
    for (size_t i = 0; i < sample->score_count; i++) {
        const struct score *s = &sample->scores[i];
        struct str name = run->dimensions[s->dimension].name;
        bool is_unit_wanted = s->outcome == SCORE_PASS || s->outcome == SCORE_FAIL;
        if (!is_share(s->has_unit, s->unit) || (is_unit_wanted && !s->has_unit)) {
            return err_set(err, ERR_USAGE, "the unit of '%.*s' is not in 0 to 1", STR_ARG(name));
        }
        for (size_t k = 0; k < i; k++) {
            if (sample->scores[k].dimension == s->dimension) {
                return err_set(err, ERR_USAGE, "'%.*s' is scored twice", STR_ARG(name));
            }
        }
    }
    return true;
}

bool import_read_sample(const struct value *line, const struct import_header *header, struct arena *arena,
                        struct sample_record *ret, struct err *err)
{
    struct reading r = {.map = line, .arena = arena, .err = err, .ok = true};
    *ret = (struct sample_record){
        .ordinal = get_count(&r, "ordinal"),
        .case_id = get_text(&r, "case", true),
        .case_digest = get_digest(&r, "digest"),
        .tags = get_tags(&r),
        .cluster = get_text(&r, "cluster", false),
        .trial = get_count32(&r, "trial"),
        .attempt = get_count32(&r, "attempt"),
        .span = get_id(&r, "span"),
        .started_unix_ms = get_time(&r, "started"),
        .ended_unix_ms = get_time(&r, "ended"),
    };
    ret->state = (enum sample_state)get_word(&r, "state", SAMPLE_STATE_WORDS);
    const struct value *pass = get(&r, "pass", false);
    ret->pass = pass == NULL ? PASS_NONE : pass->boolean ? PASS_YES : PASS_NO;
    ret->score = get_number(&r, "score", false, &ret->has_score);
    read_error(&r, ret);
    read_bodies(&r, ret);
    read_measures(&r, &ret->measures);
    read_scores(&r, &header->run, ret);
    return r.ok && import_check_sample(header, ret, err);
}
