#include "judge/stat_names.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/gate_expr.h"
#include "model/call.h"
#include "model/record.h"

enum { SHOWN_BYTES = 600 };

struct naming {
    const struct run_record *run;
    uint32_t trials;
    struct arena *arena;
};

static bool is_yes_or_no(const struct dimension *d)
{
    return d->kind == DIMENSION_JUDGED && d->type == TYPE_BINARY;
}

/* The name before a filter. */
static struct str head_of(struct str text)
{
    size_t bracket = text.len;
    (void)str_find_char(text, '[', &bracket);
    return str_slice(text, 0, bracket);
}

static const struct dimension *find_dimension(const struct run_record *run, struct str name)
{
    for (size_t i = 0; i < run->dimension_count; i++) {
        if (str_eq(run->dimensions[i].name, name)) {
            return &run->dimensions[i];
        }
    }
    return NULL;
}

static bool is_call_measure(struct str name)
{
    for (size_t i = 0; i < CALL_MEASURE_COUNT; i++) {
        if (str_eq_cstr(name, CALL_MEASURE_NAMES[i])) {
            return true;
        }
    }
    return false;
}

static bool no_dimension(const struct run_record *run, struct str name, struct err *err)
{
    struct buf list CLEANUP(buf_deinit) = BUF(SHOWN_BYTES);
    for (size_t i = 0; i < run->dimension_count; i++) {
        buf_printf(&list, "%s%.*s", i == 0 ? "" : ", ", STR_ARG(run->dimensions[i].name));
    }
    return err_set(err, ERR_USAGE, "no dimension '%.*s' in run %.8s; it has: %.*s", STR_ARG(name),
                   id_text(&run->id).text, STR_ARG(buf_str(&list)));
}

/* "answer" as "answer.pass_rate" where that is what people want to know. */
static struct str whole_name(const struct naming *w, struct str text)
{
    struct str head = head_of(text);
    const struct dimension *d = find_dimension(w->run, head);
    if (str_find_char(head, '.', NULL) || (d == NULL && !is_call_measure(head))) {
        return text;
    }
    return arena_printf(w->arena, "%.*s.%s%.*s", STR_ARG(head), d != NULL && is_yes_or_no(d) ? "pass_rate" : "mean",
                        STR_ARG(str_slice(text, head.len, text.len)));
}

static bool is_of_cases(enum stat_kind kind)
{
    return kind == STAT_MEAN || kind == STAT_PASS_RATE || kind == STAT_QUANTILE || kind == STAT_PASS_AT ||
           kind == STAT_PASS_ALL || kind == STAT_SCORE;
}

static bool needs_pass(enum stat_kind kind)
{
    return kind == STAT_PASS_RATE || kind == STAT_PASS_AT || kind == STAT_PASS_ALL;
}

static bool check_stat(const struct naming *w, const struct stat_ref *stat, struct err *err)
{
    const struct run_record *run = w->run;
    if (!is_of_cases(stat->kind)) {
        return err_set(err, ERR_USAGE,
                       "'%.*s' cannot be followed: mean, pass_rate, p50, p95, pass@k, pass^k, score can",
                       STR_ARG(stat->text));
    }
    if (stat->filter.variant.ptr != NULL || stat->filter.label.ptr != NULL) {
        return err_set(err, ERR_USAGE, "'%.*s': cases are chosen by tag or cluster here, a variant by --variant",
                       STR_ARG(stat->text));
    }
    if (stat->dimension.ptr == NULL) {
        return true;
    }
    const struct dimension *d = find_dimension(run, stat->dimension);
    if (d == NULL && !is_call_measure(stat->dimension)) {
        return no_dimension(run, stat->dimension, err);
    }
    if (needs_pass(stat->kind) && (d == NULL || !dimension_has_pass(d))) {
        return err_set(err, ERR_USAGE,
                       "'%.*s': nothing passes or fails in '%.*s', which has no bound: ask for its mean",
                       STR_ARG(stat->text), STR_ARG(stat->dimension));
    }
    if (stat->k > w->trials) {
        return err_set(err, ERR_USAGE, "'%.*s': the run has %u trials of each case", STR_ARG(stat->text),
                       (unsigned)w->trials);
    }
    return true;
}

static bool read_stat(const struct naming *w, struct str text, struct stat_ref *ret, struct err *err)
{
    struct str whole = whole_name(w, text);
    struct str head = head_of(whole);
    struct str hint = STR_NULL;
    size_t offset = 0;
    if (!str_find_char(head, '.', NULL) && !str_eq_cstr(head, "pass_rate") && !str_eq_cstr(head, "score") &&
        !stat_is_reserved_name(head)) {
        return no_dimension(w->run, head, err);
    }
    if (!stat_ref_parse(w->arena, whole, ret, &offset, &hint, err)) {
        err->kind = ERR_USAGE;
        return err_wrap(err, "'%.*s'", STR_ARG(text));
    }
    return check_stat(w, ret, err);
}

/* Cases that pass, unless one dimension alone says that; then each dimension. */
static void list_default(const struct naming *w, struct str *ret, size_t *ret_count)
{
    const struct run_record *run = w->run;
    size_t with_pass = 0;
    size_t count = 0;
    for (size_t i = 0; i < run->dimension_count; i++) {
        with_pass += dimension_has_pass(&run->dimensions[i]) ? 1 : 0;
    }
    if (with_pass > 1) {
        ret[count++] = STR("pass_rate");
    }
    for (size_t i = 0; i < run->dimension_count; i++) {
        ret[count++] = run->dimensions[i].name;
    }
    *ret_count = count;
}

bool stat_names_read(const struct stat_names *names, struct arena *arena, struct stat_ref **ret, size_t *ret_count,
                     struct err *err)
{
    const struct naming w = {names->run, names->trials, arena};
    const struct str *texts = names->texts;
    size_t count = names->count;
    if (count == 0) {
        struct str *all = arena_array(arena, struct str, names->run->dimension_count + 1);
        list_default(&w, all, &count);
        texts = all;
    }
    struct stat_ref *stats = arena_array(arena, struct stat_ref, count);
    for (size_t i = 0; i < count; i++) {
        if (!read_stat(&w, texts[i], &stats[i], err)) {
            return false;
        }
    }
    *ret = stats;
    *ret_count = count;
    return true;
}
