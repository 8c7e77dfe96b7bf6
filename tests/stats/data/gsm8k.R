# Six pairs of models over published labels, from the folder that holds solutions-200.jsonl:
#   jq -r '[.["6b_finetuning","6b_verification","175b_finetuning","175b_verification"].is_correct | if . then 1 else 0 end] | @tsv' \
#     solutions-200.jsonl | Rscript gsm8k.R > gsm8k.txt
x <- as.matrix(read.table(file("stdin")))
colnames(x) <- c("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
cat("# jq ... solutions-200.jsonl | Rscript gsm8k.R > gsm8k.txt (the whole command: gsm8k.R), by", R.version.string, "\n")
cat("# BASELINE:CANDIDATE n b c mid-p exact z tango_lo tango_hi; b = only the candidate right. Exact by binom.test, mid-p by dbinom,\n")
cat("# z of McNemar by mcnemar.test without correction, Tango's limits by uniroot on the score of his paper.\n")
tango <- function(n, b, c, D) {
    A <- 2 * n; B <- -b - c + (2 * n - b + c) * D; C <- -c * D * (1 - D)
    q <- (sqrt(B^2 - 4 * A * C) - B) / (2 * A)
    (b - c - n * D) / sqrt(n * (2 * q + D * (1 - D)))
}
for (i in 1:3) for (j in (i + 1):4) {
    n <- nrow(x); b <- sum(x[, j] > x[, i]); c <- sum(x[, i] > x[, j]); m <- b + c
    exact <- binom.test(b, m)$p.value
    midp <- if (b == c) 1 - dbinom(b, m, 0.5) / 2 else exact - dbinom(b, m, 0.5)
    z <- sign(b - c) * sqrt(mcnemar.test(x[, i], x[, j], correct = FALSE)$statistic)
    lo <- uniroot(function(D) tango(n, b, c, D) - qnorm(0.975), c(-0.999, (b - c) / n), tol = 1e-15, maxiter = 1e4)$root
    hi <- uniroot(function(D) tango(n, b, c, D) + qnorm(0.975), c((b - c) / n, 0.999), tol = 1e-15, maxiter = 1e4)$root
    cat(paste0(colnames(x)[i], ":", colnames(x)[j]), sprintf("%.17g", c(n, b, c, midp, exact, z, lo, hi)), "\n")
}
