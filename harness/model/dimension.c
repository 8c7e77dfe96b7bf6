#include "model/dimension.h"

#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"

const char *const DIMENSION_KIND_WORDS[] = {[DIMENSION_JUDGED] = "judged", [DIMENSION_MEASURE] = "measure", NULL};
const char *const DIMENSION_TYPE_WORDS[] = {
    [TYPE_BINARY] = "binary", [TYPE_BOUNDED] = "bounded", [TYPE_UNBOUNDED] = "unbounded", NULL};
const char *const DIMENSION_DIRECTION_WORDS[] = {
    [DIRECTION_NONE] = "none", [DIRECTION_HIGHER] = "higher", [DIRECTION_LOWER] = "lower", NULL};

struct dimension dimension_of_call(const char *name)
{
    struct buf identity CLEANUP(buf_deinit) = BUF(2 * LIMIT_NAME_BYTES);
    buf_printf(&identity, "call %s", name);
    return (struct dimension){
        .name = str_from(name),
        .kind = DIMENSION_MEASURE,
        .type = TYPE_UNBOUNDED,
        .direction = DIRECTION_LOWER,
        .is_call_measure = true,
        .scorer = digest_of(buf_str(&identity)),
    };
}
