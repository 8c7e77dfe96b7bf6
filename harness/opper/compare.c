#include "opper/compare.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value.h"
#include "wire/metric.h"
#include "wire/span.h"

/* As texts travel: what is not UTF-8 became U+FFFD on the way, on both sides. */
static bool text_eq(struct str a, struct str b)
{
    if (str_eq(a, b)) {
        return true;
    }
    struct buf left CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct buf right CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    json_append_quoted(&left, a);
    json_append_quoted(&right, b);
    return str_eq(buf_str(&left), buf_str(&right));
}

static bool read_json(struct arena *arena, struct str text, struct value *ret)
{
    struct err ignored = ERR_NULL;
    return text.len > 0 && json_read(arena, text, JSON_REPLY, (struct src_pos){0}, ret, NULL, &ignored);
}

/* `want` is the JSON text of a string. */
static bool body_eq(struct arena *arena, struct str want, struct str got)
{
    struct value wanted;
    struct value there;
    struct value decoded;
    if (str_eq(want, got)) {
        return true;
    }
    if (!read_json(arena, want, &wanted) || !read_json(arena, got, &there)) {
        return false;
    }
    return value_eq(&wanted, &there) ||
           (there.kind != VALUE_TEXT && read_json(arena, wanted.text, &decoded) && value_eq(&decoded, &there));
}

static bool meta_eq(struct arena *arena, struct str want, struct str got)
{
    struct value wanted;
    struct value there;
    if (str_eq(want, got)) {
        return true;
    }
    if (!read_json(arena, want, &wanted) || !read_json(arena, got, &there)) {
        return false;
    }
    const struct value *ours = value_get(&wanted, STR("assay"));
    const struct value *theirs = value_get(&there, STR("assay"));
    return ours != NULL && theirs != NULL && value_eq(ours, theirs);
}

static bool time_eq(struct wire_time a, struct wire_time b)
{
    return a.has == b.has && (!a.has || wire_time_ms(a) == wire_time_ms(b));
}

const char *compare_span(struct arena *arena, const struct wire_span *want, const struct wire_span *got)
{
    const struct {
        const char *name;
        struct str want, got;
    } texts[] = {
        {"trace_id", want->trace_id, got->trace_id},
        {"parent_id", want->parent_id, got->parent_id},
        {"name", want->name, got->name},
        {"type", want->type, got->type},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (texts[i].want.ptr != NULL && !text_eq(texts[i].want, texts[i].got)) {
            return texts[i].name;
        }
    }
    if (want->start.has && !time_eq(want->start, got->start)) {
        return "start_time";
    }
    if (want->end.has && !time_eq(want->end, got->end)) {
        return "end_time";
    }
    if (want->input.ptr != NULL && !body_eq(arena, want->input, got->input)) {
        return "input";
    }
    if (want->output.ptr != NULL && !body_eq(arena, want->output, got->output)) {
        return "output";
    }
    if (!text_eq(want->error, got->error)) {
        return "error";
    }
    if (want->meta.ptr != NULL && !meta_eq(arena, want->meta, got->meta)) {
        return "meta";
    }
    bool is_same = want->score.has == got->score.has && (!want->score.has || want->score.value == got->score.value);
    return is_same ? NULL : "score";
}

bool compare_metric(const struct wire_metric *want, const struct wire_metric *got)
{
    return got->value.has && num_same_bits(want->value.value, got->value.value) && text_eq(want->comment, got->comment);
}
