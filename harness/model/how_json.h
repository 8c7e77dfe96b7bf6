#ifndef ASSAY_MODEL_HOW_JSON_H
#define ASSAY_MODEL_HOW_JSON_H

/* How a figure was reached, as JSON and back: "method", "n", "df" (null where the method has none), "alpha". An interval has "lo" and "hi" too (null =
 * no such bound), and is null itself where there is none. Reading leaves an absent interval as METHOD_NONE. */

#include "model/how.h"

struct json_writer;
struct map_reader;

void json_put_how(struct json_writer *w, const struct stat_how *how); /* members of the map that is open */
void json_put_interval(struct json_writer *w, const char *key, const struct stat_interval *interval);

void map_how(struct map_reader *r, struct stat_how *ret);
void map_interval(struct map_reader *r, const char *key, struct stat_interval *ret);

#endif
