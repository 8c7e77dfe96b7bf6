#include "cli/imported.h"

#include "base/clock.h"
#include "cli/cli.h"
#include "run/import.h"
#include "store/store.h"

void imported_print(struct cli *cli, const struct imported_run *run, const char *verb)
{
    struct uuid_text id = id_text(&run->id);
    if (run->was_there && run->samples == 0) { /* nobody counted */
        cli_print(cli->out, "there already: %.8s  %.*s [%.*s]\n", id.text, STR_ARG(run->suite), STR_ARG(run->variant));
        return;
    }
    cli_print(cli->out, "%s %.8s  %.*s [%.*s]  %llu %s\n", run->was_there ? "there already:" : verb, id.text,
              STR_ARG(run->suite), STR_ARG(run->variant), (unsigned long long)run->samples,
              run->samples == 1 ? "sample" : "samples");
    if (!run->was_there && store_is_ahead(run->finished_unix_ms)) {
        cli_print(
            cli->errors,
            "assay: run %.8s ended at %s by its recorder's clock, which is ahead of ours: it is sorted by when it "
            "was %s\n",
            id.text, clock_local(run->finished_unix_ms).text, verb);
    }
}
