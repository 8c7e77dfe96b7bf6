#ifndef ASSAY_MODEL_LABELS_H
#define ASSAY_MODEL_LABELS_H

/* Labels of an invocation as the store has them (a JSON map of texts), and what those that are recorded by themselves say about the code:
 *
 *   commit   40 hex digits, as a rule
 *   branch   its name
 *   dirty    "yes": files that git tracks differ from the commit; "no": none does; no such label: nobody knows
 *
 * Errors: none. Labels that cannot be read are no labels: they only describe. Texts are copied into the arena. */

#include "base/str.h"
#include "data/value.h"

struct arena;

#define LABEL_COMMIT "commit"
#define LABEL_BRANCH "branch"
#define LABEL_DIRTY "dirty"
#define LABEL_DIRTY_YES "yes"
#define LABEL_DIRTY_NO "no"

/* A map of texts; an empty one where there are none. */
struct value labels_read(struct arena *arena, struct str json);
struct str labels_get(const struct value *labels, const char *key); /* ptr NULL = no such label */

struct str labels_one(struct arena *arena, struct str key, struct str value); /* a map of one, as JSON */

enum tree_state { TREE_UNKNOWN, TREE_CLEAN, TREE_DIRTY };
enum tree_state labels_tree(const struct value *labels);

#endif
