/* usage: test_stats_gsm8k DATA_DIR SOURCE_ROOT
 * The published labels of four models over 200 word problems, in shared/data/gsm8k beside the sources, or below the folder that ASSAY_SHARED
 * names: all six pairs against R. Without them the arithmetic is checked, and it says so. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "data/json.h"
#include "data/value.h"
#include "stats/claim.h"
#include "stats/holm.h"
#include "stats/mcnemar.h"
#include "stats/mean.h"
#include "stats/tango.h"
#include "tests/check.h"
#include "tests/stats/reference.h"

enum { CASES = 200, FILE_MAX_BYTES = 16 << 20 };

static const char *data_dir, *source_root;

static const char *labels_path(struct arena *arena)
{
    const char *named = getenv("ASSAY_SHARED");
    const char *places[] = {named == NULL ? "" : named, file_join(arena, str_from(source_root), STR("../shared")),
                            file_join(arena, str_from(source_root), STR("../../shared"))};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const char *path = file_join(arena, str_from(places[i]), STR("data/gsm8k/solutions-200.jsonl"));
        if (file_exists(path)) {
            return path;
        }
    }
    return NULL;
}

static const char *const MODELS[] = {"6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"};

struct labels {
    double of[ARRAY_LEN(MODELS)][CASES]; /* 1 = right */
};

static size_t model_index(struct str name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(MODELS) && !str_eq_cstr(name, MODELS[i])) {
        i++;
    }
    return i;
}

static bool read_row(struct arena *arena, struct str line, size_t at, struct labels *ret, struct err *err)
{
    struct value row;
    if (!json_read(arena, line, JSON_OURS, (struct src_pos){0}, &row, NULL, err)) {
        return false;
    }
    for (size_t m = 0; m < ARRAY_LEN(MODELS); m++) {
        const struct value *model = value_get(&row, str_from(MODELS[m]));
        const struct value *label = model == NULL ? NULL : value_get(model, STR("is_correct"));
        if (label == NULL || label->kind != VALUE_BOOL) {
            return err_set(err, ERR_SUITE, "no label of %s", MODELS[m]);
        }
        ret->of[m][at] = label->boolean ? 1 : 0;
    }
    return true;
}

static bool read_labels(struct arena *arena, const char *path, struct labels *ret)
{
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    bool is_good = file_read(arena, path, FILE_MAX_BYTES, &text, &err);
    struct str line;
    size_t n = 0;
    while (is_good && str_split(&text, '\n', &line)) {
        if (line.len > 0) {
            is_good = n < CASES && read_row(arena, line, n++, ret, &err);
        }
    }
    if (!is_good || n != CASES) {
        (void)printf("%s: %zu rows: %s\n", path, n, err.text);
    }
    return is_good && n == CASES;
}

/* What R was given, and what it said. */
static void check_figures(const struct reference_row *row, const struct pairs *pairs)
{
    const double *v = row->values;
    CHECK_INT(row->label, pairs->n, v[0]);
    CHECK_INT(row->label, pairs->b, v[1]);
    CHECK_INT(row->label, pairs->c, v[2]);
    CHECK_DOUBLE(row->label, mcnemar_midp(pairs).two_sided, v[3], 1e-11 * v[3]);
    CHECK_DOUBLE(row->label, mcnemar_exact(pairs).two_sided, v[4], 1e-11 * v[4]);
    CHECK_DOUBLE(row->label, tango_z(pairs, 0), v[5], 1e-12);
    struct stat_interval interval = tango_interval(pairs, 0.05);
    CHECK_DOUBLE(row->label, interval.lo, v[6], 1e-12);
    CHECK_DOUBLE(row->label, interval.hi, v[7], 1e-12);
}

static void test_counts(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct reference reference = reference_read(&arena, data_dir, "gsm8k.txt");
    CHECK_INT("pairs", reference.len, 6);
    for (size_t i = 0; i < reference.len; i++) {
        const double *v = reference.rows[i].values;
        struct pairs pairs = {(uint64_t)v[0], (uint64_t)v[1], (uint64_t)v[2]};
        check_figures(&reference.rows[i], &pairs);
    }
}

/* From the labels themselves; and what may be said: every pair differs but one, and that one honestly cannot be told. */
static void test_labels(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    const char *path = labels_path(&arena);
    if (path == NULL) {
        (void)printf("skipped: the published labels are not here (ASSAY_SHARED names the folder above data/gsm8k)\n");
        CHECK("skipped", path == NULL);
        return;
    }
    struct labels labels = {0};
    CHECK("the labels can be read", read_labels(&arena, path, &labels));
    struct reference reference = reference_read(&arena, data_dir, "gsm8k.txt");
    double p[6];
    double adjusted[6];
    for (size_t i = 0; i < reference.len; i++) {
        struct str candidate = str_from(reference.rows[i].name);
        struct str baseline = STR_NULL;
        CHECK("a pair", str_split(&candidate, ':', &baseline));
        const double *a = labels.of[model_index(baseline)];
        const double *b = labels.of[model_index(candidate)];
        double differences[CASES];
        for (size_t k = 0; k < CASES; k++) {
            differences[k] = mean_difference(b[k], a[k]);
        }
        struct claim_in in = {.sample = {.values = differences, .n = CASES},
                              .is_binary = true,
                              .is_difference = true,
                              .range = {true, 0, 1}};
        struct claim c = claim_of(&in, &arena);
        check_figures(&reference.rows[i], &c.pairs);
        p[i] = mcnemar_midp(&c.pairs).two_sided;
    }
    holm_adjust(p, reference.len, adjusted, &arena);
    for (size_t i = 0; i < reference.len; i++) {
        bool is_close = strcmp(reference.rows[i].name, "6b_verification:175b_finetuning") == 0;
        CHECK(reference.rows[i].label, (adjusted[i] > 0.05) == is_close);
    }
}

int main(int argc, char **argv)
{
    data_dir = argc > 1 ? argv[1] : ".";
    source_root = argc > 2 ? argv[2] : ".";
    static const struct check_test tests[] = {{"counts", test_counts}, {"labels", test_labels}};
    return check_run("stats/gsm8k", tests, ARRAY_LEN(tests));
}
