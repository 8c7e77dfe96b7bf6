#include "judge/summary_words.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"
#include "judge/judge.h"
#include "store/store.h"

enum {
    SHOWN_GATES = 3,      /* failed gates that a sentence names */
    GATE_TEXT_BYTES = 80, /* of each */
    NAME_BYTES = 60,      /* of a suite or variant */
    REASON_BYTES = 1 << 12,
    WORDS_BYTES = 1 << 16
};

static void append_cut(struct buf *out, struct str text, size_t max_bytes)
{
    struct str cut = utf8_cut(text, max_bytes);
    buf_append(out, cut);
    buf_append_cstr(out, cut.len < text.len ? "…" : "");
}

static void append_number(struct buf *out, double value)
{
    char room[32];
    buf_append(out, num_text_short(value, 4, room));
}

static void append_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
    buf_printf(out, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
}

/* What the sentence of several runs counts. Gates of severity warn are not counted; neither are those outside the selection. */
struct gate_counts {
    uint64_t judged, failed, unknown, not_judged, warned;
    uint64_t all, implied;
};

static void count_gates(const struct summary *s, struct gate_counts *c)
{
    for (size_t i = 0; i < s->gate_count; i++) {
        const struct gate_result *g = &s->gates[i];
        c->all++;
        c->implied += g->is_implied ? 1 : 0;
        c->not_judged += g->outcome == GATE_NOT_JUDGED ? 1 : 0;
        if (g->outcome == GATE_NOT_JUDGED) {
            continue;
        }
        if (g->severity == GATE_FAIL) {
            c->judged++;
            c->failed += g->fails ? 1 : 0;
            c->unknown += !g->fails && g->outcome == GATE_CANNOT_TELL ? 1 : 0;
        } else {
            c->warned += g->warns ? 1 : 0;
        }
    }
}

/* What tells the run `s` from the others: nothing when it is alone, its variant, its suite, or both. */
static void append_run(struct buf *out, const struct summary *summaries, size_t count, const struct summary *s)
{
    bool has_suites = false;
    bool has_variants = false;
    for (size_t i = 0; i < count; i++) {
        bool is_same = str_eq(summaries[i].suite, s->suite);
        has_suites = has_suites || !is_same;
        has_variants = has_variants || (is_same && &summaries[i] != s);
    }
    if (!has_suites && !has_variants) {
        return;
    }
    buf_append_char(out, '[');
    append_cut(out, has_suites ? s->suite : STR_NULL, NAME_BYTES);
    buf_append_cstr(out, has_suites && has_variants ? ": " : "");
    append_cut(out, has_variants ? s->variant : STR_NULL, NAME_BYTES);
    buf_append_cstr(out, "] ");
}

static void append_failed_gate(struct buf *out, const struct gate_result *g)
{
    append_cut(out, g->text, GATE_TEXT_BYTES);
    if (g->outcome == GATE_CANNOT_TELL) {
        buf_append_cstr(out, g->form == GATE_PLAIN ? " (errors could decide)" : " (cannot tell)");
    } else if (g->has_left) {
        buf_append_cstr(out, " (");
        append_number(out, g->left);
        buf_append_char(out, ')');
    } else {
        buf_append_cstr(out, " (no value)");
    }
}

static void append_failed_gates(struct buf *out, const struct summary *summaries, size_t count,
                                const struct gate_counts *c)
{
    buf_printf(out, "%llu of %llu gates failed: ", (unsigned long long)c->failed, (unsigned long long)c->judged);
    uint64_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < summaries[i].gate_count && shown < SHOWN_GATES; j++) {
            if (summaries[i].gates[j].fails) {
                buf_append_cstr(out, shown == 0 ? "" : ", ");
                append_run(out, summaries, count, &summaries[i]);
                append_failed_gate(out, &summaries[i].gates[j]);
                shown++;
            }
        }
    }
    if (c->failed > shown) {
        buf_printf(out, " and %llu more", (unsigned long long)(c->failed - shown));
    }
}

/* No gates were given: what pytest hands expect, and said so. */
static void append_implied(struct buf *out, const struct summary *summaries, size_t count)
{
    uint64_t cases = 0;
    uint64_t passed = 0;
    uint64_t with_pass = 0;
    uint64_t errored = 0;
    for (size_t i = 0; i < count; i++) {
        cases += summaries[i].n_cases;
        passed += summaries[i].n_passed;
        with_pass += summaries[i].n_passed + summaries[i].n_failed;
        errored += summaries[i].n_errored;
    }
    if (with_pass + errored == 0) {
        append_count(out, cases, "case", "cases");
        buf_append_cstr(out, " measured; no gates given and no score that could fail");
        return;
    }
    buf_printf(out, "%llu of ", (unsigned long long)passed);
    append_count(out, with_pass, "case passes", "cases pass");
    if (errored > 0) {
        buf_printf(out, ", %llu errored", (unsigned long long)errored);
    }
    buf_append_cstr(out, " (no gates given: every case has to)");
}

static struct str reason_of(const struct summary *summaries, size_t count, struct arena *arena)
{
    struct buf out CLEANUP(buf_deinit) = BUF(REASON_BYTES);
    struct gate_counts c = {0};
    uint64_t cases = 0;
    for (size_t i = 0; i < count; i++) {
        count_gates(&summaries[i], &c);
        cases += summaries[i].n_cases;
    }
    if (c.all > 0 && c.implied == c.all) {
        append_implied(&out, summaries, count);
    } else if (c.failed > 0) {
        append_failed_gates(&out, summaries, count, &c);
    } else {
        append_count(&out, c.judged - c.unknown, "gate holds", "gates hold");
        if (c.unknown > 0) {
            buf_printf(&out, ", %llu cannot tell", (unsigned long long)c.unknown);
        }
        buf_append_cstr(&out, ", ");
        append_count(&out, cases, "case", "cases");
        if (count > 1) {
            buf_printf(&out, " in %zu runs", count);
        }
    }
    if (c.warned > 0) {
        buf_append_cstr(&out, "; ");
        append_count(&out, c.warned, "warning", "warnings");
    }
    if (c.not_judged > 0) {
        buf_append_cstr(&out, "; ");
        append_count(&out, c.not_judged, "gate not judged", "gates not judged");
    }
    return arena_str(arena, buf_str(&out));
}

struct str summary_reason(const struct summary *s, struct arena *arena)
{
    return reason_of(s, 1, arena);
}

enum verdict judge_overall(const struct summary *summaries, size_t count, struct arena *arena, struct str *ret_reason)
{
    enum verdict verdict = count == 0 ? VERDICT_EMPTY : VERDICT_PASSED;
    for (size_t i = 0; i < count; i++) {
        verdict = verdict_worse(verdict, summaries[i].verdict);
    }
    if (count == 0) {
        *ret_reason = STR("nothing was run");
        return verdict;
    }
    if (verdict == VERDICT_PASSED || verdict == VERDICT_FAILED) {
        const struct summary *partial = NULL;
        for (size_t i = 0; i < count; i++) { /* --fail-fast: failed without a gate */
            partial = summaries[i].is_partial && summaries[i].verdict == verdict ? &summaries[i] : partial;
        }
        *ret_reason = partial != NULL ? partial->reason : reason_of(summaries, count, arena);
        return verdict;
    }
    for (size_t i = 0; i < count; i++) {
        if (summaries[i].verdict == verdict) {
            struct buf name CLEANUP(buf_deinit) = BUF(REASON_BYTES);
            if (!summaries[i].is_partial) { /* what stopped the run is no matter of one of them */
                append_run(&name, summaries, count, &summaries[i]);
            }
            *ret_reason = arena_printf(arena, "%.*s%.*s", STR_ARG(buf_str(&name)), STR_ARG(summaries[i].reason));
            break;
        }
    }
    return verdict;
}

void summary_warn(struct summary *s, struct arena *arena, struct str text)
{
    struct str *longer = arena_array(arena, struct str, s->warning_count + 1);
    for (size_t i = 0; i < s->warning_count; i++) {
        longer[i] = s->warnings[i];
    }
    longer[s->warning_count++] = text;
    s->warnings = longer;
}

/* --- the root span ------------------------------------------------------------------------------------------------------------------------ */

void summary_root_metrics(const struct summary *s, struct arena *arena, struct root_metric **ret, size_t *ret_count)
{
    struct root_metric *metrics = arena_array(arena, struct root_metric, 2 * s->dimension_count + 3);
    size_t count = 0;
    for (size_t i = 0; i < s->dimension_count; i++) {
        const struct dimension_summary *d = &s->dimensions[i];
        if (d->has_mean) {
            metrics[count++] = (struct root_metric){arena_printf(arena, "%.*s.mean", STR_ARG(d->name)), d->mean,
                                                    arena_printf(arena, "over %llu %s", (unsigned long long)d->n_cases,
                                                                 d->n_cases == 1 ? "case" : "cases")};
        }
        if (d->has_pass_rate) {
            metrics[count++] =
                (struct root_metric){arena_printf(arena, "%.*s.pass_rate", STR_ARG(d->name)), d->pass_rate,
                                     arena_printf(arena, "%llu of %llu passed", (unsigned long long)d->n_passed,
                                                  (unsigned long long)d->n_cases)};
        }
    }
    metrics[count++] = (struct root_metric){STR("n_cases"), (double)s->n_cases, STR("cases that ran")};
    metrics[count++] = (struct root_metric){STR("n_failed"), (double)s->n_failed, STR("cases that failed")};
    metrics[count++] = (struct root_metric){STR("n_errors"), (double)s->n_errored, STR("cases that errored")};
    *ret = metrics;
    *ret_count = count;
}

struct str summary_in_words(const struct summary *s, struct arena *arena)
{
    struct buf out CLEANUP(buf_deinit) = BUF(WORDS_BYTES);
    buf_printf(&out, "%s: ", verdict_row(s->verdict)->word);
    buf_append(&out, s->reason);
    buf_append_cstr(&out, ". ");
    append_count(&out, s->n_cases, "case", "cases");
    buf_printf(&out, ": %llu passed, %llu failed, %llu errored, %llu skipped.", (unsigned long long)s->n_passed,
               (unsigned long long)s->n_failed, (unsigned long long)s->n_errored, (unsigned long long)s->n_skipped);
    for (size_t i = 0; i < s->dimension_count; i++) {
        const struct dimension_summary *d = &s->dimensions[i];
        if (!d->has_mean) {
            continue;
        }
        buf_append_char(&out, ' ');
        buf_append(&out, d->name);
        buf_append_cstr(&out, ": mean ");
        append_number(&out, d->mean);
        if (d->has_pass_rate) {
            buf_append_cstr(&out, ", pass rate ");
            append_number(&out, d->pass_rate);
        }
        buf_printf(&out, " (n = %llu).", (unsigned long long)d->n_cases);
    }
    return arena_str(arena, buf_str(&out));
}
