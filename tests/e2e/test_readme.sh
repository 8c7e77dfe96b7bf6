#!/usr/bin/env bash
# The tour of README.md, done as it stands there: every `$ command` of a console block is run, in order, in one new folder, with `assay` on the
# PATH; what is shown below a command has to occur in what it prints, line by line and in that order; `exit N` is its exit code, else it is 0.
# A yaml or sh block is written to the file that the text after it names: Save it as `NAME`.
# A command that ends in `&` stays, and the next one waits until it listens; `export` holds for what follows. 7117, the port of `assay serve`, is a free
# one here, and examples/ are those of the repository.
# usage: test_readme.sh ASSAY README
set -euo pipefail

assay=$(realpath "$1")
readme=$(realpath "$2")
work=$(mktemp -d)
servers=()
trap 'kill ${servers[@]+"${servers[@]}"} 2>/dev/null; wait; rm -rf "$work"' EXIT
ln -s "$(dirname "$readme")/examples" "$work/examples"
cd "$work"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PATH=$(dirname "$assay"):$PATH HOME=$work TZ=UTC
export PATH HOME TZ ASAN_OPTIONS=${ASAN_OPTIONS:-exitcode=86}
unset ASSAY_DB OPPER_API_KEY "${!GITHUB_@}" "${!CI_@}"

passed=0 failed=0 files=0
command='' want_exit=0 shown=() yaml=''

complain() {
    printf 'README: $ %s\n    %s\n' "$command" "$1"
    sed 's/^/    | /' output
}

# A server that stays to the end.
serve() {
    local line=${command% &} tries
    bash -c "exec ${line/assay serve/assay serve --port $port}" </dev/null &
    servers+=($!)
    : >output
    for ((tries = 0; tries < 300; tries++)); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
        sleep 0.1
    done
    echo "it does not listen" >output
    return 1
}

# Runs the command that was read, with what stood below it.
settle() {
    [[ -n $command ]] || return 0
    local status=0 at=0 line number is_good=1
    command=${command//7117/$port}
    case $command in
    'export '*) eval "$command" && : >output ;;
    *' &') serve || status=$? ;;
    *) bash -c "$command" >output 2>&1 </dev/null || status=$? ;;
    esac
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
    :'```yaml' | :'```sh') block=yaml yaml='' ;;
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
