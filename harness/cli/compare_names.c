#include "cli/compare_names.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/run_operand.h"

struct operand {
    const char *name; /* as written */
    struct store *store;
    struct stored_runs runs;
};

struct grouping {
    struct cli *cli;
    struct operand *operands;
    size_t count;
    VEC(struct compare_group) groups;
    VEC(struct str) unmatched;
};

static struct compare_run run_of(const struct operand *o, size_t at)
{
    return (struct compare_run){
        .store = o->store,
        .run = &o->runs.runs[at],
        .source = str_from(o->name),
        .labels = o->runs.invocation.labels,
    };
}

/* --- groups ------------------------------------------------------------------------------------------------------------------------------------- */

static struct compare_group *add_group(struct grouping *g, size_t room)
{
    struct compare_group *group = vec_push(&g->cli->arena, &g->groups);
    group->runs = arena_array(&g->cli->arena, struct compare_run, room);
    return group;
}

/* The variants of every suite of one operand. */
static void group_variants(struct grouping *g)
{
    const struct operand *o = &g->operands[0];
    for (size_t first = 0; first < o->runs.run_count;) {
        size_t end = first + 1;
        while (end < o->runs.run_count && o->runs.runs[end].plan == o->runs.runs[first].plan) {
            end++;
        }
        if (end - first > 1) {
            struct compare_group *group = add_group(g, end - first);
            for (size_t i = first; i < end; i++) {
                group->runs[group->run_count++] = run_of(o, i);
            }
        }
        first = end;
    }
}

static void group_all(struct grouping *g)
{
    size_t room = 0;
    for (size_t i = 0; i < g->count; i++) {
        room += g->operands[i].runs.run_count;
    }
    struct compare_group *group = add_group(g, room);
    for (size_t i = 0; i < g->count; i++) {
        for (size_t r = 0; r < g->operands[i].runs.run_count; r++) {
            group->runs[group->run_count++] = run_of(&g->operands[i], r);
        }
    }
}

static bool find_counterpart(const struct operand *o, const struct run_record *run, size_t *ret)
{
    for (size_t i = 0; i < o->runs.run_count; i++) {
        if (str_eq(o->runs.runs[i].suite, run->suite) && str_eq(o->runs.runs[i].variant, run->variant)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static void say_unmatched(struct grouping *g, const struct run_record *run, const char *in, const char *not_in)
{
    *vec_push(&g->cli->arena, &g->unmatched) =
        arena_printf(&g->cli->arena, "%.*s [%.*s] of %s is not in %s: not compared", STR_ARG(run->suite),
                     STR_ARG(run->variant), in, not_in);
}

static void group_counterparts(struct grouping *g)
{
    const struct operand *base = &g->operands[0];
    for (size_t r = 0; r < base->runs.run_count; r++) {
        struct compare_group group = {.runs = arena_array(&g->cli->arena, struct compare_run, g->count)};
        group.runs[group.run_count++] = run_of(base, r);
        for (size_t i = 1; i < g->count; i++) {
            size_t at = 0;
            if (find_counterpart(&g->operands[i], &base->runs.runs[r], &at)) {
                group.runs[group.run_count++] = run_of(&g->operands[i], at);
            } else {
                say_unmatched(g, &base->runs.runs[r], base->name, g->operands[i].name);
            }
        }
        if (group.run_count > 1) {
            *vec_push(&g->cli->arena, &g->groups) = group;
        }
    }
    for (size_t i = 1; i < g->count; i++) {
        for (size_t r = 0; r < g->operands[i].runs.run_count; r++) {
            size_t ignored = 0;
            if (!find_counterpart(base, &g->operands[i].runs.runs[r], &ignored)) {
                say_unmatched(g, &g->operands[i].runs.runs[r], g->operands[i].name, base->name);
            }
        }
    }
}

static bool fail_nothing(const struct grouping *g, struct err *err)
{
    struct buf list CLEANUP(buf_deinit) = BUF(600);
    if (g->count == 1 && g->operands[0].runs.run_count == 1) {
        return err_set(err, ERR_USAGE, "'%s' is one run: with what is it to be compared? assay compare latest~1 latest",
                       g->operands[0].name);
    }
    for (size_t i = 0; i < g->count; i++) {
        for (size_t r = 0; r < g->operands[i].runs.run_count; r++) {
            const struct run_record *run = &g->operands[i].runs.runs[r];
            buf_printf(&list, "%s%.8s (%.*s [%.*s])", list.len == 0 ? "" : ", ", id_text(&run->id).text,
                       STR_ARG(run->suite), STR_ARG(run->variant));
        }
    }
    return err_set(err, ERR_USAGE, "no two of these runs have one suite and variant; name two of them: %.*s",
                   STR_ARG(buf_str(&list)));
}

/* --- names ---------------------------------------------------------------------------------------------------------------------------------------- */

enum naming { NAME_VARIANT, NAME_SOURCE, NAME_BOTH, NAME_ID };

/* "run.jsonl/large", "latest/large": the operand names the variant itself. */
static bool names_variant(const struct compare_run *r)
{
    size_t len = r->run->variant.len;
    return r->source.len > len && r->source.ptr[r->source.len - len - 1] == '/' && str_ends(r->source, r->run->variant);
}

static struct str name_by(struct cli *cli, const struct compare_run *r, enum naming naming)
{
    switch (naming) {
    case NAME_VARIANT:
        return r->run->variant;
    case NAME_SOURCE:
        return r->source;
    case NAME_BOTH:
        return names_variant(r)
                   ? r->source
                   : arena_printf(&cli->arena, "%.*s [%.*s]", STR_ARG(r->source), STR_ARG(r->run->variant));
    case NAME_ID:
        break;
    }
    return arena_printf(&cli->arena, "%.8s [%.*s]", id_text(&r->run->id).text, STR_ARG(r->run->variant));
}

static void name_group(struct cli *cli, struct compare_group *group)
{
    bool is_told = false;
    for (enum naming naming = NAME_VARIANT; !is_told && naming <= NAME_ID; naming++) {
        is_told = true;
        for (size_t i = 0; i < group->run_count; i++) {
            group->runs[i].name = name_by(cli, &group->runs[i], naming);
            for (size_t j = 0; j < i; j++) {
                is_told = is_told && !str_eq(group->runs[i].name, group->runs[j].name);
            }
        }
    }
    for (size_t i = 0; i < group->run_count && !is_told; i++) { /* one run, named twice */
        group->runs[i].name = arena_printf(&cli->arena, "%zu: %.*s", i + 1, STR_ARG(group->runs[i].source));
    }
}

bool compare_groups_find(struct run_operands *operands, const char *const *names, size_t count,
                         struct compare_groups *ret, struct err *err)
{
    struct cli *cli = operands->cli;
    struct grouping g = {.cli = cli, .operands = arena_array(&cli->arena, struct operand, count), .count = count};
    bool are_single = true;
    for (size_t i = 0; i < count; i++) {
        struct operand *o = &g.operands[i];
        o->name = names[i];
        if (!run_operand_open(operands, names[i], false, &o->store, &o->runs, err)) {
            return false;
        }
        are_single = are_single && o->runs.run_count == 1;
    }
    if (count == 1) {
        group_variants(&g);
    } else if (are_single || g.operands[0].runs.run_count == 1) {
        group_all(&g);
    } else {
        group_counterparts(&g);
    }
    if (g.groups.len == 0) {
        return fail_nothing(&g, err);
    }
    for (size_t i = 0; i < g.groups.len; i++) {
        name_group(cli, &g.groups.items[i]);
    }
    *ret = (struct compare_groups){g.groups.items, g.groups.len, g.unmatched.items, g.unmatched.len};
    return true;
}
