/* What a scorer looks at: the output, or the part of it that `from` and `extract` name. Patterns may be slow, so extracting goes on over turns. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "scorers/private.h"

enum { GROUPS_MAX = 64 };

enum match_status match_find(struct match_search *m, const struct pattern *pattern, struct str text,
                             enum extract_match which, uint32_t group, int64_t turn_ns)
{
    if (!m->has_begun) {
        *m = (struct match_search){.has_begun = true};
        pattern_search_begin(&m->search, pattern, text);
    }
    struct pattern_span groups[GROUPS_MAX];
    while (true) {
        switch (pattern_search_next(&m->search, turn_ns, groups, GROUPS_MAX)) {
        case PATTERN_MORE:
            return MATCH_AGAIN;
        case PATTERN_LIMIT:
            return MATCH_LIMIT;
        case PATTERN_NO_MATCH:
            if (!m->has_match) {
                return MATCH_NONE;
            }
            return which == MATCH_ONLY && m->count > 1 ? MATCH_SEVERAL : MATCH_FOUND;
        case PATTERN_MATCH:
            break;
        }
        uint32_t wanted = group > 0 ? group : pattern_group_count(pattern) > 0 ? 1 : 0;
        m->count++;
        m->has_match = true;
        m->whole = groups[0];
        m->group = wanted > 0 && wanted < GROUPS_MAX ? groups[wanted] : groups[0];
        if (m->group.start == SIZE_MAX && group == 0) {
            m->group = groups[0]; /* the first group took no part: the whole match */
        }
        if (which == MATCH_FIRST) {
            return MATCH_FOUND;
        }
        if (which == MATCH_ONLY && m->count > 1) {
            return MATCH_SEVERAL;
        }
    }
}

static void subject_absent(struct subject *s, struct str reason)
{
    s->is_absent = true;
    s->reason = reason;
    s->text = STR("");
}

static const struct value *view_json(struct output_view *view, struct arena *arena)
{
    if (!view->is_parsed) {
        view->is_parsed = true;
        if (view->output->is_json) {
            view->json = &view->output->json;
        } else {
            struct value *parsed = arena_new(arena, struct value);
            struct err ignored = ERR_NULL;
            if (json_read(arena, view->output->text, JSON_REPLY, (struct src_pos){.line = 1, .col = 1}, parsed, NULL,
                          &ignored)) {
                view->json = parsed;
            }
        }
    }
    return view->json;
}

static struct str text_of_value(struct arena *arena, const struct value *v, bool *ret_null)
{
    if (v->kind == VALUE_TEXT) {
        return v->text;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    *ret_null = !value_append_text(&text, v);
    return arena_str(arena, buf_str(&text));
}

static void subject_from(struct subject *s, const struct scorer_use *use, struct output_view *view, struct arena *arena)
{
    *s = (struct subject){.text = view->output->text};
    if (!use->common.has_from) {
        s->value = view->output->is_json ? &view->output->json : NULL;
        if (s->text.len == 0) {
            s->is_empty = use->common.extract == NULL;
            subject_absent(s, STR("the output is empty"));
        }
        return;
    }
    const struct value *root = view_json(view, arena);
    if (root == NULL) {
        subject_absent(s, view->output->text.len == 0 ? STR("the output is empty") : STR("the output is not JSON"));
        return;
    }
    const struct value *found = pointer_find(&use->common.from, root);
    struct str where = use->common.from.text;
    if (found == NULL) {
        subject_absent(s, arena_printf(arena, "nothing at '%.*s'", STR_ARG(where)));
        return;
    }
    bool is_null = false;
    s->value = found;
    s->text = text_of_value(arena, found, &is_null);
    if (is_null) {
        subject_absent(s, arena_printf(arena, "null at '%.*s'", STR_ARG(where)));
    } else if (s->text.len == 0) {
        subject_absent(s, arena_printf(arena, "an empty text at '%.*s'", STR_ARG(where)));
    }
}

bool subject_make(struct subject_work *w, const struct scorer_use *use, struct output_view *view, struct arena *arena,
                  int64_t turn_ns, struct subject *ret, bool *ret_limit)
{
    *ret_limit = false;
    if (!w->has_begun) {
        w->has_begun = true;
        subject_from(&w->subject, use, view, arena);
    }
    if (use->common.extract == NULL || w->subject.is_absent) {
        *ret = w->subject;
        return true;
    }
    enum match_status status =
        match_find(&w->match, use->common.extract, w->subject.text, use->common.match, 0, turn_ns);
    if (status == MATCH_AGAIN) {
        return false;
    }
    *ret = (struct subject){0};
    switch (status) {
    case MATCH_FOUND:
        ret->text = str_slice(w->subject.text, w->match.group.start, w->match.group.end);
        if (ret->text.len == 0) {
            subject_absent(ret, STR("'extract' matched nothing but an empty text"));
        }
        break;
    case MATCH_NONE:
        subject_absent(ret, STR("no match of 'extract'"));
        break;
    case MATCH_SEVERAL:
        subject_absent(ret, STR("'extract' matched more than once, 'match: only' wants one"));
        break;
    case MATCH_LIMIT:
    case MATCH_AGAIN:
        *ret_limit = true;
        break;
    }
    return true;
}
