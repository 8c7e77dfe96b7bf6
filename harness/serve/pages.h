#ifndef ASSAY_SERVE_PAGES_H
#define ASSAY_SERVE_PAGES_H

/* Pages to look at runs with a browser: the newest runs, the cases of one, one case whole; and the report `html` of a run. They read the store of runs,
 * never the server's own, through a handle that cannot write.
 *
 *   /TOKEN/                        runs
 *   /TOKEN/runs/ID                 the report
 *   /TOKEN/runs/ID/cases           failing and errored cases; ?all=1 all of them; ?case=ID one: input, expectation, output, scores of every trial
 *
 * TOKEN is random, 128 bits, new at each start: whoever has the address may read. GET only; content goes through reporters/html_parts.h and never becomes
 * markup; the policy forbids everything but the page's own style and script.
 *
 * Lists are bounded, for nothing in the loop may take long; the report, which is as long as the run, is made by a process of its own:
 * `assay report ID --format html`. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct request;
struct server;

enum { PAGES_TOKEN_BYTES = 16, PAGES_LISTED = 500, PAGES_REPORTS = 4 /* being made at once */ };

struct pages {
    char token[2 * PAGES_TOKEN_BYTES + 1]; /* "" = no pages */
    const char *const *envp;
    size_t reports;
};

void pages_init(struct server *s); /* when the options name a journal and our own program */

enum pages_outcome { PAGES_NOT_THEIRS, PAGES_ANSWERED, PAGES_PENDING /* a program makes it */ };
enum pages_outcome pages_begin(struct request *r);

/* 404, for a browser that has no address of ours: where that is to be found, and nothing more. */
void pages_reply_elsewhere(struct request *r);

/* A path without the token, for logs. */
struct str pages_shown_path(const struct server *s, struct arena *arena, struct str path);

#endif
