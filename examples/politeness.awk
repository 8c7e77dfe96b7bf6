# A scorer of our own, for example-suite.yaml: reads the sample as one JSON line, writes the scores that it declares.
# `tone` is judged (0 to 1), `exclamations` is a measure. A real one would parse the JSON; two patterns are enough here.
{
    greets = $0 ~ /"reply": ?"(Dear|Hi)/
    marks = gsub(/!/, "!")
    printf "{\"scores\": {\"tone\": {\"value\": %d, \"comment\": \"%s\"}, \"exclamations\": %d}}\n", greets, (greets ? "greets" : "does not greet"), marks
}
