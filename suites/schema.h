#ifndef ASSAY_SUITES_SCHEMA_H
#define ASSAY_SUITES_SCHEMA_H

/* The suite language as JSON Schema (draft 2020-12) and as help text, generated from the field tables that parse it. */

#include "data/field.h"

struct arena;
struct buf;

extern const struct field SUITE_ROWS[]; /* the top level */

void schema_write(struct arena *arena, struct buf *out);
void schema_help_suite(struct buf *out);
void schema_help_gate(struct buf *out);
/* the keys of a gate's long form, and of a baseline */ /* every key of the top level, with its rows */

#endif
