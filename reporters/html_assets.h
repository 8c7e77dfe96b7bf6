#ifndef ASSAY_REPORTERS_HTML_ASSETS_H
#define ASSAY_REPORTERS_HTML_ASSETS_H

/* html_style.css and html_script.js as the build puts them into the program, line by line; NULL-ended. They are ASCII and hold no "</". */

extern const char *const HTML_STYLE[];
extern const char *const HTML_SCRIPT[];

#endif
