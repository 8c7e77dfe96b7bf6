#include "tests/judge/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

static void journal_ok(struct journal *j, const char *what, bool ok)
{
    check_true_at(ok, what, ok ? "" : j->err.text, __FILE__, __LINE__);
}

static void set_dimensions(struct journal *j)
{
    j->dimensions[JOURNAL_ANSWER] = (struct dimension){.name = STR("answer"),
                                                       .kind = DIMENSION_JUDGED,
                                                       .type = TYPE_BINARY,
                                                       .hi = 1,
                                                       .direction = DIRECTION_HIGHER,
                                                       .weight = 1,
                                                       .threshold = 1};
    j->dimensions[JOURNAL_LATENCY] = (struct dimension){
        .name = STR("latency_ms"), .kind = DIMENSION_MEASURE, .type = TYPE_UNBOUNDED, .direction = DIRECTION_LOWER};
    j->dimensions[JOURNAL_QUALITY] = (struct dimension){.name = STR("quality"),
                                                        .kind = DIMENSION_JUDGED,
                                                        .type = TYPE_BOUNDED,
                                                        .hi = 1,
                                                        .direction = DIRECTION_HIGHER,
                                                        .weight = 1,
                                                        .threshold = 0.5};
    j->dimensions[JOURNAL_STEPS] =
        (struct dimension){.name = STR("steps"), .kind = DIMENSION_MEASURE, .type = TYPE_BOUNDED, .lo = 0, .hi = 10};
}

static void add_score(struct sample_record *s, enum journal_dimension d, struct score score)
{
    score.dimension = d;
    s->scores[s->score_count++] = score;
}

static struct score unit_score(double unit, bool passes)
{
    return (struct score){.outcome = passes ? SCORE_PASS : SCORE_FAIL,
                          .value = unit,
                          .has_unit = true,
                          .unit = unit,
                          .comment = STR("words")};
}

/* One trial's text into a record. */
static void read_trial(struct journal *j, char *text, struct sample_record *s)
{
    char letter = text[0];
    bool passes = letter == 'P';
    struct score answer = unit_score(passes ? 1 : 0, passes);
    bool is_not_scored = false;
    s->scores = arena_array(&j->arena, struct score, JOURNAL_DIMENSIONS);
    s->state = letter == 'E' ? SAMPLE_ERRORED : SAMPLE_SCORED;
    s->error = letter == 'E' ? ERROR_EXIT : ERROR_NONE;
    s->error_text = letter == 'E' ? STR("exit 3") : STR_NULL;
    for (char *at = text + 1; *at != '\0';) {
        char field = *at++;
        double number = strchr("lqs", field) != NULL ? strtod(at, &at) : 0;
        switch (field) {
        case 'l':
            add_score(s, JOURNAL_LATENCY, (struct score){.outcome = SCORE_NONE, .value = number});
            break;
        case 'q':
            add_score(s, JOURNAL_QUALITY, unit_score(number, number >= 0.5));
            break;
        case 's':
            add_score(s, JOURNAL_STEPS, (struct score){.outcome = SCORE_NONE, .value = number});
            break;
        case 'n':
            is_not_scored = true;
            break;
        case 'w':
            answer.wanted = arena_str(&j->arena, (struct str){at++, 1});
            break;
        case 'a':
            answer.answered = arena_str(&j->arena, (struct str){at++, 1});
            break;
        default:
            CHECK(text, false);
        }
    }
    if (is_not_scored) {
        answer = (struct score){.outcome = SCORE_NOT_SCORED};
    }
    if (letter == 'P' || letter == 'F' || is_not_scored) {
        add_score(s, JOURNAL_ANSWER, answer);
    }
    s->pass = letter == 'P' ? PASS_YES : letter == 'F' ? PASS_NO : PASS_NONE;
    s->has_score = s->pass != PASS_NONE;
    s->score = s->pass == PASS_YES ? 1 : 0;
}

static struct str case_id(struct journal *j, const struct journal_case *c, uint64_t ordinal)
{
    return c->id != NULL ? str_from(c->id) : arena_printf(&j->arena, "case-%llu", (unsigned long long)ordinal);
}

static void add_samples(struct journal *j, struct run_record *run, uint64_t ordinal, const struct journal_case *c,
                        const char *trials)
{
    char room[256];
    (void)snprintf(room, sizeof(room), "%s", trials);
    char *rest = room;
    uint32_t number = 0;
    for (char *trial = strtok_r(rest, " ", &rest); trial != NULL; trial = strtok_r(NULL, " ", &rest)) {
        struct sample_record s = {
            .ordinal = ordinal,
            .trial = ++number,
            .case_id = case_id(j, c, ordinal),
            .started_unix_ms = 1700000001000,
            .ended_unix_ms = 1700000001250,
            .input = STR("\"in\""),
            .output = STR("out"),
            .measures = {.attempts = 1},
        };
        s.span = id_of_sample_span(&run->id, s.case_id, s.trial, 0);
        read_trial(j, trial, &s);
        journal_ok(j, "add sample", store_add_sample(j->store, run, &s, &j->err));
    }
}

static void add_plan(struct journal *j, const struct journal_case *cases, size_t count, uint32_t trials)
{
    j->plan = (struct plan_record){
        .invocation = j->invocation.seq, .suite = STR("demo"), .path = STR("/demo.yaml"), .trials = trials};
    journal_ok(j, "add plan", store_add_plan(j->store, &j->plan, &j->err));
    for (size_t i = 0; i < count; i++) {
        struct plan_case c = {
            .ordinal = i,
            .id = case_id(j, &cases[i], i),
            .tags = str_from(cases[i].tags == NULL ? "[]" : cases[i].tags),
            .cluster = str_from(cases[i].cluster),
            .skip = str_from(cases[i].skip),
        };
        c.digest = digest_of(cases[i].content == NULL ? c.id : str_from(cases[i].content));
        journal_ok(j, "add case", store_add_plan_case(j->store, j->plan.seq, &c, &j->err));
        j->plan.skipped_count += cases[i].skip != NULL ? 1 : 0;
    }
    j->plan.case_count = count;
    journal_ok(j, "finish plan", store_finish_plan(j->store, &j->plan, &j->err));
}

static void journal_fill(struct journal *j, const char *name, const struct journal_case *cases, size_t count,
                         struct journal_options options)
{
    static const char *const one[] = {"default"};
    set_dimensions(j);
    bool is_busy = false;
    journal_ok(j, "begin", store_begin(j->store, 0, &is_busy, &j->err));
    j->invocation = (struct invocation_record){.id = id_of_invocation(str_from(name)),
                                               .started_unix_ms = 1700000000000,
                                               .is_full_selection = !options.is_partial_selection};
    journal_ok(j, "add invocation", store_add_invocation(j->store, &j->invocation, &j->err));
    add_plan(j, cases, count, options.trials == 0 ? 1 : options.trials);
    j->run_count = options.variants == NULL ? 1 : options.variant_count;
    for (size_t r = 0; r < j->run_count; r++) {
        struct str variant = str_from(options.variants == NULL ? one[0] : options.variants[r]);
        j->runs[r] = (struct run_record){
            .invocation = j->invocation.seq,
            .plan = j->plan.seq,
            .id = id_of_run(&j->invocation.id, STR("demo"), variant),
            .position = (uint32_t)r,
            .suite = STR("demo"),
            .variant = variant,
            .started_unix_ms = 1700000000001,
            .dimensions = j->dimensions,
            .dimension_count = JOURNAL_DIMENSIONS,
            .header = STR("{\"kind\":\"run\",\"format\":1}"),
        };
        j->runs[r].root_span = id_of_root_span(&j->runs[r].id);
        journal_ok(j, "add run", store_add_run(j->store, &j->runs[r], &j->err));
        for (size_t i = 0; i < count; i++) {
            if (cases[i].trials[r] != NULL && cases[i].skip == NULL) {
                add_samples(j, &j->runs[r], i, &cases[i], cases[i].trials[r]);
            }
        }
    }
    journal_ok(j, "commit", store_commit(j->store, &j->err));
    j->suite = (struct suite){.name = STR("demo"),
                              .trials = j->plan.trials,
                              .gates = j->gates,
                              .dimensions = j->dimensions,
                              .dimension_count = JOURNAL_DIMENSIONS};
    j->in = (struct judge_in){.store = j->store, .suite = &j->suite, .runs = j->runs, .run_count = j->run_count};
}

void journal_open(struct journal *j, const struct journal_case *cases, size_t count, struct journal_options options)
{
    *j = (struct journal){.err = ERR_NULL, .dir = temp_dir_make()};
    journal_ok(j, "open", store_open(&j->arena, temp_path(&j->dir, "assay.db").text, STORE_WRITE, &j->store, &j->err));
    journal_fill(j, "test", cases, count, options);
}

void journal_open_beside(struct journal *j, const struct journal *other, const char *name,
                         const struct journal_case *cases, size_t count, struct journal_options options)
{
    *j = (struct journal){.err = ERR_NULL, .store = other->store, .is_guest = true};
    journal_fill(j, name, cases, count, options);
}

void journal_close(struct journal *j)
{
    if (!j->is_guest) {
        store_close(&j->store);
        temp_dir_remove(&j->dir);
    }
    arena_deinit(&j->arena);
}

void journal_gate(struct journal *j, const char *text, enum gate_severity severity)
{
    size_t offset = 0;
    struct str hint = STR_NULL;
    struct gate *gate = &j->gates[j->suite.gate_count++];
    *gate = (struct gate){.severity = severity};
    journal_ok(j, text, gate_expr_parse(&j->arena, str_from(text), &gate->expr, &offset, &hint, &j->err));
}

void journal_clear_gates(struct journal *j)
{
    j->suite.gate_count = 0;
}

void journal_judge(struct journal *j)
{
    j->summaries = NULL;
    journal_ok(j, "judge", judge_runs(&j->in, &j->arena, &j->summaries, &j->err));
}

const struct gate_result *journal_result(const struct journal *j, size_t run, const char *text)
{
    const struct summary *s = &j->summaries[run];
    for (size_t i = 0; i < s->gate_count; i++) {
        if (str_eq_cstr(s->gates[i].text, text)) {
            return &s->gates[i];
        }
    }
    return NULL;
}
