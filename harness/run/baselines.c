#include "run/baselines.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "model/labels.h"
#include "run/import.h"
#include "store/store.h"

enum {
    RUNS_SINCE_MAX = 100, /* counted so far; "100" then means at least */
    ATTEMPTS_MAX = 100,
    REASON_BYTES = 1 << 11
};
static const double MIN_OVERLAP = 0.9;
#define OPPER_PREFIX "opper:"

/* The search for one run's baseline. */
struct search {
    struct baseline_finder *f;
    const struct run_record *run;
    struct buf reason; /* of the places that had none */
};

struct baseline_source baseline_of_flag(const char *text)
{
    struct str all = str_from(text);
    struct baseline_source ret = {.kind = BASELINE_RUN,
                                  .text = all,
                                  .shown = all,
                                  .runs = 1,
                                  .min_overlap = MIN_OVERLAP,
                                  .pos = {"--baseline", 0, 0}};
    size_t at = 0;
    if (file_is_regular(text) || str_ends(all, STR(".jsonl"))) {
        ret.kind = BASELINE_FILE;
    } else if (str_find_char(all, '=', &at) && at > 0) {
        bool is_there = str_starts(all, STR(OPPER_PREFIX));
        ret.kind = is_there ? BASELINE_OPPER : BASELINE_LABEL;
        ret.key = str_slice(all, is_there ? strlen(OPPER_PREFIX) : 0, at);
        ret.text = str_slice(all, at + 1, all.len);
    }
    return ret;
}

bool baseline_flags_check(const char *const *flags, struct err *err)
{
    for (size_t i = 0; flags != NULL && flags[i] != NULL; i++) {
        struct str text = str_from(flags[i]);
        size_t at = 0;
        bool is_label = str_find_char(text, '=', &at) && at > strlen(OPPER_PREFIX);
        if (str_starts(text, STR(OPPER_PREFIX)) && !is_label) {
            return err_set(err, ERR_USAGE,
                           "--baseline %s: a place on Opper is opper:key=value, as in opper:branch=main", flags[i]);
        }
    }
    return true;
}

static void say(struct search *s, const struct baseline_source *source, const char *why)
{
    buf_printf(&s->reason, "%s%.*s: %s", s->reason.len > 0 ? "; " : "", STR_ARG(source->shown), why);
}

static bool is_same_kind(const struct search *s, const struct run_record *run)
{
    return str_eq(run->suite, s->run->suite) && str_eq(run->variant, s->run->variant);
}

static bool is_usable(const struct search *s, const struct run_record *run)
{
    return run->state == RUN_FINISHED && !id_eq(&run->id, &s->run->id);
}

/* --- files ---------------------------------------------------------------------------------------------------------------------------------- */

static bool open_file(struct search *s, const struct baseline_source *source, struct baseline_file **ret,
                      struct err *err)
{
    struct baseline_finder *f = s->f;
    *ret = NULL;
    for (size_t i = 0; i < f->files.len; i++) {
        if (str_eq(f->files.items[i].path, source->text)) {
            *ret = &f->files.items[i];
            return true;
        }
    }
    if (!file_is_regular(arena_cstr(f->arena, source->text))) {
        return true;
    }
    struct baseline_file file = {.path = source->text};
    if (!import_open_all(f->arena, arena_cstr(f->arena, source->text), &file.store, &file.runs, &file.run_count, err)) {
        return err_wrap(err, "baseline");
    }
    *vec_push(f->arena, &f->files) = file;
    *ret = &f->files.items[f->files.len - 1];
    return true;
}

static void names_of(struct buf *out, const struct run_record *runs, size_t count)
{
    for (size_t i = 0; i < count && i < 3; i++) {
        buf_printf(out, "%s%.*s [%.*s]", i == 0 ? "" : ", ", STR_ARG(runs[i].suite), STR_ARG(runs[i].variant));
    }
}

static bool find_in_file(struct search *s, const struct baseline_source *source, struct judge_baseline *ret,
                         struct err *err)
{
    struct baseline_file *file = NULL;
    if (!open_file(s, source, &file, err)) {
        return false;
    }
    if (file == NULL) {
        say(s, source, "there is no such file");
        return true;
    }
    VEC(struct run_record) runs = {0};
    for (size_t i = 0; i < file->run_count; i++) {
        if (is_same_kind(s, &file->runs[i]) && is_usable(s, &file->runs[i])) {
            *vec_push(s->f->arena, &runs) = file->runs[i];
        }
    }
    if (runs.len == 0) {
        struct buf why CLEANUP(buf_deinit) = BUF(REASON_BYTES);
        buf_printf(&why, "it holds no other run of %.*s [%.*s] but ", STR_ARG(s->run->suite), STR_ARG(s->run->variant));
        names_of(&why, file->runs, file->run_count);
        say(s, source, why.ptr == NULL ? "" : why.ptr);
        return true;
    }
    *ret = (struct judge_baseline){
        .state = BASELINE_USED, .source = source, .store = file->store, .runs = runs.items, .run_count = runs.len};
    return true;
}

/* --- the store -------------------------------------------------------------------------------------------------------------------------------- */

static void use_stored(struct search *s, const struct baseline_source *source, const struct run_record *runs,
                       size_t count, struct judge_baseline *ret)
{
    *ret = (struct judge_baseline){
        .state = BASELINE_USED, .source = source, .store = s->f->store, .runs = runs, .run_count = count};
}

/* `latest~1/large`, or the beginning of a run's own id: then that run is meant, whatever its variant is called. */
static bool names_one_run(struct str name, const struct run_record *run)
{
    struct uuid_text id = id_text(&run->id);
    return str_find_char(name, '/', NULL) || (name.len >= 4 && str_starts(str_from(id.text), name));
}

static bool find_run(struct search *s, const struct baseline_source *source, struct judge_baseline *ret,
                     struct err *err)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!store_find_runs(s->f->store, s->f->arena, source->text, false, &runs, &count, err)) {
        if (err->kind != ERR_EMPTY) {
            return false;
        }
        say(s, source, err->text);
        struct err none = ERR_NULL;
        *err = none;
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_alone = count == 1 && names_one_run(source->text, &runs[i]);
        bool is_meant = is_same_kind(s, &runs[i]) || is_alone;
        bool is_itself = is_alone && s->f->has_others && id_eq(&runs[i].id, &s->run->id); /* others are judged by it */
        if ((is_meant && is_usable(s, &runs[i])) || is_itself) {
            use_stored(s, source, &runs[i], 1, ret);
            return true;
        }
        if (is_meant) {
            say(s, source, runs[i].state == RUN_FINISHED ? "it is the run that is judged" : "it has not finished");
            return true;
        }
    }
    struct buf why CLEANUP(buf_deinit) = BUF(REASON_BYTES);
    buf_printf(&why, "it has no run of %.*s [%.*s], but ", STR_ARG(s->run->suite), STR_ARG(s->run->variant));
    names_of(&why, runs, count);
    say(s, source, why.ptr == NULL ? "" : why.ptr);
    return true;
}

static bool is_dirty(struct search *s, const struct run_record *run, bool *ret, struct err *err)
{
    struct invocation_record invocation;
    if (!store_invocation(s->f->store, s->f->arena, run->invocation, &invocation, err)) {
        return false;
    }
    struct value labels = labels_read(s->f->arena, invocation.labels);
    *ret = labels_tree(&labels) == TREE_DIRTY;
    return true;
}

/* Why a label found none: whether there is one at all that has it. */
static bool say_label(struct search *s, const struct baseline_source *source, struct str labels, struct err *err)
{
    struct suite_runs any = {.suite = s->run->suite, .variant = s->run->variant, .labels = labels, .limit = 2};
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!store_suite_runs(s->f->store, s->f->arena, &any, &runs, &count, err)) {
        return false;
    }
    bool is_only_self = count == 1 && id_eq(&runs[0].id, &s->run->id);
    struct buf why CLEANUP(buf_deinit) = BUF(REASON_BYTES);
    buf_printf(&why,
               count == 0 || is_only_self
                   ? "no other run of %.*s [%.*s] has this label"
                   : "no run of %.*s [%.*s] with this label is whole, passed, and of a clean tree",
               STR_ARG(s->run->suite), STR_ARG(s->run->variant));
    say(s, source, why.ptr == NULL ? "" : why.ptr);
    return true;
}

static void use_newest(struct search *s, const struct baseline_source *source, const struct run_record *runs,
                       size_t count, struct judge_baseline *ret)
{
    use_stored(s, source, runs, count, ret);
    if (count < source->runs) {
        ret->warning = arena_printf(s->f->arena, "the baseline %.*s has only %zu of %u runs", STR_ARG(source->shown),
                                    count, (unsigned)source->runs);
    }
}

static bool find_label(struct search *s, const struct baseline_source *source, struct judge_baseline *ret,
                       struct err *err)
{
    struct suite_runs which = {.suite = s->run->suite,
                               .variant = s->run->variant,
                               .labels = labels_one(s->f->arena, source->key, source->text),
                               .only_full = true,
                               .only_passed = true};
    VEC(struct run_record) chosen = {0};
    struct run_record *runs = NULL;
    size_t count = 0;
    for (which.limit = 2 * (size_t)source->runs + 8;;
         which.limit *= 4) { /* dirty ones are known only when they are read */
        chosen.len = 0;
        if (!store_suite_runs(s->f->store, s->f->arena, &which, &runs, &count, err)) {
            return false;
        }
        for (size_t i = 0; i < count && chosen.len < source->runs; i++) {
            bool dirty = false;
            if (!is_dirty(s, &runs[i], &dirty, err)) {
                return false;
            }
            if (!dirty && !id_eq(&runs[i].id, &s->run->id)) {
                *vec_push(s->f->arena, &chosen) = runs[i];
            }
        }
        if (chosen.len == source->runs || count < which.limit) {
            break;
        }
    }
    if (chosen.len == 0) {
        return say_label(s, source, which.labels, err);
    }
    use_newest(s, source, chosen.items, chosen.len, ret);
    return true;
}

/* What Opper has is what Opper says; a run that is only here is not there. */
static bool find_opper(struct search *s, const struct baseline_source *source, struct judge_baseline *ret,
                       struct err *err)
{
    const struct baseline_asking *asking = &s->f->asking;
    VEC(struct run_record) chosen = {0};
    struct uuid *ids = NULL;
    size_t count = 0;
    struct str why_not = STR_NULL;
    if (asking->ask == NULL) {
        return find_label(s, source, ret, err);
    }
    if (!asking->ask(asking->context, s->run, source, &ids, &count, &why_not, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct run_record *runs = NULL;
        size_t found = 0;
        if (!store_find_runs(s->f->store, s->f->arena, str_from(id_text(&ids[i]).text), false, &runs, &found, err)) {
            return false;
        }
        *vec_push(s->f->arena, &chosen) = runs[0];
    }
    if (chosen.len == 0) {
        say(s, source, arena_cstr(s->f->arena, why_not));
    } else {
        use_newest(s, source, chosen.items, chosen.len, ret);
    }
    return true;
}

static bool find_variant(struct search *s, const struct baseline_source *source, struct judge_baseline *ret,
                         struct err *err)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    if (s->run->invocation == 0) { /* it is not planned yet, and will be there */
        *ret = (struct judge_baseline){.state = BASELINE_USED, .source = source};
        return true;
    }
    if (!store_runs_of(s->f->own, s->f->arena, s->run->invocation, &runs, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(runs[i].suite, s->run->suite) && str_eq(runs[i].variant, source->text)) {
            use_stored(s, source, &runs[i], 1, ret); /* it may be running still: it ends with this one */
            ret->store = s->f->own;
            return true;
        }
    }
    say(s, source, "this variant did not run");
    return true;
}

/* --- all ------------------------------------------------------------------------------------------------------------------------------------------ */

/* Commit and age, for the record and the warning. Of a variant of the same invocation there is nothing to say. */
static bool describe(struct search *s, struct judge_baseline *b, struct err *err)
{
    struct invocation_record invocation;
    if (b->source->kind == BASELINE_VARIANT) {
        return true;
    }
    if (!store_invocation(b->store, s->f->arena, b->runs[0].invocation, &invocation, err)) {
        return false;
    }
    struct value labels = labels_read(s->f->arena, invocation.labels);
    b->commit = labels_get(&labels, LABEL_COMMIT);
    b->finished_unix_ms = b->runs[0].finished_unix_ms;
    struct suite_runs which = {
        .suite = s->run->suite, .variant = s->run->variant, .only_original = true, .limit = RUNS_SINCE_MAX};
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!store_suite_runs(s->f->store, s->f->arena, &which, &runs, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_other = !id_eq(&runs[i].id, &s->run->id) && !id_eq(&runs[i].id, &b->runs[0].id);
        b->runs_since += is_other && runs[i].finished_unix_ms > b->finished_unix_ms ? 1 : 0;
    }
    return true;
}

bool baseline_find(void *finder, const struct baseline_list *list, const struct run_record *run,
                   struct judge_baseline *ret, struct err *err)
{
    static bool (*const find[])(struct search *, const struct baseline_source *, struct judge_baseline *,
                                struct err *) = {
        [BASELINE_FILE] = find_in_file, [BASELINE_RUN] = find_run,         [BASELINE_LABEL] = find_label,
        [BASELINE_OPPER] = find_opper,  [BASELINE_VARIANT] = find_variant,
    };
    struct search s = {.f = finder, .run = run};
    buf_init(&s.reason, REASON_BYTES);
    *ret = (struct judge_baseline){.state = BASELINE_MISSING};
    bool ok = true;
    for (size_t i = 0; i < list->count && ok && ret->state != BASELINE_USED; i++) {
        ok = find[list->items[i].kind](&s, &list->items[i], ret, err);
        if (ok && ret->state != BASELINE_USED) {
            ret->source = &list->items[i];
            ret->state = list->items[i].may_be_missing ? BASELINE_SKIPPED : BASELINE_MISSING;
            ret->reason = arena_str(s.f->arena, buf_str(&s.reason));
        }
    }
    buf_deinit(&s.reason);
    return ok && (ret->state != BASELINE_USED || describe(&s, ret, err));
}

void baseline_finder_close(struct baseline_finder *f)
{
    for (size_t i = 0; i < f->files.len; i++) {
        store_close(&f->files.items[i].store);
    }
    f->files.len = 0;
}

bool baseline_attempts(struct store *store, struct arena *arena, const struct run_record *run, struct attempts *ret,
                       struct err *err)
{
    struct invocation_record invocation;
    struct plan_record own;
    *ret = (struct attempts){0};
    if (!store_invocation(store, arena, run->invocation, &invocation, err) ||
        !store_plan(store, arena, run->plan, &own, err)) {
        return false;
    }
    struct value labels = labels_read(arena, invocation.labels);
    struct str commit = labels_get(&labels, LABEL_COMMIT);
    if (commit.ptr == NULL || labels_tree(&labels) == TREE_DIRTY || !invocation.is_full_selection) {
        return true;
    }
    struct suite_runs which = {.suite = run->suite,
                               .variant = run->variant,
                               .labels = labels_one(arena, STR(LABEL_COMMIT), commit),
                               .only_full = true,
                               .only_original = true,
                               .limit = ATTEMPTS_MAX};
    struct run_record *runs = NULL;
    size_t count = 0;
    VEC(struct run_record) earlier = {0};
    size_t failed = 0;
    bool has_passed = false;
    if (!store_suite_runs(store, arena, &which, &runs, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct plan_record plan;
        if (!store_plan(store, arena, runs[i].plan, &plan, err)) {
            return false;
        }
        bool is_judged = runs[i].verdict == VERDICT_PASSED || runs[i].verdict == VERDICT_FAILED;
        bool is_earlier = runs[i].seq != run->seq && runs[i].started_unix_ms <= run->started_unix_ms;
        if (is_judged && is_earlier && digest_eq(&plan.suite_digest, &own.suite_digest)) {
            *vec_push(arena, &earlier) = runs[i];
            has_passed = has_passed || runs[i].verdict == VERDICT_PASSED;
            failed += has_passed ? 0 : 1;
        }
    }
    *ret = (struct attempts){true, earlier.items, earlier.len, failed};
    return true;
}

void baseline_put_attempt(const struct attempts *attempts, struct arena *arena, struct summary *s)
{
    s->attempt = attempts->is_known ? attempts->failed + 1 : 0;
    if (s->pooled > 1) {
        summary_warn(s, arena,
                     arena_printf(arena, "%llu runs of this version are judged together (--pool)",
                                  (unsigned long long)s->pooled));
    }
    if (s->attempt > 1 && s->pooled <= 1) {
        summary_warn(s, arena,
                     arena_printf(arena,
                                  "attempt %llu: the same suite, commit and variant failed before (--pool judges all "
                                  "their runs together)",
                                  (unsigned long long)s->attempt));
    }
}
