/* Gates: their text is read by data/gate_expr; here is checked that what they name is there. A gate that names nothing would hold or fail for ever
 * without anybody noticing. */

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "data/gate_expr.h"
#include "scorers/scorer.h"
#include "suites/loader.h"
#include "suites/names.h"
#include "suites/tags.h"

static const char FLAG_FILE[] = "--gate";

struct gate_place {
    struct src_pos pos; /* of the gate's first character */
    bool is_exact;      /* the text stands there as it is: offsets are columns */
};

/* A quoted text begins behind its quote; a folded one (| or >) stands in other lines than its node. */
static struct gate_place place_of(const struct loader *l, const struct value *node)
{
    struct gate_place ret = {node->pos, node->is_plain};
    for (size_t i = 0; !node->is_plain && i < l->diag->sources.len; i++) {
        const struct source *source = &l->diag->sources.items[i];
        if (source->file != node->pos.file) {
            continue;
        }
        struct str rest = source->text;
        struct str line = STR_NULL;
        for (uint32_t at = 0; at < node->pos.line && str_split(&rest, '\n', &line); at++) {
        }
        size_t at = 0;
        uint32_t point = 0;
        for (uint32_t col = 1; col < node->pos.col && utf8_next(line, &at, &point); col++) {
        }
        ret.is_exact = at < line.len && (line.ptr[at] == '\'' || line.ptr[at] == '"');
        ret.pos.col += ret.is_exact ? 1 : 0;
    }
    return ret;
}

static struct src_pos place_at(const struct gate_place *place, struct str text, size_t offset)
{
    struct src_pos pos = place->pos;
    if (place->is_exact) {
        pos.col += (uint32_t)utf8_count(str_slice(text, 0, offset));
    }
    return pos;
}

struct gate_check {
    struct loader *l;
    const struct gate_place *place;
    const struct gate_expr *expr;
};

static bool fail(struct gate_check *g, size_t offset, struct str text)
{
    return diag_add(g->l->diag, place_at(g->place, g->expr->text, offset), "%.*s", STR_ARG(text));
}

/* The name as the model has it; NULL when it is none of the call's measures. */
static const char *find_call_measure(struct str name)
{
    for (size_t i = 0; CALL_MEASURE_NAMES[i] != NULL; i++) {
        if (str_eq_cstr(name, CALL_MEASURE_NAMES[i])) {
            return CALL_MEASURE_NAMES[i];
        }
    }
    return NULL;
}

static bool add_call_measure(struct gate_check *g, const struct stat_ref *stat, uint32_t *ret)
{
    struct dimension d = dimension_of_call(find_call_measure(stat->dimension));
    d.pos = place_at(g->place, g->expr->text, stat->dimension_offset);
    return dimension_add(g->l, &d, ret);
}

static bool fail_dimension(struct gate_check *g, const struct stat_ref *stat)
{
    if (g->l->is_incomplete) {
        return true; /* it may be the one that did not load */
    }
    struct str text = arena_printf(g->l->arena, "no scorer gives the dimension '%.*s'", STR_ARG(stat->dimension));
    if (g->l->is_ran) {
        text = arena_printf(g->l->arena, "the run has no dimension '%.*s'", STR_ARG(stat->dimension));
    }
    (void)fail(g, stat->dimension_offset, text);
    diag_span(g->l->diag, (uint32_t)stat->dimension.len);
    size_t count = g->l->dimensions.len;
    const char **names = arena_array(g->l->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        names[i] = arena_cstr(g->l->arena, g->l->dimensions.items[i].name);
    }
    return diag_hint_nearest(g->l->diag, stat->dimension, names);
}

static bool find_dimension(struct gate_check *g, const struct stat_ref *stat, const struct dimension **ret)
{
    uint32_t at = 0;
    *ret = NULL;
    if (!dimension_find(g->l, stat->dimension, &at)) {
        if (find_call_measure(stat->dimension) == NULL) {
            return fail_dimension(g, stat);
        }
        if (!add_call_measure(g, stat, &at)) {
            return false;
        }
    }
    *ret = &g->l->dimensions.items[at];
    return true;
}

/* The one_of that gives the dimension; NULL when another scorer does. */
static const struct scorer_use *class_scorer(const struct loader *l, struct str dimension)
{
    for (size_t i = 0; i < l->all_scorers.len; i++) {
        const struct scorer_use *use = l->all_scorers.items[i];
        for (size_t k = 0; k < use->dimension_count; k++) {
            if (str_eq(use->dimensions[k].name, dimension)) {
                return strcmp(use->type->name, "one_of") == 0 ? use : NULL;
            }
        }
    }
    return NULL;
}

static bool holds_template(const struct value *v)
{
    return v->kind == VALUE_TEXT && str_find(v->text, STR("{{"), NULL);
}

static bool check_label(struct gate_check *g, const struct stat_ref *stat, const struct scorer_use *use)
{
    const struct value *values = use->spec.kind == VALUE_LIST ? &use->spec : value_get(&use->spec, STR("values"));
    struct str label = stat->filter.label;
    if (label.ptr == NULL || values == NULL || values->kind != VALUE_LIST) {
        return true; /* a list from a template is known per case only */
    }
    const char **names = arena_array(g->l->arena, const char *, (size_t)values->len + 1);
    for (uint32_t i = 0; i < values->len; i++) {
        struct str value = STR("");
        (void)names_text(g->l->arena, &values->items[i], &value);
        if (holds_template(&values->items[i]) || str_eq(value, label)) {
            return true;
        }
        names[i] = arena_cstr(g->l->arena, value);
        names[i] = names[i] == NULL ? "" : names[i];
    }
    (void)fail(
        g, stat->filter_offset,
        arena_printf(g->l->arena, "'%.*s' is none of the values of '%.*s'", STR_ARG(label), STR_ARG(stat->dimension)));
    return diag_hint_nearest(g->l->diag, label, names);
}

static bool check_classes(struct gate_check *g, const struct stat_ref *stat)
{
    if (stat->kind != STAT_RECALL && stat->kind != STAT_PRECISION && stat->kind != STAT_F1_MACRO) {
        return true;
    }
    if (g->l->is_ran) {
        return true; /* it was asked when the run began; what has no classes has no value */
    }
    const struct scorer_use *use = class_scorer(g->l, stat->dimension);
    if (use == NULL) {
        (void)fail(g, stat->offset,
                   arena_printf(g->l->arena, "'%.*s' has no classes: recall, precision and f1_macro go with one_of",
                                STR_ARG(stat->dimension)));
        return diag_hint(g->l->diag, "score '%.*s' with one_of: {values: [...], expected: ...}",
                         STR_ARG(stat->dimension));
    }
    if (value_get(&use->spec, STR("expected")) == NULL) {
        (void)fail(g, stat->offset,
                   arena_printf(g->l->arena, "'%.*s' does not say which class is wanted", STR_ARG(stat->dimension)));
        return diag_hint(g->l->diag, "give its one_of an 'expected': \"{{expected}}\"");
    }
    return check_label(g, stat, use);
}

static bool check_filter(struct gate_check *g, const struct stat_ref *stat)
{
    struct loader *l = g->l;
    bool is_clean = true;
    if (stat->filter.tag.ptr != NULL && !l->is_ran) {
        bool are_all = false;
        const char *const *tags = tags_known(l, &are_all);
        size_t i = 0;
        while (tags[i] != NULL && !str_eq_cstr(stat->filter.tag, tags[i])) {
            i++;
        }
        if (tags[i] == NULL && are_all && !l->has_unread_cases) {
            is_clean = fail(g, stat->filter_offset,
                            arena_printf(l->arena, "no case has the tag '%.*s'", STR_ARG(stat->filter.tag)));
            diag_hint_nearest(l->diag, stat->filter.tag, tags);
        }
    }
    if (stat->filter.variant.ptr != NULL && suite_variant(l->suite, stat->filter.variant) == NULL &&
        l->suite->variant_count > 0) {
        const char **names = arena_array(l->arena, const char *, l->suite->variant_count + 1);
        for (size_t i = 0; i < l->suite->variant_count; i++) {
            names[i] = arena_cstr(l->arena, l->suite->variants[i].name);
            names[i] = names[i] == NULL ? "" : names[i];
        }
        is_clean = fail(g, stat->filter_offset,
                        arena_printf(l->arena, "there is no variant '%.*s'", STR_ARG(stat->filter.variant)));
        diag_hint_nearest(l->diag, stat->filter.variant, names);
    }
    return is_clean;
}

static bool check_stat(struct gate_check *g, const struct stat_ref *stat)
{
    struct loader *l = g->l;
    const struct dimension *d = NULL;
    bool is_clean = check_filter(g, stat);
    if (stat->dimension.ptr != NULL && !find_dimension(g, stat, &d)) {
        return false;
    }
    bool is_pass_at = stat->kind == STAT_PASS_AT || stat->kind == STAT_PASS_ALL;
    if (d != NULL && (stat->kind == STAT_PASS_RATE || is_pass_at) && !dimension_has_pass(d)) {
        is_clean = fail(
            g, stat->offset,
            arena_printf(l->arena, "'%.*s' is a measure without a bound: it has no pass", STR_ARG(stat->dimension)));
        diag_hint(l->diag, "give it 'max' or 'min', or gate its mean");
    }
    if (is_pass_at && stat->k > l->suite->trials) {
        is_clean = fail(g, stat->offset,
                        arena_printf(l->arena, "'%.*s' needs %u trials, there %s %u", STR_ARG(stat->text), stat->k,
                                     l->suite->trials == 1 ? "is" : "are", l->suite->trials));
        diag_hint(l->diag, "write trials: %u", stat->k);
    }
    return (d == NULL || check_classes(g, stat)) && is_clean;
}

/* Units of a judged dimension lie in 0..1, so does what is computed from them without adding up. */
static bool check_bound(struct gate_check *g)
{
    const struct gate_expr *e = g->expr;
    uint32_t at = 0;
    bool is_inside = e->left.kind == STAT_MEAN || e->left.kind == STAT_MIN || e->left.kind == STAT_MAX ||
                     e->left.kind == STAT_QUANTILE;
    if (e->is_regression || e->right_kind != RIGHT_NUMBER || !is_inside || e->left.dimension.ptr == NULL ||
        !dimension_find(g->l, e->left.dimension, &at) || g->l->dimensions.items[at].kind != DIMENSION_JUDGED ||
        (e->right_number >= 0 && e->right_number <= 1)) {
        return true;
    }
    (void)fail(g, e->right_at, arena_printf(g->l->arena, "'%.*s' lies between 0 and 1", STR_ARG(e->left.text)));
    if (e->right_unit == GATE_UNIT_NONE && e->right_number > 1 && e->right_number <= 100) {
        return diag_hint(g->l->diag, "write %g%%", e->right_number);
    }
    return false;
}

static bool is_one_but_for_variant(const struct stat_ref *a, const struct stat_ref *b)
{
    const struct str *const x[] = {&a->dimension, &a->filter.tag, &a->filter.cluster};
    const struct str *const y[] = {&b->dimension, &b->filter.tag, &b->filter.cluster};
    for (size_t i = 0; i < ARRAY_LEN(x); i++) {
        if (!str_same(*x[i], *y[i])) {
            return false;
        }
    }
    return a->kind == b->kind && a->quantile == b->quantile && a->k == b->k;
}

/* A regression is a change for the worse: which way that is has to be known. */
static bool check_direction(struct gate_check *g)
{
    const struct gate_expr *e = g->expr;
    uint32_t at = 0;
    bool is_raw = e->left.kind == STAT_MEAN || e->left.kind == STAT_QUANTILE;
    if (!e->is_regression || !is_raw || e->left.dimension.ptr == NULL ||
        !dimension_find(g->l, e->left.dimension, &at) || g->l->dimensions.items[at].direction != DIRECTION_NONE) {
        return true;
    }
    (void)fail(g, e->left.offset,
               arena_printf(g->l->arena, "which way '%.*s' is worse is not known", STR_ARG(e->left.dimension)));
    return diag_hint(g->l->diag, "give '%.*s' a direction: lower or higher", STR_ARG(e->left.dimension));
}

/* A factor turns the comparison round below 0. */
static bool check_factor(struct gate_check *g)
{
    const struct gate_expr *e = g->expr;
    uint32_t at = 0;
    if (e->is_regression || e->right_kind == RIGHT_NUMBER || e->right_factor == 1 || e->left.dimension.ptr == NULL ||
        !dimension_find(g->l, e->left.dimension, &at)) {
        return true;
    }
    const struct dimension *d = &g->l->dimensions.items[at];
    if (d->type != TYPE_BOUNDED || d->lo >= 0) {
        return true;
    }
    (void)fail(g, e->right_at,
               arena_printf(g->l->arena, "'%.*s' can be negative, where a factor means the opposite",
                            STR_ARG(e->left.dimension)));
    return diag_hint(g->l->diag, "write + or - a number");
}

/* What is compared case by case needs the same statistic on both sides, and something to compare with. */
static bool check_compared(struct gate_check *g, const struct gate *gate)
{
    const struct gate_expr *e = g->expr;
    const struct suite *s = g->l->suite;
    bool needs = gate_needs_baseline(gate);
    if (needs && gate->baseline == NULL && s->baseline == NULL) {
        (void)fail(g, e->is_regression ? 0 : e->right_at, STR("there is no baseline to compare with"));
        return diag_hint(g->l->diag, "give the suite one: baseline: {label: branch=main}, or --baseline RUN");
    }
    if (!needs && gate->baseline != NULL) {
        (void)fail(g, 0, STR("this gate compares with no baseline"));
        return diag_hint(g->l->diag, "leave 'baseline' out, or write 'no regression of %.*s'", STR_ARG(e->left.text));
    }
    if (!e->is_regression && e->has_confidence && e->right_kind == RIGHT_STAT &&
        !is_one_but_for_variant(&e->left, &e->right_stat)) {
        (void)fail(g, e->right_at, STR("with confidence both sides are the same statistic, of two variants"));
        return diag_hint(
            g->l->diag, "write %.*s[variant=NAME]; other figures compare without confidence",
            STR_ARG(str_slice(e->left.text, 0,
                              e->left.filter_offset > e->left.offset ? e->left.filter_offset - e->left.offset
                                                                     : e->left.text.len)));
    }
    if (gate->min_cases > 0 && gate_form_of(e) == GATE_PLAIN) {
        (void)fail(g, 0, STR("'min_cases' goes with a gate with confidence"));
        return diag_hint(g->l->diag, "gate the count: cases >= %llu", (unsigned long long)gate->min_cases);
    }
    return check_direction(g) && check_factor(g);
}

/* It would hold, or fail, whatever the figures are. */
static bool check_sides(struct gate_check *g)
{
    const struct gate_expr *e = g->expr;
    if (e->right_kind != RIGHT_STAT || !str_eq(e->left.text, e->right_stat.text)) {
        return true;
    }
    (void)fail(g, e->right_at, arena_printf(g->l->arena, "'%.*s' is compared with itself", STR_ARG(e->left.text)));
    return diag_hint(g->l->diag, "name two variants, %.*s[variant=NAME], or two tags", STR_ARG(e->left.text));
}

/* `ret` holds what the long form says besides the text. */
static bool gate_read(struct loader *l, struct str text, const struct gate_place *place, struct gate *ret)
{
    struct err err = ERR_NULL;
    size_t offset = 0;
    struct str hint = STR_NULL;
    ret->pos = place->pos;
    if (!gate_expr_parse(l->arena, text, &ret->expr, &offset, &hint, &err)) {
        diag_add(l->diag, place_at(place, text, offset), "gate: %s", err.text);
        return hint.len == 0 ? false : diag_hint(l->diag, "%.*s", STR_ARG(hint));
    }
    struct gate_check g = {l, place, &ret->expr};
    bool has_right = !ret->expr.is_regression && ret->expr.right_kind == RIGHT_STAT;
    bool is_clean = check_stat(&g, &ret->expr.left) && check_bound(&g) && check_sides(&g);
    is_clean = (!has_right || check_stat(&g, &ret->expr.right_stat)) && is_clean;
    return is_clean && check_compared(&g, ret);
}

static bool fail_gate_map(struct loader *l, const struct value *node)
{
    diag_add(l->diag, node->pos, "a gate is one text: NAME.STATISTIC >= NUMBER");
    if (node->kind == VALUE_MAP && node->len > 0 && node->items[0].kind == VALUE_TEXT) {
        return diag_hint(l->diag, "write '%.*s %.*s', without ':'", STR_ARG(node->keys[0].text),
                         STR_ARG(node->items[0].text));
    }
    return diag_hint(l->diag, "write - answer.pass_rate >= 80%%");
}

/* Whether the map is meant as the long form, and not `answer.pass_rate: ">= 80%"`. */
static bool is_long_form(const struct value *node)
{
    return value_get(node, STR("gate")) != NULL || node->len != 1 || field_find(GATE_ROWS, node->keys[0].text) != NULL;
}

static bool gate_load(struct loader *l, const struct value *node, struct gate *ret)
{
    struct gate_spec spec = {.severity = GATE_FAIL, .on_inconclusive = -1};
    *ret = (struct gate){.severity = GATE_FAIL};
    const struct value *text = node;
    if (node->kind == VALUE_MAP) {
        size_t first = l->diag->faults.len;
        if (!is_long_form(node)) {
            return fail_gate_map(l, node);
        }
        bool is_clean = field_decode(&l->ctx, GATE_ROWS, node, "gate", &spec);
        hint_foreign_keys(l->diag, first, HINT_GATE, node);
        if (!is_clean) {
            return false;
        }
        text = value_get(node, STR("gate"));
        *ret = (struct gate){.severity = (enum gate_severity)spec.severity, .min_cases = spec.min_cases};
        if (spec.on_inconclusive >= 0) {
            ret->on_inconclusive = spec.on_inconclusive == 0 ? UNKNOWN_PASSES : UNKNOWN_FAILS;
        }
        if (spec.baseline != NULL && !baseline_load(l, spec.baseline, &ret->baseline)) {
            return false;
        }
        if (ret->baseline != NULL && l->options->baseline != NULL) {
            ret->baseline = l->options->baseline;
        }
    } else if (node->kind != VALUE_TEXT) {
        return fail_gate_map(l, node);
    }
    struct gate_place place = place_of(l, text);
    return gate_read(l, text->text, &place, ret);
}

/* Gates of flags are shown as lines of a file of their own. */
static bool extra_gates_load(struct loader *l, struct gate *gates, size_t *count)
{
    const struct suite_options *options = l->options;
    struct str lines = STR("");
    bool is_clean = true;
    for (size_t i = 0; i < options->extra_gate_count; i++) {
        lines = arena_printf(l->arena, "%.*s%s\n", STR_ARG(lines), options->extra_gates[i]);
    }
    if (options->extra_gate_count > 0) {
        diag_source(l->diag, FLAG_FILE, lines);
    }
    for (size_t i = 0; i < options->extra_gate_count; i++) {
        struct gate_place place = {{FLAG_FILE, (uint32_t)i + 1, 1}, true};
        gates[*count] = (struct gate){.severity = GATE_FAIL};
        is_clean = gate_read(l, str_from(options->extra_gates[i]), &place, &gates[*count]) && is_clean;
        (*count)++;
    }
    return is_clean;
}

static void implied_gate(struct loader *l, struct gate *ret)
{
    struct err err = ERR_NULL;
    size_t offset = 0;
    struct str hint = STR_NULL;
    *ret = (struct gate){.severity = GATE_FAIL, .pos = {l->suite->path, 0, 0}, .is_implied = true};
    if (!gate_expr_parse(l->arena, STR("pass_rate >= 100%"), &ret->expr, &offset, &hint, &err)) {
        (void)diag_add_err(l->diag, ret->pos, &err);
    }
}

bool gates_load(struct loader *l, const struct value *nodes)
{
    struct suite *s = l->suite;
    size_t written = nodes == NULL ? 0 : nodes->len;
    bool is_clean = true;
    s->gates = arena_array(l->arena, struct gate, written + l->options->extra_gate_count + 1);
    for (size_t i = 0; i < written; i++) {
        is_clean = gate_load(l, &nodes->items[i], &s->gates[s->gate_count]) && is_clean;
        s->gate_count++;
    }
    is_clean = extra_gates_load(l, s->gates, &s->gate_count) && is_clean;
    if (s->gate_count == 0) {
        implied_gate(l, &s->gates[s->gate_count++]);
    }
    s->dimensions = l->dimensions.items;
    s->dimension_count = l->dimensions.len;
    return is_clean;
}
