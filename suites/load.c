#include "suites/load.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "model/environment.h"
#include "scorers/scorer.h"
#include "suites/cases.h"
#include "suites/loader.h"
#include "suites/names.h"
#include "suites/schema.h"
#include "suites/tags.h"

enum { CONCURRENCY_DEFAULT = 16 };

static const struct scorer_env *scorer_env_of(struct loader *l)
{
    struct scorer_env *env = arena_new(l->arena, struct scorer_env);
    *env = (struct scorer_env){
        .dir = l->suite->dir,
        .environment = l->options->env,
        .vars_environment = l->suite->vars_env,
        .service = l->options->service,
        .workers_default = l->suite->concurrency,
    };
    return env;
}

static bool scorers_load(struct loader *l, const struct value *nodes, struct scorer_use **ret, size_t *ret_count)
{
    bool is_clean = true;
    size_t count = 0;
    for (uint32_t i = 0; i < nodes->len; i++) {
        struct scorer_use *use = NULL;
        size_t first = l->diag->faults.len + l->diag->dropped;
        if (l->all_scorers.len == LIMIT_SCORERS) {
            is_clean = diag_add(l->diag, nodes->items[i].pos, "more than %u scorers", LIMIT_SCORERS);
            break;
        }
        if (!scorer_load(&l->ctx, &nodes->items[i], l->scorer_env, &use)) {
            is_clean = false;
            if (l->diag->faults.len + l->diag->dropped == first) {
                diag_add(l->diag, nodes->items[i].pos, "the scorer could not be loaded");
            }
        } else {
            *vec_push(l->arena, &l->all_scorers) = use;
            ret[count++] = use;
        }
    }
    l->is_incomplete = l->is_incomplete || !is_clean;
    *ret_count = count;
    return is_clean;
}

static bool case_check_vars(struct loader *l, const struct template *vars, const char *what)
{
    const struct value *source = vars == NULL ? NULL : template_source(vars);
    if (source == NULL || source->kind == VALUE_MAP) {
        return true;
    }
    diag_add(l->diag, source->pos, "%s: 'vars' is a map, not %s", what, value_kind_name(source->kind));
    return diag_hint(l->diag, "write vars: {name: value}");
}

/* As in a data row: what is to be selected and shown is a name. */
static bool case_check_tags(struct loader *l, const struct field_texts *tags, const char *what)
{
    for (size_t i = 0; i < tags->len; i++) {
        if (tags->items[i].len == 0 || str_has_control(tags->items[i])) {
            return diag_add(l->diag, tags->pos, "%s: 'tags': a tag is empty or holds a control character", what);
        }
    }
    return true;
}

static bool case_load(struct loader *l, const struct value *node)
{
    struct case_spec spec = {.pos = node->pos};
    char what[64];
    (void)snprintf(what, sizeof(what), "cases[%zu]", l->cases.len);
    size_t first = l->diag->faults.len;
    bool is_clean;
    if (node->kind != VALUE_MAP) {
        is_clean = diag_add(l->diag, node->pos, "%s: a case is a map, not %s", what, value_kind_name(node->kind));
        diag_hint(l->diag, "write - {id: ..., input: ..., expected: ...}");
    } else {
        is_clean = field_decode(&l->ctx, CASE_ROWS, node, what, &spec);
        hint_foreign_keys(l->diag, first, HINT_CASE, node);
        is_clean = case_check_vars(l, spec.vars, what) && is_clean;
        is_clean = case_check_tags(l, &spec.tags, what) && is_clean;
    }
    if (spec.scorer_nodes != NULL) {
        spec.scorers = arena_array(l->arena, struct scorer_use *, spec.scorer_nodes->len);
        is_clean = scorers_load(l, spec.scorer_nodes, spec.scorers, &spec.scorer_count) && is_clean;
    }
    *vec_push(l->arena, &l->cases) = spec; /* a faulty one too: places in messages count it */
    l->has_unread_cases = l->has_unread_cases || !is_clean;
    return is_clean;
}

bool load_lists(struct loader *l, const struct value *scorers, const struct value *cases)
{
    bool is_clean = true;
    if (scorers != NULL) {
        struct scorer_use **uses = arena_array(l->arena, struct scorer_use *, scorers->len);
        size_t count = 0;
        is_clean = scorers_load(l, scorers, uses, &count);
        for (size_t i = 0; i < count; i++) {
            *vec_push(l->arena, &l->scorers) = uses[i];
        }
    }
    for (uint32_t i = 0; cases != NULL && i < cases->len; i++) {
        is_clean = case_load(l, &cases->items[i]) && is_clean;
    }
    return is_clean;
}

/* The map with `key` set: in its place, or at the end. */
static struct value map_with(struct arena *arena, const struct value *map, struct str key, struct value value)
{
    uint32_t len = map->kind == VALUE_MAP ? map->len : 0;
    struct value ret = {.kind = VALUE_MAP, .pos = map->pos};
    ret.keys = arena_array(arena, struct value, (size_t)len + 1);
    ret.items = arena_array(arena, struct value, (size_t)len + 1);
    for (uint32_t i = 0; i < len; i++) {
        ret.keys[i] = map->keys[i];
        ret.items[i] = map->items[i];
        if (str_eq(map->keys[i].text, key)) {
            ret.items[i] = value;
            ret.len = len;
        }
    }
    if (ret.len == 0) {
        ret.keys[len] = value_of_text(key);
        ret.items[len] = value;
        ret.len = len + 1;
    }
    return ret;
}

/* Expands a map whose templates may hold env only: vars and labels of the suite. */
static bool map_expand(struct loader *l, const struct template *t, const char *key, struct value *ret)
{
    struct value none = {.kind = VALUE_MAP};
    struct scope scope = {0};
    struct err err = ERR_NULL;
    bool is_absent = false;
    *ret = none;
    if (t == NULL) {
        return true;
    }
    if (template_source(t)->kind != VALUE_MAP) {
        diag_add(l->diag, template_source(t)->pos, "'%s' is a map, not %s", key,
                 value_kind_name(template_source(t)->kind));
        return diag_hint(l->diag, "write %s: {name: value}", key);
    }
    environment_names(l->suite->vars_env, &scope);
    if (!template_expand(t, &scope, l->arena, ret, &is_absent, &err)) {
        *ret = none;
        return diag_add_err(l->diag, template_source(t)->pos, &err);
    }
    return true;
}

static bool vars_load(struct loader *l, const struct suite_spec *spec)
{
    struct suite *s = l->suite;
    s->vars_template = spec->vars;
    bool is_clean = map_expand(l, spec->vars, "vars", &s->vars);
    for (size_t i = 0; i < l->options->set_count; i++) {
        struct value given = value_of_text(l->options->sets[i].value);
        given.is_plain = true; /* --set k=3 is the number 3, as vars: {k: 3} is */
        given = value_resolve(l->arena, &given);
        s->vars = map_with(l->arena, &s->vars, l->options->sets[i].key, given);
    }
    return is_clean;
}

static bool labels_load(struct loader *l, const struct suite_spec *spec)
{
    struct value labels;
    l->suite->labels_template = spec->labels;
    bool is_clean = map_expand(l, spec->labels, "labels", &labels);
    for (uint32_t i = 0; i < labels.len; i++) {
        struct str text = STR_NULL;
        if (!names_text(l->arena, &labels.items[i], &text)) {
            is_clean = diag_add(l->diag, labels.items[i].pos, "labels: '%.*s' is a text, not %s",
                                STR_ARG(labels.keys[i].text), value_kind_name(labels.items[i].kind));
            continue;
        }
        labels.items[i] = value_of_text(text);
    }
    l->suite->labels = labels;
    return is_clean;
}

static bool argv_load(struct loader *l, const struct field_texts *texts, const char *key, const char *const **ret)
{
    if (!texts->is_set) {
        return true;
    }
    const char **argv = arena_array(l->arena, const char *, texts->len + 1);
    for (size_t i = 0; i < texts->len; i++) {
        argv[i] = arena_cstr(l->arena, texts->items[i]);
        if (argv[i] == NULL) {
            return diag_add(l->diag, texts->pos, "'%s': an argument holds a NUL byte", key);
        }
    }
    if (texts->len == 0 || argv[0][0] == '\0') {
        return diag_add(l->diag, texts->pos, "'%s' names no program", key);
    }
    if (texts->len == 1 && strchr(argv[0], ' ') != NULL) {
        diag_add(l->diag, texts->pos, "'%s' is a program and its arguments, not a line for a shell", key);
        return diag_hint(l->diag, "write a list: %s: [program, argument], or [/bin/sh, -c, '...']", key);
    }
    *ret = argv;
    return true;
}

static void fields_copy(struct loader *l, const struct suite_spec *spec)
{
    struct suite *s = l->suite;
    const struct suite_options *options = l->options;
    s->name = spec->name;
    s->description = spec->description;
    s->trials = options->trials > 0 ? options->trials : (uint32_t)spec->trials;
    s->concurrency = options->concurrency > 0 ? options->concurrency : (uint32_t)spec->concurrency;
    s->retries = (uint32_t)spec->retries;
    s->retries_is_set = spec->retries_is_set;
    s->rate_per_s = spec->rate_per_s;
    s->timeout_ns = spec->timeout_ns;
    s->deadline_ns = spec->deadline_ns;
    s->record = spec->record;
    s->budget_time_ns = spec->budget.time_ns;
    s->budget_cost_usd = spec->budget.cost_usd;
    s->allow_errors = spec->allow_errors;
    s->on_exit = (enum error_policy)spec->on_error.exit;
    s->on_timeout = (enum error_policy)spec->on_error.timeout;
    s->on_output_limit = (enum error_policy)spec->on_error.output_limit;
    s->reduce = (enum reduce_kind)spec->reduce;
    s->pass_trials = (enum pass_trials_kind)spec->pass_trials.kind;
    s->pass_trials_count = spec->pass_trials.count;
    s->has_pass_score = spec->pass_score.is_set;
    s->pass_score = spec->pass_score.value;
}

static bool check_pass_trials(struct loader *l, const struct value *root)
{
    const struct suite *s = l->suite;
    if (s->pass_trials != PASS_TRIALS_COUNT || s->pass_trials_count <= s->trials) {
        return true;
    }
    const struct value *node = value_get(root, STR("pass_trials"));
    diag_add(l->diag, node == NULL ? root->pos : node->pos, "'pass_trials' is %u, but there %s only %u trial%s",
             s->pass_trials_count, s->trials == 1 ? "is" : "are", s->trials, s->trials == 1 ? "" : "s");
    return diag_hint(l->diag, "no case could pass: raise 'trials', or lower 'pass_trials'");
}

static bool top_decode(struct loader *l, const struct value *root, struct suite_spec *spec)
{
    size_t first = l->diag->faults.len;
    bool is_clean = field_decode(&l->ctx, SUITE_ROWS, root, "suite", spec);
    hint_foreign_keys(l->diag, first, HINT_SUITE, root);
    const struct value *budget = value_get(root, STR("budget"));
    if (budget != NULL) {
        hint_foreign_keys(l->diag, first, HINT_BUDGET, budget);
    }
    return is_clean;
}

/* No scorer or no case at all would be a suite that passes without having looked. */
static bool check_not_empty(struct loader *l, const struct value *root, const struct suite_spec *spec)
{
    bool is_clean = true;
    if (l->all_scorers.len == 0 && !l->is_incomplete) {
        is_clean = diag_add(l->diag, root->pos, "the suite has no scorer");
        diag_hint(l->diag, "write scorers: [exact], or see `assay help scorers`");
    }
    if (l->cases.len == 0 && spec->dataset == NULL && !l->has_unread_cases) {
        is_clean = diag_add(l->diag, root->pos, "the suite has no case and no dataset");
        diag_hint(l->diag, "write cases: [{input: ..., expected: ...}], or dataset: {file: ...}");
    }
    for (size_t i = 0; l->scorers.len == 0 && !l->is_incomplete && is_clean && i < l->cases.len; i++) {
        if (l->cases.items[i].scorer_count == 0 && l->cases.items[i].skip.ptr == NULL) {
            is_clean = diag_add(l->diag, l->cases.items[i].pos, "no scorer looks at this case");
            diag_hint(l->diag, "give it 'scorers', or the suite");
        }
    }
    if (is_clean && l->scorers.len == 0 && !l->is_incomplete && spec->dataset != NULL) {
        is_clean = diag_add(l->diag, spec->dataset->pos, "no scorer looks at the dataset's cases");
        diag_hint(l->diag, "give the suite 'scorers'");
    }
    return is_clean;
}

static void suite_finish(struct loader *l)
{
    struct suite *s = l->suite;
    s->files = l->files.items;
    s->file_count = l->files.len;
    s->digest = s->file_count > 0 ? s->files[0].digest : s->digest; /* of a pulled run nobody has the text */
    if (s->file_count > 1) {
        struct digest_stream stream;
        digest_begin(&stream);
        for (size_t i = 0; i < s->file_count; i++) {
            digest_add(&stream, (struct str){(const char *)s->files[i].digest.bytes, sizeof(s->files[i].digest.bytes)});
        }
        s->digest = digest_end(&stream);
    }
    s->cases = l->cases.items;
    s->case_count = l->cases.len;
    const struct scorer_use **uses = arena_array(l->arena, const struct scorer_use *, l->scorers.len + 1);
    for (size_t i = 0; i < l->scorers.len; i++) {
        uses[i] = l->scorers.items[i];
    }
    s->scorers = uses;
    s->scorer_count = l->scorers.len;
}

/* Everything but the reading of the file. `is_clean` of a step decides whether a later one would only repeat its faults. */
static bool suite_fill(struct loader *l, const struct value *root)
{
    struct suite_spec spec = {.trials = 1, .concurrency = CONCURRENCY_DEFAULT, .record = RECORD_OPTIONS_DEFAULT};
    bool is_clean = top_decode(l, root, &spec);
    fields_copy(l, &spec);
    is_clean = check_pass_trials(l, root) && is_clean;
    is_clean = vars_load(l, &spec) && is_clean;
    is_clean = labels_load(l, &spec) && is_clean;
    is_clean = argv_load(l, &spec.setup, "setup", &l->suite->setup) && is_clean;
    is_clean = argv_load(l, &spec.teardown, "teardown", &l->suite->teardown) && is_clean;
    l->is_incomplete = value_get(root, STR("scorers")) != NULL && spec.scorers == NULL;
    l->has_unread_cases = value_get(root, STR("cases")) != NULL && spec.cases == NULL;
    l->scorer_env = scorer_env_of(l);
    is_clean = load_lists(l, spec.scorers, spec.cases) && is_clean;
    bool has_includes = include_files(l, &spec.include);
    l->is_incomplete = l->is_incomplete || !has_includes;
    bool has_dataset = spec.dataset == NULL || dataset_load(l, spec.dataset);
    l->has_unread_cases = l->has_unread_cases || !has_includes || !has_dataset;
    is_clean = has_includes && has_dataset && is_clean;
    if (spec.target != NULL) {
        is_clean = variants_load(l, &spec) && is_clean;
    } else {
        l->is_incomplete = true;
    }
    is_clean = dimensions_unite(l) && is_clean;
    is_clean = baseline_settle(l, spec.baseline) && is_clean;
    is_clean = gates_load(l, spec.gates) && is_clean;
    is_clean = tags_check_when(l) && is_clean;
    is_clean = check_not_empty(l, root, &spec) && is_clean;
    suite_finish(l);
    return is_clean && trial_expand(l);
}

bool suite_load(struct arena *arena, const char *path, const struct suite_options *options, struct suite **ret,
                struct diag *diag)
{
    struct suite *suite = arena_new(arena, struct suite);
    struct loader l = {.arena = arena, .options = options, .diag = diag, .suite = suite};
    l.ctx = (struct field_context){.arena = arena, .diag = diag, .user = &l};
    suite->env = options->is_offline ? NULL : options->env;
    suite->vars_env = options->is_offline || options->stored_env == NULL ? suite->env : options->stored_env;
    struct value *root = arena_new(arena, struct value);
    if (include_suite(&l, path, root) && suite_fill(&l, root)) {
        *ret = suite;
        return true;
    }
    for (size_t i = 0; i < l.all_scorers.len; i++) {
        scorer_unload(l.all_scorers.items[i]);
    }
    return false;
}

static void variants_of_ran(struct suite *s, const struct suite_ran *ran, struct arena *arena)
{
    s->variants = arena_array(arena, struct variant, ran->variant_count + 1);
    s->variant_count = ran->variant_count;
    for (size_t i = 0; i < ran->variant_count; i++) {
        s->variants[i].name = ran->variants[i];
    }
}

bool suite_load_gates(struct arena *arena, const char *path, const struct suite_options *options,
                      const struct suite_ran *ran, struct suite **ret, struct diag *diag)
{
    struct suite *suite = arena_new(arena, struct suite);
    struct loader l = {.arena = arena, .options = options, .diag = diag, .suite = suite, .is_ran = true};
    struct suite_spec spec = {.trials = 1, .concurrency = CONCURRENCY_DEFAULT};
    struct value root;
    l.ctx = (struct field_context){.arena = arena, .diag = diag, .user = &l};
    if (options->stored_count > 0 && (!include_suite(&l, path, &root) || !top_decode(&l, &root, &spec))) {
        return false;
    }
    fields_copy(&l, &spec);
    suite->trials = ran->trials;
    variants_of_ran(suite, ran, arena);
    for (size_t i = 0; i < ran->dimension_count; i++) {
        *vec_push(arena, &l.dimensions) = ran->dimensions[i];
    }
    if (!baseline_settle(&l, spec.baseline) || !gates_load(&l, spec.gates)) {
        return false;
    }
    suite_finish(&l);
    *ret = suite;
    return true;
}

bool suite_load_record(struct arena *arena, const char *path, const struct suite_options *options,
                       struct record_options *ret, struct diag *diag)
{
    struct suite *suite = arena_new(arena, struct suite);
    struct loader l = {.arena = arena, .options = options, .diag = diag, .suite = suite, .is_ran = true};
    struct suite_spec spec = {.trials = 1, .concurrency = CONCURRENCY_DEFAULT, .record = RECORD_OPTIONS_DEFAULT};
    struct value root;
    l.ctx = (struct field_context){.arena = arena, .diag = diag, .user = &l};
    if (!include_suite(&l, path, &root) || !top_decode(&l, &root, &spec)) {
        return false;
    }
    *ret = spec.record;
    return true;
}

void suite_unload(struct suite *suite)
{
    for (size_t i = 0; i < suite->scorer_count; i++) {
        scorer_unload((struct scorer_use *)(uintptr_t)suite->scorers[i]); /* ours; const to everybody else */
    }
    for (size_t i = 0; i < suite->case_count; i++) {
        for (size_t k = 0; k < suite->cases[i].scorer_count; k++) {
            scorer_unload(suite->cases[i].scorers[k]);
        }
    }
}
