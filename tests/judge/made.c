#include "tests/judge/made.h"

#include "tests/check.h"

void made_close(struct made *m)
{
    arena_deinit(&m->arena);
}

void made_add(struct made *m, size_t count, const char *trial)
{
    for (size_t i = 0; i < count; i++) {
        m->cases[m->count++] = (struct journal_case){{trial}, NULL, NULL, NULL, NULL, NULL};
    }
}

void made_add_one(struct made *m, char letter, double quality, double latency)
{
    struct str text = arena_printf(&m->arena, "%c", letter);
    text = quality > 0 ? arena_printf(&m->arena, "%.*sq%.3f", STR_ARG(text), quality) : text;
    text = latency > 0 ? arena_printf(&m->arena, "%.*sl%.3f", STR_ARG(text), latency) : text;
    m->cases[m->count++] = (struct journal_case){{text.ptr}, NULL, NULL, NULL, NULL, NULL};
}

static bool find_given(void *context, const struct baseline_list *list, const struct run_record *run,
                       struct judge_baseline *ret, struct err *err)
{
    struct given *g = context;
    (void)list;
    (void)run;
    (void)err;
    *ret = (struct judge_baseline){.state = g->state,
                                   .source = &g->source,
                                   .reason = g->state == BASELINE_USED ? STR("") : STR("there is none"),
                                   .store = g->journal == NULL ? NULL : g->journal->store,
                                   .runs = g->journal == NULL ? NULL : g->journal->runs,
                                   .run_count = g->run_count == 0 ? 1 : g->run_count,
                                   .finished_unix_ms = g->finished_unix_ms,
                                   .runs_since = g->runs_since};
    return true;
}

void beside_open(struct beside *b, const struct made *before, const struct made *after, struct journal_options options)
{
    *b = (struct beside){.given = {.state = BASELINE_USED}};
    journal_open(&b->before, before->cases, before->count, options);
    options.variants = NULL;
    journal_open_beside(&b->after, &b->before, "after", after->cases, after->count, options);
    b->given.journal = &b->before;
    b->given.run_count = b->before.run_count;
    b->given.source = (struct baseline_source){.shown = STR("branch=main"), .min_overlap = 0.9};
    b->list = (struct baseline_list){&b->given.source, 1};
    b->after.suite.baseline = &b->list;
    b->after.in.baselines = (struct judge_baselines){find_given, &b->given};
}

void beside_close(struct beside *b)
{
    journal_close(&b->after);
    journal_close(&b->before);
}

const struct gate_result *made_judge(struct journal *j, const char *gate)
{
    journal_clear_gates(j);
    journal_gate(j, gate, GATE_FAIL);
    journal_judge(j);
    const struct gate_result *g = journal_result(j, 0, gate);
    CHECK(gate, g != NULL);
    return g;
}

void made_check(const char *row, const struct gate_result *g, enum gate_outcome outcome, bool fails)
{
    CHECK_CSTR(row, str_from(gate_outcome_word(g->outcome)), gate_outcome_word(outcome));
    CHECK_INT(row, g->fails, fails);
}
