#include "cli/suites_open.h"

#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"
#include "data/json.h"
#include "judge/trials.h"
#include "run/baselines.h"
#include "store/store.h"

bool run_flags_read(struct cli *cli, const struct args *args, struct run_flags *ret, struct err *err)
{
    *ret = (struct run_flags){
        .cases = args_list(args, &cli->arena, "case"),
        .filters = args_list(args, &cli->arena, "filter"),
        .tags = args_list(args, &cli->arena, "tag"),
        .sets = args_list(args, &cli->arena, "set"),
        .gates = args_list(args, &cli->arena, "gate"),
        .baselines = args_list(args, &cli->arena, "baseline"),
        .pool = args_has(args, "pool"),
    };
    return args_number(args, "limit", 1, UINT64_MAX / 2, &ret->limit, err) &&
           args_number(args, "trials", 1, LIMIT_TRIALS, &ret->trials, err) &&
           args_number(args, "concurrency", 1, LIMIT_CONCURRENCY, &ret->concurrency, err) &&
           baseline_flags_check(ret->baselines, err);
}

bool run_flags_select_all(const struct run_flags *f)
{
    return f->cases == NULL && f->filters == NULL && f->tags == NULL && f->limit == 0;
}

struct case_selection run_flags_selection(const struct run_flags *f)
{
    return (struct case_selection){.ids = f->cases, .filters = f->filters, .tags = f->tags, .limit = f->limit};
}

static void write_list(struct json_writer *w, const char *key, const char *const *list)
{
    if (list == NULL) {
        return;
    }
    json_key(w, key);
    json_open_list(w);
    for (size_t i = 0; list[i] != NULL; i++) {
        json_text(w, str_from(list[i]));
    }
    json_close_list(w);
}

static void write_count(struct json_writer *w, const char *key, uint64_t count)
{
    if (count > 0) {
        json_put_int(w, key, (int64_t)count);
    }
}

struct str run_flags_to_json(struct cli *cli, const struct run_flags *f)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    write_list(&w, "case", f->cases);
    write_list(&w, "filter", f->filters);
    write_list(&w, "tag", f->tags);
    write_list(&w, "set", f->sets);
    write_list(&w, "gate", f->gates);
    write_list(&w, "baseline", f->baselines);
    if (f->pool) {
        json_put_bool(&w, "pool", true);
    }
    write_count(&w, "limit", f->limit);
    write_count(&w, "trials", f->trials);
    write_count(&w, "concurrency", f->concurrency);
    json_close_map(&w);
    return arena_str(&cli->arena, buf_str(&text));
}

static const char *const *read_list(struct cli *cli, const struct value *map, const char *key)
{
    const struct value *list = value_get(map, str_from(key));
    if (list == NULL || list->kind != VALUE_LIST) {
        return NULL;
    }
    const char **texts = arena_array(&cli->arena, const char *, (size_t)list->len + 1);
    for (size_t i = 0; i < list->len; i++) {
        texts[i] = arena_cstr(&cli->arena, list->items[i].text);
    }
    return texts;
}

static uint64_t read_count(const struct value *map, const char *key)
{
    double number = 0;
    const struct value *v = value_get(map, str_from(key));
    return v != NULL && value_number(v, &number) && number >= 0 ? (uint64_t)number : 0;
}

bool run_flags_from_json(struct cli *cli, struct str json, struct run_flags *ret, struct err *err)
{
    struct value map;
    if (!json_read(&cli->arena, json, JSON_OURS, (struct src_pos){0}, &map, NULL, err)) {
        return err_wrap(err, "options of the stored run");
    }
    *ret = (struct run_flags){
        .cases = read_list(cli, &map, "case"),
        .filters = read_list(cli, &map, "filter"),
        .tags = read_list(cli, &map, "tag"),
        .sets = read_list(cli, &map, "set"),
        .gates = read_list(cli, &map, "gate"),
        .baselines = read_list(cli, &map, "baseline"),
        .pool = value_get(&map, STR("pool")) != NULL,
        .limit = read_count(&map, "limit"),
        .trials = read_count(&map, "trials"),
        .concurrency = read_count(&map, "concurrency"),
    };
    return true;
}

static size_t count_of(const char *const *list)
{
    size_t count = 0;
    while (list != NULL && list[count] != NULL) {
        count++;
    }
    return count;
}

const struct baseline_list *baselines_of_flags(struct arena *arena, const char *const *flags)
{
    size_t count = count_of(flags);
    if (count == 0) {
        return NULL;
    }
    struct baseline_list *list = arena_new(arena, struct baseline_list);
    list->items = arena_array(arena, struct baseline_source, count);
    list->count = count;
    for (size_t i = 0; i < count; i++) {
        list->items[i] = baseline_of_flag(flags[i]);
    }
    return list;
}

bool suite_options_fill(struct cli *cli, const struct run_flags *flags, struct suite_options *ret, struct err *err)
{
    size_t count = count_of(flags->sets);
    struct suite_set *sets = arena_array(&cli->arena, struct suite_set, count + 1);
    for (size_t i = 0; flags->sets != NULL && i < count; i++) {
        struct str text = str_from(flags->sets[i]);
        size_t equals = 0;
        if (!str_find_char(text, '=', &equals) || equals == 0) {
            return err_set(err, ERR_USAGE, "--set wants key=value, not '%s'", flags->sets[i]);
        }
        sets[i] = (struct suite_set){str_slice(text, 0, equals), str_slice(text, equals + 1, text.len)};
    }
    *ret = (struct suite_options){
        .env = &cli->env,
        .service = &cli->service,
        .sets = sets,
        .set_count = count,
        .extra_gates = flags->gates,
        .extra_gate_count = count_of(flags->gates),
        .baseline = baselines_of_flags(&cli->arena, flags->baselines),
        .default_baseline = cli->project.baseline,
        .trials = (uint32_t)flags->trials,
        .concurrency = (uint32_t)flags->concurrency,
    };
    return true;
}

void suites_close(struct suite **suites, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (suites[i] != NULL) {
            suite_unload(suites[i]);
            suites[i] = NULL;
        }
    }
}

static bool names_hold(const char *const *names, struct str name)
{
    size_t i = 0;
    while (names[i] != NULL && !str_eq_cstr(name, names[i])) {
        i++;
    }
    return names[i] != NULL;
}

bool sets_check(struct cli *cli, struct suite *const *suites, size_t count, const struct run_flags *flags,
                struct diag *diag)
{
    VEC(const char *) known = {0};
    for (size_t i = 0; flags->sets != NULL && i < count; i++) {
        const char *const *names = suite_var_names(suites[i], &cli->arena);
        for (size_t k = 0; names[k] != NULL; k++) {
            *vec_push(&cli->arena, &known) = names[k];
        }
    }
    *vec_push(&cli->arena, &known) = NULL;
    bool is_clean = true;
    for (size_t i = 0; flags->sets != NULL && flags->sets[i] != NULL; i++) {
        struct str name = str_from(flags->sets[i]);
        size_t equals = name.len;
        (void)str_find_char(name, '=', &equals);
        name.len = equals;
        if (!names_hold(known.items, name)) {
            is_clean = diag_add(diag, (struct src_pos){"--set", 0, 0}, "%s knows no variable '%.*s'",
                                count == 1 ? "the suite" : "none of the suites", STR_ARG(name));
            if (!diag_hint_nearest(diag, name, known.items) && known.len == 1) {
                diag_hint(diag, "declare it under 'vars', or use it in a template: {{%.*s}}", STR_ARG(name));
            }
        }
    }
    return is_clean;
}

enum verdict suites_open(struct cli *cli, const char *const *paths, size_t count, const struct run_flags *flags,
                         struct suite **ret)
{
    struct err err = ERR_NULL;
    struct suite_options options;
    if (!suite_options_fill(cli, flags, &options, &err)) {
        return cli_fail(cli, &err);
    }
    size_t faulty = 0;
    for (size_t i = 0; i < count; i++) {
        struct diag diag;
        diag_init(&diag, &cli->arena);
        ret[i] = NULL;
        if (!suite_load(&cli->arena, paths[i], &options, &ret[i], &diag)) {
            diag_sort(&diag);
            cli_print_faults(cli, &diag);
            faulty++;
        }
    }
    struct diag flag_faults;
    diag_init(&flag_faults, &cli->arena);
    if (faulty == 0 && !sets_check(cli, ret, count, flags, &flag_faults)) {
        cli_print_faults(cli, &flag_faults);
        suites_close(ret, count);
        (void)fprintf(cli->errors, "assay: usage (exit 2): nothing was run\n");
        return VERDICT_USAGE;
    }
    if (faulty == 0) {
        return VERDICT_PASSED;
    }
    suites_close(ret, count);
    (void)fprintf(cli->errors, "assay: usage (exit 2): %s, nothing was run\n",
                  faulty == 1 ? "the suite has faults" : "suites have faults");
    return VERDICT_USAGE;
}

/* Never NULL: a suite that read nothing then must not read anything now. */
static const struct environment *stored_env(struct cli *cli, const struct value *map)
{
    struct environment *env = arena_new(&cli->arena, struct environment);
    VEC(const char *) entries = {0};
    for (uint32_t i = 0; map != NULL && map->kind == VALUE_MAP && i < map->len; i++) {
        struct str text = STR_NULL;
        if (json_read_bytes(&cli->arena, &map->items[i], &text)) {
            *vec_push(&cli->arena, &entries) =
                arena_printf(&cli->arena, "%.*s=%.*s", STR_ARG(map->keys[i].text), STR_ARG(text)).ptr;
        }
    }
    *vec_push(&cli->arena, &entries) = NULL;
    env->entries = entries.items;
    return env;
}

static bool stored_files(struct cli *cli, const struct plan_record *plan, struct suite_options *options,
                         struct err *err)
{
    struct value root;
    if (!json_read(&cli->arena, plan->resolved, JSON_OURS, (struct src_pos){0}, &root, NULL, err)) {
        return err_wrap(err, "stored suite '%.*s'", STR_ARG(plan->suite));
    }
    const struct value *files = value_get(&root, STR("files"));
    size_t count = files == NULL || files->kind != VALUE_LIST ? 0 : files->len;
    struct suite_file *stored = arena_array(&cli->arena, struct suite_file, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct value *path = value_get(&files->items[i], STR("path"));
        const struct value *text = value_get(&files->items[i], STR("text"));
        if (path == NULL || text == NULL) {
            return err_set(err, ERR_BUG, "stored suite '%.*s' is not complete", STR_ARG(plan->suite));
        }
        stored[i] = (struct suite_file){arena_cstr(&cli->arena, path->text), text->text, digest_of(text->text)};
    }
    options->stored = stored;
    options->stored_count = count;
    options->stored_env = stored_env(cli, value_get(&root, STR("env")));
    return true;
}

enum verdict suites_open_stored(struct cli *cli, struct store *store, const struct invocation_record *invocation,
                                struct suite ***ret, size_t *ret_count)
{
    struct err err = ERR_NULL;
    struct run_flags flags = {0};
    struct suite_options options;
    struct plan_record *plans = NULL;
    size_t count = 0;
    if (!run_flags_from_json(cli, invocation->options, &flags, &err) ||
        !suite_options_fill(cli, &flags, &options, &err) ||
        !store_plans_of(store, &cli->arena, invocation->seq, &plans, &count, &err)) {
        return cli_fail(cli, &err);
    }
    struct suite **suites = arena_array(&cli->arena, struct suite *, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct diag diag;
        diag_init(&diag, &cli->arena);
        if (!stored_files(cli, &plans[i], &options, &err)) {
            suites_close(suites, count);
            return cli_fail(cli, &err);
        }
        if (!suite_load(&cli->arena, arena_cstr(&cli->arena, plans[i].path), &options, &suites[i], &diag)) {
            cli_print_faults(cli, &diag);
            suites_close(suites, count);
            return cli_usage(cli, "the suite of that run cannot be loaded as it was stored");
        }
    }
    *ret = suites;
    *ret_count = count;
    return VERDICT_PASSED;
}

static const char *const *join_lists(struct arena *arena, const char *const *a, const char *const *b)
{
    const char *const *const lists[] = {a, b};
    const char **all = arena_array(arena, const char *, count_of(a) + count_of(b) + 1);
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        for (const char *const *at = lists[i]; at != NULL && *at != NULL; at++) {
            all[count++] = *at;
        }
    }
    return count == 0 ? NULL : all;
}

/* Of a run without its suite's text (a pulled one): what its header tells. */
static bool suite_as_run(struct suite *suite, const struct run_record *run, struct err *err)
{
    struct reduction reduction;
    if (!reduction_of_run(run, suite->trials, &reduction, err)) {
        return false;
    }
    suite->name = run->suite;
    suite->reduce = reduction.reduce;
    suite->pass_trials = reduction.pass_trials;
    suite->pass_trials_count = reduction.pass_trials_count;
    return true;
}

enum verdict suite_open_gates(struct cli *cli, struct store *store, const struct invocation_record *invocation,
                              const struct run_record *runs, size_t run_count, const char *const *gates,
                              const char *const *baselines, struct suite **ret)
{
    struct err err = ERR_NULL;
    struct run_flags flags = {0};
    struct suite_options options;
    struct plan_record plan;
    if (!run_flags_from_json(cli, invocation->options, &flags, &err)) {
        return cli_fail(cli, &err);
    }
    flags.gates = join_lists(&cli->arena, flags.gates, gates);
    flags.baselines = baselines != NULL ? baselines : flags.baselines;
    if (!suite_options_fill(cli, &flags, &options, &err) ||
        !store_plan(store, &cli->arena, runs[0].plan, &plan, &err) || !stored_files(cli, &plan, &options, &err)) {
        return cli_fail(cli, &err);
    }
    struct str *variants = arena_array(&cli->arena, struct str, run_count);
    for (size_t i = 0; i < run_count; i++) {
        variants[i] = runs[i].variant;
    }
    struct suite_ran ran = {runs[0].dimensions, runs[0].dimension_count, variants, run_count, plan.trials};
    struct diag diag;
    diag_init(&diag, &cli->arena);
    bool has_text = options.stored_count > 0;
    if (!has_text && count_of(gates) == 0) {
        return cli_usage(cli, "the suite of that run is not in the store, so its gates are not known (say some: --gate "
                              "'answer.mean >= 0.8')");
    }
    if (!suite_load_gates(&cli->arena, arena_cstr(&cli->arena, plan.path), &options, &ran, ret, &diag)) {
        diag_sort(&diag);
        cli_print_faults(cli, &diag);
        return cli_usage(cli, "these gates cannot be judged on that run");
    }
    return has_text || suite_as_run(*ret, &runs[0], &err) ? VERDICT_PASSED : cli_fail(cli, &err);
}

bool suite_open_record(struct cli *cli, struct store *store, const struct run_record *run, struct record_options *ret,
                       struct err *err)
{
    const struct run_flags none = {0};
    struct suite_options options;
    struct plan_record plan;
    struct diag diag;
    diag_init(&diag, &cli->arena);
    if (!suite_options_fill(cli, &none, &options, err) || !store_plan(store, &cli->arena, run->plan, &plan, err) ||
        !stored_files(cli, &plan, &options, err)) {
        return false;
    }
    if (!suite_load_record(&cli->arena, arena_cstr(&cli->arena, plan.path), &options, ret, &diag)) {
        return err_set(err, ERR_USAGE, "the suite of that run cannot be read as it was stored%s%.*s",
                       diag.faults.len > 0 ? ": " : "",
                       STR_ARG(diag.faults.len > 0 ? diag.faults.items[0].text : STR("")));
    }
    return true;
}

const char *store_named_path(struct cli *cli, const struct args *args)
{
    const char *flag = args_value(args, "db");
    const char *env = environment_get(&cli->env, STR("ASSAY_DB"));
    bool is_said = (flag != NULL && flag[0] != '\0') || (env != NULL && env[0] != '\0');
    return store_path(&cli->arena, is_said ? flag : cli->project.db, env);
}

bool store_open_named(struct cli *cli, const struct args *args, enum store_mode mode, struct store **ret,
                      struct err *err)
{
    if (!store_open(&cli->arena, store_named_path(cli, args), mode, ret, err)) {
        return false;
    }
    if (mode != STORE_READ && store_note(*ret) != NULL) {
        (void)fprintf(cli->errors, "assay: %s\n", store_note(*ret));
    }
    return true;
}
