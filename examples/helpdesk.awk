# A small help desk, the target of example-suite.yaml: a ticket on standard input, one JSON object on standard output.
# It sorts by words, finds an amount of money, and answers in the tone that TONE names. It is wrong now and then, as real ones are.

function quoted(s) {
    gsub(/\\/, "\\\\", s)
    gsub(/"/, "\\\"", s)
    gsub(/\n/, "\\n", s)
    return "\"" s "\""
}

{ text = text (NR > 1 ? "\n" : "") $0 }

END {
    s = tolower(text)
    queue = s ~ /charge|invoice|refund|paid/ ? "billing" : s ~ /crash|error|slow/ ? "bug" : "other"
    if (s ~ /please fail/) {
        print "the model is not available" > "/dev/stderr"
        exit 75 # a passing trouble: try again
    }
    amount = "none"
    if (match(text, /\$[0-9][0-9.,]*/)) {
        amount = substr(text, RSTART, RLENGTH)
    }
    greeting = ENVIRON["TONE"] == "formal" ? "Dear customer, " : "Hi! "
    reply = greeting "your ticket went to the " queue " queue." (amount == "none" ? "" : " Amount: " amount)
    words = split(text, parts, /[ \n]+/)
    printf "{\"output\": {\"queue\": %s, \"reply\": %s, \"sources\": [\"faq-%s\"]}, \"metrics\": {\"ticket_words\": %d}}\n",
        quoted(queue), quoted(reply), queue, words
}
