/* contains: texts that have to be in the output, all of them or any.
 *
 * Shape:  reads the subject; one judged, binary score. Words: `all` names what is missing, `any` what is there. */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/limits.h"
#include "scorers/private.h"

struct contains_options {
    struct template *all, *any;
    bool ignore_case;
};

static const struct field CONTAINS_ROWS[] = {
    {.key = "all",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct contains_options, all),
     .template_roots = SCORER_ROOTS,
     .is_short_form = true,
     .help = "a text or a list: every one has to be there"},
    {.key = "any",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct contains_options, any),
     .template_roots = SCORER_ROOTS,
     .help = "a text or a list: one of them has to be there"},
    {.key = "ignore_case",
     .type = FIELD_BOOL,
     .offset = offsetof(struct contains_options, ignore_case),
     .default_text = "false",
     .help = "compare case-folded"},
    {0},
};

static bool contains_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct contains_options *o = use->options;
    if ((o->all == NULL) == (o->any == NULL)) {
        return diag_add(ctx->diag, use->pos, "scorer 'contains' wants 'all' or 'any'%s",
                        o->all != NULL ? ", not both" : "");
    }
    return true;
}

static enum score_step contains_score(struct score_in *in, struct judgement *ret)
{
    const struct contains_options *o = in->options;
    const struct template *wanted = o->all != NULL ? o->all : o->any;
    struct str *texts = NULL;
    size_t count = 0;
    enum expand_status status = expand_texts(in, wanted, &texts, &count, ret);
    if (status == EXPAND_BAD) {
        return STEP_DONE;
    }
    if (status == EXPAND_ABSENT || count == 0) {
        *ret = (struct judgement){.kind = JUDGED_NOT_SCORED,
                                  .comment = STR("there is nothing to look for: the list is empty")};
        return STEP_DONE;
    }
    struct str text = fold_text(in->arena, in->subject.text, o->ignore_case, false);
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_there = str_find(text, fold_text(in->arena, texts[i], o->ignore_case, false), NULL);
        found += is_there ? 1 : 0;
        if (is_there == (o->any != NULL)) { /* all: name what is missing; any: name what is there */
            buf_append_cstr(&words, words.len == 0 ? (is_there ? "holds " : "lacks ") : ", ");
            words_quote(&words, texts[i]);
        }
    }
    bool ok = o->all != NULL ? found == count : found > 0;
    if (words.len == 0) {
        buf_printf(&words, ok ? "holds all %zu" : "holds none of %zu", count);
    }
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = ok ? 1 : 0, .comment = words_finish(in->arena, &words)};
    return STEP_DONE;
}

static void contains_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct contains_options *o = options;
    visit(ctx, o->all != NULL ? o->all : o->any);
}

const struct scorer scorer_contains = {
    .name = "contains",
    .summary = "texts that have to be in the output, all or any",
    .version = 1,
    .rows = CONTAINS_ROWS,
    .options_size = sizeof(struct contains_options),
    .load = contains_load,
    .score = contains_score,
    .visit_templates = contains_visit,
};
