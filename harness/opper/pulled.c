#include "opper/pulled.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/map_reader.h"
#include "wire/span.h"
#include "wire/trace.h"

/* meta.assay of a span; NULL = it is not ours. */
static const struct value *ours(struct arena *arena, struct str meta)
{
    struct value *map = arena_new(arena, struct value);
    struct err ignored = ERR_NULL;
    if (meta.ptr == NULL || !json_read(arena, meta, JSON_REPLY, (struct src_pos){0}, map, NULL, &ignored)) {
        return NULL;
    }
    const struct value *assay = value_get(map, STR("assay"));
    return assay != NULL && assay->kind == VALUE_MAP ? assay : NULL;
}

/* --- the root ----------------------------------------------------------------------------------------------------------------------------- */

/* What the export has, and Opper does not. */
static void put_recorded(struct json_writer *w, const struct value *recorded, struct str reason)
{
    json_open_map(w);
    for (uint32_t i = 0; i < recorded->len; i++) {
        const struct value *v = &recorded->items[i];
        json_key_str(w, recorded->keys[i].text);
        if (!str_eq(recorded->keys[i].text, STR("invocation")) || v->kind != VALUE_MAP) {
            json_value(w, v);
            continue;
        }
        json_open_map(w);
        for (uint32_t k = 0; k < v->len; k++) {
            json_key_str(w, v->keys[k].text);
            json_value(w, &v->items[k]);
        }
        json_put_raw(w, "options", STR("{}"));
        json_put_text(w, "reason", reason);
        json_close_map(w);
    }
    json_key(w, "plan");
    json_open_map(w);
    json_put_int(w, "position", 0);
    json_put_text(w, "path", STR(""));
    json_put_raw(w, "files", STR("{\"files\":[]}"));
    json_put_raw(w, "data_files", STR("[]"));
    json_close_map(w);
    json_close_map(w);
}

static struct str export_line(struct arena *arena, const struct value *assay, struct str reason)
{
    static const char *const of_the_end[] = {"finished", "selection", "verdict"};
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    for (uint32_t i = 0; i < assay->len; i++) {
        bool is_left_out = false;
        for (size_t k = 0; k < ARRAY_LEN(of_the_end); k++) {
            is_left_out = is_left_out || str_eq_cstr(assay->keys[i].text, of_the_end[k]);
        }
        if (is_left_out) {
            continue;
        }
        json_key_str(&w, assay->keys[i].text);
        if (str_eq(assay->keys[i].text, STR("recorded")) && assay->items[i].kind == VALUE_MAP) {
            put_recorded(&w, &assay->items[i], reason);
        } else {
            json_value(&w, &assay->items[i]);
        }
    }
    json_close_map(&w);
    return arena_str(arena, buf_str(&text));
}

static void map_id(struct map_reader *r, const char *key, struct uuid *ret)
{
    struct str text = STR_NULL;
    if ((!map_text(r, key, &text) || !id_parse(text, ret)) && r->bad_key == NULL) {
        r->bad_key = key;
    }
}

static void read_end(struct map_reader *r, struct pulled_root *ret)
{
    struct str selection = STR_NULL;
    struct str verdict = STR_NULL;
    struct str reason = STR("");
    const struct value *summary = NULL;
    const struct value *recorded = NULL;
    bool has_end = map_text(r, "verdict", &verdict) && map_node(r, "summary", VALUE_MAP, &summary) &&
                   map_node(r, "recorded", VALUE_MAP, &recorded);
    if (!has_end) {
        return;
    }
    struct map_reader s = map_reader_of(r, summary);
    (void)map_count(&s, "samples", &ret->samples);
    (void)map_text(&s, "reason", &reason);
    map_reader_join(r, &s);
    ret->is_full_selection = map_text(r, "selection", &selection) && str_eq(selection, STR("full"));
    if (!verdict_parse(verdict, &ret->verdict)) {
        r->bad_key = "verdict";
    }
    ret->line = export_line(r->arena, r->map, reason);
    ret->is_finished = true;
}

bool pulled_read_root(struct arena *arena, struct str body, struct pulled_root *ret, struct err *err)
{
    struct wire_span span;
    if (!wire_span_read(arena, body, &span, err)) {
        return false;
    }
    const struct value *assay = ours(arena, span.meta);
    struct map_reader r = {.map = assay, .arena = arena};
    struct pulled_root root = {.labels = STR("{}"), .verdict = VERDICT_INTERNAL};
    if (assay == NULL) {
        return err_set(err, ERR_EMPTY, "span %.*s was not recorded by assay", STR_ARG(span.id));
    }
    map_id(&r, "run", &root.run);
    map_id(&r, "invocation", &root.invocation);
    (void)map_text(&r, "suite", &root.suite);
    (void)map_text(&r, "variant", &root.variant);
    const struct value *labels = NULL;
    if (map_node(&r, "labels", VALUE_MAP, &labels)) {
        root.labels = json_compact(arena, labels);
    }
    read_end(&r, &root);
    if (r.bad_key != NULL) {
        return err_set(err, ERR_NET, "the root span %.*s is damaged: meta.assay.%s", STR_ARG(span.id), r.bad_key);
    }
    *ret = root;
    return true;
}

/* --- samples -------------------------------------------------------------------------------------------------------------------------------- */

/* A text that stands for JSON, as render sends it, or is one. */
static struct str json_of_text(struct arena *arena, const struct value *text, bool is_json)
{
    struct value v;
    struct err ignored = ERR_NULL;
    if (is_json && json_read(arena, text->text, JSON_REPLY, (struct src_pos){0}, &v, NULL, &ignored)) {
        return text->text;
    }
    return json_compact(arena, text);
}

static bool read_text(struct arena *arena, struct str json, struct value *ret)
{
    struct err ignored = ERR_NULL;
    return json.ptr != NULL && json_read(arena, json, JSON_REPLY, (struct src_pos){0}, ret, NULL, &ignored) &&
           ret->kind == VALUE_TEXT;
}

static void read_bodies(struct map_reader *r, const struct wire_span_data *data, struct sample_record *s)
{
    bool is_json = false;
    struct value text;
    (void)map_flag(r, "input_is_json", &is_json);
    s->input = read_text(r->arena, data->input, &text) ? json_of_text(r->arena, &text, is_json) : STR("null");
    if (!read_text(r->arena, data->output, &text)) {
        return;
    }
    struct value ignored_value;
    struct err ignored = ERR_NULL;
    is_json = false;
    s->output = text.text;
    s->output_is_json = map_flag(r, "output_is_json", &is_json) && is_json &&
                        json_read(r->arena, s->output, JSON_REPLY, (struct src_pos){0}, &ignored_value, NULL, &ignored);
}

static void read_place(struct map_reader *r, struct sample_record *s)
{
    struct str digest = STR_NULL;
    const struct value *tags = NULL;
    uint64_t trial = 0;
    uint64_t attempt = 0;
    uint64_t tries = 1;
    bool is_whole = map_text(r, "case", &s->case_id) && map_count(r, "ordinal", &s->ordinal) &&
                    map_count(r, "trial", &trial) && map_count(r, "attempt", &attempt) && trial <= LIMIT_TRIALS &&
                    attempt < UINT32_MAX;
    if (!is_whole) {
        r->bad_key = r->bad_key == NULL ? "case" : r->bad_key;
        return;
    }
    if (!map_text(r, "digest", &digest) || !digest_parse(digest, &s->case_digest)) {
        r->bad_key = "digest";
    }
    s->trial = (uint32_t)trial;
    s->attempt = (uint32_t)attempt;
    s->tags = map_node(r, "tags", VALUE_LIST, &tags) ? json_compact(r->arena, tags) : STR("[]");
    (void)map_text(r, "cluster", &s->cluster);
    (void)map_count(r, "tries", &tries);
    s->measures.attempts = tries > 0 && tries < UINT32_MAX ? (uint32_t)tries : 1;
}

static void read_result(struct map_reader *r, struct str error_text, struct sample_record *s)
{
    struct str word = STR_NULL;
    bool passes = false;
    s->state = (enum sample_state)map_word(r, "state", SAMPLE_STATE_WORDS, SAMPLE_ERRORED);
    s->pass = !map_flag(r, "pass", &passes) ? PASS_NONE : passes ? PASS_YES : PASS_NO;
    s->has_score = map_number(r, "score", &s->score);
    if (map_text(r, "error", &word) && !error_kind_of_word(word, &s->error)) {
        r->bad_key = "error";
    }
    s->error_text = error_text;
}

static const struct wire_metric *find_metric(const struct wire_trace_span *span, struct str dimension)
{
    for (size_t i = 0; i < span->metric_count; i++) {
        if (str_eq(span->metrics[i].dimension, dimension) && span->metrics[i].value.has) {
            return &span->metrics[i];
        }
    }
    return NULL;
}

static uint32_t dimension_at(const struct run_record *run, struct str name)
{
    uint32_t at = 0;
    while (at < run->dimension_count && !str_eq(run->dimensions[at].name, name)) {
        at++;
    }
    return at;
}

/* [unit, pass] or [unit, pass, wanted] or [unit, pass, wanted, answered] */
static void read_score(const struct value *pair, struct score *s)
{
    if (pair->kind == VALUE_NULL) {
        s->outcome = SCORE_NOT_SCORED;
        return;
    }
    const struct value *at = pair->items;
    s->has_unit = value_number(&at[0], &s->unit);
    s->outcome = at[1].kind != VALUE_BOOL ? SCORE_NONE : at[1].boolean ? SCORE_PASS : SCORE_FAIL;
    s->wanted = pair->len > 2 && at[2].kind == VALUE_TEXT ? at[2].text : STR_NULL;
    s->answered = pair->len > 3 && at[3].kind == VALUE_TEXT ? at[3].text : STR_NULL;
}

static void note_measure(struct call_measures *m, struct str name, double value)
{
    const struct {
        bool *has;
        double *value;
    } known[CALL_MEASURE_COUNT] = {
        [CALL_LATENCY] = {&m->has_latency, &m->latency_ms},
        [CALL_COST] = {&m->has_cost, &m->cost_usd},
        [CALL_INPUT_TOKENS] = {&m->has_input_tokens, &m->input_tokens},
        [CALL_OUTPUT_TOKENS] = {&m->has_output_tokens, &m->output_tokens},
    };
    for (size_t i = 0; i < CALL_MEASURE_COUNT; i++) {
        if (known[i].has != NULL && str_eq_cstr(name, CALL_MEASURE_NAMES[i])) {
            *known[i].has = true;
            *known[i].value = value;
        }
    }
}

static bool read_scores(struct map_reader *r, const struct wire_trace_span *span, const struct run_record *run,
                        struct sample_record *s, struct err *err)
{
    const struct value *scores = NULL;
    if (!map_node(r, "scores", VALUE_MAP, &scores)) {
        return true; /* bad_key, or none */
    }
    s->scores = arena_array(r->arena, struct score, scores->len + 1);
    for (uint32_t i = 0; i < scores->len; i++) {
        const struct value *pair = &scores->items[i];
        struct str name = scores->keys[i].text;
        uint32_t dimension = dimension_at(run, name);
        if (dimension == run->dimension_count ||
            (pair->kind != VALUE_NULL && (pair->kind != VALUE_LIST || pair->len < 2))) {
            r->bad_key = "scores";
            return true;
        }
        struct score *score = &s->scores[s->score_count++];
        *score = (struct score){.dimension = dimension};
        read_score(pair, score);
        if (!record_score_is_metric(score, &run->dimensions[dimension], s->state)) {
            continue;
        }
        const struct wire_metric *metric = find_metric(span, name);
        if (metric == NULL) {
            return err_set(err, ERR_EMPTY, "the trace is not whole: span %.*s has no metric '%.*s'", STR_ARG(span->id),
                           STR_ARG(name));
        }
        score->value = metric->value.value;
        if (run->dimensions[dimension].kind == DIMENSION_JUDGED && score->has_unit && score->value != score->unit) {
            return err_set(err, ERR_NET,
                           "span %.*s is damaged: its metric '%.*s' is not the score that it was recorded with",
                           STR_ARG(span->id), STR_ARG(name));
        }
        score->comment = metric->comment;
        if (run->dimensions[dimension].is_call_measure) {
            note_measure(&s->measures, name, score->value);
        }
    }
    return true;
}

/* A sample is a child of the root and says which; whatever stands elsewhere is a part of one. */
static bool is_of_sample(const struct wire_trace_span *span, const struct run_record *run, const struct value *assay)
{
    struct uuid parent;
    bool is_child =
        span->parent_id.ptr != NULL && id_parse(span->parent_id, &parent) && id_eq(&parent, &run->root_span);
    const struct value *superseded = assay == NULL ? NULL : value_get(assay, STR("superseded"));
    return is_child && assay != NULL && value_get(assay, STR("case")) != NULL &&
           (superseded == NULL || superseded->kind != VALUE_BOOL || !superseded->boolean);
}

bool pulled_read_span(struct arena *arena, struct str item, const struct run_record *run, bool *ret_is_sample,
                      struct sample_record *ret, struct err *err)
{
    struct value map;
    struct wire_trace_span span;
    *ret_is_sample = false;
    if (!json_read(arena, item, JSON_REPLY, (struct src_pos){0}, &map, NULL, err)) {
        err->kind = ERR_NET;
        return err_wrap(err, "a span of the trace");
    }
    if (!wire_trace_span_of(arena, &map, &span)) {
        return err_set(err, ERR_NET, "a span of the trace has no 'id'");
    }
    const struct value *assay = ours(arena, span.meta);
    if (!is_of_sample(&span, run, assay)) {
        return true;
    }
    struct map_reader r = {.map = assay, .arena = arena};
    struct sample_record s = {.started_unix_ms = wire_time_ms(span.start), .ended_unix_ms = wire_time_ms(span.end)};
    if (!id_parse(span.id, &s.span)) {
        return err_set(err, ERR_NET, "a span of the trace has the id '%.*s'", STR_ARG(span.id));
    }
    read_place(&r, &s);
    read_result(&r, span.error, &s);
    read_bodies(&r, &span.data, &s);
    if (!read_scores(&r, &span, run, &s, err)) {
        return false;
    }
    if (r.bad_key != NULL) {
        return err_set(err, ERR_NET, "span %.*s is damaged: meta.assay.%s", STR_ARG(span.id), r.bad_key);
    }
    *ret = s;
    *ret_is_sample = true;
    return true;
}
