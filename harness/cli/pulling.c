#include "cli/pulling.h"

#include "base/err.h"
#include "base/file.h"
#include "cli/access.h"
#include "cli/cli.h"
#include "cli/suites_open.h"
#include "model/baseline.h"
#include "model/labels.h"
#include "store/store.h"

bool pulling_open(struct pulling *p, struct cli *cli, const struct args *args, const char *who, struct err *err)
{
    if (!access_open(cli, err) || !service_check_key(&cli->service, who, err) ||
        !store_open_named(cli, args, STORE_WRITE, &p->store, err)) {
        return false;
    }
    const struct pull_order order = {
        .store = p->store,
        .temp_dir = arena_cstr(&cli->arena, file_dir(str_from(store_named_path(cli, args)))),
        .clock = cli->clock,
        .service = &cli->service,
        .settings = {.redactor = access_redactor(cli), .ca_file = environment_get(&cli->env, STR("SSL_CERT_FILE"))},
    };
    p->is_open = true; /* what was opened of it is closed, whatever happens */
    return pull_open(&p->pull, &order, err);
}

void pulling_close(struct pulling *p)
{
    if (p->is_open) {
        pull_close(&p->pull);
        p->is_open = false;
    }
    store_close(&p->store);
}

/* Once for each suite. */
static bool list_of(struct baseline_puller *b, struct pull *pull, struct str suite, struct pull_list *ret,
                    struct err *err)
{
    for (size_t i = 0; i < b->lists.len; i++) {
        if (str_eq(b->lists.items[i].suite, suite)) {
            *ret = b->lists.items[i];
            return true;
        }
    }
    if (!pull_list_read(pull, &b->cli->arena, suite, ret, err)) {
        return false;
    }
    *vec_push(&b->cli->arena, &b->lists) = *ret;
    return true;
}

/* *ret_taken false: it is not whole, and another may be. */
static bool pull_one(struct baseline_puller *b, struct pull *pull, const struct uuid *id, bool *ret_taken,
                     struct err *err)
{
    struct cli *cli = b->cli;
    struct imported_run run;
    struct err fault = ERR_NULL;
    *ret_taken = pull_run(pull, &cli->arena, id, &run, &fault);
    if (!*ret_taken) {
        if (fault.kind == ERR_EMPTY) {
            cli_print(cli->errors, "assay: passed over as a baseline: %s\n", fault.text);
            return true;
        }
        *err = fault;
        return false;
    }
    if (!run.was_there) {
        cli_print(cli->errors, "assay: baseline %.8s pulled: %.*s [%.*s]\n", id_text(&run.id).text, STR_ARG(run.suite),
                  STR_ARG(run.variant));
    }
    return true;
}

static bool pull_place(struct baseline_puller *b, const struct run_record *like, const struct baseline_source *source,
                       struct pulled_place *ret, struct err *err)
{
    struct cli *cli = b->cli;
    struct pulling p CLEANUP(pulling_close) = {0};
    struct pull_list list;
    size_t at = 0;
    if (!pulling_open(&p, cli, b->args, "reading it", err) || !list_of(b, &p.pull, like->suite, &list, err)) {
        return false;
    }
    struct value labels = labels_read(&cli->arena, labels_one(&cli->arena, source->key, source->text));
    const struct pull_wanted wanted = {like->variant, &labels};
    ret->ids = arena_array(&cli->arena, struct uuid, source->runs);
    while (ret->count < source->runs) {
        struct uuid id;
        bool found = false;
        bool taken = false;
        if (!pull_list_next(&p.pull, &list, &wanted, &at, &id, &found, err)) {
            return false;
        }
        if (!found) {
            break;
        }
        if (id_eq(&id, &like->id)) {
            continue;
        }
        if (!pull_one(b, &p.pull, &id, &taken, err)) {
            return false;
        }
        if (taken) {
            ret->ids[ret->count++] = id;
        }
    }
    struct err none = ERR_NULL;
    if (ret->count == 0 && !pull_list_none(&p.pull, &list, &wanted, &none)) {
        ret->why_not = arena_str(&cli->arena, str_from(none.text));
    }
    return true;
}

static bool is_asked(const struct pulled_place *known, const struct run_record *like,
                     const struct baseline_source *source)
{
    return str_eq(known->suite, like->suite) && str_eq(known->variant, like->variant) &&
           str_eq(known->place, source->shown) && known->runs == source->runs;
}

static bool ask(void *puller, const struct run_record *run, const struct baseline_source *source, struct uuid **ret,
                size_t *ret_count, struct str *ret_why_not, struct err *err)
{
    struct baseline_puller *b = puller;
    struct pulled_place place = {run->suite, run->variant, source->shown, source->runs, NULL, 0, STR_NULL};
    bool is_known = false;
    for (size_t i = 0; i < b->asked.len && !is_known; i++) {
        is_known = is_asked(&b->asked.items[i], run, source);
        place = is_known ? b->asked.items[i] : place;
    }
    if (!is_known) {
        if (!pull_place(b, run, source, &place, err)) {
            return err_wrap(err, "the baseline '%.*s'", STR_ARG(source->shown));
        }
        *vec_push(&b->cli->arena, &b->asked) = place;
    }
    *ret = place.ids;
    *ret_count = place.count;
    *ret_why_not = place.why_not;
    return true;
}

struct baseline_asking baseline_puller_asking(struct baseline_puller *b)
{
    return (struct baseline_asking){ask, b};
}
