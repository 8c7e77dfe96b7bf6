#include "suites/cases.h"

#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rng.h"
#include "data/json.h"
#include "model/record.h"
#include "suites/expand.h"
#include "suites/tags.h"

struct case_reader {
    const struct suite *suite;
    struct case_selection selection;
    struct expander expander;
    struct data_rows rows; /* opened when the first row is wanted */
    struct arena arena;    /* of the reader */
    struct arena skipped;  /* of one row, when rows may be left out: those must not pile up with the caller */
    bool is_sparse;
    struct map written; /* id to case_spec, for fetch */
    struct wanted_tags wanted_tags;

    uint64_t ordinal; /* of the next selected case */
    uint64_t rows_seen;
    bool rows_done;
    bool goes_on;    /* the newest error is one of its case alone */
    bool has_failed; /* a case could not be read: nobody knows its tags */
    size_t next_written;
    uint64_t consumed_bytes; /* of the data file, by the pre-pass */

    struct rng rng; /* sample: rows still to come, and still to be taken of them */
    uint64_t rows_left, wanted_left;
};

bool case_reader_open(const struct suite *suite, const struct case_selection *selection, struct case_reader **ret,
                      struct err *err)
{
    (void)err;
    struct case_reader *r = mem_alloc(sizeof(*r));
    r->suite = suite;
    r->selection = selection == NULL ? (struct case_selection){0} : *selection;
    r->rows_done = suite->dataset == NULL;
    r->is_sparse = r->selection.ids != NULL || r->selection.filters != NULL || r->selection.tags != NULL ||
                   r->selection.shards > 0 || (suite->dataset != NULL && suite->dataset->sample > 0);
    expander_init(&r->expander, suite);
    wanted_tags_init(&r->wanted_tags, suite, &r->arena);
    for (size_t i = 0; i < suite->case_count; i++) {
        (void)map_put(&r->written, &r->arena, suite->cases[i].id, &suite->cases[i]);
    }
    *ret = r;
    return true;
}

void case_reader_close(struct case_reader **r)
{
    if (*r == NULL) {
        return;
    }
    data_rows_close(&(*r)->rows);
    expander_deinit(&(*r)->expander);
    arena_deinit(&(*r)->arena);
    arena_deinit(&(*r)->skipped);
    mem_free(*r);
    *r = NULL;
}

static bool id_is_selected(const struct case_selection *s, struct str id)
{
    bool is_in = s->ids == NULL;
    for (size_t i = 0; !is_in && s->ids[i] != NULL; i++) {
        is_in = str_eq_cstr(id, s->ids[i]);
    }
    bool has_part = s->filters == NULL;
    for (size_t i = 0; !has_part && s->filters[i] != NULL; i++) {
        has_part = str_find(id, str_from(s->filters[i]), NULL);
    }
    if (!is_in || !has_part) {
        return false;
    }
    if (s->shards == 0) {
        return true;
    }
    struct digest d = digest_of(id);
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++) {
        number = number << 8 | d.bytes[i];
    }
    return number % s->shards + 1 == s->shard;
}

static bool tags_are_selected(const struct case_selection *s, const struct str *tags, size_t count)
{
    for (size_t i = 0; s->tags != NULL && s->tags[i] != NULL; i++) {
        for (size_t k = 0; k < count; k++) {
            if (str_eq_cstr(tags[k], s->tags[i])) {
                return true;
            }
        }
    }
    return s->tags == NULL;
}

static bool rows_begin(struct case_reader *r, struct err *err)
{
    const struct dataset_spec *spec = r->suite->dataset;
    if (r->rows.is_open) {
        return true;
    }
    if (!data_rows_open(&r->rows, spec, err)) {
        return false;
    }
    if (spec->sample > 0) {
        rng_seed(&r->rng, spec->seed);
        r->wanted_left = spec->sample;
        return data_rows_count(&r->rows, spec->limit, &r->rows_left, err);
    }
    return true;
}

/* Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S): each row is taken with the chance wanted / left, which draws
 * every set of rows equally often, in file order, without holding any. */
static bool row_is_drawn(struct case_reader *r)
{
    if (r->suite->dataset->sample == 0) {
        return true;
    }
    bool is_drawn = rng_below(&r->rng, r->rows_left) < r->wanted_left;
    r->rows_left--;
    r->wanted_left -= is_drawn ? 1 : 0;
    return is_drawn;
}

/* The next row that dataset's limit and sample leave; in `arena` until the next call when rows may be left out. */
static bool row_next(struct case_reader *r, struct arena *arena, bool *ret_has, struct data_row *ret, struct err *err)
{
    const struct dataset_spec *spec = r->suite->dataset;
    for (;;) {
        bool is_over = (spec->limit > 0 && r->rows_seen == spec->limit) ||
                       (spec->sample > 0 && (r->wanted_left == 0 || r->rows_left == 0));
        if (is_over) {
            *ret_has = false;
            return true;
        }
        if (r->is_sparse) {
            arena_reset(arena);
        }
        bool is_good = data_rows_next(&r->rows, arena, ret_has, ret, err);
        r->goes_on = is_good || !r->rows.is_lost;
        r->consumed_bytes = data_rows_offset(&r->rows);
        if (is_good && !*ret_has) {
            return true;
        }
        r->rows_seen++;
        bool is_drawn = row_is_drawn(r);
        if (!is_good || is_drawn) {
            return is_good;
        }
    }
}

/* Expands the row no further than is needed to know whether it is selected. */
static bool row_expand(struct case_reader *r, const struct data_row *row, struct arena *arena, bool *ret_is_selected,
                       struct eval_case *ret, struct err *err)
{
    *ret_is_selected = false;
    if (!expand_row_head(&r->expander, row, arena, ret, err)) {
        return false;
    }
    wanted_tags_see(&r->wanted_tags, ret->tags, ret->tag_count);
    bool has_id = ret->id.ptr != NULL;
    if (!tags_are_selected(&r->selection, ret->tags, ret->tag_count) ||
        (has_id && !id_is_selected(&r->selection, ret->id))) {
        return true;
    }
    if (!expand_row(&r->expander, arena, ret, err)) {
        return false;
    }
    *ret_is_selected = has_id || id_is_selected(&r->selection, ret->id);
    return true;
}

/* The next selected case of the data file. */
static bool next_of_rows(struct case_reader *r, struct arena *arena, bool *ret_has, struct eval_case *ret,
                         struct err *err)
{
    for (bool is_selected = false; !is_selected;) {
        struct data_row row;
        struct arena *room = r->is_sparse ? &r->skipped : arena;
        if (!row_next(r, room, ret_has, &row, err)) {
            return false;
        }
        if (!*ret_has) {
            r->rows_done = true;
            return true;
        }
        if (!row_expand(r, &row, room, &is_selected, ret, err)) {
            return false;
        }
        if (is_selected && r->is_sparse) {
            row.value = value_copy(arena, &row.value);
            if (!row_expand(r, &row, arena, &is_selected, ret, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool next_written(struct case_reader *r, struct arena *arena, bool *ret_has, struct eval_case *ret,
                         struct err *err)
{
    while (r->next_written < r->suite->case_count) {
        const struct case_spec *spec = &r->suite->cases[r->next_written++];
        if (tags_are_selected(&r->selection, spec->tags.items, spec->tags.len) &&
            id_is_selected(&r->selection, spec->id)) {
            *ret_has = true;
            return expand_written(&r->expander, spec, arena, ret, err);
        }
    }
    *ret_has = false;
    return true;
}

/* The next case, from wherever it comes. */
static bool next_case(struct case_reader *r, struct arena *arena, bool *ret_has, struct eval_case *ret, struct err *err)
{
    r->goes_on = false;
    if (!r->rows_done && (!rows_begin(r, err) || !next_of_rows(r, arena, ret_has, ret, err))) {
        return false;
    }
    r->goes_on = true;
    if (!*ret_has && !next_written(r, arena, ret_has, ret, err)) {
        return false;
    }
    return !*ret_has || expand_check(&r->expander, ret, err);
}

bool case_reader_next(struct case_reader *r, struct arena *arena, bool *ret_has, struct eval_case *ret, struct err *err)
{
    bool has = false;
    struct eval_case found;
    if (r->selection.limit > 0 && r->ordinal == r->selection.limit) {
        *ret_has = false;
        return true;
    }
    if (!next_case(r, arena, &has, &found, err)) {
        r->has_failed = true;
        return false;
    }
    if (has) {
        found.ordinal = r->ordinal++;
        *ret = found;
    }
    *ret_has = has;
    r->goes_on = false;
    return has || r->has_failed || wanted_tags_check(&r->wanted_tags, err);
}

bool case_reader_goes_on(const struct case_reader *r)
{
    return r->goes_on;
}

static bool fail_changed(const struct plan_case *planned, const char *path, struct err *err)
{
    return err_set_at(err, ERR_SUITE, (struct src_pos){path, (uint32_t)planned->row_line, 1},
                      "case '%.*s' is no longer what was planned: the data file has changed since",
                      STR_ARG(planned->id));
}

static bool fetch_row(struct case_reader *r, const struct plan_case *planned, struct arena *arena,
                      struct eval_case *ret, struct err *err)
{
    const struct dataset_spec *spec = r->suite->dataset;
    struct data_row row;
    bool has = false;
    if (spec == NULL) {
        return err_set(err, ERR_SUITE, "case '%.*s' is a data row, but the suite has no dataset", STR_ARG(planned->id));
    }
    if (!r->rows.is_open && !data_rows_open(&r->rows, spec, err)) {
        err->kind = ERR_SUITE; /* gone: what was planned cannot be run */
        return err_wrap(err, "case '%.*s'", STR_ARG(planned->id));
    }
    if (data_rows_offset(&r->rows) != planned->row_offset &&
        !data_rows_seek(&r->rows, planned->row_offset, planned->row_line, err)) {
        return false;
    }
    struct err inner;
    err_clear(&inner);
    if (!data_rows_next(&r->rows, arena, &has, &row, &inner)) {
        if (inner.kind == ERR_IO) {
            *err = inner;
            return false;
        }
        return fail_changed(planned, spec->path, err); /* what stood there was a row before */
    }
    if (!has || row.offset != planned->row_offset) {
        return fail_changed(planned, spec->path, err);
    }
    if (!expand_row_head(&r->expander, &row, arena, ret, &inner) || !expand_row(&r->expander, arena, ret, &inner)) {
        *err = inner;
        return err_wrap(err, "case '%.*s' is no longer what was planned", STR_ARG(planned->id));
    }
    ret->row_line = planned->row_line;
    ret->pos.line = (uint32_t)planned->row_line;
    return true;
}

bool case_reader_fetch(struct case_reader *r, const struct plan_case *planned, struct arena *arena,
                       struct eval_case *ret, struct err *err)
{
    struct eval_case found = {0};
    if (planned->row_line > 0) {
        if (!fetch_row(r, planned, arena, &found, err)) {
            return false;
        }
    } else {
        const struct case_spec *spec = map_get(&r->written, planned->id);
        if (spec == NULL) {
            return err_set(err, ERR_SUITE, "case '%.*s' is no longer in the suite", STR_ARG(planned->id));
        }
        if (!expand_written(&r->expander, spec, arena, &found, err)) {
            return false;
        }
    }
    /* The digest is computed anew. Size and time of the file would be cheaper, but a file written in place within one tick of the clock keeps
     * both; a hash of the row's bytes costs as much as the digest does and would also refuse what the digest allows (another order of keys). */
    if (!digest_eq(&found.digest, &planned->digest) || !str_eq(found.id, planned->id)) {
        return planned->row_line > 0 ? fail_changed(planned, r->suite->dataset->path, err)
                                     : err_set_at(err, ERR_SUITE, found.pos,
                                                  "case '%.*s' is no longer what was planned", STR_ARG(planned->id));
    }
    found.ordinal = planned->ordinal;
    *ret = found;
    return true;
}

static void block_free(char **block)
{
    mem_free(*block);
}

/* The digest of the file's first bytes, those that the pre-pass read. False when the file is no longer there. */
static bool hash_file(const char *path, uint64_t bytes, struct digest *ret)
{
    enum { BLOCK_BYTES = 64 << 10 };
    struct err err = ERR_NULL;
    struct digest_stream stream;
    int fd CLEANUP(file_close) = -1;
    char *block CLEANUP(block_free) = mem_alloc(BLOCK_BYTES);
    if (!file_open(path, &fd, &err)) {
        return false;
    }
    digest_begin(&stream);
    while (bytes > 0) {
        ptrdiff_t got = file_read_some(fd, block, bytes < BLOCK_BYTES ? (size_t)bytes : BLOCK_BYTES);
        if (got <= 0) {
            break;
        }
        digest_add(&stream, (struct str){block, (size_t)got});
        bytes -= (uint64_t)got;
    }
    *ret = digest_end(&stream);
    return bytes == 0;
}

struct str case_reader_files(struct case_reader *r, struct arena *arena)
{
    const struct dataset_spec *spec = r->suite->dataset;
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 20);
    struct json_writer w;
    json_writer_init(&w, &out);
    json_open_list(&w);
    struct digest digest;
    if (spec != NULL && hash_file(spec->path, r->consumed_bytes, &digest)) {
        struct digest_hex hex = digest_hex(&digest);
        json_open_map(&w);
        json_put_text(&w, "path", str_from(file_join(arena, str_from(r->suite->dir), spec->file)));
        json_put_text(&w, "sha256", str_from(hex.text));
        json_put_int(&w, "size", (int64_t)r->consumed_bytes);
        json_close_map(&w);
    }
    json_close_list(&w);
    return arena_str(arena, buf_str(&out));
}
