/* usage: compare_cat FORMAT COUNT [harmless]: writes so many comparisons (0 = one of each hostile text), full of that content in every field, to standard
 * output, for parsers that are not ours (check_compare.py). With `harmless` the same with an x for each byte of it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data/json.h"
#include "reporters/compare.h"
#include "tests/check.h"
#include "tests/reporters/report.h"

enum { RUNS = 3, NAME_MAX_BYTES = 900 };

struct made {
    struct arena arena;
    struct run_record runs[RUNS];
    struct dimension dimension;
    struct sample_record sample;
    struct comparison comparison;
};

static struct str quoted(struct arena *arena, struct str text)
{
    struct buf json CLEANUP(buf_deinit) = BUF(16 << 20);
    json_append_quoted(&json, text);
    return arena_str(arena, buf_str(&json));
}

static bool give_samples(void *ctx, size_t candidate, const struct compared_flip *flip, struct arena *arena,
                         struct flip_samples *ret, struct err *err)
{
    const struct made *m = ctx;
    (void)candidate;
    (void)flip;
    (void)arena;
    (void)err;
    *ret = (struct flip_samples){.has_base = true, .has_candidate = true, .base = m->sample, .candidate = m->sample};
    return true;
}

static struct stat_interval interval(double lo, double hi)
{
    return (struct stat_interval){
        .how = {METHOD_TANGO, 20, 0, 0.05}, .has_lo = true, .has_hi = true, .lo = lo, .hi = hi};
}

static struct case_names names_of(struct made *m, struct str text)
{
    struct case_names names = {arena_array(&m->arena, struct str, 2), 2};
    names.ids[0] = names.ids[1] = text;
    return names;
}

static struct compared_stat make_stat(struct made *m, struct str dimension, const char *name, struct str label,
                                      bool in_family)
{
    static const enum compared_word words[RUNS] = {COMPARED_NO_CLAIM, COMPARED_WORSE, COMPARED_CANNOT_TELL};
    struct compared_stat s = {
        .dimension = dimension,
        .name = str_from(name),
        .label = label,
        .direction = DIRECTION_HIGHER,
        .is_share = true,
        .in_family = in_family,
        .range = {true, 0, 1},
        .figures = arena_array(&m->arena, struct compared_figure, RUNS),
        .differences = arena_array(&m->arena, struct compared_difference, RUNS),
    };
    for (size_t run = 0; run < RUNS; run++) {
        s.figures[run] = (struct compared_figure){true, 0.25 * (double)run, 20, interval(-0.1, 0.9)};
        s.differences[run] = (struct compared_difference){
            .n = 20,
            .has_value = run > 0,
            .base = 0,
            .candidate = 0.25 * (double)run,
            .difference = 0.25 * (double)run,
            .interval = interval(-0.3, 1.2),
            .is_binary = true,
            .only_candidate = 8,
            .only_base = 3,
            .has_p = true,
            .how = {METHOD_MCNEMAR_MIDP, 20, 0, 0},
            .p = 0.0123456789,
            .has_exact = true,
            .p_exact = 0.02,
            .in_family = in_family,
            .p_adjusted = 0.024,
            .has_mde = in_family,
            .mde = 0.2,
            .word = in_family ? words[run] : COMPARED_NO_CLAIM,
        };
    }
    return s;
}

static void make_run(struct made *m, size_t run, struct str name, struct str text)
{
    struct compared_run *r = &m->comparison.runs[run];
    struct str json = quoted(&m->arena, name);
    *r = (struct compared_run){
        .run = &m->runs[run],
        .name = name,
        .source = name,
        .labels = arena_printf(&m->arena, "{\"branch\":%.*s,\"commit\":%.*s}", STR_ARG(json), STR_ARG(json)),
        .cases = 20,
        .errored = run,
        .has_cost = true,
        .cost_usd = 0.125,
        .trials = 1,
    };
    if (run == 0) {
        return;
    }
    r->both = 18;
    r->only_base = r->only_candidate = r->changed = names_of(m, name);
    r->errored_base = r->errored_candidate = r->errored_both = names_of(m, name);
    r->other_dimensions = names_of(m, name).ids;
    r->other_dimension_count = 2;
    r->flips_worse = r->flips_better = 2;
    r->flip_count = 2;
    r->flips = arena_array(&m->arena, struct compared_flip, 2);
    r->flips[0] = (struct compared_flip){0, true, 1, name};
    r->flips[1] = (struct compared_flip){1, false, -1, name};
    (void)text;
}

static void make(struct made *m, struct str text)
{
    struct str name = str_slice(text, 0, NAME_MAX_BYTES);
    struct comparison *c = &m->comparison;
    m->dimension = (struct dimension){.name = name};
    struct score *scores = arena_array(&m->arena, struct score, 1);
    scores[0] = (struct score){.outcome = SCORE_FAIL, .comment = str_slice(text, 0, 500)};
    m->sample = (struct sample_record){
        .case_id = name,
        .tags = arena_printf(&m->arena, "[%.*s]", STR_ARG(quoted(&m->arena, name))),
        .trial = 1,
        .state = SAMPLE_SCORED,
        .pass = PASS_NO,
        .input = quoted(&m->arena, text),
        .expected = quoted(&m->arena, text),
        .output = text,
        .scores = scores,
        .score_count = 1,
    };
    for (size_t run = 0; run < RUNS; run++) {
        m->runs[run] = (struct run_record){
            .suite = name, .variant = name, .dimensions = &m->dimension, .dimension_count = 1, .started_unix_ms = 1};
    }
    *c = (struct comparison){
        .suite = name,
        .run_count = RUNS,
        .alpha = 0.05,
        .family = 2,
        .tag = name,
        .samples = give_samples,
        .ctx = m,
    };
    c->runs = arena_array(&m->arena, struct compared_run, RUNS);
    for (size_t run = 0; run < RUNS; run++) {
        make_run(m, run, name, text);
    }
    c->table_count = 2;
    c->tables = arena_array(&m->arena, struct compared_table, 2);
    for (size_t t = 0; t < 2; t++) {
        c->tables[t] = (struct compared_table){name, arena_array(&m->arena, struct compared_stat, 5), 5};
        c->tables[t].stats[0] = make_stat(m, STR_NULL, "pass_rate", STR_NULL, false);
        c->tables[t].stats[1] = make_stat(m, name, "mean", STR_NULL, true);
        c->tables[t].stats[2] = make_stat(m, name, "recall", name, false);
        c->tables[t].stats[3] = make_stat(m, STR("other"), "mean", STR_NULL, true);
        c->tables[t].stats[3].differences[1] = (struct compared_difference){.why_not = name};
        c->tables[t].stats[3].differences[2] = (struct compared_difference){.has_value = true, .n = 3, .hint = name};
        c->tables[t].stats[4] = make_stat(m, STR("latency_ms"), "p95", STR_NULL, false);
        c->tables[t].stats[4].is_share = false;
        c->tables[t].stats[4].differences[1].has_ratio = true;
        c->tables[t].stats[4].differences[1].ratio = 1.25;
    }
}

static struct str harmless(struct arena *arena, struct str text)
{
    char *same = arena_alloc(arena, text.len + 1);
    memset(same, 'x', text.len);
    return (struct str){same, text.len};
}

int main(int argc, char **argv)
{
    size_t all = 0;
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    const struct str *texts = report_hostile(&arena, &all);
    if (argc < 3 || compare_format_find(str_from(argv[1])) == NULL) {
        return 2;
    }
    size_t count = (size_t)strtoul(argv[2], NULL, 10);
    struct compare_out to = {.out = stdout, .term = {.columns = 80}, .version = "0", .count = count == 0 ? all : count};
    for (; to.at < to.count; to.at++) {
        struct made *m = arena_new(&arena, struct made);
        struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct str text = texts[to.at % all];
        make(m, argc > 3 && strcmp(argv[3], "harmless") == 0 ? harmless(&arena, text) : text);
        bool ok = compare_format_find(str_from(argv[1]))->write(&to, &m->comparison, &scratch, &err);
        arena_deinit(&m->arena);
        if (!ok) {
            (void)fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
