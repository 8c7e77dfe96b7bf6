/* Retry-After as servers write it. */

#include "io/retry_after.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = fuzz_text(data, size);
    int64_t pause_ns = -1;
    int64_t unix_s = -1;
    FUZZ_CHECK(!retry_after_parse(text, 784111777, &pause_ns) || pause_ns >= 0);
    FUZZ_CHECK(!http_date_parse(text, &unix_s) || (unix_s > -62200000000 && unix_s < 253402300801));
    return 0;
}
