#include "judge/version.h"

#include "base/arena.h"
#include "base/err.h"
#include "data/json.h"
#include "model/labels.h"
#include "store/outbox.h"
#include "store/store.h"

/* The root span's input holds the target as it was written. */
static bool runs_program(struct store *store, const struct run_record *run, struct arena *arena, bool *ret,
                         struct err *err)
{
    bool is_ended = false;
    struct root_record root = {0};
    struct value input = {0};
    struct err ignored = ERR_NULL;
    if (!store_root(store, arena, run->seq, &is_ended, &root, err)) {
        return false;
    }
    bool is_read =
        root.input.ptr != NULL && json_read(arena, root.input, JSON_REPLY, (struct src_pos){0}, &input, NULL, &ignored);
    const struct value *target = is_read ? value_get(&input, STR("target")) : NULL;
    *ret = target == NULL || value_get(target, STR("command")) != NULL || value_get(target, STR("shell")) != NULL;
    return true;
}

bool run_version(struct store *store, const struct run_record *run, struct arena *arena, struct run_version *ret,
                 struct err *err)
{
    struct invocation_record invocation;
    struct digest_stream stream;
    bool is_program = false;
    if (!store_invocation(store, arena, run->invocation, &invocation, err) ||
        !runs_program(store, run, arena, &is_program, err)) {
        return false;
    }
    ret->labels = labels_read(arena, invocation.labels);
    digest_begin(&stream);
    digest_add(&stream, (struct str){(const char *)run->target_digest.bytes, sizeof(run->target_digest.bytes)});
    if (is_program) {
        digest_add(&stream, labels_get(&ret->labels, LABEL_COMMIT));
    }
    if (is_program && labels_tree(&ret->labels) == TREE_DIRTY) { /* the commit does not say what ran */
        digest_add(&stream, (struct str){(const char *)run->id.bytes, sizeof(run->id.bytes)});
    }
    ret->digest = digest_end(&stream);
    return true;
}

bool runs_of_version(struct store *store, const struct run_record *run, size_t limit, struct arena *arena,
                     struct run_record **ret, size_t *ret_count, struct err *err)
{
    const struct suite_runs which = {
        .suite = run->suite, .variant = run->variant, .only_full = true, .only_original = true, .limit = limit};
    struct run_version wanted;
    struct run_record *runs = NULL;
    size_t count = 0;
    size_t kept = 0;
    if (!run_version(store, run, arena, &wanted, err) || !store_suite_runs(store, arena, &which, &runs, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct run_version version;
        if (!run_version(store, &runs[i], arena, &version, err)) {
            return false;
        }
        bool is_judged = runs[i].verdict == VERDICT_PASSED || runs[i].verdict == VERDICT_FAILED;
        if (is_judged && digest_eq(&version.digest, &wanted.digest)) {
            runs[kept++] = runs[i];
        }
    }
    *ret = runs;
    *ret_count = kept;
    return true;
}
