/* What a history follows: statistics by their names, against the dimensions that the newest run has. */

#include "base/buf.h"
#include "base/err.h"
#include "judge/history_private.h"

enum { SHOWN_BYTES = 600 };

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
    return err_set(err, ERR_USAGE, "no dimension '%.*s' in the newest run %.8s; it has: %.*s", STR_ARG(name),
                   id_text(&run->id).text, STR_ARG(buf_str(&list)));
}

/* "answer" as "answer.pass_rate" where that is what people want to know. */
static struct str whole_name(struct history_work *w, struct str text)
{
    struct str head = head_of(text);
    const struct dimension *d = find_dimension(w->nights[0].run, head);
    if (str_find_char(head, '.', NULL) || (d == NULL && !is_call_measure(head))) {
        return text;
    }
    return arena_printf(&w->room, "%.*s.%s%.*s", STR_ARG(head), d != NULL && is_yes_or_no(d) ? "pass_rate" : "mean",
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

static bool check_stat(const struct history_work *w, const struct stat_ref *stat, struct err *err)
{
    const struct run_record *run = w->nights[0].run;
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
    if (stat->k > w->nights[0].trials) {
        return err_set(err, ERR_USAGE, "'%.*s': the newest run has %u trials of each case", STR_ARG(stat->text),
                       (unsigned)w->nights[0].trials);
    }
    return true;
}

static bool read_stat(struct history_work *w, struct str text, struct stat_ref *ret, struct err *err)
{
    struct str whole = whole_name(w, text);
    struct str head = head_of(whole);
    struct str hint = STR_NULL;
    size_t offset = 0;
    if (!str_find_char(head, '.', NULL) && !str_eq_cstr(head, "pass_rate") && !str_eq_cstr(head, "score") &&
        !stat_is_reserved_name(head)) {
        return no_dimension(w->nights[0].run, head, err);
    }
    if (!stat_ref_parse(w->arena, whole, ret, &offset, &hint, err)) {
        err->kind = ERR_USAGE;
        return err_wrap(err, "'%.*s'", STR_ARG(text));
    }
    return check_stat(w, ret, err);
}

/* Cases that pass, unless one dimension alone says that; then each dimension. */
static void list_default(struct history_work *w, struct str *ret, size_t *ret_count)
{
    const struct run_record *run = w->nights[0].run;
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

static struct digest scorer_of(const struct night *night, const struct stat_ref *stat)
{
    const struct run_record *run = night->run;
    const struct dimension *d = stat->dimension.ptr == NULL ? NULL : find_dimension(run, stat->dimension);
    if (stat->dimension.ptr != NULL) {
        return d == NULL ? (struct digest){0} : d->scorer;
    }
    struct digest_stream stream; /* of whole samples: all of them */
    digest_begin(&stream);
    for (size_t i = 0; i < run->dimension_count; i++) {
        digest_add(&stream, run->dimensions[i].name);
        digest_add(&stream, (struct str){(const char *)run->dimensions[i].scorer.bytes, sizeof(struct digest)});
    }
    return digest_end(&stream);
}

static void follow(struct history_work *w, size_t at)
{
    struct followed *f = &w->followed[at];
    const struct dimension *d =
        f->stat.dimension.ptr == NULL ? NULL : find_dimension(w->nights[0].run, f->stat.dimension);
    bool is_judged = d != NULL && d->kind == DIMENSION_JUDGED;
    w->ret->series[at] = (struct history_series){
        .stat = f->stat.text,
        .dimension = f->stat.dimension,
        .is_share = needs_pass(f->stat.kind),
        .direction = needs_pass(f->stat.kind) || f->stat.dimension.ptr == NULL || is_judged ? DIRECTION_HIGHER
                     : d != NULL                                                            ? d->direction
                                                                                            : DIRECTION_NONE,
        .points = arena_array(w->arena, struct history_point, w->count),
    };
    f->scorers = arena_array(&w->room, struct digest, w->count);
    for (size_t i = 0; i < w->count; i++) {
        f->scorers[i] = scorer_of(&w->nights[i], &f->stat);
    }
}

bool history_choose(struct history_work *w, struct err *err)
{
    size_t count = w->in->stat_count;
    const struct str *texts = w->in->stats;
    if (count == 0) {
        struct str *all = arena_array(&w->room, struct str, w->nights[0].run->dimension_count + 1);
        list_default(w, all, &count);
        texts = all;
    }
    w->followed = arena_array(&w->room, struct followed, count);
    w->ret->series = arena_array(w->arena, struct history_series, count);
    w->ret->series_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!read_stat(w, texts[i], &w->followed[i].stat, err)) {
            return false;
        }
        follow(w, i);
    }
    return true;
}
