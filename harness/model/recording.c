#include "model/recording.h"

#include <stddef.h>

const char *const RECORD_MODE_WORDS[] = {
    [RECORD_AUTO] = "auto", [RECORD_OPPER] = "opper", [RECORD_LOCAL] = "local", NULL};
const char *const RECORD_TEXT_WORDS[] = {
    [RECORD_FULL] = "full", [RECORD_NONE] = "none", [RECORD_DIGEST] = "digest", NULL};
static const char *const COMMENT_WORDS[] = {[RECORD_FULL] = "full", [RECORD_NONE] = "none", NULL};

#define KEY(member)                                                                                                    \
    .offset = offsetof(struct record_options, member), .set_offset = offsetof(struct record_options, has_##member),    \
    .has_set = true

const struct field RECORD_ROWS[] = {
    {.key = "mode",
     .type = FIELD_WORD,
     KEY(mode),
     .help =
         "auto: on Opper where OPPER_API_KEY is set, best effort; opper: promised (else exit 6); local: the store only",
     .is_short_form = true,
     .words = RECORD_MODE_WORDS,
     .default_text = "auto"},
    {.key = "inputs",
     .type = FIELD_WORD,
     KEY(inputs),
     .help = "what Opper gets of them; digest: length and SHA-256",
     .words = RECORD_TEXT_WORDS,
     .default_text = "full"},
    {.key = "outputs",
     .type = FIELD_WORD,
     KEY(outputs),
     .help = "the same for outputs",
     .words = RECORD_TEXT_WORDS,
     .default_text = "full"},
    {.key = "comments",
     .type = FIELD_WORD,
     KEY(comments),
     .help = "whether scores go with their comments, which quote inputs and outputs",
     .words = COMMENT_WORDS,
     .default_text = "full; none where inputs or outputs are held back"},
    {.key = "max_bytes",
     .type = FIELD_COUNT,
     KEY(max_bytes),
     .help = "of an input or output on Opper; what is longer is cut, its length and SHA-256 named",
     .min = 256,
     .max = RECORD_MAX_BYTES_CEILING,
     .default_text = "262144"},
    {.key = NULL},
};

struct record_options record_options_merge(const struct record_options *over, const struct record_options *under)
{
    return (struct record_options){
        .mode = over->has_mode ? over->mode : under->mode,
        .inputs = over->has_inputs ? over->inputs : under->inputs,
        .outputs = over->has_outputs ? over->outputs : under->outputs,
        .comments = over->has_comments ? over->comments : under->comments,
        .max_bytes = over->has_max_bytes ? over->max_bytes : under->max_bytes,
        .has_mode = over->has_mode || under->has_mode,
        .has_inputs = over->has_inputs || under->has_inputs,
        .has_outputs = over->has_outputs || under->has_outputs,
        .has_comments = over->has_comments || under->has_comments,
        .has_max_bytes = over->has_max_bytes || under->has_max_bytes,
    };
}

struct record_options record_options_settle(struct record_options merged)
{
    if (!merged.has_comments && (merged.inputs != RECORD_FULL || merged.outputs != RECORD_FULL)) {
        merged.comments = RECORD_NONE;
    }
    return merged;
}
