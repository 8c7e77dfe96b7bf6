#include "store/store_private.h"

#include "base/arena.h"
#include "base/err.h"

/* Texts of any size. Short ones stand in their row; longer ones live once, by SHA-256, in `body`, and the row holds their number. So a column of
 * this kind has no declared type: an integer in it is a body, anything else is the text itself.
 *
 * Why not all of them by digest: an index over random digests is written all over; with outputs of 1 KB it took 16 of 23 µs a sample. */

static bool body_add(struct store *store, struct str text, int64_t *ret_seq, struct err *err)
{
    struct digest digest = digest_of(text);
    struct query add CLEANUP(query_done) =
        query_kept(store, STATEMENT_ADD_BODY, "INSERT INTO body (sha256, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING");
    query_digest(&add, &digest);
    query_text(&add, text);
    if (!query_run(&add, err)) {
        return false;
    }
    if (sqlite_changes(store) == 1) {
        *ret_seq = sqlite_last_seq(store);
        return true;
    }
    struct query find CLEANUP(query_done) =
        query_kept(store, STATEMENT_FIND_BODY, "SELECT seq FROM body WHERE sha256 = ?");
    query_digest(&find, &digest);
    bool has = false;
    if (!query_step(&find, &has, err)) {
        return false;
    }
    *ret_seq = has ? query_get_int(&find) : 0;
    return has || err_set(err, ERR_IO, "store '%s' is damaged: its index of texts is wrong", store->path);
}

bool body_of(struct store *store, struct str text, int64_t *ret, struct err *err)
{
    *ret = 0;
    return text.len <= STORE_INLINE_BYTES || body_add(store, text, ret, err);
}

bool body_bind(struct query *q, struct str text, struct err *err)
{
    int64_t body = 0;
    if (!body_of(q->store, text, &body, err)) {
        return false;
    }
    if (body == 0) {
        query_text(q, text);
    } else {
        query_int(q, body);
    }
    return true;
}

bool body_get(struct query *q, struct arena *arena, struct str *ret, struct err *err)
{
    if (!query_is_int(q)) {
        *ret = query_get_text(q, arena);
        return true;
    }
    struct query body CLEANUP(query_done) =
        query_kept(q->store, STATEMENT_BODY, "SELECT bytes FROM body WHERE seq = ?");
    query_int(&body, query_get_int(q));
    bool has = false;
    if (!query_step(&body, &has, err)) {
        return false;
    }
    if (!has) {
        return err_set(err, ERR_IO, "store '%s' is damaged: a text is missing", q->store->path);
    }
    *ret = query_get_text(&body, arena);
    return true;
}
