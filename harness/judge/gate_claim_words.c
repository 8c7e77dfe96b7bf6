/* What a gate with confidence came to, in words that a person understands: what was compared, the interval, p, and where nothing was shown what could
 * have been seen, and how many cases it would take. */

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "judge/gate_case.h"

enum { WORDS_BYTES = 1 << 11 };
static const double SMALLEST_P = 0.0001; /* that is printed as a number */

static void put_number(struct buf *out, double value, int digits)
{
    char room[32];
    buf_append(out, num_text_short(value, digits, room));
}

/* Enough digits for what is small. */
static int digits_of(double value)
{
    double size = fabs(value);
    return size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.01 || size == 0 ? 4 : 8;
}

static void put_value(struct buf *out, const struct gate_case *g, double value)
{
    put_number(out, value, digits_of(value));
    buf_append_cstr(out, gate_unit(&g->gate->expr.left));
}

/* A change: "2.5 points" of what lies in 0..1, "12%" of a ratio, else in units. */
static double change_number(const struct gate_case *g, double change)
{
    return g->result->is_ratio || g->is_unit ? 100 * change : change;
}

static int change_digits(const struct gate_case *g, double number)
{
    bool is_hundredths = g->result->is_ratio || g->is_unit;
    return is_hundredths ? (fabs(number) >= 0.1 || number == 0 ? 1 : 4) : digits_of(number);
}

static void put_change_number(struct buf *out, const struct gate_case *g, double change)
{
    double number = change_number(g, change);
    put_number(out, number, change_digits(g, number));
}

static bool reads_as(const struct gate_case *g, double change, const char *text)
{
    struct buf number CLEANUP(buf_deinit) = BUF(64);
    put_change_number(&number, g, change);
    return str_eq(buf_str(&number), str_from(text));
}

static const char *change_unit(const struct gate_case *g)
{
    return g->result->is_ratio ? "%" : g->is_unit ? " points" : gate_unit(&g->gate->expr.left);
}

static void put_change(struct buf *out, const struct gate_case *g, double change)
{
    bool is_one_point = g->is_unit && !g->result->is_ratio && reads_as(g, change, "1");
    put_change_number(out, g, change);
    buf_append_cstr(out, is_one_point ? " point" : change_unit(g));
}

/* A difference with its sign, or a ratio as it is; the unit apart. */
static void put_difference_number(struct buf *out, const struct gate_case *g, double value)
{
    if (g->result->is_ratio) {
        buf_append_cstr(out, "x ");
        put_number(out, value, 4);
        return;
    }
    buf_append_cstr(out, value > 0 && !reads_as(g, value, "0") ? "+" : "");
    put_change_number(out, g, value);
}

static const char *difference_unit(const struct gate_case *g)
{
    return g->result->is_ratio ? "" : change_unit(g);
}

static void put_difference(struct buf *out, const struct gate_case *g, double value)
{
    put_difference_number(out, g, value);
    buf_append_cstr(out, difference_unit(g));
}

static void put_p(struct buf *out, double p)
{
    if (p < SMALLEST_P) {
        buf_append_cstr(out, "p < 0.0001");
        return;
    }
    buf_append_cstr(out, "p ");
    put_number(out, p, p < 0.01 ? 4 : 3);
}

static void put_confidence(struct buf *out, const struct gate_case *g)
{
    put_number(out, 100 * g->gate->expr.confidence, 4);
    buf_append_cstr(out, "%");
}

static void put_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
    buf_printf(out, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
}

/* "answer.mean is 0.715 (143 of 200 cases)" */
static void put_left(struct buf *out, const struct gate_case *g)
{
    buf_append(out, g->gate->expr.left.text);
    buf_append_cstr(out, " is ");
    put_value(out, g, g->said.left.value);
    if (g->said.left.basis.len > 0) {
        buf_printf(out, " (%.*s", STR_ARG(g->said.left.basis));
        if (g->result->clusters > 0) {
            buf_printf(out, " in %llu clusters", (unsigned long long)g->result->clusters);
        }
        buf_append_cstr(out, ")");
    }
}

/* What cannot be is not shown: an interval is cut at the ends of the range. */
static double clipped(const struct gate_case *g, double value)
{
    const struct stat_range *range = &g->contest.claim.range;
    bool is_cut = g->contest.kind == CONTEST_SCORES && range->is_bounded && !g->result->is_ratio;
    return is_cut ? fmin(fmax(value, range->lo), range->hi) : value;
}

/* Both ends with as many digits. */
static int interval_digits(const struct gate_case *g, double lo, double hi)
{
    if (!g->result->has_reference) {
        return num_even_digits(lo, digits_of(lo), hi, digits_of(hi));
    }
    lo = change_number(g, lo);
    hi = change_number(g, hi);
    return num_even_digits(lo, change_digits(g, lo), hi, change_digits(g, hi));
}

static void put_interval(struct buf *out, const struct gate_case *g, const struct stat_interval *i)
{
    bool is_compared = g->result->has_reference;
    bool is_whole = i->has_lo && i->has_hi && !(is_compared && g->result->is_ratio);
    int digits = is_whole ? interval_digits(g, clipped(g, i->lo), clipped(g, i->hi)) : 0;
    for (int side = 0; side < 2; side++) {
        bool has = side == 0 ? i->has_lo : i->has_hi;
        double value = clipped(g, side == 0 ? i->lo : i->hi);
        buf_append_cstr(out, side == 0 ? "" : " to ");
        if (!has) {
            buf_append_cstr(out, "?");
        } else if (is_whole && is_compared) {
            buf_append_cstr(out, value > 0 && !reads_as(g, value, "0") ? "+" : "");
            put_number(out, change_number(g, value), digits);
        } else if (is_compared) {
            put_difference_number(out, g, value);
        } else {
            put_number(out, value, is_whole ? digits : digits_of(value));
        }
    }
    buf_append_cstr(out, is_compared ? difference_unit(g) : gate_unit(&g->gate->expr.left));
}

static void put_drawn(struct buf *out, const struct gate_case *g)
{
    const struct stat_interval *drawn = &g->result->evidence.drawn;
    if (drawn->how.method == METHOD_NONE || (!drawn->has_lo && !drawn->has_hi)) {
        return;
    }
    buf_append_cstr(out, g->result->has_reference ? ", 95% interval " : "; 95% interval ");
    put_interval(out, g, drawn);
}

/* "answer.mean is 0.715 (143 of 200 cases), the baseline 0.74 (148 of 200 cases): -2.5 points, 95% interval -5.8 to 0.8 points" */
static void put_compared(struct buf *out, const struct gate_case *g)
{
    const struct gate_result *r = g->result;
    put_left(out, g);
    buf_printf(out, ", %.*s ", STR_ARG(g->said.right_name));
    put_value(out, g, r->reference);
    if (g->said.right.basis.len > 0 && !str_eq(g->said.right.basis, g->said.left.basis)) {
        buf_printf(out, " (%.*s)", STR_ARG(g->said.right.basis));
    }
    buf_append_cstr(out, ": ");
    if (r->is_ratio && r->reference == 0) {
        buf_append_cstr(out, "no ratio");
    } else {
        put_difference(out, g, r->difference);
    }
    put_drawn(out, g);
    if (r->evidence.has_pairs) {
        buf_printf(out, ", %llu better and %llu worse", (unsigned long long)r->evidence.pairs_b,
                   (unsigned long long)r->evidence.pairs_c);
    }
}

/* "a drop", "a rise": which way is bad. */
static const char *bad_way(const struct gate_case *g)
{
    return g->result->evidence.worse == GATE_WORSE_BELOW ? "drop" : "rise";
}

/* The margin as a change for the worse; negative: more than the other was asked for. */
static double margin_of(const struct gate_case *g)
{
    const struct gate_result *r = g->result;
    if (!r->is_ratio) {
        return r->margin;
    }
    return r->evidence.worse == GATE_WORSE_BELOW ? 1 - r->margin : r->margin - 1;
}

/* The pass claim of a comparison: "no drop beyond 2 points", "a gain of 5 points". */
static void put_pass_claim(struct buf *out, const struct gate_case *g)
{
    double margin = margin_of(g);
    bool is_below = g->result->evidence.worse == GATE_WORSE_BELOW;
    if (margin < 0) {
        buf_printf(out, "a %s of ", is_below ? "rise" : "drop");
        put_change(out, g, -margin);
        return;
    }
    buf_printf(out, "no %s", bad_way(g));
    if (margin > 0) {
        buf_append_cstr(out, " beyond ");
        put_change(out, g, margin);
    }
}

static void put_fail_claim(struct buf *out, const struct gate_case *g)
{
    double margin = margin_of(g);
    bool is_below = g->result->evidence.worse == GATE_WORSE_BELOW;
    if (margin < 0) {
        buf_printf(out, "less than a %s of ", is_below ? "rise" : "drop");
        put_change(out, g, -margin);
        return;
    }
    buf_printf(out, "a %s", bad_way(g));
    if (margin > 0) {
        buf_append_cstr(out, " beyond ");
        put_change(out, g, margin);
    }
}

/* The pass claim about a number: "at least 0.8". */
static void put_side(struct buf *out, const struct gate_case *g, bool is_pass)
{
    bool is_below = g->result->evidence.worse == GATE_WORSE_BELOW;
    buf_append_cstr(out, is_pass ? (is_below ? "at least " : "at most ") : (is_below ? "below " : "above "));
    put_number(out, g->result->right, 10);
    buf_append_cstr(out, gate_unit(&g->gate->expr.left));
}

static void put_claim(struct buf *out, const struct gate_case *g, bool is_pass)
{
    if (!g->result->has_reference) {
        put_side(out, g, is_pass);
    } else if (is_pass) {
        put_pass_claim(out, g);
    } else {
        put_fail_claim(out, g);
    }
}

/* "(one-sided 95% bound 0.812, p 0.02)": the bound that belongs to the claim. */
static void put_shown(struct buf *out, const struct gate_case *g, bool is_pass)
{
    const struct gate_evidence *e = &g->result->evidence;
    bool is_lower = is_pass == (e->worse == GATE_WORSE_BELOW);
    bool has = is_lower ? e->bounds.has_lo : e->bounds.has_hi;
    double bound = is_lower ? e->bounds.lo : e->bounds.hi;
    buf_append_cstr(out, " (");
    if (has && e->bounds.how.method != METHOD_NONE && !(g->result->is_ratio && g->has_plain_claim)) {
        buf_append_cstr(out, "one-sided ");
        put_confidence(out, g);
        buf_append_cstr(out, " bound ");
        if (g->result->has_reference) {
            put_difference(out, g, bound);
        } else {
            put_value(out, g, bound);
        }
        buf_append_cstr(out, ", ");
    } else {
        put_confidence(out, g);
        buf_append_cstr(out, " confidence, ");
    }
    bool is_adjusted = !is_pass && e->family > 1;
    if (!is_adjusted || e->p_fail_adjusted >= SMALLEST_P) {
        put_p(out, is_pass ? e->p_pass : e->p_fail);
        buf_append_cstr(out, is_adjusted ? ", " : "");
    }
    if (is_adjusted) {
        put_p(out, e->p_fail_adjusted);
        buf_printf(out, " among %llu gates", (unsigned long long)e->family);
    }
    buf_append_char(out, ')');
}

/* What stands in the way of showing it, and what could have been seen. */
static void put_unknown(struct buf *out, const struct gate_case *g)
{
    const struct gate_result *r = g->result;
    const struct gate_evidence *e = &r->evidence;
    bool is_regression = r->form == GATE_REGRESSION;
    buf_append_cstr(out, "; cannot tell: ");
    bool is_denied =
        !is_regression && r->has_reference && margin_of(g) >= 0; /* what would have to be shown is a "no" */
    put_claim(out, g, !is_regression && !is_denied);
    buf_append_cstr(out, is_denied ? " is not ruled out (" : " is not shown (");
    put_p(out, is_regression ? e->p_fail : e->p_pass);
    buf_append_char(out, ')');
    if (e->has_mde) {
        buf_append_cstr(out, ", could have seen a ");
        buf_printf(out, "%s of ", bad_way(g));
        put_change(out, g, e->mde_beyond);
    }
    if (!is_regression && !g->contest.allows_pass && r->n < g->contest.needs_pass) {
        buf_append_cstr(out, "; showing it takes ");
        put_count(out, g->contest.needs_pass, "case", "cases");
        return;
    }
    if (r->needed > r->n) {
        buf_printf(out, "; about %llu cases would show %s%s", (unsigned long long)r->needed,
                   r->has_reference ? "that there is none" : "it",
                   r->has_reference ? (margin_of(g) > 0 ? " beyond it" : "") : ", should it stay as it is");
    }
}

static struct str finish(struct arena *arena, struct buf *out)
{
    return arena_str(arena, buf_str(out));
}

struct str gate_words_claim(struct arena *arena, const struct gate_case *g, bool errors_decide)
{
    struct buf out CLEANUP(buf_deinit) = BUF(WORDS_BYTES);
    const struct gate_result *r = g->result;
    if (errors_decide) {
        buf_append_cstr(&out, "errors could decide: ");
    }
    if (r->has_reference) {
        put_compared(&out, g);
    } else {
        put_left(&out, g);
        put_drawn(&out, g);
    }
    if (errors_decide) {
        buf_append_cstr(&out, "; ");
        put_claim(&out, g, true);
        buf_append_cstr(&out, " is shown, but not if ");
        put_count(&out, g->errored, "errored case", "errored cases");
        buf_append_cstr(&out, g->could_be_any ? " could be anything" : " had come out worst");
        return finish(arena, &out);
    }
    if (r->outcome == GATE_CANNOT_TELL) {
        put_unknown(&out, g);
        return finish(arena, &out);
    }
    buf_append_cstr(&out, "; shown: ");
    put_claim(&out, g, r->outcome == GATE_HOLDS);
    put_shown(&out, g, r->outcome == GATE_HOLDS);
    return finish(arena, &out);
}

struct str gate_words_refused(struct arena *arena, const struct gate_case *g)
{
    struct buf out CLEANUP(buf_deinit) = BUF(WORDS_BYTES);
    const struct contest *c = &g->contest;
    uint64_t needed = c->needs_fail < c->needs_pass ? c->needs_fail : c->needs_pass;
    if (g->result->has_reference) {
        put_compared(&out, g);
    } else {
        put_left(&out, g);
        put_drawn(&out, g);
    }
    buf_append_cstr(&out, "; cannot tell: ");
    if (c->n < needed) {
        buf_append_cstr(&out, "it takes ");
        put_count(&out, needed, "case", "cases");
        buf_printf(&out, ", there %s %llu", c->n == 1 ? "is" : "are", (unsigned long long)c->n);
    } else {
        buf_append_cstr(&out, "too few clusters, or one holds too much: they leave less than 4 degrees of freedom");
    }
    return finish(arena, &out);
}
