#include "base/arena.h"
#include "scorers/scorer.h"

/* Sorted. A new scorer is one file, one word here, one line in meson.build, one test file. */
#define SCORER_LIST(X)                                                                                                 \
    X(command)                                                                                                         \
    X(contains)                                                                                                        \
    X(cost) X(exact) X(json) X(judge) X(latency) X(length) X(numeric) X(one_of) X(regex) X(starts_with) X(tokens)

#define SCORER_DECLARE(name) extern const struct scorer scorer_##name;
SCORER_LIST(SCORER_DECLARE)
#define SCORER_ENTRY(name) &scorer_##name,
const struct scorer *const SCORERS[] = {SCORER_LIST(SCORER_ENTRY) NULL};

const struct scorer *scorer_find(struct str name)
{
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        if (str_eq_cstr(name, SCORERS[i]->name)) {
            return SCORERS[i];
        }
    }
    return NULL;
}

const char *const *scorer_names(struct arena *arena)
{
    const char **names = arena_array(arena, const char *, ARRAY_LEN(SCORERS));
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        names[i] = SCORERS[i]->name;
    }
    return names;
}
