#include "data/json.h"
#include "targets/target.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

#define REST "scorers: [exact]\ncases: [{id: a, input: x, expected: y}]\n"

static const struct wrong_suite WRONG[] = {
    {"a target that is a text", "suite: s\ntarget: ./prog\n" REST, "'target' is a map", "command: [program", 2, 9},
    {"a target that is a line for a shell", "suite: s\ntarget: python3 x.py\n" REST, "'target' is a map",
     "shell: 'python3 x.py'", 2, 9},
    {"no kind", "suite: s\ntarget: {stdin: text}\n" REST, "'target' names no kind", "command: [program", 2, 9},
    {"two kinds", "suite: s\ntarget: {command: [cat], shell: cat}\n" REST, "both 'command' and 'shell'", "variants", 2,
     26},
    {"unknown key", "suite: s\ntarget: {command: [cat], sdtin: text}\n" REST, "unknown key 'sdtin'", "stdin", 2, 26},
    {"a key of another kind", "suite: s\ntarget: {replay: x, stdin: text}\n" REST, "unknown key 'stdin'", NULL, 2, 21},
    {"a fault in the shared part is told once",
     "suite: s\ntarget: {command: [cat], stdin: html}\nvariants: [{name: a}, {name: b}, {name: c}]\n" REST, "stdin",
     NULL, 2, 33},
    {"a fault in one variant",
     "suite: s\ntarget: {command: [cat]}\nvariants:\n  - {name: a}\n  - {name: b, stdin: html}\n" REST, "stdin", NULL,
     5, 22},
    {"an unknown key in a variant", "suite: s\ntarget: {command: [cat]}\nvariants: [{name: a, sdtin: text}]\n" REST,
     "unknown key 'sdtin'", "stdin", 3, 22},
    {"no name", "suite: s\ntarget: {command: [cat]}\nvariants: [{stdin: text}]\n" REST, "'name' is missing", NULL, 3,
     12},
    {"a template for a name", "suite: s\ntarget: {command: [cat]}\nvariants: [{name: '{{x}}'}]\n" REST, "template",
     NULL, 3, 19},
    {"the same name twice",
     "suite: s\ntarget: {command: [cat]}\nvariants:\n  - {name: a}\n  - {name: b}\n  - {name: a}\n" REST,
     "variant 'a' is there twice: first in line 4", NULL, 6, 12},
    {"two kinds in a variant",
     "suite: s\ntarget: {replay: x}\nvariants: [{name: a, command: [cat], shell: cat}]\n" REST, "both", NULL, 3, 38},
    {"an empty list", "suite: s\ntarget: {command: [cat]}\nvariants: []\n" REST, "'variants' is empty", NULL, 3, 11},
    {"a text for a variant", "suite: s\ntarget: {command: [cat]}\nvariants: [a]\n" REST, "a variant is a map", NULL, 3,
     12},
    {"variants cannot give what the target lacks",
     "suite: s\ntarget: {stdin: text}\nvariants: [{name: a, command: [cat]}]\n" REST, "'target' names no kind", NULL, 2,
     9},
    {"a program that is not there", "suite: s\ntarget: {command: [./nope]}\n" REST, "nope", NULL, 2, 0},
    {"measures that disagree",
     "suite: s\ntarget: {command: [cat], output: json, dimensions: {steps: {max: 4}}}\n"
     "variants:\n  - {name: a}\n  - {name: b, dimensions: {steps: {max: 5}}}\n" REST,
     "dimension 'steps' means something else", "variants", 5, 0},
    {"two kinds in a variant of opper",
     "suite: s\ntarget: {opper: {name: x}}\nvariants: [{name: a, opper: {model: y}, command: [cat]}]\n" REST, "both",
     NULL, 3, 41},
    {"an unknown key in a variant of opper",
     "suite: s\ntarget: {opper: {name: x}}\nvariants: [{name: a, modle: y}]\n" REST, "opper: unknown key 'modle'",
     "model", 3, 22},
    {"a text for the map of opper", "suite: s\ntarget: {opper: {name: x}}\nvariants: [{name: a, opper: y}]\n" REST,
     "wants a map", NULL, 3, 29},
    {"a fault in a variant's key of opper",
     "suite: s\ntarget: {opper: {name: x}}\nvariants: [{name: a, timeout: 5}]\n" REST, "unit", NULL, 3, 31},
    {"a measure with a scorer's name",
     "suite: s\ntarget: {command: [cat], output: json, dimensions: {exact: {}}}\n" REST,
     "dimension 'exact' is there twice", NULL, 2, 0},
};

static void test_wrong(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        check_wrong(&t, &WRONG[i]);
    }
}

static struct str spec_text(struct suite_text *t, size_t variant)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 16);
    json_canonical(&out, &t->suite->variants[variant].spec);
    return arena_str(&t->arena, buf_str(&out));
}

/* The options of opper stand in a map of their own: a variant gives keys of it, or a map with some. */
static void test_merge_inner(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!suite_text_load_clean(&t, "inner",
                               "suite: s\n"
                               "target: {opper: {name: task, model: a, tags: {x: y}}}\n"
                               "variants:\n"
                               "  - {name: same}\n"
                               "  - {name: model, model: [b, c], instructions: hi}\n"
                               "  - {name: task, opper: {name: other, model: d}}\n"
                               "  - {name: both, model: e, opper: {timeout: 5s}}\n"
                               "  - {name: program, command: [cat], stdin: text}\n"
                               "  - {name: again, opper: {model: f}}\n" REST)) {
        return;
    }
    static const char *const SPECS[] = {
        "{\"opper\":{\"model\":\"a\",\"name\":\"task\",\"tags\":{\"x\":\"y\"}}}",
        "{\"opper\":{\"instructions\":\"hi\",\"model\":[\"b\",\"c\"],\"name\":\"task\",\"tags\":{\"x\":\"y\"}}}",
        "{\"opper\":{\"model\":\"d\",\"name\":\"other\",\"tags\":{\"x\":\"y\"}}}",
        "{\"opper\":{\"model\":\"e\",\"name\":\"task\",\"tags\":{\"x\":\"y\"},\"timeout\":\"5s\"}}",
        "{\"command\":[\"cat\"],\"stdin\":\"text\"}",
        "{\"opper\":{\"model\":\"f\",\"name\":\"task\",\"tags\":{\"x\":\"y\"}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(SPECS); i++) {
        CHECK_CSTR(t.suite->variants[i].name.ptr, spec_text(&t, i), SPECS[i]);
    }
}

static void test_merge(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!suite_text_load_clean(&t, "merge",
                               "suite: s\n"
                               "target: {command: [cat], stdin: text, params: {a: 1, b: 2}}\n"
                               "variants:\n"
                               "  - {name: same}\n"
                               "  - {name: over, stdin: json, params: {b: 3}}\n"
                               "  - {name: more, output: json}\n"
                               "  - {name: argv, command: [cat, '-']}\n"
                               "  - {name: other, shell: cat}\n"
                               "  - {name: replayed, replay: '{{input}}'}\n" REST)) {
        return;
    }
    static const char *const WANT[] = {
        "{\"command\":[\"cat\"],\"params\":{\"a\":1,\"b\":2},\"stdin\":\"text\"}",
        "{\"command\":[\"cat\"],\"params\":{\"b\":3},\"stdin\":\"json\"}",
        "{\"command\":[\"cat\"],\"output\":\"json\",\"params\":{\"a\":1,\"b\":2},\"stdin\":\"text\"}",
        "{\"command\":[\"cat\",\"-\"],\"params\":{\"a\":1,\"b\":2},\"stdin\":\"text\"}",
        "{\"shell\":\"cat\"}",
        "{\"replay\":\"{{input}}\"}",
    };
    static const char *const KINDS[] = {"command", "command", "command", "command", "shell", "replay"};
    CHECK_INT("count", t.suite->variant_count, ARRAY_LEN(WANT));
    CHECK("written", t.suite->has_variants);
    for (size_t i = 0; i < ARRAY_LEN(WANT); i++) {
        CHECK_CSTR("merged", spec_text(&t, i), WANT[i]);
        CHECK_CSTR("kind", str_from(t.suite->variants[i].type->name), KINDS[i]);
        struct digest want = digest_of(str_from(WANT[i]));
        CHECK("digest is of the canonical map", digest_eq(&t.suite->variants[i].digest, &want));
    }
}

static void test_measures(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!suite_text_load_clean(&t, "measures",
                               "suite: s\n"
                               "target: {command: [cat], output: json, dimensions: {steps: {max: 4}, cost: {}}}\n"
                               "variants:\n"
                               "  - {name: a}\n"
                               "  - {name: b, dimensions: {extra: {}, steps: {max: 4}}}\n"
                               "  - {name: c, replay: x}\n"
                               "scorers: [exact]\ncases: [{id: a, expected: y}]\n"
                               "gates: [steps.max <= 4, extra.count == 1, latency_ms.p95 <= 1s]\n")) {
        return;
    }
    const struct suite *s = t.suite;
    static const char *const NAMES[] = {"exact", "steps", "cost", "extra", "latency_ms"};
    CHECK_INT("all of them", s->dimension_count, ARRAY_LEN(NAMES));
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++) {
        CHECK_CSTR("in order", s->dimensions[i].name, NAMES[i]);
    }
    CHECK_INT("a's", s->variants[0].dimension_count, 2);
    CHECK_INT("a's first", s->variants[0].dimensions[0], 1);
    CHECK_INT("b's own", s->variants[1].dimensions[0], 3);
    CHECK_INT("b's shared", s->variants[1].dimensions[1], 1);
    CHECK_INT("c has none", s->variants[2].dimension_count, 0);
    CHECK("a bound", s->dimensions[1].has_max && s->dimensions[1].max == 4);
    CHECK("a measure of the call", s->dimensions[4].is_call_measure && s->dimensions[4].direction == DIRECTION_LOWER);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_wrong},
        {"merged over the target", test_merge},
        {"maps within", test_merge_inner},
        {"measures of targets", test_measures},
    };
    return check_run("variants", tests, ARRAY_LEN(tests));
}
