#ifndef ASSAY_CLI_IMPORTED_H
#define ASSAY_CLI_IMPORTED_H

/* What `import` and `pull` say of a run that they brought in. */

struct cli;
struct imported_run;

/* "imported 1a2b3c4d  sums [default]  3 samples", "there already: ..."; `verb` says how it came. And a line on standard error when its recorder's clock is
 * ahead of ours. */
void imported_print(struct cli *cli, const struct imported_run *run, const char *verb);

#endif
