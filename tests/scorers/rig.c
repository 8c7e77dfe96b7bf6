#include "tests/scorers/rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/caret.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/yaml.h"
#include "tests/check.h"

enum { TURNS_MAX = 1000000 };

static const char *const ENTRIES[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "JUDGE=vendor/judge", NULL};

struct rig *rig_new(void)
{
    struct rig *rig = mem_alloc(sizeof(*rig));
    *rig = (struct rig){
        .environment = {ENTRIES},
        .suite = {.name = STR("suite"), .variants = &rig->variant, .variant_count = 1, .dimensions = rig->dimensions},
        .variant = {.name = STR("default")},
        .eval_case = {.id = STR("case-1"), .input = value_of_text(STR("2+2?")), .vars = {.kind = VALUE_MAP}},
        .vars = {.kind = VALUE_MAP},
        .reply = {.status = CALL_OK},
    };
    rig->service = (struct service){.base_url = "https://opper.test/v2"};
    rig->env = (struct scorer_env){
        .dir = "/",
        .environment = &rig->environment,
        .vars_environment = &rig->environment,
        .service = &rig->service,
        .workers_default = 2,
    };
    rig->suite.scorers = rig->shown;
    return rig;
}

static void unload(struct rig *rig)
{
    for (size_t i = 0; i < rig->suite.scorer_count; i++) {
        scorer_unload(rig->uses[i]);
    }
    rig->suite.scorer_count = 0;
    rig->suite.dimension_count = 0;
}

void rig_free(struct rig **rig)
{
    unload(*rig);
    arena_deinit(&(*rig)->arena);
    arena_deinit(&(*rig)->sample_arena);
    mem_free(*rig);
    *rig = NULL;
}

static void add_use(struct rig *rig, struct scorer_use *use)
{
    use->indices = arena_array(&rig->arena, uint32_t, use->dimension_count);
    for (size_t i = 0; i < use->dimension_count; i++) {
        use->indices[i] = (uint32_t)rig->suite.dimension_count;
        rig->dimensions[rig->suite.dimension_count++] = use->dimensions[i];
    }
    rig->uses[rig->suite.scorer_count] = use;
    rig->shown[rig->suite.scorer_count++] = use;
}

bool rig_try_load(struct rig *rig, const char *text)
{
    struct value *list = arena_new(&rig->arena, struct value);
    struct field_context ctx = {.arena = &rig->arena, .diag = &rig->diag};
    struct str source = arena_str(&rig->arena, str_from(text));
    unload(rig);
    diag_init(&rig->diag, &rig->arena);
    diag_source(&rig->diag, "scorers.yaml", source);
    bool ok = yaml_read(&rig->arena, "scorers.yaml", source, list, &rig->diag);
    for (uint32_t i = 0; ok && i < list->len; i++) {
        struct scorer_use *use = NULL;
        ok = scorer_load(&ctx, &list->items[i], &rig->env, &use);
        if (ok) {
            add_use(rig, use);
        }
    }
    return ok;
}

struct str rig_faults(struct rig *rig)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 20);
    for (size_t i = 0; i < rig->diag.faults.len; i++) {
        caret_render(&out, &rig->diag, &rig->diag.faults.items[i], 160);
    }
    return arena_str(&rig->arena, buf_str(&out));
}

bool rig_load(struct rig *rig, const char *name, const char *text)
{
    bool ok = rig_try_load(rig, text);
    check_str_at(rig_faults(rig), STR(""), name, __FILE__, __LINE__);
    CHECK(name, ok);
    return ok;
}

static struct value read_json(struct rig *rig, const char *json)
{
    struct value v = {.kind = VALUE_NULL};
    struct err err = ERR_NULL;
    struct str text = arena_str(&rig->arena, str_from(json));
    if (!json_read(&rig->arena, text, JSON_REPLY, (struct src_pos){.line = 1, .col = 1}, &v, NULL, &err)) {
        check_str_at(str_from(err.text), STR(""), json, __FILE__, __LINE__);
    }
    return v;
}

void rig_expected(struct rig *rig, const char *json)
{
    rig->eval_case.has_expected = json != NULL;
    rig->eval_case.expected = json != NULL ? read_json(rig, json) : (struct value){.kind = VALUE_NULL};
}

void rig_row(struct rig *rig, const char *json)
{
    rig->row = read_json(rig, json);
    rig->eval_case.row = &rig->row;
}

void rig_text(struct rig *rig, struct str text)
{
    rig->output = (struct output){.text = text, .measures = rig->output.measures};
}

void rig_json(struct rig *rig, const char *json)
{
    struct value v = read_json(rig, json);
    struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_value(&w, &v);
    rig->output = (struct output){
        .is_json = true, .json = v, .text = arena_str(&rig->arena, buf_str(&text)), .measures = rig->output.measures};
}

void rig_reply(struct rig *rig, const char *text)
{
    rig->reply = (struct call_result){.status = CALL_OK, .output = str_from(text)};
}

static struct scope scope_of(struct rig *rig)
{
    static const struct value ID = {.kind = VALUE_TEXT, .text = {"case-1", 6}};
    return (struct scope){
        .row = rig->eval_case.row,
        .vars = {&rig->vars, NULL, NULL},
        .id = &ID,
        .input = &rig->eval_case.input,
        .expected = rig->eval_case.has_expected ? &rig->eval_case.expected : NULL,
    };
}

static void check_comments(const struct rig *rig)
{
    static const char *const WORDS[] = {"not scored", "measured", "pass", "fail"};
    for (size_t i = 0; i < rig->result.score_count; i++) {
        const struct score *score = &rig->result.scores[i];
        const char *verdict = WORDS[score->outcome];
        CHECK(verdict, str_starts(score->comment, str_from(verdict)));
        CHECK(verdict, score->comment.len <= 500 && utf8_is_valid(score->comment, NULL));
        CHECK(verdict, score->has_unit || score->unit == 0);
    }
}

void rig_run(struct rig *rig)
{
    struct scope scope = scope_of(rig);
    struct scoring_sample sample = {
        .suite = &rig->suite,
        .variant = &rig->variant,
        .eval_case = &rig->eval_case,
        .output = &rig->output,
        .scope = &scope,
        .run_id = STR("run"),
        .span_id = STR("span"),
        .trace_id = STR("trace"),
        .has_parent_span = rig->has_parent_span,
        .trial = 1,
        .attempt = 1,
    };
    arena_deinit(&rig->sample_arena);
    struct scoring *s = scoring_begin(&rig->sample_arena, &sample);
    enum scoring_status status;
    rig->turns = rig->calls = 0;
    while ((status = scoring_step(s, rig->turn_ns)) != SCORING_DONE && ++rig->turns < TURNS_MAX) {
        if (status == SCORING_CALL) {
            const struct call_result *reply = rig->calls < rig->reply_count ? &rig->replies[rig->calls] : &rig->reply;
            rig->last_call = *scoring_call(s);
            rig->asked = rig->last_call.input;
            rig->calls++;
            scoring_answer(s, reply);
        }
    }
    CHECK("it ends", status == SCORING_DONE);
    scoring_finish(s, &rig->result);
    scoring_drop(s);
    check_comments(rig);
}

const struct score *rig_score(const struct rig *rig, const char *dimension)
{
    for (size_t i = 0; i < rig->result.score_count; i++) {
        if (str_eq_cstr(rig->suite.dimensions[rig->result.scores[i].dimension].name, dimension)) {
            return &rig->result.scores[i];
        }
    }
    return NULL;
}

static void check_row(struct rig *rig, const struct scored *row)
{
    struct str list = arena_printf(&rig->arena, "- %s", row->scorer);
    if (!rig_load(rig, row->name, list.ptr)) {
        return;
    }
    rig_expected(rig, row->expected);
    rig_text(rig, str_from(row->output));
    for (rig->turn_ns = 0; rig->turn_ns < 2; rig->turn_ns++) {
        rig_run(rig);
        CHECK(row->name, rig->result.score_count > 0);
        const struct score *score = rig->result.score_count > 0 ? &rig->result.scores[0] : &(struct score){0};
        check_str_at(str_from(score_outcome_word(score->outcome)), str_from(score_outcome_word(row->outcome)),
                     row->name, __FILE__, __LINE__);
        if (rig->dimensions[0].type == TYPE_BINARY && score->outcome != SCORE_NOT_SCORED) {
            CHECK_DOUBLE(row->name, score->unit, score->outcome == SCORE_PASS ? 1 : 0, 0);
        }
        if (row->comment != NULL) {
            CHECK_CONTAINS(row->name, score->comment, row->comment);
        }
    }
}

void check_scored(const struct scored *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        RIG(rig);
        check_row(rig, &rows[i]);
    }
}

void check_refused(const struct refused *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        RIG(rig);
        const struct refused *row = &rows[i];
        CHECK(row->name, !rig_try_load(rig, row->scorers));
        CHECK_CONTAINS(row->name, rig_faults(rig), row->part);
        CHECK_INT(row->name, rig->diag.faults.len, 1);
        if (rig->diag.faults.len == 0) {
            continue;
        }
        const struct fault *fault = &rig->diag.faults.items[0];
        CHECK_CONTAINS(row->name, fault->text, row->part);
        CHECK(row->name, fault->pos.line > 0);
        if (row->hint != NULL) {
            CHECK_CONTAINS(row->name, fault->hint, row->hint);
        }
        if (row->col != 0) {
            CHECK_INT(row->name, fault->pos.col, row->col);
        }
    }
}
