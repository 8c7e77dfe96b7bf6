#ifndef ASSAY_TARGETS_TYPES_H
#define ASSAY_TARGETS_TYPES_H

/* The list of target types, for table.c: a new one is a file that ends with its entry, and a word here. */

#include "targets/target.h"

#define TARGET_TYPES(X) X(command) X(opper) X(replay) X(shell) /* sorted */

#define TARGET_DECLARE(name) extern const struct target_type target_##name;
TARGET_TYPES(TARGET_DECLARE)
#undef TARGET_DECLARE

#endif
