#ifndef ASSAY_TESTS_FAULT_ECHO_H
#define ASSAY_TESTS_FAULT_ECHO_H

/* What bad servers do: give a key back. Appends `text` with {key}, {key:json}, {key:url}, {key:html}, {key:base64} and {key:8} filled in. */

#include "base/str.h"

struct buf;

void echo_key(struct buf *out, struct str text, struct str key);

#endif
