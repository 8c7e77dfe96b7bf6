#include "reporters/shown.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value.h"
#include "reporters/reporter.h"

enum { ALMOST_DIGITS = 6 };

static const double ALMOST_ONE = 0.999999;

int shown_digits(double value)
{
    double size = value < 0 ? -value : value;
    return size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.01 || size == 0 ? 3 : 6;
}

/* Not quite all must not look like all. */
static struct str number_text(struct arena *arena, double value, int digits)
{
    char room[32];
    struct str text = num_text_short(value, digits, room);
    if (value < 1 && str_eq(text, STR("1"))) {
        text = num_text_short(value < ALMOST_ONE ? value : ALMOST_ONE, ALMOST_DIGITS, room);
    }
    return arena_str(arena, text);
}

struct str shown_number(struct arena *arena, double value)
{
    return number_text(arena, value, shown_digits(value));
}

struct str shown_share(struct arena *arena, double share)
{
    char room[32];
    double percent = share * 100;
    /* not everything, and not nothing, must not look like it */
    struct str text = num_text_short(percent > 99.9 && percent < 100 ? 99.9
                                     : percent > 0 && percent < 0.1  ? 0.1
                                                                     : percent,
                                     1, room);
    return arena_printf(arena, "%.*s%%", STR_ARG(text));
}

struct str shown_figure(struct arena *arena, double value)
{
    char room[32];
    double size = value < 0 ? -value : value;
    return arena_str(arena, num_text_short(value, size >= 1000 ? 1 : 4, room));
}

struct str shown_count(struct arena *arena, uint64_t count)
{
    return arena_printf(arena, "%llu", (unsigned long long)count);
}

struct str shown_p(struct arena *arena, double p)
{
    static const double smallest = 0.001;
    char room[32];
    return p < smallest ? STR("< 0.001") : arena_str(arena, num_text_short(p, 3, room));
}

struct str shown_interval(struct arena *arena, const struct stat_interval *i, bool is_share)
{
    if (!shown_has(i)) {
        return STR("");
    }
    bool is_whole = i->has_lo && i->has_hi && !is_share;
    int lo_digits = shown_digits(i->lo);
    int hi_digits = shown_digits(i->hi);
    int even = is_whole ? num_even_digits(i->lo, lo_digits, i->hi, hi_digits) : 0;
    struct str lo = is_share ? shown_share(arena, i->lo) : number_text(arena, i->lo, is_whole ? even : lo_digits);
    struct str hi = is_share ? shown_share(arena, i->hi) : number_text(arena, i->hi, is_whole ? even : hi_digits);
    if (!i->has_lo || !i->has_hi) {
        return i->has_lo ? arena_printf(arena, "from %.*s", STR_ARG(lo))
                         : arena_printf(arena, "up to %.*s", STR_ARG(hi));
    }
    return arena_printf(arena, "%.*s to %.*s", STR_ARG(lo), STR_ARG(hi));
}

bool shown_mean_again(const struct dimension_summary *d)
{
    static const double nothing = 1e-9;
    double distance = d->mean - d->pass_rate;
    return d->kind == DIMENSION_JUDGED && d->has_pass_rate && distance < nothing && distance > -nothing;
}

struct str shown_baseline(struct arena *arena, const struct baseline_summary *b)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    const struct {
        uint64_t count;
        const char *words;
    } rest[] = {{b->changed, "changed"}, {b->missing, "not in this run"}, {b->added, "new"}};
    bool is_nowhere = b->state == BASELINE_MISSING || b->state == BASELINE_SKIPPED; /* its reason names the places */
    if (is_nowhere && b->reason.len > 0) {
        buf_printf(&text, "no baseline: %.*s", STR_ARG(b->reason));
        return arena_str(arena, buf_str(&text));
    }
    buf_printf(&text, "baseline %.*s: ", STR_ARG(b->source));
    if (b->state != BASELINE_USED) {
        buf_append(&text, b->reason.len > 0 ? b->reason : str_from(BASELINE_STATE_WORDS[b->state]));
        return arena_str(arena, buf_str(&text));
    }
    buf_printf(&text, "%zu %s, %llu of %llu cases in common", b->run_count, b->run_count == 1 ? "run" : "runs",
               (unsigned long long)b->common, (unsigned long long)b->cases);
    for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
        if (rest[i].count > 0) {
            buf_printf(&text, ", %llu %s", (unsigned long long)rest[i].count, rest[i].words);
        }
    }
    for (size_t i = 0; i < b->dimension_count; i++) {
        buf_printf(&text, "%s%.*s", i == 0 ? "; not compared: " : ", ", STR_ARG(b->dimensions[i]));
    }
    return arena_str(arena, buf_str(&text));
}

struct str shown_time(struct arena *arena, int64_t unix_ms)
{
    enum { DATE = 10, TIME_FROM = 11, TIME_TO = 19 };
    struct clock_text text = clock_rfc3339(unix_ms);
    struct str t = str_from(text.text);
    return arena_printf(arena, "%.*s %.*s UTC", STR_ARG(str_slice(t, 0, DATE)),
                        STR_ARG(str_slice(t, TIME_FROM, TIME_TO)));
}

static bool read_json(struct arena *arena, struct str json, struct value *ret)
{
    struct err ignored = ERR_NULL;
    return json.len > 0 && json_read(arena, json, JSON_REPLY, (struct src_pos){0}, ret, NULL, &ignored);
}

struct str shown_json(struct arena *arena, struct str json)
{
    struct value v;
    return json.len > 0 && json.ptr[0] == '"' && read_json(arena, json, &v) && v.kind == VALUE_TEXT ? v.text : json;
}

struct str shown_list(struct arena *arena, struct str json)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct value list;
    if (!read_json(arena, json, &list) || list.kind != VALUE_LIST) {
        return STR("");
    }
    for (uint32_t i = 0; i < list.len; i++) {
        buf_append_cstr(&text, i == 0 ? "" : ", ");
        buf_append(&text, list.items[i].text);
    }
    return arena_str(arena, buf_str(&text));
}

struct str shown_stderr(struct arena *arena, struct str meta)
{
    struct value v;
    const struct value *text = read_json(arena, meta, &v) ? value_get(&v, STR("stderr")) : NULL;
    return text != NULL && text->kind == VALUE_TEXT ? text->text : STR_NULL;
}

struct str shown_output(struct arena *arena, const struct sample_record *s)
{
    return s->output_is_json ? shown_json(arena, s->output) : s->output;
}

const char *shown_result(const struct sample_record *s)
{
    if (s->state == SAMPLE_ERRORED) {
        return "errored";
    }
    return s->pass == PASS_YES ? "pass" : s->pass == PASS_NO ? "fail" : "measured";
}

struct str shown_words(const struct score *score)
{
    return score->comment.len > 0 ? score->comment : str_from(score_outcome_word(score->outcome));
}

struct str shown_run(struct arena *arena, const struct report_run *run)
{
    const struct summary *s = run->summary;
    return str_eq_cstr(s->variant, "default")
               ? s->suite
               : arena_printf(arena, "%.*s [%.*s]", STR_ARG(s->suite), STR_ARG(s->variant));
}
