#include "model/summary.h"

const char *const BASELINE_STATE_WORDS[] = {[BASELINE_USED] = "used",
                                            [BASELINE_SKIPPED] = "skipped",
                                            [BASELINE_MISSING] = "missing",
                                            [BASELINE_NOT_COMPARABLE] = "not_comparable",
                                            NULL};
