#ifndef ASSAY_TESTS_IO_HTTP_KIT_H
#define ASSAY_TESTS_IO_HTTP_KIT_H

/* Requests for tests of io/http.c. */

#include "base/clock.h"
#include "model/call.h"
#include "tests/fault/fault.h"
#include "tests/io/rig.h"

struct secret;

/* POST of a small body to `path` of the server, with `key` (NULL = none), 20 s. */
struct call http_kit_post(struct rig *rig, const struct fault *f, const char *path, const struct secret *key);
/* The same to any address. */
struct call http_kit_post_to(struct rig *rig, const char *url, const struct secret *key);

/* Performs `count` calls at once and puts their results in order of `calls`. */
void http_kit_run_all(struct rig *rig, struct call *calls, size_t count, struct call_result *ret);

/* A clock that runs `speed` times as fast, so that limits of many seconds can be seen to hold. */
struct clock http_kit_fast_clock(int64_t speed);

void http_kit_open_fast(struct rig *rig, const struct clock *clock);

#endif
