#ifndef ASSAY_RUN_SESSION_RECORD_H
#define ASSAY_RUN_SESSION_RECORD_H

/* A session's part in recording on Opper: what its runs are to have there, and the recorder while they go on. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct err;
struct session;
struct session_suite;

/* In the transaction that stores the runs of suite `at`: what of them is recorded on Opper, and their roots. */
MUST_CHECK bool session_record_plan(struct session *s, size_t at, struct err *err);

/* Of a resumed session: what its runs have. */
MUST_CHECK bool session_record_find(struct session *s, struct err *err);

/* How many at once: each sample's call, and what is recorded of others meanwhile; the server's pace decides within that. */
size_t session_record_requests(const struct session *s);

/* Before the first sample; s->driver is open. Nothing happens when nothing is recorded. */
MUST_CHECK bool session_record_open(struct session *s, struct err *err);

/* In the transaction that ends the root spans of a suite. */
MUST_CHECK bool session_record_end(struct session *s, const struct session_suite *suite, struct err *err);

#endif
