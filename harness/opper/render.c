#include "opper/render.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "data/json.h"
#include "store/store.h"

static struct str id_str(struct arena *arena, const struct uuid *id)
{
    return arena_str(arena, str_from(id_text(id).text));
}

/* --- texts ------------------------------------------------------------------------------------------------------------------------------ */

struct str render_text(struct arena *arena, struct str text, int how, uint64_t max_bytes)
{
    bool is_cut = how == RECORD_FULL && text.len > max_bytes;
    if (text.ptr == NULL || how == RECORD_NONE) {
        return STR_NULL;
    }
    struct buf shown CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    if (how == RECORD_FULL) {
        buf_append(&shown, is_cut ? utf8_cut(text, (size_t)max_bytes) : text);
    }
    if (is_cut || how == RECORD_DIGEST) {
        struct digest digest = digest_of(text);
        buf_printf(&shown, "%s[%s: %zu bytes, SHA-256 %s]", is_cut ? "\n" : "",
                   is_cut ? "cut here; the whole text" : "not sent", text.len, digest_hex(&digest).text);
    }
    struct buf json CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    json_append_quoted(&json, buf_str(&shown));
    return arena_str(arena, buf_str(&json));
}

/* What goes as its JSON, since it is no text. */
static bool is_other_than_text(struct str json)
{
    return json.len > 0 && json.ptr[0] != '"';
}

/* A stored JSON text as people read it: a string without its quotes and escapes, anything else as it is. */
static struct str plain_text(struct arena *arena, struct str json)
{
    struct value v;
    struct err ignored = ERR_NULL;
    if (json.len == 0 || is_other_than_text(json) ||
        !json_read(arena, json, JSON_REPLY, (struct src_pos){0}, &v, NULL, &ignored)) {
        return json;
    }
    return v.text;
}

/* Valid UTF-8, as it is on the wire, so that what comes back can be compared. */
static struct str valid_text(struct arena *arena, struct str text)
{
    if (utf8_is_valid(text, NULL)) {
        return text;
    }
    struct buf valid CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    utf8_append_valid(&valid, text);
    return arena_str(arena, buf_str(&valid));
}

/* --- samples ------------------------------------------------------------------------------------------------------------------------------ */

void render_ahead(struct arena *arena, const struct run_record *run, const struct uuid *span, struct str case_id,
                  struct wire_span *ret)
{
    *ret = (struct wire_span){
        .id = id_str(arena, span),
        .trace_id = id_str(arena, &run->id),
        .parent_id = id_str(arena, &run->root_span),
        .name = valid_text(arena, case_id),
        .type = STR("evaluation_case"),
    };
}

static void put_score(struct json_writer *w, const struct recording *recording, const struct score *s)
{
    if (s->outcome == SCORE_NOT_SCORED) {
        json_null(w);
        return;
    }
    json_open_list(w);
    if (s->has_unit) {
        json_number(w, s->unit);
    } else {
        json_null(w);
    }
    if (s->outcome == SCORE_NONE) {
        json_null(w);
    } else {
        json_bool(w, s->outcome == SCORE_PASS);
    }
    /* classes of a one_of: recall and precision are counted from them. They are a part of the output */
    if (s->wanted.ptr != NULL && recording->options.outputs == RECORD_FULL) {
        json_text(w, s->wanted);
        if (s->answered.ptr != NULL) {
            json_text(w, s->answered);
        }
    }
    json_close_list(w);
}

/* What an errored sample was judged to be is not told, for it counts nowhere; in which dimensions it could not be judged is, for these are counted. */
static bool is_told(const struct score *s, const struct dimension *d, enum sample_state state)
{
    return s->outcome == SCORE_NOT_SCORED || record_score_is_metric(s, d, state);
}

/* The span of the call itself, where it is not below this one. */
static struct str call_span(struct arena *arena, struct str meta)
{
    struct str id = STR_NULL;
    size_t at = 0; /* few have it: those that do not are not read */
    return str_find(meta, STR("call_span_id"), &at) && json_text_member(arena, meta, "call_span_id", &id) ? id
                                                                                                          : STR_NULL;
}

static struct str sample_meta(struct arena *arena, const struct recording *recording, const struct run_record *run,
                              const struct sample_record *s, bool is_superseded)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    json_key(&w, "assay");
    json_open_map(&w);
    json_put_int(&w, "v", 1);
    json_put_text(&w, "case", s->case_id);
    json_put_text(&w, "digest", str_from(digest_hex(&s->case_digest).text));
    json_put_int(&w, "ordinal", (int64_t)s->ordinal);
    json_put_int(&w, "trial", s->trial);
    json_put_int(&w, "attempt", s->attempt);
    json_put_raw(&w, "tags", s->tags.len > 0 ? s->tags : STR("[]"));
    json_key(&w, "cluster");
    if (s->cluster.ptr != NULL) {
        json_text(&w, s->cluster);
    } else {
        json_null(&w);
    }
    json_put_text(&w, "state", str_from(SAMPLE_STATE_WORDS[s->state]));
    if (s->error != ERROR_NONE) {
        json_put_text(&w, "error", str_from(error_kind_word(s->error)));
    }
    json_key(&w, "pass");
    if (s->pass == PASS_NONE) {
        json_null(&w);
    } else {
        json_bool(&w, s->pass == PASS_YES);
    }
    json_put_number_or_null(&w, "score", s->has_score, s->score);
    json_put_int(&w, "tries", s->measures.attempts);
    if (is_other_than_text(s->input)) {
        json_put_bool(&w, "input_is_json", true);
    }
    if (s->output_is_json) {
        json_put_bool(&w, "output_is_json", true);
    }
    json_key(&w, "scores");
    json_open_map(&w);
    for (size_t i = 0; i < s->score_count; i++) {
        const struct dimension *d = &run->dimensions[s->scores[i].dimension];
        if (is_told(&s->scores[i], d, s->state)) {
            json_key_str(&w, d->name);
            put_score(&w, recording, &s->scores[i]);
        }
    }
    json_close_map(&w);
    struct str call = call_span(arena, s->meta);
    if (call.ptr != NULL) {
        json_put_text(&w, "call_span_id", call);
    }
    if (is_superseded) {
        json_put_bool(&w, "superseded", true);
    }
    json_close_map(&w);
    json_close_map(&w);
    return arena_str(arena, buf_str(&text));
}

static double without_sign_of_zero(double value)
{
    return value == 0 ? 0 : value; /* -0 and 0 are one number on the wire */
}

static void add_metric(struct arena *arena, struct rendered *r, bool with_comment, struct str dimension, double value,
                       struct str comment)
{
    r->metrics[r->metric_count++] = (struct wire_metric){
        .dimension = dimension,
        .value = {true, without_sign_of_zero(value)},
        .comment = with_comment && comment.len > 0 ? valid_text(arena, comment) : STR_NULL,
    };
}

void render_sample(struct arena *arena, const struct recording *recording, const struct run_record *run,
                   const struct sample_record *s, bool is_superseded, struct rendered *ret)
{
    const struct record_options *o = &recording->options;
    *ret = (struct rendered){0};
    struct wire_span *span = &ret->span;
    render_ahead(arena, run, &s->span, s->case_id, span);
    span->start = wire_time_of_ms(s->started_unix_ms);
    span->end = wire_time_of_ms(s->ended_unix_ms);
    span->input = render_text(arena, plain_text(arena, s->input), o->inputs, o->max_bytes);
    span->output = render_text(arena, s->output, o->outputs, o->max_bytes);
    if (s->state == SAMPLE_ERRORED) {
        struct str words = s->error_text.len > 0 ? s->error_text : str_from(error_kind_word(s->error));
        span->error = valid_text(arena, words);
    }
    span->meta = sample_meta(arena, recording, run, s, is_superseded);
    int score = s->state == SAMPLE_SCORED ? record_span_score(s->has_score, s->score) : -1;
    span->score = (struct wire_int){score >= 0, score >= 0 ? score : 0};
    ret->metrics = arena_array(arena, struct wire_metric, s->score_count);
    for (size_t i = 0; i < s->score_count; i++) {
        const struct dimension *d = &run->dimensions[s->scores[i].dimension];
        if (record_score_is_metric(&s->scores[i], d, s->state)) {
            add_metric(arena, ret, o->comments == RECORD_FULL, d->name, s->scores[i].value, s->scores[i].comment);
        }
    }
}

/* --- the root ------------------------------------------------------------------------------------------------------------------------------ */

static void root_span(struct arena *arena, const struct run_record *run, struct wire_span *ret)
{
    *ret = (struct wire_span){
        .id = id_str(arena, &run->root_span),
        .trace_id = id_str(arena, &run->id),
        .name = valid_text(arena, arena_printf(arena, "%.*s [%.*s]", STR_ARG(run->suite), STR_ARG(run->variant))),
        .type = STR("evaluation_run"),
        .start = wire_time_of_ms(run->started_unix_ms),
    };
}

/* The stored header, whose last '}' waits for what `end` adds. */
static void open_header(struct buf *out, const struct run_record *run)
{
    struct str header = str_trim(run->header);
    bool is_map = header.len >= 2 && header.ptr[header.len - 1] == '}';
    buf_append_cstr(out, "{\"assay\":");
    buf_append(out, is_map ? str_slice(header, 0, header.len - 1) : STR("{\"format\":1"));
}

void render_root_begin(struct arena *arena, const struct run_record *run, struct rendered *ret)
{
    struct buf meta CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    *ret = (struct rendered){0};
    root_span(arena, run, &ret->span);
    open_header(&meta, run);
    buf_append_cstr(&meta, "}}");
    ret->span.meta = arena_str(arena, buf_str(&meta));
}

/* As in line 1 of the jsonl export, without its texts: what pull needs to make the run's records again. The run's own end and verdict only: the
 * invocation's change once more when delivery ends. */
static void put_recorded(struct json_writer *w, const struct invocation_record *inv, const struct run_record *run)
{
    json_open_map(w);
    json_key(w, "invocation");
    json_open_map(w);
    json_put_text(w, "name", inv->name);
    json_put_time(w, "started", inv->started_unix_ms);
    json_put_time(w, "finished", run->finished_unix_ms);
    json_put_text(w, "state", str_from(RUN_STATE_WORDS[run->state]));
    json_put_bool(w, "full_selection", inv->is_full_selection);
    json_put_int(w, "exit_code", verdict_row(run->verdict)->exit_code);
    json_close_map(w);
    json_key(w, "run");
    json_open_map(w);
    json_put_int(w, "position", run->position);
    json_put_time(w, "started", run->started_unix_ms);
    json_put_time(w, "finished", run->finished_unix_ms);
    json_put_text(w, "state", str_from(RUN_STATE_WORDS[run->state]));
    json_put_int(w, "exit_code", verdict_row(run->verdict)->exit_code);
    json_close_map(w);
    json_close_map(w);
}

static struct str root_meta(struct arena *arena, const struct invocation_record *inv, const struct run_record *run)
{
    struct buf meta CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    open_header(&meta, run);
    buf_append_cstr(&meta, ",\"recorded\":");
    json_writer_init(&w, &meta);
    put_recorded(&w, inv, run);
    buf_append_cstr(&meta, ",\"finished\":");
    json_append_quoted(&meta, str_from(clock_rfc3339(run->finished_unix_ms).text));
    buf_append_cstr(&meta, inv->is_full_selection ? ",\"selection\":\"full\"" : ",\"selection\":\"part\"");
    buf_append_cstr(&meta, ",\"verdict\":");
    json_append_quoted(&meta, str_from(verdict_row(run->verdict)->word));
    buf_append_cstr(&meta, ",\"summary\":");
    buf_append(&meta, run->summary.len > 0 ? run->summary : STR("null"));
    buf_append_cstr(&meta, "}}");
    return arena_str(arena, buf_str(&meta));
}

bool render_root_end(struct arena *arena, const struct invocation_record *invocation, const struct run_record *run,
                     const struct root_record *root, struct rendered *ret, struct err *err)
{
    if (root->output.ptr == NULL) {
        return err_set(err, ERR_BUG, "run '%.*s' has not ended", STR_ARG(run->suite));
    }
    *ret = (struct rendered){0};
    struct wire_span *span = &ret->span;
    root_span(arena, run, span);
    span->end = wire_time_of_ms(run->finished_unix_ms);
    span->input = render_text(arena, root->input, RECORD_FULL, RECORD_MAX_BYTES);
    span->output = render_text(arena, root->output, RECORD_FULL, RECORD_MAX_BYTES);
    span->meta = root_meta(arena, invocation, run);
    span->score = (struct wire_int){root->span_score >= 0, root->span_score >= 0 ? root->span_score : 0};
    ret->metrics = arena_array(arena, struct wire_metric, root->metric_count);
    for (size_t i = 0; i < root->metric_count; i++) {
        add_metric(arena, ret, true, root->metrics[i].dimension, root->metrics[i].value, root->metrics[i].comment);
    }
    return true;
}
