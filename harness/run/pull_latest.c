#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "data/json.h"
#include "data/value.h"
#include "model/labels.h"
#include "opper/lookup.h"
#include "opper/pulled.h"
#include "run/pull_private.h"

/* 100 traces a page, and a request each. */
enum { PAGES_MOST = 10000, SAME_PAGES = 3, WORDS_BYTES = 512 };

/* The traces so far. */
struct traces {
    VEC(struct lookup_run) items;
};

static bool read_page(struct pull *p, struct arena *arena, struct str suite, uint64_t offset, struct traces *ret,
                      struct lookup_page *page, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct call call = lookup_traces(&scratch, p->order.service, suite, offset);
    bool is_missing = false;
    struct str body = STR_NULL;
    if (!pull_ask(p, &call, &scratch, "reading the list of traces", &is_missing, &body, err)) {
        return false;
    }
    if (is_missing) {
        return err_set(err, ERR_NET, "the service has no list of traces (is OPPER_BASE_URL right?)");
    }
    if (!lookup_read_page(&scratch, body, suite, offset, page, err)) {
        return false;
    }
    for (size_t i = 0; i < page->run_count; i++) {
        struct lookup_run run = page->runs[i];
        run.variant = arena_str(arena, run.variant);
        *vec_push(arena, &ret->items) = run;
    }
    return true;
}

static int newest_first(const void *a, const void *b)
{
    int64_t first_us = ((const struct lookup_run *)a)->started_us;
    int64_t second_us = ((const struct lookup_run *)b)->started_us;
    return first_us == second_us ? 0 : first_us > second_us ? -1 : 1;
}

/* In which order the service lists them is not documented: all of them are read. A page may come twice, when as many traces began meanwhile. */
bool pull_list_read(struct pull *p, struct arena *arena, struct str suite, struct pull_list *ret, struct err *err)
{
    struct traces all = {0};
    struct lookup_page page = {0};
    unsigned same = 0;
    for (unsigned pages = 0; !page.is_last; pages++) {
        struct uuid before = page.first;
        if (pages == PAGES_MOST) {
            return err_set(err, ERR_LIMIT,
                           "more than %u pages of traces have '%.*s' in their names: name the run, assay pull TRACE",
                           pages, STR_ARG(suite));
        }
        if (!read_page(p, arena, suite, page.next_offset, &all, &page, err)) {
            return false;
        }
        same = pages > 0 && id_eq(&page.first, &before) ? same + 1 : 0;
        if (same == SAME_PAGES) {
            return err_set(err, ERR_NET, "the list of traces gives the same page again and again, whatever its offset");
        }
    }
    if (all.items.len > 0) {
        qsort(all.items.items, all.items.len, sizeof(all.items.items[0]), newest_first);
    }
    *ret = (struct pull_list){suite, all.items.items, all.items.len};
    return true;
}

static bool has_labels(struct arena *arena, const struct value *have, const struct value *wanted)
{
    for (uint32_t i = 0; i < wanted->len; i++) {
        struct str value = labels_get(have, arena_cstr(arena, wanted->keys[i].text));
        if (value.ptr == NULL || !str_eq(value, wanted->items[i].text)) {
            return false;
        }
    }
    return true;
}

static enum pull_lack lack_of(struct arena *arena, const struct pulled_root *root, struct str suite,
                              const struct value *labels)
{
    struct value have = labels_read(arena, root->labels);
    return !str_eq(root->suite, suite)         ? LACK_OURS
           : !has_labels(arena, &have, labels) ? LACK_LABELS
           : !root->is_finished                ? LACK_END
           : !root->is_full_selection          ? LACK_CASES
           : root->verdict != VERDICT_PASSED   ? LACK_PASS
           : labels_tree(&have) == TREE_DIRTY  ? LACK_CLEAN
                                               : LACK_NOTHING;
}

/* From *at on; root is valid until the scratch is reset. */
static bool next_eligible(struct pull *p, struct arena *scratch, const struct pull_list *list,
                          const struct pull_wanted *wanted, size_t *at, struct pulled_root *ret, bool *ret_found,
                          struct err *err)
{
    *ret_found = false;
    if (*at == 0) {
        (void)memset(p->lacks, 0, sizeof(p->lacks));
    }
    while (*at < list->count) {
        const struct lookup_run *run = &list->runs[(*at)++];
        bool is_missing = false;
        struct err fault = ERR_NULL;
        if (wanted->variant.ptr != NULL && !str_eq(run->variant, wanted->variant)) {
            continue;
        }
        arena_reset(scratch);
        bool is_read = pull_root(p, scratch, &run->id, &is_missing, ret, &fault);
        if (!is_read && fault.kind != ERR_EMPTY) { /* empty: a trace of somebody else */
            *err = fault;
            return false;
        }
        enum pull_lack lack = !is_read || is_missing ? LACK_OURS : lack_of(scratch, ret, list->suite, wanted->labels);
        p->lacks[lack]++;
        if (lack == LACK_NOTHING) {
            *ret_found = true;
            return true;
        }
    }
    return true;
}

bool pull_list_next(struct pull *p, const struct pull_list *list, const struct pull_wanted *wanted, size_t *at,
                    struct uuid *ret, bool *ret_found, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct pulled_root root;
    if (!next_eligible(p, &scratch, list, wanted, at, &root, ret_found, err)) {
        return false;
    }
    if (*ret_found) {
        *ret = root.run;
    }
    return true;
}

/* "3 not passed, 1 of a dirty tree" */
static void append_lacks(struct buf *words, const size_t lacks[PULL_LACKS])
{
    static const char *const names[PULL_LACKS] = {
        [LACK_NOTHING] = "tried",         [LACK_OURS] = "not of assay",          [LACK_LABELS] = "with other labels",
        [LACK_END] = "not ended",         [LACK_CASES] = "of some of the cases", [LACK_PASS] = "not passed",
        [LACK_CLEAN] = "of a dirty tree",
    };
    for (size_t i = 0; i < PULL_LACKS; i++) {
        if (lacks[i] > 0) {
            buf_printf(words, "%s%zu %s", words->len > 0 ? ", " : "", lacks[i], names[i]);
        }
    }
}

bool pull_list_none(const struct pull *p, const struct pull_list *list, const struct pull_wanted *wanted,
                    struct err *err)
{
    struct buf words CLEANUP(buf_deinit) = BUF(WORDS_BYTES);
    size_t count = 0;
    struct str variant = wanted->variant;
    for (size_t i = 0; i < list->count; i++) {
        count += variant.ptr == NULL || str_eq(list->runs[i].variant, variant) ? 1 : 0;
    }
    const char *open = variant.ptr == NULL ? "" : " [";
    const char *close = variant.ptr == NULL ? "" : "]";
    variant = variant.ptr == NULL ? STR("") : variant;
    if (count == 0) {
        return err_set(err, ERR_EMPTY, "Opper has no run of a suite '%.*s'%s%.*s%s at %s", STR_ARG(list->suite), open,
                       STR_ARG(variant), close, pull_address(p));
    }
    append_lacks(&words, p->lacks);
    return err_set(err, ERR_EMPTY, "none of the %zu runs of '%.*s'%s%.*s%s on Opper may be a baseline: %.*s", count,
                   STR_ARG(list->suite), open, STR_ARG(variant), close, STR_ARG(buf_str(&words)));
}

/* The run, and those of its invocation's other variants. */
static void take(struct arena *arena, const struct pull_list *all, const struct pulled_root *root, struct uuid **ret,
                 size_t *ret_count)
{
    VEC(struct uuid) ids = {0};
    *vec_push(arena, &ids) = root->run;
    for (size_t i = 0; i < all->count; i++) {
        struct uuid id = id_of_run(&root->invocation, root->suite, all->runs[i].variant);
        bool is_known = !id_eq(&id, &all->runs[i].id);
        for (size_t k = 0; k < ids.len; k++) {
            is_known = is_known || id_eq(&id, &ids.items[k]);
        }
        if (!is_known) {
            *vec_push(arena, &ids) = id;
        }
    }
    *ret = ids.items;
    *ret_count = ids.len;
}

bool pull_latest(struct pull *p, struct arena *arena, struct str suite, const struct value *labels, struct uuid **ret,
                 size_t *ret_count, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    const struct pull_wanted wanted = {.labels = labels};
    struct pull_list list;
    struct pulled_root root;
    bool found = false;
    size_t at = 0;
    if (!pull_list_read(p, arena, suite, &list, err) ||
        !next_eligible(p, &scratch, &list, &wanted, &at, &root, &found, err)) {
        return false;
    }
    if (!found) {
        return pull_list_none(p, &list, &wanted, err);
    }
    take(arena, &list, &root, ret, ret_count);
    return true;
}
