# Quantiles, exceedance, numbers of cases, detectable effects, change points: Rscript planning.R > planning.txt
row <- function(name, ...) cat(name, sprintf("%.17g", c(...)), "\n")
cat("# Rscript planning.R > planning.txt, by", R.version.string, "\n")
cat("# ranks n p alpha l u: limits of the p-quantile by trying every rank with pbinom; l = 0, u = n + 1: none\n")
cat("# quantile n p count below above: count of n lie below the line (binom.test)\n")
cat("# exceedance n p ratio b c below above baseline[n] candidate[n]: quantile(type = 1) of both pooled (cut below ties that are nearer), sums of dbinom\n")
cat("# ratios n p alpha lo hi baseline[n] candidate[n]: the same, solved for the ratio; 0 = none\n")
cat("# pairs flips delta alpha power cases reached: every count from Connor's on, summed over all discordant counts and all splits\n")
cat("# mean stddev delta alpha power cases | rate line rate alpha power cases reached: every count from 1 on\n")
cat("# mdemean se df alpha power d (qt) | mdepairs n b c alpha power d, mdeline n b c line alpha power d, mdefalls se df n fall line alpha power d (uniroot)\n")
cat("# icc n icc x[n] cluster[n] (aov) | split n at x[n]: largest |t| over all splits of 3 and more a side (t.test, var.equal)\n")
set.seed(5)

for (n in c(1, 4, 5, 20, 28, 29, 58, 59, 298, 299, 1000))
    for (p in c(0.01, 0.5, 0.9, 0.95, 0.99))
        for (alpha in c(0.05, 0.1)) {
            l <- 0:n; u <- 0:(n + 1)
            row("ranks", n, p, alpha, max(l[pbinom(l - 1, n, p) <= alpha / 2]), min(u[pbinom(u - 1, n, p, lower.tail = FALSE) <= alpha / 2]))
            k <- round(n * p * 0.9)
            row("quantile", n, p, k, binom.test(k, n, p, "greater")$p.value, binom.test(k, n, p, "less")$p.value)
        }

midp <- function(k, m) if (m == 0) 1 else sum(dbinom(0:k, m, 0.5)) - dbinom(k, m, 0.5) / 2
exceedance <- function(base, cand, p, ratio) {
    pool <- c(ratio * base, cand)
    q <- quantile(pool, p, type = 1, names = FALSE)
    is_over <- function(x) x > q * (1 + 1e-12)
    is_at <- function(x) x > q * (1 - 2e-12)
    wanted <- length(pool) * (1 - p)
    if (sum(is_at(pool)) - sum(is_over(pool)) > 1.5 && sum(is_at(pool)) - wanted < wanted - sum(is_over(pool))) is_over <- is_at
    b <- sum(is_over(cand) & !is_over(ratio * base)); c <- sum(is_over(ratio * base) & !is_over(cand))
    c(b, c, midp(b, b + c), midp(c, b + c))
}
# From `yes`, which holds, to where it stops holding; on the logarithm, to the last bit.
solve_ratio <- function(holds, yes, no) {
    if (!holds(exp(yes))) return(0)
    repeat {
        at <- (yes + no) / 2
        if (at == yes || at == no) return(exp(yes))
        if (holds(exp(at))) yes <- at else no <- at
    }
}
for (n in c(3, 20, 59, 120))
    for (p in c(0.5, 0.95)) {
        base <- rlnorm(n, 6, 0.5); cand <- base * rlnorm(n, 0.05, 0.2)
        if (n == 20) { base <- round(base, -2); cand <- round(cand, -2) }
        for (ratio in c(0.8, 1, 1.1, 1.5)) row("exceedance", n, p, ratio, exceedance(base, cand, p, ratio), base, cand)
        end <- log(1e6)
        row("ratios", n, p, 0.1, solve_ratio(function(r) exceedance(base, cand, p, r)[4] <= 0.05, -end, end),
            solve_ratio(function(r) exceedance(base, cand, p, r)[3] <= 0.05, end, -end), base, cand)
    }

shown <- function(m, alpha) { k <- 0:m; k[sapply(k, midp, m) <= alpha] }
pairs_power <- function(n, P, delta, alpha, cache) {
    sum(sapply(0:n, function(m) dbinom(m, n, P) * sum(dbinom(cache[[m + 1]], m, 1 - (P + delta) / (2 * P)))))
}
for (v in list(c(0.02, 0.1), c(0.1, 0.05), c(0.2, 0.1), c(0, 0.15), c(0.3, 0.3)))
    for (alpha in c(0.05, 0.0125)) {
        P <- v[1] + v[2]; delta <- v[2]
        n <- ceiling((qnorm(1 - alpha) * sqrt(P) + qnorm(0.8) * sqrt(P - delta^2))^2 / delta^2)
        cache <- lapply(0:(n + 60), shown, alpha)
        while ((reached <- pairs_power(n, P, delta, alpha, cache)) < 0.8) n <- n + 1
        row("pairs", v[1], delta, alpha, 0.8, n, reached)
    }
for (s in c(0.1, 1, 3)) for (delta in c(0.05, 0.5)) for (power in c(0.8, 0.9)) {
    n <- 2
    while (n < (qt(0.95, n - 1) + qt(power, n - 1))^2 * s^2 / delta^2) n <- n + 1
    row("mean", s, delta, 0.05, power, n)
}
rate_power <- function(n, line, rate, alpha) {
    x <- 0:n; x <- x[pbinom(x - 1, n, line, lower.tail = FALSE) <= alpha]
    sum(dbinom(x, n, rate))
}
for (v in list(c(0.8, 0.9), c(0.9, 0.95), c(0.5, 0.7), c(0.95, 1), c(0.8, 0.7)))
    for (alpha in c(0.05, 0.01)) {
        line <- if (v[2] < v[1]) 1 - v[1] else v[1]; rate <- if (v[2] < v[1]) 1 - v[2] else v[2]
        power <- sapply(1:1500, rate_power, line, rate, alpha)
        n <- max(which(power < 0.8)) + 1
        row("rate", v, alpha, 0.8, n, power[n])
    }

for (df in c(4.3, 19, 199)) row("mdemean", 0.03, df, 0.05, 0.8, (qt(0.95, df) + qt(0.8, df)) * 0.03)
for (v in list(c(20, 0, 0), c(200, 6, 9), c(200, 0, 0), c(1000, 40, 50), c(110000, 9000, 9300), c(10, 5, 5)))
    for (alpha in c(0.05, 0.005)) {
        n <- v[1]; phi <- (v[2] + v[3] + 2) / (n + 2)
        f <- function(d) (qnorm(1 - alpha) * sqrt(min(phi + d, 1)) + qnorm(0.8) * sqrt(min(phi + d, 1) - d^2)) / sqrt(n) - d
        d <- if (f(1) > 0) 1 else uniroot(f, c(0, 1), tol = 1e-16, maxiter = 1e5)$root
        k <- 1; while (0.5^k / 2 > alpha) k <- k + 1
        row("mdepairs", v, alpha, 0.8, min(1, max(d, k / n)))
    }

spread <- function(b, c, D) { # Tango's, of shares
    B <- (2 - b + c) * D - b - c; C <- -c * D * (1 - D)
    q <- (sqrt(B^2 - 8 * C) - B) / 4
    sqrt(2 * q + D * (1 - D))
}
for (v in list(c(200, 6, 9, -0.02), c(200, 0, 0, -0.05), c(1000, 40, 50, -0.02), c(1000, 1, 1, -0.1), c(200, 6, 9, 0.02)))
    for (alpha in c(0.05, 0.005)) {
        n <- v[1]; phi <- (v[2] + v[3] + 2) / (n + 2); line <- v[4]
        f <- function(d) {
            D <- line - d; P <- min(phi + abs(D), 1)
            (qnorm(1 - alpha) * spread((P + D) / 2, (P - D) / 2, line) + qnorm(0.8) * sqrt(P - D^2)) / sqrt(n) - d
        }
        row("mdeline", v, alpha, 0.8, uniroot(f, c(0, 1 + line), tol = 1e-16, maxiter = 1e5)$root)
    }
for (v in list(c(0, 199, 200, 1, 0), c(0.003, 199, 200, 1, -0.02), c(0.01, 9.5, 60, 1, 0), c(0.002, 999, 1000, 0.5, -0.01), c(0.02, 49, 50, 4, 0.1)))
    for (alpha in c(0.05, 0.005)) {
        t <- qt(1 - alpha, v[2]) + qt(0.8, v[2])
        f <- function(d) { D <- v[5] - d; t * sqrt(v[1]^2 + (2 * v[4]^2 / v[3] + max(abs(D) * v[4] - D^2, 0)) / v[3]) - d }
        row("mdefalls", v, alpha, 0.8, uniroot(f, c(0, v[4] + v[5]), tol = 1e-16, maxiter = 1e5)$root)
    }

for (sizes in list(c(2, 2), rep(4, 6), c(1, 2, 3, 4), rpois(20, 5) + 1)) {
    cluster <- rep(seq_along(sizes) - 1, sizes); n <- length(cluster)
    x <- rnorm(length(sizes))[cluster + 1] + rnorm(n)
    ms <- summary(aov(x ~ factor(cluster)))[[1]][["Mean Sq"]]
    n0 <- (n - sum(sizes^2) / n) / (length(sizes) - 1)
    row("icc", n, max(0, (ms[1] - ms[2]) / (ms[1] + (n0 - 1) * ms[2])), x, cluster)
}
for (v in list(c(8, 3), c(20, 14), c(60, 57), c(100, 40))) {
    n <- v[1]; x <- rnorm(n) + c(rep(0, v[2]), rep(9, n - v[2]))
    t <- sapply(3:(n - 3), function(k) abs(t.test(x[1:k], x[(k + 1):n], var.equal = TRUE)$statistic))
    row("split", n, which.max(t) + 2, x)
}
