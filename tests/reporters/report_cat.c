/* usage: report_cat FORMAT [RUNS [harmless]]: writes a report full of hostile content to standard output, for parsers that are not ours (check_reports.py). */

#include <stdio.h>
#include <string.h>

#include "tests/check.h"
#include "tests/reporters/report.h"

int main(int argc, char **argv)
{
    if (argc < 2) {
        return 2;
    }
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, argc > 2 && strcmp(argv[2], "2") == 0 ? 2 : 1,
                argc > 3 && strcmp(argv[3], "harmless") == 0 ? REPORT_HARMLESS : REPORT_EVIL);
    const struct reporter *reporter = reporter_find(str_from(argv[1]));
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    r.in.out = stdout;
    if (reporter == NULL || !reporter->write(&r.in, &scratch, &err) || fflush(stdout) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
