#include "store/store_private.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* Writing the cases of a plan, many by one statement (query.h: feeds), and what is remembered of them until their transaction ends. */

/* --- what is known of a plan ------------------------------------------------------------------------------------------------------------- */

/* That no two ids are equal is asked at the end of a plan, and the sort that answers costs as much as storing the cases. So ids leave marks in a
 * field of bits, MARKS each: one that finds all of its places marked may be there twice, and only then SQLite is asked. With 4 marks in 2^23 bits
 * that happens to one plan of 30,000 different ids in a thousand, and to most of 200,000. */
enum { MARKS = 4, MARK_BITS = 23, WORD_BITS = 64 };

struct plan_marks {
    uint64_t words[(1 << MARK_BITS) / WORD_BITS];
};

/* The end of a hash of 64 bits, so that every bit of it depends on every other (MurmurHash3, public domain). */
static uint64_t hash_mixed(uint64_t hash)
{
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return hash ^ hash >> 33;
}

/* Whether all were there. */
static bool marks_set(struct plan_marks *marks, struct str id)
{
    const uint64_t mask = (1 << MARK_BITS) - 1;
    uint64_t hash = hash_mixed(str_hash(id));
    uint64_t step = hash >> MARK_BITS | 1;
    bool were_set = true;
    for (int i = 0; i < MARKS; i++, hash += step) {
        uint64_t *word = &marks->words[(hash & mask) / WORD_BITS];
        uint64_t bit = (uint64_t)1 << hash % WORD_BITS;
        were_set = were_set && (*word & bit) != 0;
        *word |= bit;
    }
    return were_set;
}

void planned_begin(struct store *store, int64_t plan)
{
    planned_forget(store);
    store->planned = (struct planned){.plan = plan, .marks = mem_alloc(sizeof(struct plan_marks))};
}

void planned_end(struct store *store)
{
    mem_free(store->planned.marks);
    store->planned.marks = NULL;
}

void planned_forget(struct store *store)
{
    planned_end(store);
    store->planned = (struct planned){0};
}

static void planned_add(struct store *store, int64_t plan, const struct plan_case *c)
{
    struct planned *p = &store->planned;
    if (p->plan != plan) {
        return;
    }
    p->has_cluster = p->has_cluster || c->cluster.ptr != NULL;
    if (p->marks != NULL && !p->may_repeat_ids) {
        p->may_repeat_ids = marks_set(p->marks, c->id);
    }
}

bool planned_ids_differ(const struct store *store, int64_t plan)
{
    return store->planned.plan == plan && store->planned.marks != NULL && !store->planned.may_repeat_ids;
}

/* --- tags ---------------------------------------------------------------------------------------------------------------------------------- */

static bool tag_list_add(struct store *store, struct str tags, int64_t *ret_seq, struct err *err)
{
    /* Neighbouring rows mostly have the same tags. */
    if (store->last_tags_seq != 0 && str_eq(buf_str(&store->last_tags), tags)) {
        *ret_seq = store->last_tags_seq;
        return true;
    }
    struct query find CLEANUP(query_done) =
        query_kept(store, STATEMENT_FIND_TAGS, "SELECT seq FROM tag_list WHERE tags = ?");
    query_text(&find, tags);
    bool has = false;
    if (!query_step(&find, &has, err)) {
        return false;
    }
    if (has) {
        *ret_seq = query_get_int(&find);
    } else {
        struct query add CLEANUP(query_done) =
            query_kept(store, STATEMENT_ADD_TAGS, "INSERT INTO tag_list (tags) VALUES (?)");
        query_text(&add, tags);
        if (!query_run(&add, err)) {
            return false;
        }
        *ret_seq = sqlite_last_seq(store);
    }
    buf_clear(&store->last_tags);
    buf_append(&store->last_tags, tags);
    store->last_tags_seq = *ret_seq;
    return true;
}

/* --- cases --------------------------------------------------------------------------------------------------------------------------------- */

enum { ADD_AT_ONCE = 64 };

struct adding_cases {
    int64_t plan;
    const struct plan_case *cases;
    size_t count, at;
    bool has_begun;
    int64_t tags[ADD_AT_ONCE]; /* of each: its list, 0 = none */
};

static bool next_case(void *rows)
{
    struct adding_cases *a = rows;
    a->at += a->has_begun ? 1 : 0;
    a->has_begun = true;
    return a->at < a->count;
}

static void case_column(const void *rows, int column, struct sqlite3_context *out)
{
    const struct adding_cases *a = rows;
    const struct plan_case *c = &a->cases[a->at];
    switch (column) {
    case 0:
        feed_int(out, case_seq(a->plan, c->ordinal));
        break;
    case 1:
        feed_text(out, c->id);
        break;
    case 2:
        feed_blob(out, c->digest.bytes, sizeof(c->digest.bytes));
        break;
    case 3:
        if (a->tags[a->at] != 0) {
            feed_int(out, a->tags[a->at]);
        }
        break;
    case 4:
        feed_text(out, c->cluster);
        break;
    case 5:
        feed_text(out, c->skip);
        break;
    case 6:
        feed_int(out, (int64_t)c->row_offset);
        break;
    default:
        feed_int(out, (int64_t)c->row_line);
    }
}

static const struct feed_table FED_PLAN = {"fed_plan", 8, next_case, case_column};

static bool cases_add(struct store *store, int64_t plan, const struct plan_case *cases, size_t count, struct err *err)
{
    struct adding_cases a = {.plan = plan, .cases = cases, .count = count};
    for (size_t i = 0; i < count; i++) {
        bool has_tags = cases[i].tags.len > 2; /* more than "[]" */
        if (cases[i].ordinal >> STORE_CASE_BITS != 0) {
            return err_set(err, ERR_LIMIT, "a plan holds at most 2^%d cases", (int)STORE_CASE_BITS);
        }
        if (has_tags && !tag_list_add(store, cases[i].tags, &a.tags[i], err)) {
            return false;
        }
        planned_add(store, plan, &cases[i]);
    }
    struct query q CLEANUP(query_done) =
        query_fed(store, STATEMENT_ADD_CASE,
                  "INSERT OR FAIL INTO plan_case (seq, id, digest, tags, cluster, skip, row_offset, row_line) "
                  "SELECT * FROM fed_plan",
                  &FED_PLAN, &a);
    return query_run(&q, err);
}

bool store_add_plan_cases(struct store *store, int64_t plan, const struct plan_case *cases, size_t count,
                          struct err *err)
{
    for (size_t at = 0; at < count; at += ADD_AT_ONCE) {
        size_t piece = count - at < ADD_AT_ONCE ? count - at : ADD_AT_ONCE;
        if (!cases_add(store, plan, &cases[at], piece, err)) {
            return false;
        }
    }
    return true;
}

bool store_add_plan_case(struct store *store, int64_t plan, const struct plan_case *c, struct err *err)
{
    return store_add_plan_cases(store, plan, c, 1, err);
}
