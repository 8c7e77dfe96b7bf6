#include "cli/project.h"

#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "data/field.h"
#include "data/yaml.h"
#include "store/store.h"
#include "suites/load.h"

struct project_spec {
    struct str db, env_file;
    struct record_options record;
    const struct value *labels;
    const struct value *baseline;
};

#define KEY(member) .offset = offsetof(struct project_spec, member)
static const struct field PROJECT_ROWS[] = {
    {.key = "db", .type = FIELD_TEXT, KEY(db), .help = "the store", .default_text = ".assay/assay.db"},
    {.key = "env_file", .type = FIELD_TEXT, KEY(env_file), .help = "names for {{env.NAME}}, as --env-file"},
    {.key = "baseline",
     .type = FIELD_VALUE,
     KEY(baseline),
     .help = "what gates compare with, of suites that name none (assay help gates)"},
    {.key = "labels", .type = FIELD_VALUE, KEY(labels), .help = "a map of texts, recorded with every run"},
    {.key = "record",
     .type = FIELD_MAP,
     KEY(record),
     .help = "what of runs is recorded on Opper; a suite's own `record` wins, key by key",
     .rows = RECORD_ROWS},
    {.key = NULL},
};

void project_help(struct buf *out)
{
    field_help(PROJECT_ROWS, 2, true, out);
}

static bool labels_check(const struct value *labels, struct diag *diag)
{
    if (labels->kind != VALUE_MAP) {
        return diag_add(diag, labels->pos, "labels: a map of texts, not %s", value_kind_name(labels->kind));
    }
    for (uint32_t i = 0; i < labels->len; i++) {
        if (labels->items[i].kind == VALUE_LIST || labels->items[i].kind == VALUE_MAP) {
            return diag_add(diag, labels->items[i].pos, "labels: '%.*s' is a text, not %s",
                            STR_ARG(labels->keys[i].text), value_kind_name(labels->items[i].kind));
        }
    }
    return true;
}

/* As texts, whatever a plain scalar would mean elsewhere: `build: 017` is "017". */
static struct value labels_as_texts(struct arena *arena, const struct value *labels)
{
    struct value texts = value_copy(arena, labels);
    for (uint32_t i = 0; i < texts.len; i++) {
        struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SCALAR_BYTES);
        (void)value_append_text(&text, &labels->items[i]);
        texts.items[i] = value_of_text(arena_str(arena, buf_str(&text)));
    }
    return texts;
}

static bool project_decode(struct cli *cli, const char *path, struct str text, struct diag *diag)
{
    struct value root;
    struct project_spec spec = {.record = RECORD_OPTIONS_DEFAULT};
    struct field_context ctx = {.arena = &cli->arena, .diag = diag};
    diag_source(diag, path, text);
    if (!yaml_read(&cli->arena, path, text, &root, diag)) {
        return false;
    }
    if (value_get(&root, STR("suite")) != NULL) {
        diag_add(diag, root.pos, "this is a suite, and its place is that of the project file");
        return diag_hint(diag, "give the suite another name than assay.yaml");
    }
    struct str dir = file_dir(str_from(path));
    struct project *p = &cli->project;
    if (!field_decode(&ctx, PROJECT_ROWS, &root, "project", &spec) ||
        (spec.labels != NULL && !labels_check(spec.labels, diag)) ||
        (spec.baseline != NULL &&
         !suite_baseline_read(&cli->arena, arena_cstr(&cli->arena, dir), spec.baseline, &p->baseline, diag))) {
        return false;
    }
    p->path = path;
    p->db = spec.db.len > 0 ? file_join(&cli->arena, dir, spec.db) : NULL;
    p->env_file = spec.env_file.len > 0 ? file_join(&cli->arena, dir, spec.env_file) : NULL;
    p->record = spec.record;
    p->labels = spec.labels == NULL ? (struct value){0} : labels_as_texts(&cli->arena, spec.labels);
    return true;
}

enum verdict project_open(struct cli *cli)
{
    cli->project = (struct project){.record = RECORD_OPTIONS_DEFAULT};
    const char *path = file_join(&cli->arena, str_from(store_folder(&cli->arena)), STR("assay.yaml"));
    struct str text;
    struct err err = ERR_NULL;
    if (!file_exists(path)) {
        return VERDICT_PASSED;
    }
    if (!file_read(&cli->arena, path, LIMIT_SUITE_BYTES, &text, &err)) {
        err.kind = ERR_USAGE;
        return cli_fail(cli, &err);
    }
    struct diag diag;
    diag_init(&diag, &cli->arena);
    if (project_decode(cli, path, text, &diag)) {
        return VERDICT_PASSED;
    }
    diag_sort(&diag);
    cli_print_faults(cli, &diag);
    (void)fprintf(cli->errors, "assay: usage (exit 2): the project file has faults, nothing was run\n");
    return VERDICT_USAGE;
}
