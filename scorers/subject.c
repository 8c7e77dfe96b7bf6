/* What a scorer looks at: the output, or the part of it that `from` and `extract` name. Patterns may be slow, so extracting goes on over turns. */

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "data/json.h"
#include "scorers/private.h"

enum { MATCHES_PER_LOOK = 256 }; /* at the clock */

static void match_keep(struct match_search *m, const struct pattern *pattern, const struct pattern_span *groups,
                       uint32_t group)
{
    bool has_groups = pattern_group_count(pattern) > 0;
    m->count++;
    m->has_match = true;
    m->whole = groups[0];
    if (group == 0) {
        m->group = has_groups && groups[1].start != SIZE_MAX ? groups[1] : groups[0];
    } else {
        m->group = groups[group];
    }
}

enum match_status match_find(struct match_search *m, const struct pattern *pattern, struct str text,
                             enum extract_match which, uint32_t group, int64_t turn_ns)
{
    struct pattern_span groups[GROUPS_MAX];
    int64_t end_ns = 0;
    if (!m->has_begun) {
        *m = (struct match_search){.has_begun = true};
        pattern_search_begin(&m->search, pattern, text);
    }
    while (true) {
        switch (pattern_search_next(&m->search, turn_ns, groups, GROUPS_MAX)) {
        case PATTERN_MORE:
            return MATCH_AGAIN;
        case PATTERN_LIMIT:
            return MATCH_LIMIT;
        case PATTERN_NO_MATCH:
            return m->has_match ? MATCH_FOUND : MATCH_NONE;
        case PATTERN_MATCH:
            break;
        }
        match_keep(m, pattern, groups, group);
        if (which == MATCH_FIRST) {
            return MATCH_FOUND;
        }
        if (which == MATCH_ONLY && m->count > 1) {
            return MATCH_SEVERAL;
        }
        if (turn_ns > 0 && m->count % MATCHES_PER_LOOK == 0) {
            int64_t now_ns = clock_ns(&CLOCK_SYSTEM);
            end_ns = end_ns == 0 ? now_ns + turn_ns : end_ns;
            if (now_ns >= end_ns) {
                return MATCH_AGAIN;
            }
        }
    }
}

static void subject_absent(struct subject *s, struct str reason)
{
    s->is_absent = true;
    s->reason = reason;
    s->text = STR("");
}

static void subject_empty(struct subject *s, struct str reason)
{
    subject_absent(s, reason);
    s->is_empty = true;
}

static const struct value *view_json(struct output_view *view, struct arena *arena)
{
    if (view->output->is_json) {
        return &view->output->json;
    }
    if (!view->is_parsed) {
        view->is_parsed = true;
        struct value *parsed = arena_new(arena, struct value);
        struct err ignored = ERR_NULL;
        bool is_json = json_read(arena, view->output->text, JSON_REPLY, (struct src_pos){.line = 1, .col = 1}, parsed,
                                 NULL, &ignored);
        view->json = is_json ? parsed : NULL;
    }
    return view->json;
}

static void subject_whole(struct subject *s, const struct output *output)
{
    *s = (struct subject){.text = output->text, .value = output->is_json ? &output->json : NULL};
    if (s->text.len == 0) {
        subject_empty(s, STR("the output is empty"));
    } else if (output->is_json && output->json.kind == VALUE_NULL) {
        subject_absent(s, STR("the output is null"));
    }
}

static void subject_from(struct subject *s, const struct pointer *from, struct output_view *view, struct arena *arena)
{
    *s = (struct subject){.text = STR("")};
    const struct value *root = view_json(view, arena);
    if (root == NULL) {
        subject_absent(s, view->output->text.len == 0 ? STR("the output is empty") : STR("the output is not JSON"));
        return;
    }
    s->value = pointer_find(from, root);
    if (s->value == NULL) {
        subject_absent(s, arena_printf(arena, "nothing at '%.*s'", STR_ARG(from->text)));
    } else if (!text_of_value(arena, s->value, &s->text)) {
        subject_absent(s, arena_printf(arena, "null at '%.*s'", STR_ARG(from->text)));
    } else if (s->text.len == 0) {
        subject_empty(s, arena_printf(arena, "an empty text at '%.*s'", STR_ARG(from->text)));
    }
}

static void subject_begin(struct subject_work *w, const struct scorer_common *common, struct output_view *view,
                          struct arena *arena)
{
    w->has_begun = true;
    if (common->has_from) {
        subject_from(&w->subject, &common->from, view, arena);
    } else {
        subject_whole(&w->subject, view->output);
    }
    if (common->extract != NULL) { /* from here on a text, or what could have been one */
        w->subject.value = NULL;
        w->subject.is_empty = false;
    }
}

enum subject_status subject_make(struct subject_work *w, const struct scorer_use *use, struct output_view *view,
                                 struct arena *arena, int64_t turn_ns, struct subject *ret)
{
    const struct scorer_common *common = &use->common;
    if (!w->has_begun) {
        subject_begin(w, common, view, arena);
    }
    *ret = w->subject;
    if (common->extract == NULL || w->subject.is_absent) {
        return SUBJECT_READY;
    }
    switch (match_find(&w->match, common->extract, w->subject.text, common->match, 0, turn_ns)) {
    case MATCH_AGAIN:
        return SUBJECT_AGAIN;
    case MATCH_LIMIT:
        return SUBJECT_LIMIT;
    case MATCH_FOUND:
        ret->text = str_slice(w->subject.text, w->match.group.start, w->match.group.end);
        if (ret->text.len == 0) {
            subject_empty(ret, STR("'extract' found an empty text"));
        }
        break;
    case MATCH_NONE:
        subject_absent(ret, STR("no match of 'extract'"));
        break;
    case MATCH_SEVERAL:
        subject_absent(ret, STR("'extract' matched more than once, 'match: only' wants one"));
        break;
    }
    return SUBJECT_READY;
}

struct output subject_output(const struct score_in *in)
{
    struct output shown = *in->output;
    if (in->use->common.has_from || in->use->common.extract != NULL) {
        shown.text = in->subject.text;
        shown.is_json = in->subject.value != NULL;
        shown.json = shown.is_json ? *in->subject.value : (struct value){.kind = VALUE_NULL};
    }
    return shown;
}
