#include "run/session.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "judge/judge.h"
#include "model/environment.h"
#include "run/baselines.h"
#include "run/header.h"
#include "run/session_record.h"
#include "run/walk.h"
#include "store/outbox.h"
#include "suites/access.h"
#include "suites/load.h"
#include "suites/survey.h"
#include "targets/target.h"

enum { PLANNED_STEP = 4096 }; /* cases between two words about the pre-pass */

static void session_init(struct session *s, struct store *store, const struct clock *clock,
                         const struct session_options *options)
{
    *s = (struct session){.store = store, .clock = clock, .options = *options, .lock = {.fd = -1}};
}

/* No secrets: templates of vars and labels may not name those. */
static void session_put_env(struct json_writer *w, const struct suite *suite, struct arena *arena)
{
    const char *const *names = suite_env_names(suite, arena);
    if (names[0] == NULL) {
        return;
    }
    json_key(w, "env");
    json_open_map(w);
    for (size_t i = 0; names[i] != NULL; i++) {
        const char *value = environment_get(suite->vars_env, str_from(names[i]));
        if (value != NULL) {
            json_key_str(w, str_from(names[i])); /* as the suite writes it */
            json_bytes(w, str_from(value));
        }
    }
    json_close_map(w);
}

static struct str session_files_json(struct session *s, const struct suite *suite)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    json_key(&w, "files");
    json_open_list(&w);
    for (size_t i = 0; i < suite->file_count; i++) {
        json_open_map(&w);
        json_put_text(&w, "path", str_from(suite->files[i].path));
        json_put_text(&w, "sha256", str_from(digest_hex(&suite->files[i].digest).text));
        json_put_text(&w, "text", suite->files[i].text);
        json_close_map(&w);
    }
    json_close_list(&w);
    session_put_env(&w, suite, &s->arena);
    json_close_map(&w);
    return arena_str(&s->arena, buf_str(&text));
}

static struct str plan_tags_json(struct arena *arena, const struct eval_case *c)
{
    if (c->tag_count == 0) {
        return STR("[]");
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_list(&w);
    for (size_t i = 0; i < c->tag_count; i++) {
        json_text(&w, c->tags[i]);
    }
    json_close_list(&w);
    return arena_str(arena, buf_str(&text));
}

static void plan_digest_add(struct digest_stream *stream, const struct eval_case *c, uint32_t trials)
{
    char room[32];
    struct str count = num_text(trials, room);
    digest_add(stream, c->id);
    digest_add(stream, STR("\n"));
    digest_add(stream, (struct str){(const char *)c->digest.bytes, sizeof(c->digest.bytes)});
    digest_add(stream, count);
    digest_add(stream, STR("\n"));
}

/* Whether any variant has an output of the case; in a run that ended they all have. */
static bool session_has_output(struct session *s, const struct session_suite *ss, const struct eval_case *c, bool *ret,
                               struct err *err)
{
    *ret = false;
    for (size_t i = 0; i < ss->suite->variant_count && !*ret; i++) {
        if (ss->sources[i].state == RUN_FINISHED) {
            *ret = true;
            continue;
        }
        struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
        struct sample_record sample;
        if (!store_samples(s->store, ss->sources[i].seq, (struct sample_filter){.case_id = c->id}, &cursor, err) ||
            !cursor.next(&cursor, ret, &sample, err)) {
            return false;
        }
    }
    return true;
}

/* Rescore: a case without a recorded one of equal id and content is planned as skipped, and named. */
static bool session_find_source(struct session *s, const struct session_suite *ss, struct arena *arena,
                                struct eval_case *c, struct err *err)
{
    bool found = false;
    struct plan_case recorded;
    if (!store_find_case(s->store, arena, ss->sources[0].plan, c->id, &found, &recorded, err)) {
        return false;
    }
    bool is_same = found && digest_eq(&recorded.digest, &c->digest);
    bool has_output = false;
    if (is_same && !session_has_output(s, ss, c, &has_output, err)) {
        return false;
    }
    if (has_output) {
        return true;
    }
    c->skip = found && !is_same ? STR("its content is not what was recorded") : STR("no recorded output");
    if (s->rescore->named_count < ARRAY_LEN(s->rescore->named)) {
        s->rescore->named[s->rescore->named_count++] = arena_str(&s->arena, c->id);
    }
    s->rescore->unpaired++;
    return true;
}

/* A pre-pass over many rows takes seconds; people are told that something happens. */
static void session_tell_planned(const struct session *s)
{
    const struct run_events *events = s->options.planning;
    uint64_t cases = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        cases += s->suites[i].plan.case_count;
    }
    if (events != NULL && events->planning != NULL && cases % PLANNED_STEP == 0) {
        events->planning(events->ctx, cases);
    }
}

/* Cases on their way into the plan: copies, so that rows need not be held. */
enum { PLANNED_AT_ONCE = 64 };

struct planned_cases {
    struct plan_case items[PLANNED_AT_ONCE];
    size_t count;
    struct arena texts;
};

static void planned_cases_deinit(struct planned_cases *p)
{
    arena_deinit(&p->texts);
}

static bool planned_cases_store(struct planned_cases *p, struct session *s, const struct session_suite *ss,
                                struct err *err)
{
    if (!store_add_plan_cases(s->store, ss->plan.seq, p->items, p->count, err)) {
        return false;
    }
    p->count = 0;
    arena_reset(&p->texts);
    return true;
}

static struct str copy_or_null(struct arena *arena, struct str text)
{
    return text.ptr == NULL ? STR_NULL : arena_str(arena, text);
}

/* There is room for one more. */
static void planned_cases_add(struct planned_cases *p, struct arena *row, const struct eval_case *c)
{
    p->items[p->count++] = (struct plan_case){
        .ordinal = c->ordinal,
        .id = arena_str(&p->texts, c->id),
        .digest = c->digest,
        .tags = arena_str(&p->texts, plan_tags_json(row, c)),
        .cluster = copy_or_null(&p->texts, c->cluster),
        .skip = copy_or_null(&p->texts, c->skip),
        .row_offset = c->row_offset,
        .row_line = c->row_line,
    };
}

/* The pre-pass over one suite: every selected case is expanded once, so that nothing a row holds can stop the run half way. */
static bool session_plan_cases(struct session *s, struct session_suite *ss, struct case_reader *reader, struct err *err)
{
    struct arena row CLEANUP(arena_deinit) = ARENA_NULL;
    struct planned_cases planned CLEANUP(planned_cases_deinit) = {.count = 0};
    struct digest_stream stream;
    digest_begin(&stream);
    bool has = true;
    while (true) {
        struct eval_case c;
        if (!case_reader_next(reader, &row, &has, &c, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        if (ss->sources != NULL && c.skip.ptr == NULL && !session_find_source(s, ss, &row, &c, err)) {
            return false;
        }
        planned_cases_add(&planned, &row, &c);
        if (planned.count == PLANNED_AT_ONCE && !planned_cases_store(&planned, s, ss, err)) {
            return false;
        }
        plan_digest_add(&stream, &c, ss->plan.trials);
        ss->plan.case_count++;
        ss->plan.skipped_count += c.skip.ptr != NULL ? 1 : 0;
        session_tell_planned(s);
        arena_reset(&row);
    }
    ss->plan.plan_digest = digest_end(&stream);
    return planned_cases_store(&planned, s, ss, err);
}

static bool session_check_ids(struct session *s, const struct session_suite *ss, struct err *err)
{
    struct plan_case pair[2];
    bool found = false;
    if (!store_find_duplicate_id(s->store, ss->plan.seq, &s->arena, &found, pair, err)) {
        return false;
    }
    if (!found) {
        return true;
    }
    return survey_fail_twice(ss->suite, pair, err);
}

static bool session_plan_suite(struct session *s, struct session_suite *ss, uint32_t position, struct err *err)
{
    struct case_reader *reader CLEANUP(case_reader_close) = NULL;
    if (!case_reader_open(ss->suite, &s->options.selection, &reader, err)) {
        return false;
    }
    const char *path = file_join(&s->arena, str_from(ss->suite->dir), file_name(str_from(ss->suite->path)));
    ss->plan = (struct plan_record){
        .invocation = s->invocation.seq,
        .position = position,
        .suite = ss->suite->name,
        .path = str_from(path),
        .resolved = session_files_json(s, ss->suite),
        .suite_digest = ss->suite->digest,
        .trials = ss->suite->trials,
    };
    if (!store_add_plan(s->store, &ss->plan, err) || !session_plan_cases(s, ss, reader, err) ||
        !session_check_ids(s, ss, err)) {
        return false;
    }
    ss->plan.data_files = case_reader_files(reader, &s->arena);
    return store_finish_plan(s->store, &ss->plan, err);
}

static bool session_add_runs(struct session *s, struct session_suite *ss, enum run_origin origin, struct err *err)
{
    ss->run_count = ss->suite->variant_count;
    ss->runs = arena_array(&s->arena, struct run_record, ss->run_count);
    for (size_t i = 0; i < ss->run_count; i++) {
        const struct variant *variant = &ss->suite->variants[i];
        struct run_record *run = &ss->runs[i];
        *run = (struct run_record){
            .invocation = s->invocation.seq,
            .plan = ss->plan.seq,
            .id = id_of_run(&s->invocation.id, ss->suite->name, variant->name),
            .position = (uint32_t)i,
            .suite = ss->suite->name,
            .variant = variant->name,
            .target_digest = variant->digest,
            .started_unix_ms = s->invocation.started_unix_ms,
            .state = RUN_RUNNING,
            .origin = origin,
            .dimensions = ss->suite->dimensions,
            .dimension_count = ss->suite->dimension_count,
            .source_run =
                ss->sources == NULL ? STR_NULL : arena_str(&s->arena, str_from(id_text(&ss->sources[i].id).text)),
        };
        run->root_span = id_of_root_span(&run->id);
        run->header = header_write(&s->arena, &s->invocation, &ss->plan, run, ss->suite);
        if (!store_add_run(s->store, run, err)) {
            return false;
        }
        s->progress.planned += (ss->plan.case_count - ss->plan.skipped_count) * ss->plan.trials;
    }
    return true;
}

bool session_check_names(struct suite *const *suites, size_t suite_count, struct err *err)
{
    for (size_t i = 0; i < suite_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (str_eq(suites[i]->name, suites[j]->name)) {
                return err_set(err, ERR_SUITE,
                               "%s and %s are both named '%.*s': suite names are unique in one invocation",
                               suites[j]->path, suites[i]->path, STR_ARG(suites[i]->name));
            }
        }
    }
    return true;
}

static void session_new_invocation(struct session *s, enum run_origin origin)
{
    s->invocation = (struct invocation_record){
        .id = s->options.run_id.len > 0 ? id_of_invocation(s->options.run_id) : id_random(),
        .name = s->options.run_id,
        .started_unix_ms = clock_unix_ms(s->clock),
        .state = RUN_RUNNING,
        .origin = origin,
        .options = s->options.options_json,
        .labels = s->options.labels_json,
        .is_full_selection = s->options.is_full_selection,
    };
}

static bool session_plan_all(struct session *s, enum run_origin origin, struct err *err)
{
    if (!store_add_invocation(s->store, &s->invocation, err)) {
        return false;
    }
    uint64_t to_run = 0;
    uint64_t selected = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        if (!session_plan_suite(s, &s->suites[i], (uint32_t)i, err) ||
            !session_add_runs(s, &s->suites[i], origin, err) || !session_record_plan(s, i, err)) {
            return false;
        }
        selected += s->suites[i].plan.case_count;
        to_run += s->suites[i].plan.case_count - s->suites[i].plan.skipped_count;
    }
    if (selected == 0) {
        return err_set(err, ERR_EMPTY, "no case is selected%s",
                       s->options.is_full_selection ? ": the data file has no rows"
                                                    : ": see --case, --filter, --tag, --limit");
    }
    if (to_run == 0) {
        return err_set(err, ERR_EMPTY, "every selected case is skipped (`skip:`)");
    }
    return true;
}

bool session_makes_calls(const struct session *s)
{
    for (size_t i = 0; i < s->suite_count; i++) {
        const struct suite *suite = s->suites[i].suite;
        bool has_targets = s->suites[i].sources == NULL;
        for (size_t j = 0; has_targets && j < suite->variant_count; j++) {
            if (suite->variants[j].type->uses_calls) {
                return true;
            }
        }
        if (suite_calls_service(suite, has_targets)) {
            return true;
        }
    }
    return false;
}

static bool session_plan_new(struct session *s, enum run_origin origin, struct err *err)
{
    session_new_invocation(s, origin);
    return store_lock(s->store, &s->invocation.id, &s->lock, err) && store_begin_waiting(s->store, err) &&
           store_end(s->store, session_plan_all(s, origin, err), err);
}

bool session_plan(struct session *s, struct store *store, const struct clock *clock, struct suite *const *suites,
                  size_t suite_count, const struct session_options *options, struct err *err)
{
    session_init(s, store, clock, options);
    if (!session_check_names(suites, suite_count, err)) {
        return false;
    }
    s->suite_count = suite_count;
    s->suites = arena_array(&s->arena, struct session_suite, suite_count);
    for (size_t i = 0; i < suite_count; i++) {
        s->suites[i].suite = suites[i];
    }
    return session_plan_new(s, ORIGIN_LOCAL, err);
}

/* Remaining cases have to be what was planned: nothing is run otherwise. */
static bool session_check_remaining(struct session *s, struct err *err)
{
    struct arena row CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < s->suite_count; i++) {
        struct session_suite *ss = &s->suites[i];
        struct case_reader *reader CLEANUP(case_reader_close) = NULL;
        struct plan_cursor *cases CLEANUP(plan_cursor_close) = NULL;
        if (!case_reader_open(ss->suite, &s->options.selection, &reader, err) ||
            !store_plan_cases(s->store, ss->plan.seq, &cases, err)) {
            return false;
        }
        bool has = true;
        while (true) {
            struct plan_case planned;
            struct eval_case c;
            if (!plan_cursor_next(cases, &has, &planned, err)) {
                return false;
            }
            if (!has) {
                break;
            }
            bool is_open = false;
            if (planned.skip.ptr == NULL && !walk_case_is_open(s, ss, planned.ordinal, &is_open, err)) {
                return false;
            }
            if (is_open && !case_reader_fetch(reader, &planned, &row, &c, err)) {
                return err_wrap(err, "%s: cannot resume", ss->suite->path);
            }
            arena_reset(&row);
        }
    }
    return true;
}

static bool session_count(struct session *s, struct err *err)
{
    uint64_t retried = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        for (size_t j = 0; j < s->suites[i].run_count; j++) {
            uint64_t recorded = 0;
            uint64_t errored = 0;
            if (!store_count_samples(s->store, s->suites[i].runs[j].seq, &recorded, &errored, err)) {
                return false;
            }
            s->progress.planned +=
                (s->suites[i].plan.case_count - s->suites[i].plan.skipped_count) * s->suites[i].plan.trials;
            s->progress.recorded += recorded;
            s->progress.errored += errored;
            retried += errored;
        }
    }
    if (s->options.retry_errors) {
        s->progress.recorded -= retried;
        s->progress.errored = 0;
    }
    s->progress.recorded_before = s->progress.recorded;
    return true;
}

/* Its end will be another one; that of before is not sent any more. */
static bool session_reopen_run(struct session *s, const struct session_suite *suite, struct run_record *run,
                               struct err *err)
{
    run->state = RUN_RUNNING;
    run->finished_unix_ms = 0;
    return store_update_run(s->store, run, err) &&
           (!suite->is_recorded || store_outbox_drop_root_end(s->store, run->seq, err));
}

/* From here on the invocation is unfinished again: killed now, it is there for the next resume (with --retry-errors its records change). */
static bool session_reopen(struct session *s, struct err *err)
{
    if (!store_begin_waiting(s->store, err)) {
        return false;
    }
    s->invocation.state = RUN_RUNNING;
    s->invocation.finished_unix_ms = 0;
    bool ok = store_update_invocation(s->store, &s->invocation, err);
    for (size_t i = 0; i < s->suite_count; i++) {
        for (size_t j = 0; j < s->suites[i].run_count && ok; j++) {
            ok = session_reopen_run(s, &s->suites[i], &s->suites[i].runs[j], err);
        }
    }
    return store_end(s->store, ok, err);
}

bool session_resume(struct session *s, struct store *store, const struct clock *clock,
                    const struct invocation_record *invocation, struct suite *const *suites, size_t suite_count,
                    const struct session_options *options, struct err *err)
{
    session_init(s, store, clock, options);
    s->invocation = *invocation;
    s->is_resumed = true;
    struct plan_record *plans = NULL;
    struct run_record *runs = NULL;
    size_t plan_count = 0;
    size_t run_count = 0;
    if (!store_lock(store, &invocation->id, &s->lock, err) ||
        !store_plans_of(store, &s->arena, invocation->seq, &plans, &plan_count, err) ||
        !store_runs_of(store, &s->arena, invocation->seq, &runs, &run_count, err)) {
        return false;
    }
    if (plan_count == 0) {
        return err_set(err, ERR_EMPTY, "invocation %s was removed from the store meanwhile (assay prune)",
                       id_text(&invocation->id).text);
    }
    if (plan_count != suite_count) {
        return err_set(err, ERR_BUG, "the invocation has %zu plans, %zu suites were loaded", plan_count, suite_count);
    }
    s->suite_count = suite_count;
    s->suites = arena_array(&s->arena, struct session_suite, suite_count);
    for (size_t i = 0; i < suite_count; i++) {
        struct session_suite *ss = &s->suites[i];
        ss->suite = suites[i];
        ss->plan = plans[i];
        ss->runs = arena_array(&s->arena, struct run_record, suites[i]->variant_count);
        for (size_t j = 0; j < run_count; j++) {
            if (runs[j].plan == plans[i].seq && ss->run_count < suites[i]->variant_count) {
                ss->runs[ss->run_count++] = runs[j];
            }
        }
        if (ss->run_count != suites[i]->variant_count) {
            return err_set(err, ERR_BUG, "suite '%.*s': the runs in the store do not fit its variants",
                           STR_ARG(suites[i]->name));
        }
    }
    return session_record_find(s, err) && session_count(s, err) &&
           (s->progress.recorded == s->progress.planned || session_check_remaining(s, err)) && session_reopen(s, err);
}

static bool session_pair_variants(struct session *s, struct session_suite *ss, const struct run_record *sources,
                                  size_t source_count, struct err *err)
{
    ss->sources = arena_array(&s->arena, struct run_record, ss->suite->variant_count);
    for (size_t i = 0; i < ss->suite->variant_count; i++) {
        /* one to one needs no names: a single variant of a run may be scored by a suite without variants */
        const struct run_record *source = source_count == 1 && !ss->suite->has_variants ? &sources[0] : NULL;
        for (size_t j = 0; j < source_count; j++) {
            if (str_eq(sources[j].variant, ss->suite->variants[i].name)) {
                source = &sources[j];
            }
        }
        if (source == NULL) {
            return err_set(err, ERR_USAGE, "the run has no variant '%.*s' to take outputs from",
                           STR_ARG(ss->suite->variants[i].name));
        }
        ss->sources[i] = *source;
    }
    return true;
}

bool session_rescore(struct session *s, struct store *store, const struct clock *clock, struct suite *suite,
                     const struct run_record *sources, size_t source_count, const struct session_options *options,
                     struct rescore_report *ret, struct err *err)
{
    *ret = (struct rescore_report){0};
    session_init(s, store, clock, options);
    s->suite_count = 1;
    s->suites = arena_array(&s->arena, struct session_suite, 1);
    s->suites[0].suite = suite;
    s->rescore = ret;
    return session_pair_variants(s, &s->suites[0], sources, source_count, err) &&
           session_plan_new(s, ORIGIN_RESCORED, err);
}

static bool session_end_runs(struct session *s, const struct session_suite *ss, const struct summary *summaries,
                             int64_t now_ms, struct err *err)
{
    bool is_partial = s->stopped != VERDICT_PASSED;
    for (size_t i = 0; i < ss->run_count; i++) {
        struct run_record *run = &ss->runs[i];
        run->verdict = summaries[i].verdict;
        run->summary = summary_to_json(&summaries[i], &s->arena);
        run->state = is_partial ? RUN_INTERRUPTED : RUN_FINISHED;
        run->finished_unix_ms = is_partial ? 0 : now_ms;
        if (!store_update_run(s->store, run, err)) {
            return false;
        }
        struct root_metric *metrics = NULL;
        size_t count = 0;
        summary_root_metrics(&summaries[i], &s->arena, &metrics, &count);
        if (!is_partial &&
            !store_end_root(s->store, run, header_input(&s->arena, &ss->plan, ss->suite, &ss->suite->variants[i]),
                            summary_in_words(&summaries[i], &s->arena), run->header, summaries[i].span_score, metrics,
                            count, err)) {
            return false;
        }
    }
    return is_partial || session_record_end(s, ss, err);
}

/* Of each run the earlier attempts; with --pool their samples count as further trials. */
static bool session_attempts(struct session *s, const struct session_suite *ss, struct attempts **ret,
                             const struct run_pool **ret_pools, struct err *err)
{
    *ret = arena_array(&s->arena, struct attempts, ss->run_count);
    struct run_pool *pools = arena_array(&s->arena, struct run_pool, ss->run_count);
    for (size_t i = 0; i < ss->run_count; i++) {
        if (!baseline_attempts(s->store, &s->arena, &ss->runs[i], &(*ret)[i], err)) {
            return false;
        }
        pools[i] = (struct run_pool){(*ret)[i].runs, (*ret)[i].count};
    }
    *ret_pools = s->options.pools_attempts && s->stopped == VERDICT_PASSED ? pools : NULL;
    return true;
}

bool session_judge(struct session *s, struct summary **ret, size_t *ret_count, enum verdict *ret_verdict,
                   struct str *ret_reason, struct err *err)
{
    size_t total = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        total += s->suites[i].run_count;
    }
    struct summary *all = arena_array(&s->arena, struct summary, total);
    int64_t now_ms = clock_unix_ms(s->clock);
    struct baseline_finder finder CLEANUP(baseline_finder_close) = {
        .arena = &s->arena, .store = s->store, .own = s->store, .asking = s->options.asking};
    size_t at = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        const struct session_suite *ss = &s->suites[i];
        struct judge_in in = {
            .store = s->store,
            .suite = ss->suite,
            .runs = ss->runs,
            .run_count = ss->run_count,
            .is_partial = s->stopped != VERDICT_PASSED,
            .stopped = s->stopped,
            .stopped_reason = s->stopped_reason,
            .baselines = {baseline_find, &finder},
        };
        struct attempts *attempts = NULL;
        if (!session_attempts(s, ss, &attempts, &in.pools, err)) {
            return false;
        }
        struct summary *some = NULL;
        if (!judge_runs(&in, &s->arena, &some, err)) {
            return false;
        }
        for (size_t j = 0; j < ss->run_count; j++) {
            some[j].finished_unix_ms = now_ms;
            baseline_put_attempt(&attempts[j], &s->arena, &some[j]);
            all[at++] = some[j];
        }
    }
    enum verdict verdict = judge_overall(all, total, &s->arena, ret_reason);
    s->invocation.verdict = verdict;
    s->invocation.reason = *ret_reason;
    if (verdict == VERDICT_PASSED && s->stopped == VERDICT_PASSED && s->is_promised) {
        s->invocation.verdict = VERDICT_UNRECORDED;
        s->invocation.reason =
            arena_printf(&s->arena, "%.*s; Opper has not confirmed everything", STR_ARG(*ret_reason));
    }
    s->invocation.state = s->stopped != VERDICT_PASSED ? RUN_INTERRUPTED : RUN_FINISHED;
    s->invocation.finished_unix_ms = s->stopped != VERDICT_PASSED ? 0 : now_ms;
    if (!store_begin_waiting(s->store, err)) {
        return false;
    }
    at = 0;
    bool ok = true;
    for (size_t i = 0; i < s->suite_count && ok; i++) {
        ok = session_end_runs(s, &s->suites[i], &all[at], now_ms, err);
        at += s->suites[i].run_count;
    }
    ok = ok && store_update_invocation(s->store, &s->invocation, err);
    if (!store_end(s->store, ok, err)) {
        return false;
    }
    *ret = all;
    *ret_count = total;
    *ret_verdict = verdict;
    return true;
}

bool session_set_verdict(struct session *s, enum verdict verdict, struct str reason, struct err *err)
{
    s->invocation.verdict = verdict;
    s->invocation.reason = reason;
    return store_begin_waiting(s->store, err) &&
           store_end(s->store, store_update_invocation(s->store, &s->invocation, err), err) &&
           store_sync(s->store, err);
}

void session_close(struct session *s)
{
    driver_close(&s->driver);
    recorder_close(&s->recorder);
    store_unlock(&s->lock);
    arena_deinit(&s->arena);
}
