#ifndef ASSAY_CLI_REPORTS_H
#define ASSAY_CLI_REPORTS_H

/* Reports of stored runs: --report FORMAT[=FILE], repeatable, and `assay report`. Everything is read from the store: what is printed, exported and
 * returned is the same record. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"
#include "model/record.h"
#include "model/verdict.h"

struct cli;
struct err;
struct reporter;
struct store;
struct suite;

struct report_request {
    const struct reporter *reporter;
    const char *file; /* NULL or "-" = standard output */
};

struct report_set {
    struct report_request *requests;
    size_t count;
    bool uses_stdout; /* then words for people go to standard error */
};

/* Before anything is done: a file that is named where there is no folder is a slip (ERR_USAGE), as is a folder. What cannot be written is ERR_IO. */
MUST_CHECK bool report_folder_check(struct cli *cli, const char *flag, const char *value, const char *file,
                                    struct err *err);

/* Parses `--report` values; checks that a file's folder is there, before anything runs. */
MUST_CHECK bool report_requests(struct cli *cli, const char *const *values, struct report_set *ret, struct err *err);

/* Before anything runs: no report is to overwrite another one, the store, or a file that the suites were read from. */
MUST_CHECK bool report_files_check(const struct report_set *set, const char *store, struct suite *const *suites,
                                   size_t suite_count, struct err *err);

/* Runs as found by store_find_runs: one invocation, or one variant of it. */
struct stored_runs {
    struct invocation_record invocation;
    struct run_record *runs;
    size_t run_count;
};
MUST_CHECK bool stored_runs_find(struct cli *cli, struct store *store, const char *name, bool with_unfinished,
                                 struct stored_runs *ret, struct err *err);

/* Writes one report of them. `is_verbose` and `max_shown` are the terminal reporter's. */
MUST_CHECK bool report_write(struct cli *cli, struct store *store, const struct stored_runs *runs,
                             const struct report_request *request, bool is_verbose, size_t max_shown, struct err *err);

/* Adds runs of one invocation to a file that holds several (a saved baseline): the format `jsonl`. */
MUST_CHECK bool report_append_jsonl(struct cli *cli, struct store *store, const struct stored_runs *runs, FILE *out,
                                    struct err *err);

/* The last line: the word, the exit code, and why. To `out`. */
void report_last_line(struct cli *cli, FILE *out, enum verdict verdict, struct str reason);

#endif
