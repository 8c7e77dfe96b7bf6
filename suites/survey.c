#include "suites/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"
#include "model/case.h"
#include "model/suite.h"
#include "suites/cases.h"
#include "suites/spec.h"

enum { MARK_BYTES = 16, MARKS_FIRST = 1024 };

/* An id by the beginning of its SHA-256, which two different ones do not share. */
struct mark {
    unsigned char bytes[MARK_BYTES];
    uint64_t ordinal;
};

/* A fault that several cases have: they insert the same template. */
struct repeated {
    size_t fault;   /* which one of the list */
    uint64_t count; /* further cases */
};

struct marks {
    struct mark *items;
    size_t len, cap;
};

static void marks_free(struct marks *m)
{
    mem_free(m->items);
}

static void marks_add(struct marks *m, const struct eval_case *c)
{
    if (m->len == m->cap) {
        m->cap = m->cap == 0 ? MARKS_FIRST : m->cap * 2;
        m->items = mem_realloc(m->items, m->cap * sizeof(*m->items));
    }
    struct digest digest = digest_of(c->id);
    struct mark *mark = &m->items[m->len++];
    memcpy(mark->bytes, digest.bytes, MARK_BYTES);
    mark->ordinal = c->ordinal;
}

static int mark_compare(const void *left, const void *right)
{
    const struct mark *a = left;
    const struct mark *b = right;
    int order = memcmp(a->bytes, b->bytes, MARK_BYTES);
    return order != 0 ? order : (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* The pair whose second case comes first. */
static bool marks_find_twice(struct marks *m, uint64_t ret[static 2])
{
    bool is_found = false;
    if (m->len > 1) {
        qsort(m->items, m->len, sizeof(*m->items), mark_compare);
    }
    for (size_t i = 1; i < m->len; i++) {
        const struct mark *first = &m->items[i - 1];
        const struct mark *again = &m->items[i];
        if (memcmp(first->bytes, again->bytes, MARK_BYTES) == 0 && (!is_found || again->ordinal < ret[1])) {
            ret[0] = first->ordinal;
            ret[1] = again->ordinal;
            is_found = true;
        }
    }
    return is_found;
}

static const struct case_spec *written(const struct suite *suite, struct str id)
{
    for (size_t i = 0; i < suite->case_count; i++) {
        if (str_eq(suite->cases[i].id, id)) {
            return &suite->cases[i];
        }
    }
    return NULL;
}

static struct src_pos place_of(const struct suite *suite, const struct plan_case *c)
{
    const struct case_spec *spec = c->row_line > 0 ? NULL : written(suite, c->id);
    if (spec != NULL) {
        return spec->pos;
    }
    return (struct src_pos){suite->dataset == NULL ? suite->path : suite->dataset->path, (uint32_t)c->row_line, 1};
}

bool survey_fail_twice(const struct suite *suite, const struct plan_case pair[static 2], struct err *err)
{
    struct src_pos first = place_of(suite, &pair[0]);
    struct src_pos again = place_of(suite, &pair[1]);
    const char *advice = ": an id names one case over all runs";
    if (pair[0].row_line > 0 && digest_eq(&pair[0].digest, &pair[1].digest)) {
        advice = ", and the two are equal: give them ids by `id: \"{{field}}\"` in 'dataset', or use 'trials'";
    }
    return err_set_at(err, ERR_SUITE, again, "two cases have the id '%.*s': the first is at %s:%u%s",
                      STR_ARG(pair[1].id), first.file, (unsigned)first.line, advice);
}

/* A pass over the cases: with `faults` it goes on after a bad one. */
struct pass {
    const struct suite *suite;
    const struct case_selection *selection;
    struct diag *faults;
    struct arena arena;
    VEC(struct repeated) repeated;
};

static void pass_end(struct pass *p)
{
    arena_deinit(&p->arena);
}

static struct repeated *repeated_at(const struct pass *p, const struct src_pos *pos)
{
    for (size_t i = 0; i < p->repeated.len; i++) {
        const struct src_pos *known = &p->faults->faults.items[p->repeated.items[i].fault].pos;
        if (strcmp(known->file, pos->file) == 0 && known->line == pos->line && known->col == pos->col) {
            return &p->repeated.items[i];
        }
    }
    return NULL;
}

/* Whether the pass goes on, the error kept as a fault. */
static bool pass_keep(struct pass *p, const struct case_reader *reader, struct err *err)
{
    if (p->faults == NULL || !case_reader_goes_on(reader)) {
        return false;
    }
    struct repeated *before = err->pos.file == NULL ? NULL : repeated_at(p, &err->pos);
    if (before != NULL) {
        before->count++;
    } else {
        size_t count = p->faults->faults.len;
        (void)diag_add_err(p->faults, (struct src_pos){p->suite->path, 0, 0}, err);
        if (p->faults->faults.len > count && err->pos.file != NULL) {
            *vec_push(&p->arena, &p->repeated) = (struct repeated){.fault = count};
        }
    }
    *err = ERR_NULL;
    return true;
}

static void pass_say_repeated(struct pass *p)
{
    for (size_t i = 0; i < p->repeated.len; i++) {
        const struct repeated *r = &p->repeated.items[i];
        if (r->count > 0) {
            p->faults->faults.items[r->fault].hint =
                arena_printf(p->faults->arena, "%llu more %s the same fault at this place",
                             (unsigned long long)r->count, r->count == 1 ? "case has" : "cases have");
        }
    }
}

/* The two are read once more: only their places are kept. */
static bool fail_twice(struct pass *p, const uint64_t ordinals[2], struct err *err)
{
    struct arena row CLEANUP(arena_deinit) = ARENA_NULL;
    struct case_reader *reader CLEANUP(case_reader_close) = NULL;
    struct plan_case pair[2] = {0};
    if (!case_reader_open(p->suite, p->selection, &reader, err)) {
        return false;
    }
    bool has = true;
    while (has && pair[1].id.ptr == NULL) {
        struct eval_case c;
        arena_reset(&row);
        if (!case_reader_next(reader, &row, &has, &c, err)) {
            if (p->faults == NULL || !case_reader_goes_on(reader)) {
                return false;
            }
            *err = ERR_NULL; /* it is among the faults already */
            continue;
        }
        for (size_t i = 0; has && i < 2; i++) {
            if (c.ordinal == ordinals[i]) {
                pair[i] = (struct plan_case){
                    .ordinal = c.ordinal, .id = arena_str(&p->arena, c.id), .digest = c.digest, .row_line = c.row_line};
            }
        }
    }
    return survey_fail_twice(p->suite, pair, err);
}

static bool pass_over(struct pass *p, void (*visit)(void *ctx, const struct eval_case *c), void *ctx,
                      struct survey *ret, struct err *err)
{
    struct case_reader *reader CLEANUP(case_reader_close) = NULL;
    struct arena row CLEANUP(arena_deinit) = ARENA_NULL;
    struct marks marks CLEANUP(marks_free) = {0};
    bool has = true;
    *ret = (struct survey){0};
    if (!case_reader_open(p->suite, p->selection, &reader, err)) {
        return false;
    }
    while (has) {
        struct eval_case c;
        arena_reset(&row);
        if (!case_reader_next(reader, &row, &has, &c, err)) {
            if (!pass_keep(p, reader, err)) {
                return false;
            }
            continue;
        }
        if (has) {
            ret->cases++;
            ret->skipped += c.skip.ptr != NULL ? 1 : 0;
            marks_add(&marks, &c);
            if (visit != NULL) {
                visit(ctx, &c);
            }
        }
    }
    uint64_t pair[2] = {0};
    return !marks_find_twice(&marks, pair) || fail_twice(p, pair, err);
}

bool survey_cases(const struct suite *suite, const struct case_selection *selection,
                  void (*visit)(void *ctx, const struct eval_case *c), void *ctx, struct survey *ret, struct err *err)
{
    struct pass pass CLEANUP(pass_end) = {.suite = suite, .selection = selection, .arena = ARENA_NULL};
    return pass_over(&pass, visit, ctx, ret, err);
}

bool survey_check(const struct suite *suite, struct survey *ret, struct diag *faults)
{
    struct err err = ERR_NULL;
    size_t before = faults->faults.len;
    struct pass pass CLEANUP(pass_end) = {.suite = suite, .faults = faults, .arena = ARENA_NULL};
    if (!pass_over(&pass, NULL, NULL, ret, &err)) {
        (void)diag_add_err(faults, (struct src_pos){suite->path, 0, 0}, &err);
    }
    pass_say_repeated(&pass);
    return faults->faults.len == before;
}
