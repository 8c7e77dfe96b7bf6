#include "reporters/html_assets.h"

#include <stddef.h>

/* A line of the file, a literal: meson.build makes these. */
const char *const HTML_STYLE[] = {
#include "reporters/html_style.inc"
    NULL};

const char *const HTML_SCRIPT[] = {
#include "reporters/html_script.inc"
    NULL};
