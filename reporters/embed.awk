# A text file as the lines of a C array: each a literal with its line end. usage: awk -f embed.awk FILE
{
    gsub(/[\\"]/, "\\\\&")
    printf "\"%s\\n\",\n", $0
}
