#ifndef ASSAY_MODEL_SELFTEST_H
#define ASSAY_MODEL_SELFTEST_H

/* How often gates alarm although nothing changed, by drawing from stored runs: made by judge/selftest.h, shown on the terminal and as JSON. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/gate.h"
#include "model/how.h"

struct selftest_gate {
    struct str text, variant; /* variant empty: the suite has none */
    enum gate_form form;
    enum gate_severity severity;
    bool is_drawn_anew;                  /* cases were drawn; else two runs of the same cases were mixed */
    uint64_t judged;                     /* draws in which it was judged */
    uint64_t alarms;                     /* plain: it failed; with confidence: worse was shown */
    uint64_t passes;                     /* it held, or passed */
    struct stat_interval alarm_interval; /* Clopper-Pearson, two-sided 95 % */
    double alpha;                        /* what is allowed: 1 - its confidence; 0.05 of a plain one */
    bool is_too_often;                   /* the interval lies above alpha */
    struct str example;                  /* the reason of the first alarm */
};

struct selftest {
    struct str suite;
    struct str *runs; /* ids */
    size_t run_count;
    bool is_halves;           /* two halves of one run's trials, else two runs */
    uint32_t trials, half;    /* of each case; of a half */
    uint64_t cases, clusters; /* clusters 0: every case its own */
    uint64_t left_out;        /* cases that not every run has */
    uint64_t draws, seed;
    uint64_t failed, no_verdict; /* draws whose whole verdict failed; that came to none */
    struct stat_interval failed_interval;
    struct selftest_gate *gates;
    size_t gate_count;
};

#endif
