#ifndef ASSAY_TESTS_FAULT_FRAMING_H
#define ASSAY_TESTS_FAULT_FRAMING_H

#include "base/str.h"
#include "tests/fault/script.h"

struct buf;

/* The bytes of an answer, bent as the rule says; NULL = none does. */
void framing_write(struct buf *out, const struct rule *rule, unsigned status, struct str body);

#endif
