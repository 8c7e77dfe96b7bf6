/* What the nightly job needs: labels that say what code was run, history, prune. */

#include "tests/e2e/e2e.h"

static const char SUITE[] = "suite: nightly\n"
                            "target: {command: [cat], stdin: text}\n"
                            "cases: [{id: a, input: x, expected: x}, {id: b, input: y, expected: y}]\n"
                            "scorers: [exact]\n";

#define LABELS "assay run s.yaml -q -r json=l.json %s >/dev/null; jq -c '.invocation.labels | del(.commit)' l.json"
#define GIT "git -c user.name=n -c user.email=m@x -c init.defaultBranch=main "

/* Branch, commit and the state of the tree are recorded by themselves; what git cannot say is left out, and never holds a run up. */
static void labels_of_git(void)
{
    static const struct {
        const char *name, *before, *options, *labels;
    } rows[] = {
        {"no repository", "rm -rf .git", "", "{}"},
        {"no commit yet", GIT "init -q", "", "{\"branch\":\"main\"}"},
        {"clean", "git add s.yaml && " GIT "commit -q -m x", "", "{\"branch\":\"main\",\"dirty\":\"no\"}"},
        {"what git does not track does not matter", "echo x >new.txt", "", "{\"branch\":\"main\",\"dirty\":\"no\"}"},
        {"touched, with the same content", "touch s.yaml", "", "{\"branch\":\"main\",\"dirty\":\"no\"}"},
        {"changed", "echo '# x' >>s.yaml", "", "{\"branch\":\"main\",\"dirty\":\"yes\"}"},
        {"changed and staged", "git add s.yaml", "", "{\"branch\":\"main\",\"dirty\":\"yes\"}"},
        {"a flag wins", "true", "--label dirty=no --label branch=b", "{\"dirty\":\"no\",\"branch\":\"b\"}"},
        {"detached", GIT "commit -q -m y && git checkout -q --detach", "", "{\"dirty\":\"no\"}"},
        {"in a folder below", "mkdir sub && cp s.yaml sub && cd sub", "", "{\"dirty\":\"no\"}"},
        {"a branch that CI names", "export GITHUB_HEAD_REF=feature/x", "",
         "{\"branch\":\"feature/x\",\"dirty\":\"no\"}"},
        {"git fails", "printf '#!/bin/sh\\nexit 128\\n' >bin/git", "", "{}"},
        {"git prints and hangs", "printf '#!/bin/sh\\necho x; sleep 60\\n' >bin/git", "", "{\"dirty\":\"yes\"}"},
        {"git hangs", "printf '#!/bin/sh\\nsleep 60 & sleep 60\\n' >bin/git", "", "{}"},
        {"git hangs with its output closed", "printf '#!/bin/sh\\nexec >&-; sleep 60\\n' >bin/git", "", "{}"},
        {"git is no program", "echo '\\001' >bin/git", "", "{}"},
    };
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", SUITE);
    (void)e2e_sh(&e, "mkdir bin");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct e2e_done done = e2e_sh(&e, "PATH=$PWD/bin:$PATH; %s; test ! -e bin/git || chmod +x bin/git; " LABELS,
                                      rows[i].before, rows[i].options);
        CHECK_STR(rows[i].name, str_trim(done.out), str_from(rows[i].labels));
        CHECK(rows[i].name, done.elapsed_ms < 30000);
    }
    struct e2e_done done =
        e2e_sh(&e, "rm -f bin/git; assay run s.yaml -q >/dev/null; git rev-parse HEAD; assay report latest "
                   "--format json | jq -r .invocation.labels.commit");
    CHECK_INT("the commit", e2e_count_of(done.out, "\n"), 2);
    CHECK("the commit", done.out.len == 82 && str_eq(str_slice(done.out, 0, 41), str_slice(done.out, 41, 82)));
}

/* Nothing of git's is changed by looking, and no program that the repository names is started. */
static void git_is_left_alone(void)
{
    struct e2e e CLEANUP(e2e_close) = e2e_open();
    e2e_write(&e, "s.yaml", SUITE);
    struct e2e_done done = e2e_sh(
        &e,
        GIT "init -q; git add s.yaml; " GIT "commit -q -m x; git config core.fsmonitor \"$PWD/monitor\";"
            "printf '#!/bin/sh\\ntouch %%s/ran\\n' \"$PWD\" >monitor; chmod +x monitor; touch -d '1 hour ago' s.yaml;"
            "sha256sum .git/index >before; assay run s.yaml -q; sha256sum .git/index | cmp - before");
    CHECK_INT("index", done.exit_code, 0);
    CHECK("monitor", !e2e_exists(&e, "ran"));
}

int main(int argc, char **argv)
{
    static const struct check_test tests[] = {
        {"labels of git", labels_of_git},
        {"git is left alone", git_is_left_alone},
    };
    e2e_init(argc, argv);
    return check_run("e2e/nightly", tests, ARRAY_LEN(tests));
}
