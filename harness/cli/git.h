#ifndef ASSAY_CLI_GIT_H
#define ASSAY_CLI_GIT_H

/* What git knows about the folder we are in. Commit and branch are read from git's files, since a run of one case starts in milliseconds; whether
 * the tree is as the commit says needs git itself, which gets a second to answer.
 *
 * Errors: none; what is not known is NULL, or TREE_UNKNOWN: no repository, no git on PATH, one that refuses the folder or is slow. */

#include "model/labels.h"

struct cli;

struct git_state {
    const char *commit, *branch; /* branch NULL on a detached head */
    enum tree_state tree;        /* files that git does not track do not matter */
};

struct git_state git_state(struct cli *cli);

#endif
