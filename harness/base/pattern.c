#include "base/pattern.h"

#include <stdio.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"

enum {
    JIT_STACK_FIRST_BYTES = 32 << 10,
    JIT_STACK_MAX_BYTES = 1 << 20,
    QUICK_SUBJECT_BYTES = 8 << 10, /* a longer one is watched at once: the low limit would be too low */
    QUICK_WORK = 1 << 30, /* steps times bytes of a quick try over all its start offsets: some 10 ms, never over 1 s */
    KEPT_MEMORY_BYTES =
        1 << 20,       /* the interpreter keeps its backtracking memory for the next match: not more than this */
    STRIDE_MAX = 1024, /* callouts between two looks at the clock ... */
    STRIDE_MIN = 8,
    STRIDE_WORK = 1 << 24, /* ... fewer with a longer subject, as each step may read all of it */
    CALLOUT_NS = 64,       /* what a callout takes at the very most, for turns shorter than a stride */
    SUBSTITUTE = 0x1a,     /* what stands for an invalid byte */
    NAME_ROOM = 128,
    MESSAGE_ROOM = 256
};

enum code_kind {
    CODE_QUICK,   /* without callouts */
    CODE_WATCHED, /* with automatic callouts */
    CODE_VALID, /* watched, for subjects known to be UTF-8: spares the interpreter a look at the whole subject in each call */
    CODE_KINDS
};

struct code {
    pcre2_code *code;
    bool is_jit_tried, has_jit;
};

/* What a search changes; a pattern is const to it. */
struct engine {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_match_data *found;
    pcre2_jit_stack *stack;
    struct code codes[CODE_KINDS];
    bool has_large;      /* a large piece of memory was asked for */
    uint64_t searches;   /* begun so far: each has its number */
    struct buf repaired; /* the subject of search `repaired_for`, as it holds invalid bytes */
    uint64_t repaired_for;
};

struct pattern {
    char *text;
    size_t text_len;
    uint32_t options;
    uint32_t group_count;
    bool is_full;
    bool is_anchored; /* can match at one offset only */
    bool can_resume;
    bool has_verbs; /* or what looks like one */
    struct engine *engine;
};

/* What the callouts of one call look at. */
struct watch {
    int64_t deadline_ns, turn_end_ns; /* INT64_MAX = none */
    uint32_t stride, left;
    size_t from;
    size_t resume_at; /* SIZE_MAX: not stopped for the end of the turn */
};

static void *engine_alloc(size_t size, void *data)
{
    bool *has_large = data;
    *has_large = *has_large || size > KEPT_MEMORY_BYTES;
    return mem_realloc(NULL, size);
}

static void engine_free(void *ptr, void *data)
{
    (void)data;
    mem_free(ptr);
}

static void *enough(void *ptr)
{
    if (ptr == NULL) {
        mem_exhausted();
    }
    return ptr;
}

static bool flags_read(struct str flags, uint32_t *ret_options, struct err *err)
{
    uint32_t options = 0;
    for (size_t i = 0; i < flags.len; i++) {
        switch (flags.ptr[i]) {
        case 'i':
            options |= PCRE2_CASELESS;
            break;
        case 'm':
            options |= PCRE2_MULTILINE;
            break;
        case 's':
            options |= PCRE2_DOTALL;
            break;
        case 'x':
            options |= PCRE2_EXTENDED;
            break;
        default:
            return err_set(err, ERR_SUITE, "flags are letters of 'imsx', not '%.*s'", STR_ARG(flags));
        }
    }
    *ret_options = options;
    return true;
}

static pcre2_code *code_compile(const struct pattern *p, enum code_kind kind, int *ret_fault, size_t *ret_offset)
{
    uint32_t options = p->options | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    options |= p->is_full ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    options |= kind == CODE_WATCHED ? PCRE2_AUTO_CALLOUT : 0;
    pcre2_compile_context *context = enough(pcre2_compile_context_create(p->engine->memory));
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)p->text, p->text_len, options, ret_fault, ret_offset, context);
    pcre2_compile_context_free(context);
    return code;
}

static bool code_has_jit(const struct pattern *p, enum code_kind kind)
{
    struct code *c = &p->engine->codes[kind];
    if (!c->is_jit_tried && !p->has_verbs) {
        c->is_jit_tried = true;
        size_t jit_bytes = 0;
        c->has_jit = pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE) == 0 &&
                     pcre2_pattern_info(c->code, PCRE2_INFO_JITSIZE, &jit_bytes) == 0 && jit_bytes > 0;
    }
    return c->has_jit;
}

static int callout_found(pcre2_callout_enumerate_block *block, void *data)
{
    *(size_t *)data = block->pattern_position;
    return 1;
}

/* (*ACCEPT), (*SKIP) and the like: the JIT of 10.42 gives other captures and now and then another verdict than the interpreter. */
static bool verb_is_in(struct str text)
{
    for (size_t i = 0; i + 2 < text.len; i++) {
        bool is_upper = text.ptr[i + 2] >= 'A' && text.ptr[i + 2] <= 'Z';
        if (text.ptr[i] == '(' && text.ptr[i + 1] == '*' && (is_upper || text.ptr[i + 2] == ':')) {
            return true;
        }
    }
    return false;
}

static bool fault_set(struct err *err, const char *reason, size_t offset, size_t *ret_offset)
{
    if (ret_offset != NULL) {
        *ret_offset = offset;
    }
    return err_set(err, ERR_SUITE, "%s at byte %zu", reason, offset);
}

/* Both codes that any search may need, so that what is too large is told at load. */
static bool codes_compile(struct pattern *p, size_t *ret_offset, struct err *err)
{
    static const enum code_kind kinds[] = {CODE_QUICK, CODE_WATCHED};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        int fault = 0;
        size_t offset = 0;
        pcre2_code *code = code_compile(p, kinds[i], &fault, &offset);
        if (code == NULL) {
            char message[MESSAGE_ROOM] = "not a regular expression";
            (void)pcre2_get_error_message(fault, (PCRE2_UCHAR *)message, sizeof(message));
            return fault_set(err, message, offset, ret_offset);
        }
        p->engine->codes[kinds[i]].code = code;
    }
    size_t after = 0;
    if (pcre2_callout_enumerate(p->engine->codes[CODE_QUICK].code, callout_found, &after) != 0) {
        size_t start = after;
        while (start > 0 && !str_starts(str_slice((struct str){p->text, p->text_len}, start, after), STR("(?C"))) {
            start--;
        }
        return fault_set(err, "callouts are not supported", start, ret_offset);
    }
    return true;
}

static struct engine *engine_new(void)
{
    struct engine *e = mem_alloc(sizeof(*e));
    e->memory = enough(pcre2_general_context_create(engine_alloc, engine_free, &e->has_large));
    e->limits = enough(pcre2_match_context_create(e->memory));
    (void)pcre2_set_heap_limit(e->limits, LIMIT_MATCH_HEAP_KIB);
    (void)pcre2_set_depth_limit(e->limits, LIMIT_MATCH_STEPS);
    return e;
}

bool pattern_compile(struct str text, struct str flags, bool full, struct pattern **ret, size_t *ret_offset,
                     struct err *err)
{
    uint32_t options = 0;
    if (!flags_read(flags, &options, err)) {
        return false;
    }
    if (text.len > LIMIT_PATTERN_BYTES) {
        return err_set(err, ERR_SUITE, "the pattern is longer than %u bytes", LIMIT_PATTERN_BYTES);
    }
    struct pattern *p CLEANUP(pattern_free_at) = mem_alloc(sizeof(*p));
    p->text = mem_alloc(text.len + 1);
    p->text_len = text.len;
    if (text.len > 0) {
        memcpy(p->text, text.ptr, text.len);
    }
    p->options = options;
    p->is_full = full;
    p->engine = engine_new();
    if (!codes_compile(p, ret_offset, err)) {
        return false;
    }
    const pcre2_code *code = p->engine->codes[CODE_WATCHED].code;
    uint32_t all_options = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &p->group_count);
    (void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &all_options);
    p->is_anchored = (all_options & PCRE2_ANCHORED) != 0;
    /* \K hides where an attempt started, \G asks where the call did; "\\K" is taken for one, too, which costs nothing but the pause */
    p->can_resume = !p->is_anchored && !str_find(text, STR("\\K"), NULL) && !str_find(text, STR("\\G"), NULL);
    p->has_verbs = verb_is_in(text);
    *ret = take_ptr(&p);
    return true;
}

void pattern_free(struct pattern *p)
{
    if (p == NULL) {
        return;
    }
    if (p->engine != NULL) {
        for (size_t i = 0; i < CODE_KINDS; i++) {
            pcre2_code_free(p->engine->codes[i].code);
        }
        buf_deinit(&p->engine->repaired);
        pcre2_match_data_free(p->engine->found);
        pcre2_jit_stack_free(p->engine->stack);
        pcre2_match_context_free(p->engine->limits);
        pcre2_general_context_free(p->engine->memory);
        mem_free(p->engine);
    }
    mem_free(p->text);
    mem_free(p);
}

void pattern_free_at(struct pattern **p)
{
    pattern_free(*p);
}

uint32_t pattern_group_count(const struct pattern *p)
{
    return p->group_count;
}

bool pattern_group_number(const struct pattern *p, struct str name, uint32_t *ret)
{
    char text[NAME_ROOM];
    if (name.len == 0 || name.len >= sizeof(text) || str_has_nul(name)) {
        return false;
    }
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    const pcre2_code *code = p->engine->codes[CODE_WATCHED].code;
    PCRE2_SPTR first = NULL;
    PCRE2_SPTR last = NULL;
    if (pcre2_substring_nametable_scan(code, (PCRE2_SPTR)text, &first, &last) < 0) {
        return false;
    }
    *ret = (uint32_t)first[0] << 8 | first[1]; /* an entry of the name table begins with the group's number */
    return true;
}

void pattern_quote(struct buf *out, struct str text)
{
    uint32_t point = 0;
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        (void)utf8_next(text, &at, &point);
        bool is_plain =
            (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
        if (point == 0) {
            buf_append_cstr(out, "\\x00");
            continue;
        }
        buf_append_cstr(out, is_plain ? "" : "\\");
        buf_append(out, str_slice(text, start, at));
    }
}

void pattern_search_begin(struct pattern_search *s, const struct pattern *p, struct str subject)
{
    *s = (struct pattern_search){
        .pattern = p,
        .subject = subject.ptr == NULL ? STR("") : subject,
        .number = ++p->engine->searches,
        .is_watched = subject.len > QUICK_SUBJECT_BYTES,
        .is_valid = utf8_is_valid(subject, NULL),
    };
}

/* What PCRE2 may read: the subject, or a copy of the same length in which each invalid byte is U+001A SUBSTITUTE. (PCRE2_MATCH_INVALID_UTF
 * would not do: it takes the end of a valid part for the end of the subject, and the JIT of 10.42 disagrees with the interpreter.) */
static struct str subject_read(const struct pattern_search *s)
{
    struct engine *e = s->pattern->engine;
    if (s->is_valid) {
        return s->subject;
    }
    if (e->repaired_for != s->number) {
        buf_deinit(&e->repaired);
        e->repaired = BUF(s->subject.len);
        e->repaired_for = s->number;
        size_t from = 0;
        size_t bad_at = 0;
        while (!utf8_is_valid(str_slice(s->subject, from, s->subject.len), &bad_at)) {
            buf_append(&e->repaired, str_slice(s->subject, from, from + bad_at));
            buf_append_char(&e->repaired, SUBSTITUTE);
            from += bad_at + 1;
        }
        buf_append(&e->repaired, str_slice(s->subject, from, s->subject.len));
    }
    return buf_str(&e->repaired);
}

static void search_end(struct pattern_search *s)
{
    struct engine *e = s->pattern->engine;
    s->is_over = true;
    if (e->repaired_for == s->number) {
        buf_deinit(&e->repaired);
        e->repaired_for = 0;
    }
}

static int watch_look(pcre2_callout_block *block, void *data)
{
    struct watch *w = data;
    if (--w->left > 0) {
        return 0;
    }
    w->left = w->stride;
    int64_t now_ns = clock_ns(&CLOCK_SYSTEM);
    if (now_ns >= w->deadline_ns) {
        return PCRE2_ERROR_CALLOUT;
    }
    if (now_ns >= w->turn_end_ns && block->start_match > w->from) {
        w->resume_at = block->start_match;
        return PCRE2_ERROR_CALLOUT;
    }
    return 0;
}

static uint32_t clamp(uint64_t value, uint32_t low, uint32_t high)
{
    if (value < low) {
        return low;
    }
    return value > high ? high : (uint32_t)value;
}

static struct watch watch_of(const struct pattern_search *s, int64_t start_ns, int64_t turn_ns)
{
    struct watch w = {
        .deadline_ns = start_ns + LIMIT_PATTERN_MS * NS_PER_MS - s->spent_ns,
        .turn_end_ns = INT64_MAX,
        .stride = clamp(STRIDE_WORK / (s->subject.len + 1), STRIDE_MIN, STRIDE_MAX),
        .from = s->from,
        .resume_at = SIZE_MAX,
    };
    if (turn_ns > 0 && s->pattern->can_resume) {
        w.turn_end_ns = turn_ns > INT64_MAX - start_ns ? INT64_MAX : start_ns + turn_ns;
        w.stride = clamp((uint64_t)turn_ns / CALLOUT_NS, 1, w.stride);
    }
    w.left = w.stride;
    return w;
}

/* The stack and the match data are made when first needed. */
static void engine_ready(const struct pattern *p, bool needs_stack)
{
    struct engine *e = p->engine;
    if (e->found == NULL) {
        e->found = enough(pcre2_match_data_create_from_pattern(e->codes[CODE_WATCHED].code, e->memory));
        e->has_large = false;
    }
    if (needs_stack && e->stack == NULL) {
        e->stack = enough(pcre2_jit_stack_create(JIT_STACK_FIRST_BYTES, JIT_STACK_MAX_BYTES, e->memory));
        pcre2_jit_stack_assign(e->limits, NULL, e->stack);
    }
}

/* The interpreter keeps its backtracking memory with the match data, up to LIMIT_MATCH_HEAP_KIB. */
static void engine_trim(const struct pattern *p)
{
    struct engine *e = p->engine;
    if (e->has_large) {
        pcre2_match_data_free(e->found);
        e->found = NULL;
        e->has_large = false;
    }
}

static uint32_t start_options(const struct pattern_search *s)
{
    return s->after_empty && s->from == s->next ? PCRE2_NOTEMPTY_ATSTART : 0;
}

static int call_jit(const struct pattern_search *s, enum code_kind kind)
{
    const struct engine *e = s->pattern->engine;
    struct str subject = subject_read(s);
    return pcre2_jit_match(e->codes[kind].code, (PCRE2_SPTR)subject.ptr, subject.len, s->from, start_options(s),
                           e->found, e->limits);
}

static int call_interpreter(const struct pattern_search *s)
{
    const struct engine *e = s->pattern->engine;
    struct str subject = subject_read(s);
    return pcre2_match(e->codes[CODE_WATCHED].code, (PCRE2_SPTR)subject.ptr, subject.len, s->from,
                       PCRE2_NO_JIT | PCRE2_NO_UTF_CHECK | start_options(s), e->found, e->limits);
}

/* A try that ends soon whatever the pattern is; false when it met its limit and says nothing. */
static bool match_quick(struct pattern_search *s, int *ret_rc)
{
    const struct pattern *p = s->pattern;
    if (s->is_watched || s->no_jit || !code_has_jit(p, CODE_QUICK)) {
        return false;
    }
    engine_ready(p, true);
    uint64_t starts = p->is_anchored ? 1 : s->subject.len + 1;
    uint32_t limit = clamp(QUICK_WORK / (starts * (s->subject.len + 1)), 1, LIMIT_MATCH_STEPS);
    (void)pcre2_set_match_limit(p->engine->limits, limit);
    int rc = call_jit(s, CODE_QUICK);
    s->is_watched = rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT;
    *ret_rc = rc;
    return !s->is_watched;
}

static int match_watched(struct pattern_search *s, struct watch *w)
{
    const struct pattern *p = s->pattern;
    bool uses_jit = !s->no_jit && code_has_jit(p, CODE_WATCHED);
    engine_ready(p, uses_jit);
    (void)pcre2_set_match_limit(p->engine->limits, LIMIT_MATCH_STEPS);
    (void)pcre2_set_callout(p->engine->limits, watch_look, w);
    int rc = uses_jit ? call_jit(s, CODE_WATCHED) : PCRE2_ERROR_JIT_STACKLIMIT;
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
        s->no_jit = true;
        rc = call_interpreter(s);
    }
    (void)pcre2_set_callout(p->engine->limits, NULL, NULL);
    return rc;
}

static void groups_copy(const struct pattern *p, struct pattern_span *groups, size_t group_max)
{
    const size_t *offsets = pcre2_get_ovector_pointer(p->engine->found);
    for (size_t i = 0; i < group_max; i++) {
        bool is_set = i <= p->group_count && offsets[2 * i] != PCRE2_UNSET;
        groups[i] = is_set ? (struct pattern_span){offsets[2 * i], offsets[2 * i + 1]}
                           : (struct pattern_span){SIZE_MAX, SIZE_MAX};
    }
}

/* What the call's result means for the search. */
static enum pattern_status search_go_on(struct pattern_search *s, int rc, size_t resume_at, struct pattern_span *groups,
                                        size_t group_max)
{
    if (rc > 0) {
        const size_t *offsets = pcre2_get_ovector_pointer(s->pattern->engine->found);
        groups_copy(s->pattern, groups, group_max);
        s->next = offsets[1];
        s->from = offsets[1];
        s->after_empty = offsets[0] == offsets[1];
        if (s->pattern->is_full) {
            search_end(s);
        }
        return PATTERN_MATCH;
    }
    if (rc == PCRE2_ERROR_CALLOUT && resume_at != SIZE_MAX) {
        s->from = resume_at;
        return PATTERN_MORE;
    }
    search_end(s);
    return rc == PCRE2_ERROR_NOMATCH ? PATTERN_NO_MATCH : PATTERN_LIMIT;
}

enum pattern_status pattern_search_next(struct pattern_search *s, int64_t turn_ns, struct pattern_span *groups,
                                        size_t group_max)
{
    if (s->is_over) {
        return PATTERN_NO_MATCH;
    }
    if (s->spent_ns >= LIMIT_PATTERN_MS * NS_PER_MS) { /* many matches, none of which took long */
        search_end(s);
        return PATTERN_LIMIT;
    }
    int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
    struct watch w = watch_of(s, start_ns, turn_ns);
    int rc = 0;
    if (!match_quick(s, &rc)) {
        rc = match_watched(s, &w);
    }
    s->spent_ns += clock_ns(&CLOCK_SYSTEM) - start_ns;
    enum pattern_status status = search_go_on(s, rc, w.resume_at, groups, group_max);
    engine_trim(s->pattern);
    return status;
}
