#include "model/record.h"

#include <math.h>
#include <stddef.h>

const char *const RUN_STATE_WORDS[] = {
    [RUN_RUNNING] = "running", [RUN_FINISHED] = "finished", [RUN_INTERRUPTED] = "interrupted", NULL};
const char *const SAMPLE_STATE_WORDS[] = {[SAMPLE_SCORED] = "scored", [SAMPLE_ERRORED] = "errored", NULL};

int record_span_score(bool has_score, double score)
{
    if (!has_score) {
        return -1;
    }
    if (score >= 1.0) {
        return 10;
    }
    if (score <= 0.0) {
        return 0;
    }
    double rounded = floor(10.0 * score + 0.5);
    return rounded < 1.0 ? 1 : rounded > 9.0 ? 9 : (int)rounded;
}

bool record_score_is_metric(const struct score *score, const struct dimension *dimension, enum sample_state state)
{
    return score->outcome != SCORE_NOT_SCORED && (state == SAMPLE_SCORED || dimension->kind == DIMENSION_MEASURE);
}

size_t record_count_metrics(const struct sample_record *sample, const struct dimension *dimensions)
{
    size_t count = 0;
    for (size_t i = 0; i < sample->score_count; i++) {
        const struct score *score = &sample->scores[i];
        count += record_score_is_metric(score, &dimensions[score->dimension], sample->state) ? 1 : 0;
    }
    return count;
}
