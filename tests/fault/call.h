#ifndef ASSAY_TESTS_FAULT_CALL_H
#define ASSAY_TESTS_FAULT_CALL_H

/* The model: a pure function of the request. What it says is described in server.c. */

#include "base/str.h"

struct buf;
struct value;

/* `body`: of the call. Appends the whole answer. */
void call_answer(const struct value *body, struct str span_id, struct buf *out);

#endif
