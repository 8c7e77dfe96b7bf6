#include "targets/target.h"

#include "targets/types.h"

#define TARGET_ENTRY(name) &target_##name,

const struct target_type *const TARGETS[] = {TARGET_TYPES(TARGET_ENTRY) NULL};

const struct target_type *target_find(struct str name)
{
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        if (str_eq_cstr(name, TARGETS[i]->name)) {
            return TARGETS[i];
        }
    }
    return NULL;
}
