/* Numbers as JSON and answers write them. */

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "tests/fuzz/fuzz.h"

/* What was read prints as JSON that reads back to the same bits. */
static void check_round_trip(double value)
{
    FUZZ_CHECK(num_is_finite(value));
    char room[32];
    struct str text = num_text(value, room);
    double again = 0;
    FUZZ_CHECK(num_parse_json(text, &again) == NUM_OK);
    FUZZ_CHECK(again == value); /* -0 prints as 0 */
    (void)num_text_short(value, 3, room);
}

/* strtod reads more, but what both read must be the same number. */
static void check_strtod(struct str text, double value)
{
    char room[512];
    if (text.len < sizeof(room)) {
        memcpy(room, text.ptr, text.len);
        room[text.len] = '\0';
        FUZZ_CHECK(strtod(room, NULL) == value);
    }
}

static void check_found(struct str text)
{
    size_t from = 0, start = 0, end = 0;
    while (num_find_answer(text, from, &start, &end)) {
        FUZZ_CHECK(start >= from && end > start && end <= text.len);
        double value = 0;
        FUZZ_CHECK(num_parse_answer(str_slice(text, start, end), &value) != NUM_SYNTAX);
        from = end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = fuzz_text(data, size);
    double json = 0, answer = 0;
    enum num_fault json_fault = num_parse_json(text, &json), answer_fault = num_parse_answer(text, &answer);
    if (json_fault == NUM_OK) {
        check_round_trip(json);
        check_strtod(text, json);
    }
    if (answer_fault == NUM_OK) {
        check_round_trip(answer);
    }
    if (json_fault != NUM_SYNTAX) { /* every JSON number is an answer */
        FUZZ_CHECK(answer_fault == json_fault);
        FUZZ_CHECK(json_fault != NUM_OK || answer == json);
    }
    bool is_equal = false;
    if (num_compare_integers(text, text, &is_equal)) {
        FUZZ_CHECK(is_equal && answer_fault != NUM_SYNTAX);
    }
    uint64_t u = 0;
    int64_t i = 0;
    if (num_parse_u64(text, &u) && u <= INT64_MAX) {
        FUZZ_CHECK(num_parse_i64(text, &i) && (uint64_t)i == u);
    }
    check_found(text);
    return 0;
}
