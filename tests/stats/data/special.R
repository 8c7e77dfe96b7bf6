# Special functions by R's own: Rscript special.R > special.txt
row <- function(name, ...) cat(name, sprintf("%.17g", c(...)), "\n")
cat("# Rscript special.R > special.txt, by", R.version.string, "\n")
cat("# pbeta a b x lower upper | pnorm z cdf | qnorm p z | pt t df lower upper | qt p df t\n")
cat("# dbinom k n p density | pbinom k n p at_most at_least\n")
for (a in c(0.5, 1, 1.5, 2, 7, 30.25, 500, 55000, 1e6))
    for (b in c(0.5, 1, 3, 19, 444.5, 60000, 1e6))
        for (z in c(-20, -5, -1, -0.01, 0, 0.3, 2, 8)) {
            m <- a / (a + b)
            x <- m + z * sqrt(m * (1 - m) / (a + b + 1))
            if (x > 0 && x < 1)
                row("pbeta", a, b, x, pbeta(x, a, b), pbeta(x, a, b, lower.tail = FALSE))
        }
for (x in c(1e-300, 1e-20, 1e-9, 0.001, 0.25, 0.5, 0.999))
    for (a in c(0.5, 1, 3, 40)) {
        row("pbeta", a, 2, x, pbeta(x, a, 2), pbeta(x, a, 2, lower.tail = FALSE))
        row("pbeta", a, 0.5, x, pbeta(x, a, 0.5), pbeta(x, a, 0.5, lower.tail = FALSE))
    }
for (z in c(-37, -20, -8, -5, -2.5, -1, -0.3, -1e-9, 0, 1e-5, 0.7, 1.644853626951472714864, 4, 8))
    row("pnorm", z, pnorm(z))
for (p in c(1e-300, 1e-100, 1e-20, 1e-11, 1e-6, 0.001, 0.01, 0.025, 0.05, 0.074, 0.0751, 0.1, 0.2, 0.3, 0.4999999, 0.5, 0.6, 0.8,
            0.925, 0.95, 0.975, 0.99, 0.999, 1 - 1e-9))
    row("qnorm", p, qnorm(p))
for (df in c(0.5, 1, 2, 3.7, 4, 10, 19.5, 99, 1000, 109999, 1e6)) {
    for (t in c(-1000, -30, -4, -1.7, -0.1, -1e-8, 0, 1e-12, 0.5, 2, 6, 25))
        row("pt", t, df, pt(t, df), pt(t, df, lower.tail = FALSE))
    for (p in c(1e-12, 1e-5, 0.001, 0.005, 0.025, 0.05, 0.2, 0.4, 0.49, 0.499, 0.55, 0.8, 0.95, 0.975, 0.9995))
        row("qt", p, df, qt(p, df))
}
for (n in c(1, 2, 20, 59, 200, 1000, 5000, 110000, 1e6))
    for (p in c(1e-6, 0.01, 0.3, 0.5, 0.9, 0.98, 0.9999))
        for (z in c(-12, -3, -1, 0, 1, 2, 6)) {
            k <- round(n * p + z * sqrt(n * p * (1 - p)))
            if (k >= 0 && k <= n) {
                row("dbinom", k, n, p, dbinom(k, n, p))
                row("pbinom", k, n, p, pbinom(k, n, p), pbinom(k - 1, n, p, lower.tail = FALSE))
            }
        }
