/* One row for each statistic and run, for spreadsheets: the run's figure, and beside it the difference from the base (empty for the base itself). Tags
 * (--by tag) and classes stand in columns; an empty tag is all cases. No texts of cases. */

#include "base/buf.h"
#include "base/limits.h"
#include "reporters/compare.h"
#include "reporters/csv_parts.h"
#include "reporters/reporter.h"

static const char *const COLUMNS[] = {"suite",           "base",       "tag",        "dimension",  "statistic",
                                      "class",           "direction",  "run",        "run_id",     "cases",
                                      "value",           "value_low",  "value_high", "pairs",      "base_pairs_value",
                                      "run_pairs_value", "difference", "ratio",      "change_low", "change_high",
                                      "gained",          "lost",       "p",          "p_exact",    "p_adjusted",
                                      "could_have_seen", "word",       "note"};

static void put_row(struct csv_cells *cells, const struct comparison *c, const struct compared_table *table,
                    const struct compared_stat *s, size_t run)
{
    const struct compared_run *r = &c->runs[run];
    const struct compared_figure *f = &s->figures[run];
    const struct compared_difference *d = &s->differences[run];
    bool is_candidate = run > 0;
    bool has_change = is_candidate && d->interval.how.method != METHOD_NONE;
    csv_text(cells, c->suite);
    csv_text(cells, c->runs[0].name);
    csv_text(cells, table->tag);
    csv_text(cells, s->dimension);
    csv_text(cells, s->name);
    csv_text(cells, s->label);
    csv_text(cells, str_from(DIMENSION_DIRECTION_WORDS[s->direction]));
    csv_text(cells, r->name);
    csv_text(cells, str_from(id_text(&r->run->id).text));
    csv_count(cells, f->n);
    csv_number(cells, f->has_value, f->value);
    csv_number(cells, f->interval.has_lo, f->interval.lo);
    csv_number(cells, f->interval.has_hi, f->interval.hi);
    csv_number(cells, is_candidate, (double)d->n);
    csv_number(cells, d->has_value, d->base);
    csv_number(cells, d->has_value, d->candidate);
    csv_number(cells, d->has_value, d->difference);
    csv_number(cells, d->has_ratio, d->ratio);
    csv_number(cells, has_change && d->interval.has_lo, d->interval.lo);
    csv_number(cells, has_change && d->interval.has_hi, d->interval.hi);
    csv_number(cells, d->is_binary, (double)d->only_candidate);
    csv_number(cells, d->is_binary, (double)d->only_base);
    csv_number(cells, d->has_p, d->p);
    csv_number(cells, d->has_exact, d->p_exact);
    csv_number(cells, d->in_family, d->p_adjusted);
    csv_number(cells, d->has_mde, d->mde);
    csv_text(cells, is_candidate && d->word != COMPARED_NO_CLAIM ? str_from(compared_word(d->word)) : STR(""));
    csv_text(cells, d->why_not.ptr != NULL ? d->why_not : d->hint);
    csv_end(cells);
}

static bool csv_compare(struct compare_out *to, const struct comparison *c, struct arena *scratch, struct err *err)
{
    (void)scratch;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct csv_cells cells;
    csv_begin(&cells, &text);
    for (size_t i = 0; i < ARRAY_LEN(COLUMNS) && to->at == 0; i++) {
        csv_text(&cells, str_from(COLUMNS[i]));
    }
    if (to->at == 0) {
        csv_end(&cells);
    }
    for (size_t t = 0; t < c->table_count; t++) {
        for (size_t s = 0; s < c->tables[t].stat_count; s++) {
            for (size_t run = 0; run < c->run_count; run++) {
                put_row(&cells, c, &c->tables[t], &c->tables[t].stats[s], run);
            }
        }
        if (!report_flush(&text, to->out, err)) {
            return false;
        }
    }
    return report_flush(&text, to->out, err);
}

const struct compare_format compare_csv = {
    .name = "csv",
    .summary = "a row for each statistic and run, for spreadsheets",
    .write = csv_compare,
};
