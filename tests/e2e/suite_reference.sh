#!/usr/bin/env bash
# The suite reference of the README, from `assay schema`.
#
#   suite_reference.sh ASSAY                  prints it
#   suite_reference.sh --check ASSAY README   exit 1 when the README says something else; 77 without jq
#   suite_reference.sh --write ASSAY README   puts it into the README, between its two markers
set -euo pipefail

command -v jq >/dev/null || {
    echo 'jq is not here'
    exit 77
}

print_reference() {
    "$1" schema | jq -r '
        # A schema in words: what may stand there.
        def unwrap: if (.allOf | type) == "array" and (.allOf | length) == 1 then .allOf[0] | unwrap else . end;
        def bounds:
            if .minimum != null and .maximum != null then " \(.minimum) to \(.maximum)"
            elif (.minimum // 0) > 0 then " from \(.minimum)"
            else "" end;
        def words:
            unwrap
            | if ."$ref" != null or .type == "object" then "map"
              elif .enum != null then .enum | join(", ")
              elif .type == "array" then "list"
              elif .type == "boolean" then "true, false"
              elif .type == "integer" then "count" + bounds
              elif .type == "number" then "number" + bounds
              elif (.pattern // "" | test("usd")) then "dollars"
              elif (.pattern // "" | test("ms\\|s")) then "duration"
              elif (.pattern // "" | test("/\\(s")) then "rate"
              elif (.pattern // "" | test("%")) then "%"
              elif .type != null then "text"
              elif .anyOf != null then reduce (.anyOf[] | words) as $w ([]; if index($w) then . else . + [$w] end) | join(" or ")
              else "any value" end;

        # The help text of a field: what is in brackets at its end goes into columns of its own.
        def help: .description | capture("^(?<text>.*?)(?<template> \\(template\\))?( \\(default (?<default>.*)\\))?$");
        def plain: gsub("(?<c>[|<])"; "\\\(.c)");
        def row($lead; $key; $note):
            (help) as $help
            | "| \($lead)`\($key)`\($note) | \(if $help.template != null then "template" else words end)"
            + " | \($help.default // "" | plain) | \($help.text | plain) |";

        # The fields of a map, those of maps within it behind a point. $short: the description of the one that may stand alone.
        def rows($lead; $prefix; $required; $short):
            to_entries[]
            | .key as $key
            | (if .value.description == $short then " (short form)" else "" end) as $alone
            | (if ($required | index($key)) != null then " (required)" else "" end) as $must
            | .value
            | row($lead; $prefix + $key; $must + $alone),
              (unwrap | (.properties // empty) as $inner | $inner
                  | rows($lead; $prefix + $key + "."; []; null));
        def of_map: if .anyOf != null then {short: .anyOf[0].description} + .anyOf[1] else . end;
        def table($lead): of_map | .short as $short | (.required // []) as $required | .properties | rows($lead; ""; $required; $short);
        def head: "| key | value | default | meaning |", "|---|---|---|---|";

        . as $schema
        | ($schema."$defs".target.oneOf | map({key: .required[0], value: (.allOf[0] | of_map)}) | from_entries) as $targets
        | ([$schema."$defs".scorer.anyOf[1:][].properties | to_entries[0] | .value = (.value | unwrap | of_map)]) as $scorers
        | (reduce $scorers[1:][] as $s ($scorers[0].value.properties;
              with_entries(select($s.value.properties[.key] == .value)))) as $common

        | "### Top level", "", head, (.allOf[0] | table("")),
          "", "### `dataset`", "", head, (.allOf[0].properties.dataset | unwrap | table("")),
          "", "### `record`", "", head, (.allOf[0].properties.record | unwrap | table("")),
          "", "### A case of `cases`", "", head, ($schema."$defs".case | table("")),
          "", "### A gate of `gates`", "", head, ($schema."$defs".gate | table("")),
          "", "### A place of `baseline`", "", head, ($schema."$defs".baseline | table("")),
          "", "### `target`", "",
          "A variant of `variants` has a `name` and any of the keys of its kind of target.", "",
          "| kind | key | value | default | meaning |", "|---|---|---|---|---|",
          (($targets.command.properties | to_entries | map(select($targets.shell.properties[.key] == .value))) as $both
              | ($targets.command.properties | del(.[$both[].key]) | rows("command | "; ""; ["command"]; null)),
                ($targets.shell.properties | del(.[$both[].key]) | rows("shell | "; ""; ["shell"]; null)),
                ($both | from_entries | rows("command, shell | "; ""; []; null)),
                ($targets | del(.command, .shell) | to_entries[]
                    | .key as $kind | .value | .properties | rows("\($kind) | "; ""; [$kind]; null))),
          "", "### A dimension of `dimensions`", "",
          "What a program or a judge reports by name: of a target always measures, of the scorers `command` and `judge` also judged scores.", "", head,
          ($targets.command.properties.dimensions | unwrap | .additionalProperties | table("")),
          "", "### Options of every scorer", "", head, ($common | rows(""; ""; []; null)),
          "", "### Options of each scorer", "",
          "| scorer | key | value | default | meaning |", "|---|---|---|---|---|",
          ($scorers[] | .key as $name | .value
              | .properties |= with_entries(select($common[.key] == null))
              | .required = (.required // [])
              | .short as $short | .required as $required | .properties | rows("\($name) | "; ""; $required; $short))
    '
}

# The README with the reference between its markers.
with_reference() {
    local reference=$1 readme=$2
    awk -v file="$reference" '
        /<!-- suite-reference/ { print; print ""; while ((getline line < file) > 0) print line; print ""; inside = 1; next }
        /<!-- \/suite-reference/ { inside = 0 }
        !inside { print }' "$readme"
}

main() {
    local mode=--print
    case ${1-} in --*) mode=$1 && shift ;; esac
    if [[ $mode == --print ]]; then
        print_reference "$1"
        return
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    print_reference "$1" >"$work/reference"
    with_reference "$work/reference" "$2" >"$work/README"
    grep -q '^<!-- /suite-reference' "$2" || { echo "$2 has no markers" && return 1; }
    if [[ $mode == --write ]]; then
        cp "$work/README" "$2"
    elif ! diff -u "$2" "$work/README"; then
        echo "the suite reference of $2 is not what the program says: run $0 --write $1 $2"
        return 1
    fi
}

main "$@"
