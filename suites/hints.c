#include <string.h>

#include "base/arena.h"
#include "data/value.h"
#include "suites/loader.h"

/* What hands trained elsewhere type, and what assay calls it. A row with `text` replaces the sentence too: the key is known, but not in this
 * version. */
#define AT(place) (1u << (place))

static const struct foreign_key {
    unsigned places;
    const char *key, *text, *hint;
} FOREIGN_KEYS[] = {
    {AT(HINT_SUITE), "stop_early", "'stop_early' is not in this version", "leave it out: every sample is run"},
    {AT(HINT_BUDGET), "usd", NULL, "write cost: 5usd"},
    {AT(HINT_BUDGET), "max_cost", NULL, "write cost: 5usd"},
    {AT(HINT_BUDGET), "tokens", NULL, "a budget is of cost or of time: {cost: 5usd, time: 30m}"},
    {AT(HINT_SUITE), "name", NULL, "assay calls it 'suite'"},
    {AT(HINT_SUITE), "tests", NULL, "assay calls it 'cases'"},
    {AT(HINT_SUITE), "examples", NULL, "assay calls it 'cases'"},
    {AT(HINT_SUITE), "samples", NULL, "assay calls it 'cases'"},
    {AT(HINT_SUITE), "data", NULL, "assay calls it 'dataset'"},
    {AT(HINT_SUITE), "dataset_file", NULL, "write dataset: {file: ...}"},
    {AT(HINT_SUITE), "providers", NULL, "assay calls it 'target'; several are 'variants' of one target"},
    {AT(HINT_SUITE), "provider", NULL, "assay calls it 'target'"},
    {AT(HINT_SUITE), "model", NULL, "a model belongs to the target"},
    {AT(HINT_SUITE), "models", NULL, "write 'variants', one for each model"},
    {AT(HINT_SUITE), "command", NULL, "write target: {command: [...]}"},
    {AT(HINT_SUITE), "shell", NULL, "write target: {shell: ...}"},
    {AT(HINT_SUITE), "replay", NULL, "write target: {replay: ...}"},
    {AT(HINT_SUITE), "prompts", NULL, "a prompt belongs to the target; several are 'variants' of one target"},
    {AT(HINT_SUITE), "prompt", NULL, "a prompt belongs to the target"},
    {AT(HINT_SUITE), "repeat", NULL, "assay calls it 'trials'"},
    {AT(HINT_SUITE), "epochs", NULL, "assay calls it 'trials'"},
    {AT(HINT_SUITE), "max_concurrency", NULL, "assay calls it 'concurrency'"},
    {AT(HINT_SUITE), "maxConcurrency", NULL, "assay calls it 'concurrency'"},
    {AT(HINT_SUITE), "threshold", NULL, "write a gate: gates: ['pass_rate >= 80%']"},
    {AT(HINT_SUITE), "thresholds", NULL, "assay calls them 'gates'"},
    {AT(HINT_SUITE), "evaluateOptions", NULL, "its parts stand at the top: concurrency, trials, timeout"},
    {AT(HINT_SUITE), "defaultTest", NULL, "write 'scorers' and 'vars' at the top: they hold for every case"},
    {AT(HINT_SUITE), "env", NULL, "environment goes to the target: env and pass_env beside its command"},
    {AT(HINT_SUITE) | AT(HINT_CASE) | AT(HINT_INCLUDE), "assert", NULL, "assay calls it 'scorers'"},
    {AT(HINT_SUITE) | AT(HINT_CASE) | AT(HINT_INCLUDE), "asserts", NULL, "assay calls it 'scorers'"},
    {AT(HINT_SUITE) | AT(HINT_CASE) | AT(HINT_INCLUDE), "assertions", NULL, "assay calls it 'scorers'"},
    {AT(HINT_SUITE) | AT(HINT_CASE) | AT(HINT_INCLUDE), "metrics", NULL, "assay calls it 'scorers'"},
    {AT(HINT_SUITE) | AT(HINT_CASE) | AT(HINT_INCLUDE), "evaluators", NULL, "assay calls it 'scorers'"},
    {AT(HINT_SUITE) | AT(HINT_CASE) | AT(HINT_INCLUDE), "scorer", NULL, "assay calls it 'scorers', a list"},
    {AT(HINT_SUITE) | AT(HINT_CASE), "metric", NULL, "a scorer names its metric: 'dimension' in its options"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "output", NULL, "what is wanted is 'expected'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "answer", NULL, "what is wanted is 'expected'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "ideal", NULL, "assay calls it 'expected'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "target", NULL, "what is wanted of a case is 'expected'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "reference", NULL, "assay calls it 'expected'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "question", NULL, "assay calls it 'input'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "prompt", NULL, "assay calls it 'input'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "name", NULL, "assay calls it 'id'"},
    {AT(HINT_CASE), "description", NULL, "assay calls it 'id'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "metadata", NULL, "assay calls it 'vars'"},
    {AT(HINT_CASE) | AT(HINT_DATASET), "group", NULL, "assay calls it 'cluster'"},
    {AT(HINT_CASE), "repeat", NULL, "'trials' stands at the top: it holds for every case"},
    {AT(HINT_CASE), "threshold", NULL, "a threshold belongs to a scorer's options"},
    {AT(HINT_DATASET), "path", NULL, "assay calls it 'file'"},
    {AT(HINT_DATASET), "type", NULL, "assay calls it 'format'"},
    {AT(HINT_DATASET), "count", NULL, "the first rows are 'limit', random ones 'sample'"},
    {AT(HINT_DATASET), "shuffle", NULL, "rows keep their order; random ones are 'sample' with 'seed'"},
    {AT(HINT_DATASET), "scorers", NULL, "'scorers' stand at the top: they hold for every case"},
    {AT(HINT_GATE), "tag", NULL, "a filter stands in the gate: 'answer.pass_rate[tag=easy] >= 80%'"},
    {AT(HINT_GATE), "tags", NULL, "a filter stands in the gate: 'answer.pass_rate[tag=easy] >= 80%'"},
    {AT(HINT_GATE), "variant", NULL, "a filter stands in the gate: 'answer.pass_rate[variant=mini] >= 80%'"},
    {AT(HINT_GATE), "metric", NULL, "a gate is one text: {gate: 'answer.mean >= 0.8'}"},
    {AT(HINT_GATE), "threshold", NULL, "a gate is one text: {gate: 'answer.mean >= 0.8'}"},
    {AT(HINT_TARGET), "model", NULL, "it belongs into the map of 'opper'"},
    {AT(HINT_TARGET), "instructions", NULL, "it belongs into the map of 'opper'"},
    {AT(HINT_TARGET), "name", NULL, "it belongs into the map of 'opper'"},
    {AT(HINT_TARGET), "prompt", NULL, "write opper: {name: ..., instructions: ...}"},
    {AT(HINT_TARGET), "function", NULL, "write opper: {function: ...}"},
    {AT(HINT_OPPER), "prompt", NULL, "Opper calls it 'instructions'"},
    {AT(HINT_OPPER), "system", NULL, "Opper calls it 'instructions'"},
    {AT(HINT_OPPER), "task", NULL, "the task is 'name'"},
    {AT(HINT_OPPER), "messages", NULL, "several turns are the 'input': a list of {role, content}"},
    {AT(HINT_OPPER), "schema", NULL, "write 'output_schema'"},
    {AT(HINT_OPPER), "response_format", NULL, "write 'output_schema'"},
    {AT(HINT_OPPER), "few_shot", NULL, "write 'examples'"},
    {AT(HINT_OPPER), "temperature", NULL, "write model: {name: ..., options: {temperature: 0}}"},
    {AT(HINT_OPPER), "max_tokens", NULL, "write model: {name: ..., options: {max_tokens: 500}}"},
    {AT(HINT_OPPER), "options", NULL, "write model: {name: ..., options: {...}}"},
    {AT(HINT_OPPER), "models", NULL, "'model' takes a list: those are tried in order"},
    {AT(HINT_OPPER), "fallback_models", NULL, "'model' takes a list: those are tried in order"},
    {AT(HINT_OPPER), "fallbacks", NULL, "'model' takes a list: those are tried in order"},
    {AT(HINT_OPPER), "fallback", NULL, "'model' takes a list: those are tried in order"},
    {AT(HINT_OPPER), "cache", NULL, "write configuration: {invocation.cache.ttl: 3600}"},
    {AT(HINT_OPPER), "cache_ttl", NULL, "write configuration: {invocation.cache.ttl: 3600}"},
    {AT(HINT_OPPER), "ttl", NULL, "write configuration: {invocation.cache.ttl: 3600}"},
    {AT(HINT_OPPER), "config", NULL, "Opper calls it 'configuration'"},
    {AT(HINT_OPPER), "id", NULL, "a stored function is 'function', by its id or name"},
    {AT(HINT_OPPER), "api_key", NULL, "the key comes from OPPER_API_KEY or OPPER_API_KEY_FILE, never from a suite"},
    {AT(HINT_OPPER), "key", NULL, "the key comes from OPPER_API_KEY or OPPER_API_KEY_FILE, never from a suite"},
    {AT(HINT_OPPER), "base_url", NULL, "the address comes from OPPER_BASE_URL"},
    {AT(HINT_OPPER), "retries", NULL, "'retries' stands at the top of the suite"},
    {AT(HINT_OPPER), "parent_span_id", NULL, "assay sets it: the call is recorded below its sample"},
    {AT(HINT_TARGET), "exec", NULL, "assay calls it 'command'"},
    {AT(HINT_TARGET), "cmd", NULL, "assay calls it 'command'"},
    {AT(HINT_TARGET), "run", NULL, "assay calls it 'command'"},
    {AT(HINT_TARGET), "program", NULL, "assay calls it 'command'"},
    {AT(HINT_TARGET), "script", NULL, "assay calls it 'command': [python3, script.py], or 'shell'"},
    {AT(HINT_TARGET), "python", NULL, "write command: [python3, script.py]"},
    {AT(HINT_TARGET), "timeout", NULL, "'timeout' stands at the top of the suite, or in a case"},
    {AT(HINT_TARGET), "setup", NULL, "'setup' stands at the top of the suite"},
    {AT(HINT_TARGET), "teardown", NULL, "'teardown' stands at the top of the suite"},
    {AT(HINT_TARGET), "retries", NULL, "'retries' stands at the top of the suite"},
    {AT(HINT_TARGET), "concurrency", NULL,
     "'concurrency' stands at the top of the suite; a pool of workers is 'workers'"},
};

static bool pos_is(const struct src_pos *a, const struct src_pos *b)
{
    return a->line == b->line && a->col == b->col && a->line != 0 && a->file != NULL && b->file != NULL &&
           strcmp(a->file, b->file) == 0;
}

static const struct foreign_key *foreign_find(enum hint_place place, struct str key)
{
    for (size_t i = 0; i < ARRAY_LEN(FOREIGN_KEYS); i++) {
        if ((FOREIGN_KEYS[i].places & AT(place)) != 0 && str_eq_cstr(key, FOREIGN_KEYS[i].key)) {
            return &FOREIGN_KEYS[i];
        }
    }
    return NULL;
}

void hint_foreign_keys(struct diag *diag, size_t from, enum hint_place place, const struct value *map)
{
    for (uint32_t k = 0; diag->faults.len > from && map->kind == VALUE_MAP && k < map->len; k++) {
        const struct foreign_key *foreign = foreign_find(place, map->keys[k].text);
        for (size_t i = from; foreign != NULL && i < diag->faults.len; i++) {
            struct fault *fault = &diag->faults.items[i];
            /* A block map begins where its first key does: only the fault of the key itself is meant. */
            if (pos_is(&fault->pos, &map->keys[k].pos) && str_find(fault->text, STR("unknown key"), NULL)) {
                fault->hint = str_from(foreign->hint);
                fault->text = foreign->text == NULL ? fault->text : str_from(foreign->text);
            }
        }
    }
}

static struct str source_line(const struct diag *diag, const struct src_pos *pos)
{
    for (size_t i = 0; i < diag->sources.len; i++) {
        if (pos->file != NULL && strcmp(diag->sources.items[i].file, pos->file) == 0) {
            struct str rest = diag->sources.items[i].text;
            struct str line = STR_NULL;
            for (uint32_t at = 0; at < pos->line && str_split(&rest, '\n', &line); at++) {
            }
            return line;
        }
    }
    return STR_NULL;
}

/* Whether a statistic with a filter stands in the line: `pass_rate[tag=easy]`. */
static bool holds_filter(struct str line)
{
    static const char *const KEYS[] = {"[tag=", "[variant=", "[cluster=", "[label="};
    if (line.len == 0) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(KEYS); i++) {
        size_t at = 0;
        if (str_find(line, str_from(KEYS[i]), &at) && at > 0 && line.ptr[at - 1] != ' ') {
            return true;
        }
    }
    return false;
}

void hint_yaml(struct diag *diag, size_t from)
{
    for (size_t i = from; i < diag->faults.len; i++) {
        struct fault *fault = &diag->faults.items[i];
        if (holds_filter(source_line(diag, &fault->pos))) {
            fault->hint = STR("in a list or map written with [ ] or { }, quote a gate that holds '[': "
                              "'answer.pass_rate[tag=easy] >= 80%'");
        }
    }
}
