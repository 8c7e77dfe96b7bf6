#ifndef ASSAY_BASE_LIMITS_H
#define ASSAY_BASE_LIMITS_H

/* Every ceiling on an input, in one place, so that memory and time have a bound that can be read. Sizes are bytes. */

#define LIMIT_SUITE_BYTES (16u << 20) /* one YAML file */
#define LIMIT_SCALAR_BYTES (4u << 20) /* one YAML scalar */
#define LIMIT_YAML_DEPTH 64u          /* nesting, checked while events arrive: libyaml itself is quadratic in depth */
#define LIMIT_YAML_ALIASES 1000u      /* aliases in one file */
#define LIMIT_YAML_NODES 1000000u     /* nodes after alias expansion */
#define LIMIT_INCLUDE_DEPTH 16u
#define LIMIT_JSON_DEPTH 128u
#define LIMIT_JSON_BYTES (512u << 20)     /* below INT_MAX: jsmn counts in int */
#define LIMIT_JSON_NODES 10000000u        /* values and keys of one text: some 80 bytes of memory each */
#define LIMIT_ROW_BYTES (64u << 20)       /* one line of a data file */
#define LIMIT_COLUMNS 10000u              /* of a CSV or TSV file */
#define LIMIT_OUTPUT_BYTES (8u << 20)     /* default of `max_output` */
#define LIMIT_LINE_BYTES (8u << 20)       /* one line of a worker */
#define LIMIT_STDERR_BYTES (16u << 10)    /* what is kept of a child's stderr: its end */
#define LIMIT_INFLIGHT_BYTES (256u << 20) /* bodies in flight over all samples */
#define LIMIT_INPUT_ENV_BYTES (64u << 10) /* ASSAY_INPUT is set up to here */
#define LIMIT_ARGUMENT_BYTES                                                                                           \
    130000u                      /* one argument or variable of a program; Linux takes 128 KiB, name and NUL included */
#define LIMIT_COMMENT_BYTES 500u /* a score's comment */
#define LIMIT_NAME_BYTES 64u     /* a dimension's name */
#define LIMIT_ID_BYTES 1024u     /* a case id, a suite name, a variant name */
#define LIMIT_FAULTS 20u         /* faults reported of one load */
#define LIMIT_TEMPLATE_BYTES (64u << 20) /* one expanded template */
#define LIMIT_PATTERN_BYTES (64u << 10)  /* one regular expression */
#define LIMIT_MATCH_STEPS 1000000u       /* PCRE2 match limit, per start offset */
#define LIMIT_MATCH_HEAP_KIB (64u << 10) /* PCRE2 heap limit, interpreter only */
#define LIMIT_PATTERN_MS 1000u           /* one search, over all its windows */
#define LIMIT_SCORE_TURN_MS 5u           /* scoring in one turn of the loop */
#define LIMIT_KEY_BYTES 4096u            /* an API key */
#define LIMIT_URL_BYTES 8192u
#define LIMIT_HEADER_BYTES (64u << 10)      /* all headers of one answer */
#define LIMIT_ERROR_BODY_BYTES (64u << 10)  /* kept of an answer that is no success */
#define LIMIT_RETRY_AFTER_S 300             /* a server that wants a longer pause is taken as failing */
#define LIMIT_HTTP_IN_FLIGHT 512u           /* requests to one host at once */
#define LIMIT_REQUEST_LINE_BYTES (8u << 10) /* of a request that `assay serve` takes; and so on */
#define LIMIT_REQUEST_HEADER_BYTES (16u << 10)
#define LIMIT_REQUEST_BODY_BYTES (16u << 20)
#define LIMIT_CONNECTIONS 1024u
#define LIMIT_CONCURRENCY 4096u
#define LIMIT_TRIALS 100000u
#define LIMIT_VARIANTS 1000u
#define LIMIT_SCORERS 1000u
#define LIMIT_DIMENSIONS 1000u /* of one sample */

#endif
