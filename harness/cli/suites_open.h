#ifndef ASSAY_CLI_SUITES_OPEN_H
#define ASSAY_CLI_SUITES_OPEN_H

/* From words on the command line to loaded suites and an open store, with errors printed as people see them; and the way back: the flags that
 * change what is run are stored with the invocation as JSON, so that resume needs none of them again. */

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "model/record.h"
#include "model/suite.h"
#include "store/store.h"
#include "suites/cases.h"
#include "suites/load.h"

struct diag;
struct git_asking;

/* Flags that change what is run (and what resume has to know again). */
struct run_flags {
    const char *const *cases, *const *filters, *const *tags, *const *sets, *const *gates; /* NULL-ended or NULL */
    const char *const *baselines;                                                         /* the same */
    uint64_t limit, trials, concurrency;
    bool pool;
};

/* Rows of these flags that `run` and `rescore` share, for their tables. */
#define SELECTION_ROWS                                                                                                 \
    {"case", 'c', OPTION_LIST, "ID", "only the case with this id; repeatable"},                                        \
        {"filter", 'f', OPTION_LIST, "TEXT", "only cases whose id holds this text; repeatable"},                       \
        {"tag", 't', OPTION_LIST, "TAG", "only cases with this tag; repeatable"},                                      \
        {"set", 's', OPTION_LIST, "KEY=VALUE", "a suite variable"},                                                    \
        {"gate", 'g', OPTION_LIST, "GATE", "one more gate, for this run"},                                             \
        {"baseline", 'b', OPTION_LIST, "RUN|FILE|K=V",                                                                 \
         "what gates compare with, in place of the suite's baseline (opper:K=V: on Opper); repeatable, tried in "      \
         "order"},                                                                                                     \
    {                                                                                                                  \
        "label", 0, OPTION_LIST, "KEY=VALUE", "a label of the run"                                                     \
    }

MUST_CHECK bool run_flags_read(struct cli *cli, const struct args *args, struct run_flags *ret, struct err *err);
struct str run_flags_to_json(struct cli *cli, const struct run_flags *flags);
MUST_CHECK bool run_flags_from_json(struct cli *cli, struct str json, struct run_flags *ret, struct err *err);
struct case_selection run_flags_selection(const struct run_flags *flags);
bool run_flags_select_all(const struct run_flags *flags);

/* --baseline, each a place; NULL when there is none. */
const struct baseline_list *baselines_of_flags(struct arena *arena, const char *const *flags);

MUST_CHECK bool suite_options_fill(struct cli *cli, const struct run_flags *flags, struct suite_options *ret,
                                   struct err *err);

/* `--set` of a variable that none of the suites knows: a fault each, at the flag. */
bool sets_check(struct cli *cli, struct suite *const *suites, size_t count, const struct run_flags *flags,
                struct diag *diag);

/* Loads suites; prints every fault and returns VERDICT_USAGE when there is any. ret has `count` entries. */
enum verdict suites_open(struct cli *cli, const char *const *paths, size_t count, const struct run_flags *flags,
                         struct suite **ret);

/* The suites of a stored invocation, from their stored texts, in the order of its plans. */
enum verdict suites_open_stored(struct cli *cli, struct store *store, const struct invocation_record *invocation,
                                struct suite ***ret, size_t *ret_count);
void suites_close(struct suite **suites, size_t count);

/* Of a stored plan only what judging needs: the stored suite's gates, those of the --gate that it was run with, and further ones; `baselines` (NULL = as
 * then) in place of the suite's. `runs`: all runs of the plan. Nothing but the store is read. */
enum verdict suite_open_gates(struct cli *cli, struct store *store, const struct invocation_record *invocation,
                              const struct run_record *runs, size_t run_count, const char *const *gates,
                              const char *const *baselines, struct suite **ret);

/* What the stored suite of a run says of recording (`record:`), for a run that was only recorded here. */
MUST_CHECK bool suite_open_record(struct cli *cli, struct store *store, const struct run_record *run,
                                  struct record_options *ret, struct err *err);

const char *store_named_path(struct cli *cli, const struct args *args);
/* The store named by --db, ASSAY_DB or the folder. Errors are the caller's to print. */
MUST_CHECK bool store_open_named(struct cli *cli, const struct args *args, enum store_mode mode, struct store **ret,
                                 struct err *err);

/* Those of --label alone, to look for runs that have them: a JSON map of texts; STR_NULL without any. */
MUST_CHECK bool labels_wanted(struct cli *cli, const struct args *args, struct str *ret, struct err *err);

/* Labels of an invocation: the suites' `labels`, --label k=v, and branch, commit and state of the tree by themselves (CI variables, then git). */
MUST_CHECK bool labels_json(struct cli *cli, const struct args *args, struct suite *const *suites, size_t count,
                            struct git_asking *git, struct str *ret, struct err *err);

#endif
