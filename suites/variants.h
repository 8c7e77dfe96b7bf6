#ifndef ASSAY_SUITES_VARIANTS_H
#define ASSAY_SUITES_VARIANTS_H

struct arena;

const char *target_kinds(struct arena *arena); /* "command, replay or shell", for sentences */

#endif
