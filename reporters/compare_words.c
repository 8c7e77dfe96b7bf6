#include "reporters/compare_words.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value.h"
#include "reporters/shown.h"

struct str compare_stat_label(struct arena *arena, const struct compared_stat *s)
{
    if (s->dimension.ptr == NULL) {
        return STR("cases that pass");
    }
    if (s->label.ptr != NULL) {
        return arena_printf(arena, "%.*s %.*s of %.*s", STR_ARG(s->dimension), STR_ARG(s->name), STR_ARG(s->label));
    }
    return str_eq(s->name, STR("mean")) ? s->dimension
                                        : arena_printf(arena, "%.*s %.*s", STR_ARG(s->dimension), STR_ARG(s->name));
}

struct str compare_value(struct arena *arena, const struct compared_stat *s, const struct compared_figure *f)
{
    if (!f->has_value) {
        return STR("");
    }
    return s->is_share ? shown_share(arena, f->value) : shown_number(arena, f->value);
}

/* The interval within what the quantity can be. */
static struct stat_interval clip(const struct stat_interval *i, double lo, double hi)
{
    struct stat_interval clipped = *i;
    clipped.lo = fmin(fmax(i->lo, lo), hi);
    clipped.hi = fmin(fmax(i->hi, lo), hi);
    return clipped;
}

struct str compare_value_interval(struct arena *arena, const struct compared_stat *s, const struct compared_figure *f)
{
    struct stat_interval shown = s->range.is_bounded ? clip(&f->interval, s->range.lo, s->range.hi) : f->interval;
    return shown_interval(arena, &shown, s->is_share);
}

/* Percentage points: as many digits as keep a little from looking like nothing. */
static int points_digits(double points)
{
    double size = fabs(points);
    return size >= 1 || size == 0 ? 1 : size >= 0.1 ? 2 : 4;
}

static struct str signed_text(struct arena *arena, double value, int digits, bool is_signed)
{
    char room[32];
    return arena_printf(arena, "%s%s", is_signed && value > 0 ? "+" : "", num_text_short(value, digits, room).ptr);
}

static struct str points(struct arena *arena, double share, bool is_signed)
{
    return signed_text(arena, 100 * share, points_digits(100 * share), is_signed);
}

static struct str plain(struct arena *arena, double value, bool is_signed)
{
    struct str text = shown_number(arena, value);
    return arena_printf(arena, "%s%.*s", is_signed && value > 0 ? "+" : "", STR_ARG(text));
}

static struct str amount(struct arena *arena, const struct compared_stat *s, double value, bool is_signed)
{
    return s->is_share ? points(arena, value, is_signed) : plain(arena, value, is_signed);
}

struct str compare_change(struct arena *arena, const struct compared_stat *s, const struct compared_difference *d)
{
    if (!d->has_value) {
        return STR("");
    }
    if (d->has_ratio) {
        struct str ratio = shown_number(arena, d->ratio);
        return arena_printf(arena, "x %.*s", STR_ARG(ratio));
    }
    struct str text = amount(arena, s, d->difference, true);
    return s->is_share ? arena_printf(arena, "%.*s pts", STR_ARG(text)) : text;
}

struct str compare_change_interval(struct arena *arena, const struct compared_stat *s,
                                   const struct compared_difference *d)
{
    const struct stat_interval *i = &d->interval;
    if (i->how.method == METHOD_NONE || (!i->has_lo && !i->has_hi)) {
        return STR("");
    }
    if (d->has_ratio) {
        return shown_interval(arena, i, false);
    }
    double reach = s->range.is_bounded ? s->range.hi - s->range.lo : INFINITY;
    struct stat_interval shown = clip(i, -reach, reach);
    double scale = s->is_share ? 100 : 1;
    double lo = scale * shown.lo;
    double hi = scale * shown.hi;
    int digits = s->is_share ? num_even_digits(lo, points_digits(lo), hi, points_digits(hi))
                             : num_even_digits(lo, shown_digits(lo), hi, shown_digits(hi));
    struct str lo_text = signed_text(arena, lo, digits, true);
    struct str hi_text = signed_text(arena, hi, digits, true);
    return arena_printf(arena, "%.*s to %.*s", STR_ARG(lo_text), STR_ARG(hi_text));
}

struct str compare_could_see(struct arena *arena, const struct compared_stat *s, const struct compared_difference *d)
{
    if (!d->has_mde) {
        return STR("");
    }
    struct str text = amount(arena, s, d->mde, false);
    return s->is_share ? arena_printf(arena, "%.*s pts", STR_ARG(text)) : text;
}

struct str compare_verdict(const struct compared_difference *d)
{
    switch (d->word) {
    case COMPARED_NO_CLAIM:
        return STR("");
    case COMPARED_CANNOT_TELL:
        return d->is_same ? STR("no difference seen") : STR("cannot tell");
    case COMPARED_BETTER:
    case COMPARED_WORSE:
    case COMPARED_HIGHER:
    case COMPARED_LOWER:
        break;
    }
    return str_from(compared_word(d->word));
}

struct str compare_note(struct arena *arena, const struct compared_stat *s, const struct compared_difference *d)
{
    if (d->why_not.ptr != NULL) { /* said once for a dimension */
        return str_eq(s->name, STR("mean")) ? arena_printf(arena, "not compared: %.*s", STR_ARG(d->why_not)) : STR("");
    }
    bool is_open = d->hint.ptr != NULL && !(s->in_family && d->in_family);
    return is_open ? arena_printf(arena, "%llu compared, %.*s", (unsigned long long)d->n, STR_ARG(d->hint)) : STR("");
}

/* Whether the row says the same as another one of the table. */
static bool is_redundant(const struct comparison *c, const struct compared_table *t, const struct compared_stat *s)
{
    const struct compared_stat *only = NULL;
    if (s->dimension.ptr != NULL) {
        return false;
    }
    for (size_t i = 0; i < t->stat_count; i++) {
        const struct compared_stat *other = &t->stats[i];
        if (other->dimension.ptr != NULL && other->is_share && str_eq(other->name, STR("mean"))) {
            bool is_same = true;
            for (size_t run = 0; run < c->run_count; run++) {
                is_same = is_same && other->figures[run].has_value == s->figures[run].has_value &&
                          other->figures[run].value == s->figures[run].value;
            }
            only = is_same ? other : only;
        }
    }
    return only != NULL;
}

bool compare_shows(const struct comparison *c, const struct compared_table *t, const struct compared_stat *s,
                   bool is_brief)
{
    bool has_any = false;
    for (size_t run = 0; run < c->run_count; run++) {
        has_any = has_any || s->figures[run].has_value;
    }
    return has_any && !compare_is_class(s) && !is_redundant(c, t, s) && (s->in_family || !is_brief);
}

/* --- sentences --------------------------------------------------------------------------------------------------------------------------------- */

static const char *cases_word(uint64_t count)
{
    return count == 1 ? "case" : "cases";
}

static struct str name_some(struct arena *arena, const struct case_names *names, size_t most)
{
    enum { ROOM = 1 << 16 };
    struct buf text CLEANUP(buf_deinit) = BUF(ROOM);
    for (size_t i = 0; i < names->count && i < most; i++) {
        buf_append_cstr(&text, i == 0 ? ": " : ", ");
        buf_append(&text, names->ids[i]);
    }
    buf_append_cstr(&text, names->count > most && most > 0 ? ", ..." : "");
    return arena_str(arena, buf_str(&text));
}

size_t compare_meeting(struct arena *arena, const struct comparison *c, size_t run, size_t named,
                       struct str ret[static COMPARE_SENTENCES])
{
    const struct compared_run *base = &c->runs[0];
    const struct compared_run *r = &c->runs[run];
    size_t count = 0;
    uint64_t cases = r->both + r->only_candidate.count + r->changed.count;
    if (r->both > 0 && (r->both < cases || r->only_base.count > 0)) {
        cases += r->only_base.count;
        ret[count++] = arena_printf(arena, "%llu of %llu cases are in both with equal content",
                                    (unsigned long long)r->both, (unsigned long long)cases);
    }
    const struct {
        const struct case_names *names;
        const char *words;
        struct str who;
    } lists[] = {
        {&r->only_base, "only in", base->name},         {&r->only_candidate, "only in", r->name},
        {&r->changed, "with changed content", STR("")}, {&r->errored_base, "errored in", base->name},
        {&r->errored_candidate, "errored in", r->name}, {&r->errored_both, "errored in both", STR("")},
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (lists[i].names->count > 0) {
            struct str names = name_some(arena, lists[i].names, named);
            ret[count++] =
                arena_printf(arena, "%zu %s %s%s%.*s%.*s", lists[i].names->count, cases_word(lists[i].names->count),
                             lists[i].words, lists[i].who.len > 0 ? " " : "", STR_ARG(lists[i].who), STR_ARG(names));
        }
    }
    return count;
}

struct str compare_legend(struct arena *arena, const struct comparison *c)
{
    return c->family == 0
               ? STR("95% intervals; nothing is claimed")
               : arena_printf(arena,
                              "95%% intervals. p: two-sided, adjusted for %llu %s (Holm). could see: the change that "
                              "would have been shown in four of five such comparisons",
                              (unsigned long long)c->family, c->family == 1 ? "claim" : "claims");
}

struct str compare_flips(struct arena *arena, const struct compared_run *r)
{
    uint64_t flips = r->flips_worse + r->flips_better;
    return flips == 0 ? STR("no case flipped")
                      : arena_printf(arena, "%llu of %llu cases flipped: %llu worse, %llu better",
                                     (unsigned long long)flips, (unsigned long long)r->both,
                                     (unsigned long long)r->flips_worse, (unsigned long long)r->flips_better);
}

struct str compare_label(struct arena *arena, const struct compared_run *r, const char *name)
{
    struct value map;
    struct err ignored = ERR_NULL;
    if (r->labels.len == 0 || !json_read(arena, r->labels, JSON_REPLY, (struct src_pos){0}, &map, NULL, &ignored)) {
        return STR("");
    }
    const struct value *v = value_get(&map, str_from(name));
    return v != NULL && v->kind == VALUE_TEXT ? v->text : STR("");
}

struct str compare_version(struct arena *arena, const struct compared_run *r)
{
    enum { SHORT_COMMIT = 7 };
    struct str branch = compare_label(arena, r, "branch");
    struct str commit = str_slice(compare_label(arena, r, "commit"), 0, SHORT_COMMIT);
    return commit.len == 0 ? branch : arena_printf(arena, "%.*s@%.*s", STR_ARG(branch), STR_ARG(commit));
}

struct str compare_state(const struct compared_run *r)
{
    return r->run->state == RUN_FINISHED      ? STR("")
           : r->run->state == RUN_INTERRUPTED ? STR("interrupted")
                                              : STR("unfinished");
}

struct str compare_cost(struct arena *arena, const struct compared_run *r)
{
    struct str cost = shown_number(arena, r->cost_usd);
    return r->has_cost ? arena_printf(arena, "$%.*s", STR_ARG(cost)) : STR("");
}
