#include "model/output.h"

const char *error_kind_word(enum error_kind kind)
{
    static const char *const words[] = {
        [ERROR_NONE] = "none",         [ERROR_EXIT] = "exit",
        [ERROR_TIMEOUT] = "timeout",   [ERROR_OUTPUT_LIMIT] = "output_limit",
        [ERROR_SIGNAL] = "signal",     [ERROR_PROTOCOL] = "protocol",
        [ERROR_TARGET] = "target",     [ERROR_NOT_SCORED] = "not_scored",
        [ERROR_DEADLINE] = "deadline", [ERROR_CANCELLED] = "cancelled",
    };
    return words[kind];
}
