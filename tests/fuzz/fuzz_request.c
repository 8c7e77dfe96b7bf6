/* Requests as a server reads them: paths, queries and bodies. A body that is taken is written and read again as the same; one that is refused says
 * why, in an error body that a client can read. The first byte says what the rest is. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/value.h"
#include "tests/fuzz/fuzz.h"
#include "wire/error.h"
#include "wire/fault.h"
#include "wire/function.h"
#include "wire/metric.h"
#include "wire/path.h"
#include "wire/span.h"
#include "wire/task.h"
#include "wire/time.h"

enum { OUT_MAX_BYTES = 64 << 20 };

static bool is_json(struct arena *arena, struct str text)
{
    struct value v;
    struct err err = ERR_NULL;
    return json_read(arena, text, JSON_OURS, (struct src_pos){0}, &v, NULL, &err);
}

static void check_refused(struct arena *arena, const struct wire_faults *faults)
{
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    FUZZ_CHECK(faults->items.len > 0);
    wire_error_write_faults(&out, faults);
    FUZZ_CHECK(is_json(arena, buf_str(&out)));
    FUZZ_CHECK(wire_error_words(arena, buf_str(&out)).len > 0);
}

static void check_span(struct arena *arena, struct str text, bool is_patch)
{
    struct wire_faults faults = {.arena = arena};
    struct wire_faults again_faults = {.arena = arena};
    struct wire_span span;
    struct wire_span again;
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    struct buf twice CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    if (!(is_patch ? wire_span_read_patch : wire_span_read_create)(arena, text, &span, &faults)) {
        check_refused(arena, &faults);
        return;
    }
    (is_patch ? wire_span_write_patch : wire_span_write_create)(&out, &span);
    FUZZ_CHECK((is_patch ? wire_span_read_patch : wire_span_read_create)(arena, buf_str(&out), &again, &again_faults));
    (is_patch ? wire_span_write_patch : wire_span_write_create)(&twice, &again);
    FUZZ_CHECK(str_eq(buf_str(&out), buf_str(&twice)));
    struct err err = ERR_NULL;
    buf_clear(&out);
    span.id = STR("x");
    wire_span_write(&out, &span, true);
    FUZZ_CHECK(is_json(arena, buf_str(&out)) && wire_span_read(arena, buf_str(&out), &again, &err));
}

static void check_metric(struct arena *arena, struct str text)
{
    struct wire_faults faults = {.arena = arena};
    struct wire_metric metric;
    struct wire_metric again;
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    if (!wire_metric_read_create(arena, text, &metric, &faults)) {
        check_refused(arena, &faults);
        return;
    }
    wire_metric_write_request(&out, &metric);
    FUZZ_CHECK(wire_metric_read_create(arena, buf_str(&out), &again, &faults));
    FUZZ_CHECK(again.value.value == metric.value.value && str_eq(again.comment, metric.comment));
}

static void check_others(struct arena *arena, struct str text)
{
    struct wire_faults faults = {.arena = arena};
    struct wire_feedback feedback;
    struct wire_task task;
    struct wire_stored_function function;
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    if (wire_feedback_read(arena, text, &feedback, &faults)) {
        FUZZ_CHECK(feedback.score.value >= 0 && feedback.score.value <= 1);
        FUZZ_CHECK(is_json(arena, wire_feedback_of_span(arena, &feedback)));
    }
    if (wire_task_read(arena, text, &task, &faults)) {
        struct json_writer w;
        json_writer_init(&w, &out);
        json_open_map(&w);
        wire_task_write(&w, &task);
        json_close_map(&w);
        FUZZ_CHECK(is_json(arena, buf_str(&out)));
    }
    if (wire_function_read_create(arena, text, &function, &faults)) {
        struct wire_stored_function kept;
        FUZZ_CHECK(wire_function_of_settings(arena, wire_function_settings(arena, &function), &kept));
        FUZZ_CHECK(str_eq(kept.name, function.name) && str_eq(kept.model, function.model));
    }
}

static void check_path(struct arena *arena, struct str text)
{
    struct wire_match match;
    struct wire_match again;
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX_BYTES);
    struct str value;
    if (wire_path_match(arena, text, &match)) {
        wire_path_write(&out, match.route, match.ids[0], match.ids[1]);
        if (match.route != WIRE_FUNCTION_BY_NAME) { /* built with a place for the name */
            FUZZ_CHECK(wire_path_match(arena, buf_str(&out), &again));
            FUZZ_CHECK(again.route == match.route && str_eq(again.ids[0], match.ids[0]) &&
                       str_eq(again.ids[1], match.ids[1]));
        }
    }
    if (wire_query_get(arena, text, "name", &value) && value.ptr != NULL) {
        struct str back;
        buf_clear(&out);
        wire_query_add(&out, "name", value);
        FUZZ_CHECK(wire_query_get(arena, str_slice(buf_str(&out), 1, out.len), "name", &back));
        FUZZ_CHECK(str_eq(back, value));
    }
}

static void check_time(struct str text)
{
    int64_t us = 0;
    int64_t again = 0;
    if (wire_time_parse(text, &us)) {
        struct wire_time_text written = wire_time_text(us);
        if (us >= -62167219200000000 && us <= 253402300799999999) { /* an offset may lead out of the years 0 to 9999 */
            FUZZ_CHECK(wire_time_parse(str_from(written.text), &again) && again == us);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    if (size == 0) {
        return 0;
    }
    struct str text = fuzz_text(data + 1, size - 1);
    switch (data[0]) {
    case 's':
        check_span(&arena, text, false);
        break;
    case 'p':
        check_span(&arena, text, true);
        break;
    case 'm':
        check_metric(&arena, text);
        break;
    case '/':
        check_path(&arena, fuzz_text(data, size));
        break;
    case 't':
        check_time(text);
        break;
    default:
        check_others(&arena, text);
        break;
    }
    return 0;
}
