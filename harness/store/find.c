#include "store/store_private.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"

/* RUN as people write it (docs/contracts.md, D). In this order: `latest`, `latest~N`; the name of a --run-id; a label `key=value`; an id or its
 * beginning. All but labels may be followed by `/VARIANT`. */

enum { PREFIX_MIN = 4, HEX_MAX = 32, SHOWN = 5 };

/* What a name leads to: an invocation, or one run of it. */
struct found {
    int64_t invocation, run; /* run 0 = all of them */
};

/* --- words about what there is ------------------------------------------------------------------------------------------------------------ */

static void describe(struct buf *out, const struct run_record *run)
{
    struct uuid_text id = id_text(&run->id);
    buf_printf(out, "%s%.8s (%.*s [%.*s])", out->len > 0 ? ", " : "", id.text, STR_ARG(run->suite),
               STR_ARG(run->variant));
}

static bool nothing_found(struct store *store, struct arena *arena, struct str name, struct err *err)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!store_list_runs(store, arena, 3, &runs, &count, err)) {
        return false;
    }
    if (count == 0) {
        return err_set(err, ERR_EMPTY, "no run '%.*s': the store '%s' holds none", STR_ARG(name), store->path);
    }
    struct buf text CLEANUP(buf_deinit) = BUF(400);
    for (size_t i = 0; i < count; i++) {
        describe(&text, &runs[i]);
    }
    return err_set(err, ERR_EMPTY, "no run '%.*s'; newest: %.*s", STR_ARG(name), STR_ARG(buf_str(&text)));
}

static bool no_variant(const struct run_record *runs, size_t count, struct str name, struct str variant,
                       struct err *err)
{
    struct buf text CLEANUP(buf_deinit) = BUF(400);
    for (size_t i = 0; i < count; i++) {
        bool is_said = false;
        for (size_t j = 0; j < i; j++) {
            is_said |= str_eq(runs[i].variant, runs[j].variant);
        }
        if (!is_said) {
            buf_printf(&text, "%s%.*s", text.len > 0 ? ", " : "", STR_ARG(runs[i].variant));
        }
    }
    return err_set(err, ERR_EMPTY, "'%.*s' has no variant '%.*s'; it has: %.*s", STR_ARG(name), STR_ARG(variant),
                   STR_ARG(buf_str(&text)));
}

/* --- one way of naming each ----------------------------------------------------------------------------------------------------------------- */

static bool find_one(struct query *q, bool *ret_found, struct found *ret, struct err *err)
{
    if (!query_step(q, ret_found, err)) {
        return false;
    }
    if (*ret_found) {
        *ret = (struct found){.invocation = query_get_int(q)};
    }
    return true;
}

static bool find_latest(struct store *store, uint64_t back, bool with_unfinished, bool *ret_found, struct found *ret,
                        struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "SELECT i.seq FROM invocation i WHERE ? OR i.state = 1 ORDER BY " NEWEST_FIRST " LIMIT 1 OFFSET ?");
    query_int(&q, with_unfinished);
    query_int(&q, back > INT64_MAX ? INT64_MAX : (int64_t)back);
    return find_one(&q, ret_found, ret, err);
}

static bool find_name(struct store *store, struct str name, bool *ret_found, struct found *ret, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, "SELECT seq FROM invocation WHERE id = ? AND name = ?");
    struct uuid id = id_of_invocation(name);
    query_uuid(&q, &id);
    query_text(&q, name);
    return find_one(&q, ret_found, ret, err);
}

static bool find_label(struct store *store, struct str key, struct str value, bool with_unfinished, bool *ret_found,
                       struct found *ret, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store,
        "SELECT i.seq FROM invocation i WHERE (? OR i.state = 1) AND json_valid(i.labels) AND EXISTS "
        "(SELECT 1 FROM json_each(i.labels) l WHERE l.key = ? AND CAST(l.value AS TEXT) = ?) ORDER BY " NEWEST_FIRST
        " LIMIT 1");
    query_int(&q, with_unfinished);
    query_text(&q, key);
    query_text(&q, value);
    return find_one(&q, ret_found, ret, err);
}

/* The smallest and the greatest id that begin so; false when the text is no beginning of an id (dashes may be left out, all of them). */
static bool prefix_range(struct str text, struct uuid *ret_low, struct uuid *ret_high)
{
    bool has_dashes = str_find_char(text, '-', NULL);
    size_t digits = 0;
    memset(ret_low->bytes, 0x00, sizeof(ret_low->bytes));
    memset(ret_high->bytes, 0xff, sizeof(ret_high->bytes));
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (has_dashes && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (c != '-') {
                return false;
            }
            continue;
        }
        const char *hex = "0123456789abcdef";
        const char *at = c == '\0' ? NULL : strchr(hex, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
        if (at == NULL || digits == HEX_MAX) {
            return false;
        }
        unsigned shift = digits % 2 == 0 ? 4 : 0;
        unsigned nibble = (unsigned)(at - hex);
        ret_low->bytes[digits / 2] |= (uint8_t)(nibble << shift);
        ret_high->bytes[digits / 2] &= (uint8_t) ~((0xfu ^ nibble) << shift);
        digits++;
    }
    return digits >= PREFIX_MIN;
}

static bool ambiguous(struct query *q, struct str name, struct buf *said, struct err *err)
{
    bool has = true;
    for (int shown = 2; has && shown < SHOWN; shown++) {
        if (!query_step(q, &has, err)) {
            return false;
        }
        if (has) {
            query_skip(q);
            query_skip(q);
            struct uuid id = query_get_uuid(q);
            buf_printf(said, ", %s", id_text(&id).text);
        }
    }
    return err_set(err, ERR_USAGE, "'%.*s' is not unique: %.*s%s", STR_ARG(name), STR_ARG(buf_str(said)),
                   has ? ", ..." : "");
}

static bool find_prefix(struct store *store, struct str name, bool *ret_found, struct found *ret, struct err *err)
{
    struct uuid low;
    struct uuid high;
    *ret_found = false;
    if (!prefix_range(name, &low, &high)) {
        return true;
    }
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT seq AS invocation, 0 AS run, id FROM invocation WHERE id BETWEEN ?1 AND ?2 "
                         "UNION ALL SELECT invocation, seq, id FROM run WHERE id BETWEEN ?1 AND ?2 AND "
                         "invocation > 0 ORDER BY 3");
    query_uuid(&q, &low);
    query_uuid(&q, &high);
    if (!query_step(&q, ret_found, err)) {
        return false;
    }
    if (!*ret_found) {
        return true;
    }
    ret->invocation = query_get_int(&q);
    ret->run = query_get_int(&q);
    struct buf said CLEANUP(buf_deinit) = BUF(400);
    struct uuid first = query_get_uuid(&q);
    buf_append_cstr(&said, id_text(&first).text);
    bool has_second = false;
    if (!query_step(&q, &has_second, err)) {
        return false;
    }
    if (!has_second) {
        return query_intact(&q, err);
    }
    query_skip(&q);
    query_skip(&q);
    struct uuid second = query_get_uuid(&q);
    buf_printf(&said, ", %s", id_text(&second).text);
    return ambiguous(&q, name, &said, err);
}

/* --- all of them ------------------------------------------------------------------------------------------------------------------------------ */

/* "latest", "latest~2"; false when it is something else. */
static bool parse_latest(struct str name, uint64_t *ret_back)
{
    *ret_back = 0;
    if (str_eq(name, STR("latest"))) {
        return true;
    }
    return str_starts(name, STR("latest~")) && num_parse_u64(str_slice(name, 7, name.len), ret_back);
}

/* A name without variant. */
static bool find_head(struct store *store, struct str name, bool with_unfinished, bool *ret_found, struct found *ret,
                      struct err *err)
{
    uint64_t back = 0;
    if (parse_latest(name, &back)) {
        return find_latest(store, back, with_unfinished, ret_found, ret, err);
    }
    return find_name(store, name, ret_found, ret, err) && (*ret_found || find_prefix(store, name, ret_found, ret, err));
}

static bool find_any(struct store *store, struct str name, bool with_unfinished, bool *ret_found, struct found *ret,
                     struct str *ret_variant, struct err *err)
{
    size_t at = 0;
    *ret_variant = STR_NULL;
    if (!find_head(store, name, with_unfinished, ret_found, ret, err)) {
        return false;
    }
    if (*ret_found) {
        return true;
    }
    if (str_find_char(name, '=', &at)) {
        return find_label(store, str_slice(name, 0, at), str_slice(name, at + 1, name.len), with_unfinished, ret_found,
                          ret, err);
    }
    /* every slash in turn: the names of --run-id and of variants may hold some themselves */
    for (at = 0; at < name.len; at++) {
        if (name.ptr[at] != '/') {
            continue;
        }
        if (!find_head(store, str_slice(name, 0, at), with_unfinished, ret_found, ret, err)) {
            return false;
        }
        if (*ret_found) {
            *ret_variant = str_slice(name, at + 1, name.len);
            return true;
        }
    }
    return true;
}

bool store_find_runs(struct store *store, struct arena *arena, struct str name, bool with_unfinished,
                     struct run_record **ret, size_t *ret_count, struct err *err)
{
    struct found found = {0};
    struct str variant = STR_NULL;
    bool is_found = false;
    struct run_record *all = NULL;
    size_t count = 0;
    if (!find_any(store, name, with_unfinished, &is_found, &found, &variant, err)) {
        return false;
    }
    if (!is_found) {
        return nothing_found(store, arena, name, err);
    }
    if (!store_runs_of(store, arena, found.invocation, &all, &count, err)) {
        return false;
    }
    VEC(struct run_record) chosen = {0};
    for (size_t i = 0; i < count; i++) {
        if ((found.run == 0 || all[i].seq == found.run) && (variant.ptr == NULL || str_eq(all[i].variant, variant))) {
            *vec_push(arena, &chosen) = all[i];
        }
    }
    if (chosen.len == 0) {
        return variant.ptr != NULL ? no_variant(all, count, name, variant, err)
                                   : nothing_found(store, arena, name, err);
    }
    *ret = chosen.items;
    *ret_count = chosen.len;
    return true;
}
