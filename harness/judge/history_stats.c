/* What a history follows, and by whose scorers each run's figure came to be. */

#include "judge/history_private.h"
#include "judge/stat_names.h"

static const struct dimension *find_dimension(const struct run_record *run, struct str name)
{
    for (size_t i = 0; i < run->dimension_count; i++) {
        if (str_eq(run->dimensions[i].name, name)) {
            return &run->dimensions[i];
        }
    }
    return NULL;
}

static bool is_of_pass(enum stat_kind kind)
{
    return kind == STAT_PASS_RATE || kind == STAT_PASS_AT || kind == STAT_PASS_ALL;
}

static struct digest scorer_of(const struct night *night, const struct stat_ref *stat)
{
    const struct run_record *run = night->run;
    const struct dimension *d = stat->dimension.ptr == NULL ? NULL : find_dimension(run, stat->dimension);
    if (stat->dimension.ptr != NULL) {
        return d == NULL ? (struct digest){0} : d->scorer;
    }
    struct digest_stream stream; /* of whole samples: all of them */
    digest_begin(&stream);
    for (size_t i = 0; i < run->dimension_count; i++) {
        digest_add(&stream, run->dimensions[i].name);
        digest_add(&stream, (struct str){(const char *)run->dimensions[i].scorer.bytes, sizeof(struct digest)});
    }
    return digest_end(&stream);
}

static void follow(struct history_work *w, size_t at)
{
    struct followed *f = &w->followed[at];
    const struct dimension *d =
        f->stat.dimension.ptr == NULL ? NULL : find_dimension(w->nights[0].run, f->stat.dimension);
    bool is_judged = d != NULL && d->kind == DIMENSION_JUDGED;
    w->ret->series[at] = (struct history_series){
        .stat = f->stat.text,
        .dimension = f->stat.dimension,
        .is_share = is_of_pass(f->stat.kind),
        .direction = is_of_pass(f->stat.kind) || f->stat.dimension.ptr == NULL || is_judged ? DIRECTION_HIGHER
                     : d != NULL                                                            ? d->direction
                                                                                            : DIRECTION_NONE,
        .points = arena_array(w->arena, struct history_point, w->count),
    };
    f->scorers = arena_array(&w->room, struct digest, w->count);
    for (size_t i = 0; i < w->count; i++) {
        f->scorers[i] = scorer_of(&w->nights[i], &f->stat);
    }
}

bool history_choose(struct history_work *w, struct err *err)
{
    const struct stat_names names = {w->nights[0].run, w->nights[0].trials, w->in->stats, w->in->stat_count};
    struct stat_ref *stats = NULL;
    size_t count = 0;
    if (!stat_names_read(&names, w->arena, &stats, &count, err)) {
        return false;
    }
    w->followed = arena_array(&w->room, struct followed, count);
    w->ret->series = arena_array(w->arena, struct history_series, count);
    w->ret->series_count = count;
    for (size_t i = 0; i < count; i++) {
        w->followed[i].stat = stats[i];
        follow(w, i);
    }
    return true;
}
