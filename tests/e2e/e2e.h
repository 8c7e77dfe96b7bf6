#ifndef ASSAY_TESTS_E2E_H
#define ASSAY_TESTS_E2E_H

/* The real program, run by a shell in a folder of its own: what it printed, how it ended, what is in its store. Scripts are those of /bin/sh, with
 * `assay` on the PATH and an environment that does not depend on who runs the test. Every call also fails when a sanitizer spoke.
 *
 *   struct e2e e CLEANUP(e2e_close) = e2e_open();
 *   e2e_write(&e, "suite.yaml", TEXT);
 *   struct e2e_done done = e2e_sh(&e, "assay run suite.yaml");
 *   CHECK_INT("small suite", done.exit_code, 0);
 *
 * Texts live until e2e_close. */

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"
#include "tests/check.h"
#include "tests/temp.h"

struct e2e {
    struct temp_dir dir; /* the project, and HOME */
    struct arena arena;
    const char *env[8];     /* more of it, "NAME=value" */
    unsigned uid;           /* 0 = as we are */
    unsigned short columns; /* not 0: a terminal of this width is its stdin, stdout and stderr */
    int64_t timeout_ms;     /* then it is killed, and the test fails */
};

struct e2e_done {
    int exit_code; /* 128 + signal when one ended it */
    struct str out, err;
    int64_t elapsed_ms;
};

/* Takes the paths that Meson gives: the program, the source folder. Every main begins with it. */
void e2e_init(int argc, char **argv);
const char *e2e_source_dir(void);

struct e2e e2e_open(void);
void e2e_close(struct e2e *e);

PRINTF_LIKE(2, 3) struct e2e_done e2e_sh(struct e2e *e, const char *format, ...);

/* One that goes on while the test does something. */
struct e2e_child {
    struct e2e *e;
    pid_t pid; /* the shell; the program itself after `exec assay ...` */
    FILE *out, *err;
    int terminal;
    struct buf *shown; /* what came from the terminal */
    int64_t started_ns;
};
PRINTF_LIKE(2, 3) struct e2e_child e2e_start(struct e2e *e, const char *format, ...);
bool e2e_wait_for(struct e2e_child *child,
                  const char *text); /* until stdout or stderr holds it; false when it ended before */
bool e2e_wait_for_file(struct e2e_child *child, const char *name); /* until it is in the folder */
void e2e_signal(struct e2e_child *child, int number);
struct e2e_done e2e_finish(struct e2e_child *child);

void e2e_write(struct e2e *e, const char *name, const char *text);
void e2e_write_bytes(struct e2e *e, const char *name, struct str data);
struct str e2e_read(struct e2e *e, const char *name); /* empty when it is not there */
bool e2e_exists(const struct e2e *e, const char *name);

/* First column of the first row of the project's store (opened for reading beside the program). */
PRINTF_LIKE(2, 3) struct str e2e_sql(struct e2e *e, const char *format, ...);
int64_t e2e_count(struct e2e *e, const char *sql);

/* A report or several lines of JSON without what two equal runs may differ in: times, measured latencies, and digests over them. By jq. */
struct str e2e_without_times(struct e2e *e, const char *file);

struct str e2e_last_line(struct str text);
bool e2e_has(struct str text, const char *part);
size_t e2e_count_of(struct str text, const char *part);
void e2e_pause(int ms);

/* Rows of command lines: what each must say and how it must end. NULL ends a list of parts. */
struct e2e_row {
    const char *name, *script;
    int exit_code;
    const char *out[4], *err[4]; /* each must occur */
    const char *never;           /* must occur in neither */
};
void e2e_check_rows(struct e2e *e, const struct e2e_row *rows, size_t count);

#endif
