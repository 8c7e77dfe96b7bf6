#include "suites/names.h"

#include "base/arena.h"
#include "data/template.h"
#include "data/value.h"
#include "model/case.h"
#include "model/environment.h"
#include "model/suite.h"
#include "suites/cases.h"

bool names_text(struct arena *arena, const struct value *v, struct str *ret)
{
    switch (v->kind) {
    case VALUE_TEXT:
    case VALUE_NUMBER:
        *ret = v->text.ptr == NULL ? STR("") : v->text;
        return true;
    case VALUE_BOOL:
        *ret = arena_str(arena, v->boolean ? STR("true") : STR("false"));
        return true;
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
        break;
    }
    return false;
}

/* The fixed names of one case, in one piece: this is made for every sample. */
struct fixed_names {
    struct value id, tags, trial, variant, suite;
    char trial_digits[12];
};

static struct str digits_of(uint32_t number, char room[static 12])
{
    size_t at = 12;
    do {
        room[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return (struct str){room + at, 12 - at};
}

void case_scope(const struct suite *suite, const struct variant *variant, const struct eval_case *c, uint32_t trial,
                struct arena *arena, struct scope *ret)
{
    struct fixed_names *fixed = arena_new(arena, struct fixed_names);
    fixed->id = value_of_text(c->id);
    fixed->tags = (struct value){.kind = VALUE_LIST, .len = (uint32_t)c->tag_count};
    if (c->tag_count > 0) {
        fixed->tags.items = arena_array(arena, struct value, c->tag_count);
    }
    for (size_t i = 0; i < c->tag_count; i++) {
        fixed->tags.items[i] = value_of_text(c->tags[i]);
    }
    fixed->trial = (struct value){.kind = VALUE_NUMBER, .text = digits_of(trial, fixed->trial_digits)};
    fixed->suite = value_of_text(suite->name);
    *ret = (struct scope){.row = c->row,
                          .vars = {&c->vars, NULL, &suite->vars},
                          .id = &fixed->id,
                          .input = &c->input,
                          .expected = c->has_expected ? &c->expected : NULL,
                          .tags = &fixed->tags,
                          .trial = &fixed->trial,
                          .suite = &fixed->suite};
    if (variant != NULL) {
        fixed->variant = value_of_text(variant->name);
        ret->variant = &fixed->variant;
    }
    environment_names(suite->vars_env, ret); /* what a program is given is as it is now: that is its caller's to say */
}
