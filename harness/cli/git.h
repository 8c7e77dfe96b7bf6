#ifndef ASSAY_CLI_GIT_H
#define ASSAY_CLI_GIT_H

/* What git knows about the folder we are in. Commit and branch are read from git's files, since a run of one case starts in milliseconds; whether
 * the tree is as the commit says needs git itself, which takes milliseconds: it is asked as early as can be, and has its answer ready, or a second
 * for it, when that is wanted.
 *
 * Errors: none; what is not known is NULL, or TREE_UNKNOWN: no repository, no git on PATH, one that refuses the folder or is slow. */

#include "io/ask.h"
#include "model/labels.h"

struct cli;

struct git_state {
    const char *commit, *branch; /* branch NULL on a detached head */
    enum tree_state tree;        /* files that git does not track do not matter */
};

struct git_asking {
    struct git_state state; /* but for the tree */
    struct asking tree;
};
void git_ask(struct cli *cli, struct git_asking *ret);
struct git_state git_answer(struct git_asking *asking);
void git_drop(struct git_asking *asking); /* for CLEANUP */

#endif
