/* A regular expression and a subject: "flags/pattern", a newline, the subject. In a search that is stopped at every start offset the same
 * matches are found as in one go, and all of them lie in the subject, from left to right. */

#include "base/err.h"
#include "base/pattern.h"
#include "tests/fuzz/fuzz.h"

enum { GROUPS = 3, MATCHES_MAX = 40 };

static enum pattern_status next_match(struct pattern_search *s, int64_t turn_ns, struct pattern_span *groups)
{
    enum pattern_status status = PATTERN_MORE;
    while (status == PATTERN_MORE) {
        size_t from = s->from;
        status = pattern_search_next(s, turn_ns, groups, GROUPS);
        FUZZ_CHECK(status != PATTERN_MORE || s->from > from);
    }
    return status;
}

static void check_spans(const struct pattern_span *groups, size_t from, struct str subject)
{
    FUZZ_CHECK(groups[0].start <= groups[0].end && groups[0].end >= from && groups[0].end <= subject.len);
    for (size_t i = 1; i < GROUPS; i++) {
        FUZZ_CHECK(groups[i].start == SIZE_MAX || groups[i].end <= subject.len);
    }
}

static void check_turns(const struct pattern *p, struct str subject, bool no_jit)
{
    struct pattern_search whole;
    struct pattern_search cut;
    pattern_search_begin(&whole, p, subject);
    pattern_search_begin(&cut, p, subject);
    whole.no_jit = cut.no_jit = no_jit;
    whole.is_watched = cut.is_watched = true;
    for (int i = 0; i < MATCHES_MAX; i++) {
        struct pattern_span want[GROUPS] = {{0}};
        struct pattern_span got[GROUPS] = {{0}};
        size_t from = whole.next;
        enum pattern_status status = next_match(&whole, 0, want);
        enum pattern_status again = next_match(&cut, 1, got);
        if (status == PATTERN_LIMIT || again == PATTERN_LIMIT) {
            return;
        }
        FUZZ_CHECK(status == again);
        if (status == PATTERN_NO_MATCH) {
            return;
        }
        check_spans(want, from, subject);
        for (size_t g = 0; g < GROUPS; g++) {
            FUZZ_CHECK(want[g].start == got[g].start && want[g].end == got[g].end);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = fuzz_text(data, size), flags = STR_NULL, text = STR_NULL;
    if (!str_split(&rest, '/', &flags) || !str_split(&rest, '\n', &text)) {
        return 0;
    }
    struct pattern *p CLEANUP(pattern_free_at) = NULL;
    struct err err = ERR_NULL;
    size_t offset = 0;
    bool is_full = size % 2 == 1;
    if (!pattern_compile(text, flags, is_full, &p, &offset, &err)) {
        FUZZ_CHECK(err.kind == ERR_SUITE && err.text[0] != '\0' && offset <= text.len);
        return 0;
    }
    struct pattern_search s;
    struct pattern_span groups[GROUPS] = {{0}};
    pattern_search_begin(&s, p, rest);
    if (next_match(&s, 0, groups) == PATTERN_MATCH) {
        check_spans(groups, 0, rest);
    }
    check_turns(p, rest, false);
    check_turns(p, rest, true);
    return 0;
}
