#include "model/verdict.h"

#include "base/attr.h"

const struct verdict_row VERDICTS[] = {
    {VERDICT_PASSED, 0, "passed", "everything ran, every gate holds", 10},
    {VERDICT_FAILED, 1, "failed", "a gate failed", 8},
    {VERDICT_USAGE, 2, "usage", "bad usage, suite or configuration; nothing was run", 1},
    {VERDICT_ERRORED, 3, "errored", "more samples errored than allowed, or the budget ended the run: no verdict", 6},
    {VERDICT_EMPTY, 4, "empty", "nothing selected, no such run, or no comparable baseline", 5},
    {VERDICT_INFRASTRUCTURE, 5, "infrastructure",
     "store, setup or a program that cannot be started, access refused (401, 403), nobody reached, report not writable",
     4},
    {VERDICT_UNRECORDED, 6, "unrecorded", "the verdict passed and all is in the local store, but not all on Opper", 9},
    {VERDICT_INTERNAL, 70, "internal", "a fault of assay's own, or out of memory", 0},
    {VERDICT_INTERRUPTED_INT, 130, "interrupted", "by SIGINT; `assay resume` goes on", 2},
    {VERDICT_INTERRUPTED_TERM, 143, "interrupted", "by SIGTERM; `assay resume` goes on", 3},
    {VERDICT_NO_BASELINE, 4, "empty", "nothing selected, no such run, or no comparable baseline", 7},
};
const size_t VERDICT_COUNT = ARRAY_LEN(VERDICTS);

const struct verdict_row *verdict_row(enum verdict v)
{
    return &VERDICTS[v];
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
    return VERDICTS[a].rank <= VERDICTS[b].rank ? a : b;
}

bool verdict_parse(struct str word, enum verdict *ret)
{
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        if (str_eq_cstr(word, VERDICTS[i].word)) {
            *ret = VERDICTS[i].verdict;
            return true;
        }
    }
    return false;
}
