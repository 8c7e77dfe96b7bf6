#ifndef ASSAY_DATA_TEMPLATE_NODE_H
#define ASSAY_DATA_TEMPLATE_NODE_H

/* What a compiled template is made of: template_parse.c makes it, template.c expands it. Private to them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/template.h"
#include "data/value.h"

/* Where a path begins. */
enum template_base {
    BASE_ROW,
    BASE_VARS,
    BASE_ENV,
    BASE_OUTPUT,
    BASE_META,
    BASE_ID,
    BASE_INPUT,
    BASE_EXPECTED,
    BASE_TAGS,
    BASE_TRIAL,
    BASE_VARIANT,
    BASE_SUITE,
    BASE_COLUMN,     /* a bare name that is a field of the row */
    BASE_VAR_OR_ROW, /* a bare name: vars, then row */
};

struct template_step {
    struct str name; /* ptr NULL = an index */
    size_t index;
};

enum template_filter_kind { FILTER_DEFAULT, FILTER_JSON, FILTER_TRIM };

struct template_filter {
    enum template_filter_kind kind;
    struct value literal; /* FILTER_DEFAULT */
};

struct template_insert {
    enum template_base base;
    struct template_step *steps; /* below the base; of a bare name, the name is the first */
    size_t step_len;
    struct template_filter *filters; /* from left to right */
    size_t filter_len;
    struct str *names; /* the path, root first, for template_visit */
    size_t name_len;
    struct str text; /* the path as written */
    struct src_pos pos;
};

/* A piece of a text: an insert, or words as they are. */
struct template_part {
    const struct template_insert *insert; /* NULL = literal */
    struct str literal;
};

enum template_node_kind { NODE_CONSTANT, NODE_INSERT, NODE_TEXT, NODE_LIST, NODE_MAP };

struct template_node {
    enum template_node_kind kind;
    struct value value; /* NODE_CONSTANT: what it is; lists and maps: place and keys */
    const struct template_insert *insert;
    const struct template_part *parts; /* NODE_TEXT */
    struct template_node *items;       /* NODE_LIST, NODE_MAP */
    size_t len;                        /* of parts or items */
};

struct template
{
    const struct value *source;
    struct template_node root;
};

#endif
