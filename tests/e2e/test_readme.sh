#!/usr/bin/env bash
# The tour of README.md, done as it stands there: every `$ command` of a console block is run, in order, in one new folder, with `assay` on the
# PATH; what is shown below a command has to occur in what it prints, line by line and in that order; `exit N` is its exit code, else it is 0.
# A yaml block is written to the file that the text after it names: Save it as `NAME`.
# usage: test_readme.sh ASSAY README
set -euo pipefail

assay=$(realpath "$1")
readme=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PATH=$(dirname "$assay"):$PATH HOME=$work TZ=UTC
export PATH HOME TZ ASAN_OPTIONS=${ASAN_OPTIONS:-exitcode=86}
unset ASSAY_DB OPPER_API_KEY "${!GITHUB_@}" "${!CI_@}"

passed=0 failed=0 files=0
command='' want_exit=0 shown=() yaml=''

complain() {
    printf 'README: $ %s\n    %s\n' "$command" "$1"
    sed 's/^/    | /' output
}

# Runs the command that was read, with what stood below it.
settle() {
    [[ -n $command ]] || return 0
    local status=0 at=0 line number is_good=1
    bash -c "$command" >output 2>&1 </dev/null || status=$?
    if ((status != want_exit)); then
        complain "exit $status, not $want_exit"
        is_good=0
    fi
    for line in ${shown[@]+"${shown[@]}"}; do
        line=${line#"${line%%[![:space:]]*}"}
        number=$(tail -n +$((at + 1)) output | grep -nFm1 -- "$line" | cut -d: -f1) || true
        if [[ -z $number ]]; then
            complain "does not print (there): $line"
            is_good=0
            break
        fi
        at=$((at + number))
    done
    if ((is_good)); then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    command='' want_exit=0 shown=()
}

block=''
while IFS= read -r line; do
    case $block:$line in
    :'```console') block=console ;;
    :'```yaml') block=yaml yaml='' ;;
    :'```'*) block=other ;;
    :'Save it as `'*)
        name=${line#*\`}
        printf '%s' "$yaml" >"${name%%\`*}"
        files=$((files + 1))
        ;;
    :*) ;;
    *:'```') settle && block='' ;;
    console:'$ '*) settle && command=${line:2} ;;
    console:'exit '[0-9]*) want_exit=${line:5} ;;
    console:?*) shown+=("$line") ;;
    yaml:*) yaml+=$line$'\n' ;;
    esac
done <"$readme"

# A test that found nothing to do has not tested anything.
if ((passed + failed < 10 || files == 0)); then
    echo "README: only $((passed + failed)) commands and $files files were found"
    failed=$((failed + 1))
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
