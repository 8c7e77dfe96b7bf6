#include "base/err.h"
#include "reporters/reporter.h"

bool report_each(const struct report_run *run, bool only_bad, report_visit *visit, void *ctx, struct err *err)
{
    struct sample_cursor samples CLEANUP(sample_cursor_close) = {0};
    if (!run->samples(run->ctx, run, only_bad, &samples, err)) {
        return false;
    }
    bool goes_on = true;
    while (goes_on) {
        struct sample_record sample;
        bool has = false;
        if (!samples.next(&samples, &has, &sample, err)) {
            return false;
        }
        if (!has) {
            return true;
        }
        if (!visit(ctx, &sample, &goes_on, err)) {
            return false;
        }
    }
    return true;
}

size_t report_group(const struct report_in *in, size_t from)
{
    size_t count = 1;
    while (from + count < in->run_count &&
           str_eq(in->runs[from + count].summary->suite, in->runs[from].summary->suite)) {
        count++;
    }
    return count;
}
