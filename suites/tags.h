#ifndef ASSAY_SUITES_TAGS_H
#define ASSAY_SUITES_TAGS_H

/* Private to suites/: a tag that a gate or a scorer's `when` names has to be there, or it would hold, or look at nothing, without anybody noticing.
 * Where all tags are written in the suite, the loader finds out; where data rows bring them, whoever reads all rows. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

struct arena;
struct loader;
struct suite;

/* The tags of the suite's cases, as far as they are written, NULL-ended; *ret_all = false when rows bring more. */
const char *const *tags_known(struct loader *l, bool *ret_all);

MUST_CHECK bool tags_check_when(struct loader *l); /* after gates_load */

struct wanted_tag {
    const struct str *tags; /* one of these is enough */
    size_t count;
    struct src_pos pos;
    const char *who;
    bool is_seen;
};

struct wanted_tags {
    VEC(struct wanted_tag) list;
};

void wanted_tags_init(struct wanted_tags *w, const struct suite *suite, struct arena *arena);
void wanted_tags_see(struct wanted_tags *w, const struct str *tags, size_t count);
MUST_CHECK bool wanted_tags_check(const struct wanted_tags *w, struct err *err);

#endif
