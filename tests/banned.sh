#!/bin/sh
# usage: banned.sh BANNED_H COMPILER...
# Every call that banned.h names must be a compile error that says what to use instead, and headers included after it must compile.
header=$1
shift
passed=0
failed=0

# compile SOURCE COMPILER...: prints what the compiler says.
compile() {
    source=$1
    shift
    printf '%s\n' "$source" | "$@" -D_GNU_SOURCE -include "$header" -fsyntax-only -x c - 2>&1
}

record() {
    if [ "$2" = yes ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: the compiler said: %s\n' "$1" "$3"
    fi
}

names=$(sed -n 's/^#define \([a-z]*\)(\.\.\.).*/\1/p' "$header")
for name in $names; do
    if said=$(compile "void f(void *p) { $name(p, p); }" "$@"); then
        record "$name" no 'nothing: it compiled'
    elif printf '%s' "$said" | grep -q "banned_${name}_use_"; then
        record "$name" yes
    else
        record "$name" no "$said"
    fi
done
[ -n "$names" ] || record names no 'no banned name was found'

headers='dirent errno fcntl poll pthread signal spawn sys/socket sys/stat sys/wait unistd wchar curl/curl pcre2 sqlite3 yaml'
text='#define PCRE2_CODE_UNIT_WIDTH 8'
for include in $headers; do
    text="$text
#include <$include.h>"
done
if said=$(compile "$text" "$@"); then
    record headers yes
else
    record headers no "$said"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
