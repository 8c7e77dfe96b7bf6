#ifndef ASSAY_DATA_GATE_PARSE_H
#define ASSAY_DATA_GATE_PARSE_H

/* What the two halves of the gate language share: gate_expr.c reads the sentence, gate_stat.c the statistic in it. Private to them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/gate_expr.h"

struct gate_parser {
    struct arena *arena;
    struct str text;
    size_t at;
    size_t fault_at;
    struct str hint;
    struct err *err;
};

PRINTF_LIKE(3, 4) bool gate_fail(struct gate_parser *p, size_t offset, const char *format, ...);
PRINTF_LIKE(2, 3) bool gate_hint(struct gate_parser *p, const char *format, ...);

bool gate_at_end(const struct gate_parser *p);
bool gate_at_blank(const struct gate_parser *p); /* a blank, or the end */
char gate_peek(const struct gate_parser *p);     /* NUL at the end */
void gate_skip_blanks(struct gate_parser *p);
struct str gate_peek_token(const struct gate_parser *p); /* up to the next blank or the end */

/* A statistic at p->at, its filter included; p->at stands behind it, at a blank or at the end. */
MUST_CHECK bool gate_read_stat(struct gate_parser *p, struct stat_ref *ret);

/* What a statistic can be: a bound outside is never reached or always held, so it is a slip of the pen. */
enum stat_range { RANGE_ANY, RANGE_SHARE, RANGE_COUNT, RANGE_POSITIVE };
enum stat_range stat_range_of(enum stat_kind kind);
bool stat_takes_confidence(enum stat_kind kind);
bool stat_has_dimension_unit(enum stat_kind kind); /* its value is measured in what the dimension is measured in */

#endif
