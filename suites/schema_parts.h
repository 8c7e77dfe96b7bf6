#ifndef ASSAY_SUITES_SCHEMA_PARTS_H
#define ASSAY_SUITES_SCHEMA_PARTS_H

/* Private to suites/: the JSON Schema of keys that the tables cannot describe by rows alone. */

struct field;
struct json_writer;

void schema_target(const struct field *field, struct json_writer *w);
void schema_variants(const struct field *field, struct json_writer *w);
void schema_cases(const struct field *field, struct json_writer *w);
void schema_scorers(const struct field *field, struct json_writer *w);
void schema_dataset(const struct field *field, struct json_writer *w);
void schema_gates(const struct field *field, struct json_writer *w);
void schema_baseline(const struct field *field, struct json_writer *w);
void schema_cost(const struct field *field, struct json_writer *w);
void schema_pass_trials(const struct field *field, struct json_writer *w);

#endif
