# Rates, means, clusters, Hall, paired tests, Holm: Rscript intervals.R > intervals.txt
row <- function(name, ...) cat(name, sprintf("%.17g", c(...)), "\n")
cat("# Rscript intervals.R > intervals.txt, by", R.version.string, "\n")
cat("# wilson x n alpha lo hi (prop.test) | exact x n alpha lo hi (binom.test) | rate x n line below above (binom.test)\n")
cat("# t alpha line mean sd lo hi below above x... (t.test) | hall line statistic bound(0.05) x...\n")
cat("# cr2 n mean se df x[n] cluster[n], by its definition with matrices: A = (I - H)^(-1/2), df = tr(P)^2 / tr(P P)\n")
cat("# mcnemar n b c midp_below midp_above midp_two_sided exact_below exact_above exact_two_sided (sums of dbinom, binom.test)\n")
cat("# tango n b c alpha lo hi | tangoz n b c line z (q by polyroot, limits by uniroot)\n")
cat("# tangotail n b c line below above: dmultinom over every pair of counts, q as in tangoz\n")
cat("# holm p... adjusted... (p.adjust)\n")
set.seed(4)

for (n in c(1, 2, 5, 20, 59, 200, 1000, 110000))
    for (x in unique(round(n * c(0, 1 / n, 0.02, 0.3, 0.5, 0.9, 1 - 1 / n, 1))))
        for (alpha in c(0.05, 0.1, 0.002)) {
            w <- suppressWarnings(prop.test(x, n, conf.level = 1 - alpha, correct = FALSE)$conf.int)
            row("wilson", x, n, alpha, if (x == 0) 0 else w[1], if (x == n) 1 else w[2])
            row("exact", x, n, alpha, binom.test(x, n, conf.level = 1 - alpha)$conf.int)
            for (line in c(0.01, 0.5, 0.8))
                row("rate", x, n, line, binom.test(x, n, line, "less")$p.value, binom.test(x, n, line, "greater")$p.value)
        }

skew <- function(x) { m <- mean(x); mean((x - m)^3) / mean((x - m)^2)^1.5 }
hall <- function(x, line) {
    n <- length(x); g <- skew(x); w <- (mean(x) - line) / sd(x)
    sqrt(n) * (w + g * w^2 / 3 + g^2 * w^3 / 27 + g / (6 * n))
}
samples <- list(c(0, 1), c(3, 3.5, 9), rnorm(8, 5), c(rep(1, 95), 0.2, rep(0, 4)), rexp(40), -rexp(200)^2, round(runif(300), 1),
                1e6 + rnorm(12), rbinom(100, 1, 0.9))
for (x in samples)
    for (alpha in c(0.05, 0.001)) {
        line <- mean(x) - 0.7 * sd(x) / sqrt(length(x))
        t <- t.test(x, mu = line, conf.level = 1 - alpha)
        row("t", alpha, line, mean(x), sd(x), t$conf.int, t.test(x, mu = line, alternative = "less")$p.value,
            t.test(x, mu = line, alternative = "greater")$p.value, x)
        # Far beyond the bound the cube repeats itself in no way: it is monotone, and one root is all there is.
        target <- qt(0.95, length(x) - 1)
        bound <- uniroot(function(l) hall(x, l) - target, mean(x) + c(-1000, 1000) * sd(x), tol = 1e-15, maxiter = 10000)$root
        row("hall", line, hall(x, line), bound, x)
    }

cr2 <- function(x, cluster) {
    n <- length(x); X <- matrix(1, n, 1); M <- solve(crossprod(X)); H <- X %*% M %*% t(X); e <- x - mean(x)
    v <- 0; G <- NULL
    for (k in unique(cluster)) {
        i <- which(cluster == k)
        E <- eigen(diag(length(i)) - H[i, i, drop = FALSE], symmetric = TRUE)
        A <- E$vectors %*% diag(1 / sqrt(E$values), length(i)) %*% t(E$vectors)
        v <- v + (M %*% t(X[i, , drop = FALSE]) %*% A %*% e[i])^2
        G <- cbind(G, (diag(n) - H)[, i, drop = FALSE] %*% A %*% X[i, , drop = FALSE] %*% M)
    }
    P <- crossprod(G)
    row("cr2", n, mean(x), sqrt(v), sum(diag(P))^2 / sum(diag(P %*% P)), x, cluster)
}
for (sizes in list(c(1, 1), rep(1, 10), rep(4, 5), c(1, 2, 3, 4), c(30, rep(1, 30)), c(50, 10, 3, 3, 3, 1), c(2, 90), rpois(25, 4) + 1)) {
    cluster <- rep(seq_along(sizes) - 1, sizes)
    order <- sample(length(cluster))
    cr2((rnorm(length(sizes))[cluster + 1] + rnorm(length(cluster)))[order], cluster[order])
    cr2(as.numeric(runif(length(cluster)) < 0.6)[order], cluster[order])
}

tango_z <- function(n, b, c, D) {
    over <- b - c - n * D
    if (over == 0) return(0)
    q <- max(Re(polyroot(c(-c * D * (1 - D), (2 * n - b + c) * D - b - c, 2 * n))))
    over / sqrt(n * (2 * q + D * (1 - D)))
}
tango_tail <- function(n, b, c, D) {
    q <- max(Re(polyroot(c(-c * D * (1 - D), (2 * n - b + c) * D - b - c, 2 * n))))
    seen <- tango_z(n, b, c, D); below <- above <- 0
    for (i in 0:n) for (j in 0:(n - i)) {
        z <- tango_z(n, i, j, D); chance <- dmultinom(c(i, j, n - i - j), prob = pmax(0, c(q + D, q, 1 - 2 * q - D)))
        if (z <= seen + 1e-7) below <- below + chance
        if (z >= seen - 1e-7) above <- above + chance
    }
    c(below, above)
}
limit <- function(n, b, c, z, from, to) {
    if (from == to) return(from)
    repeat { # as uniroot, to the last bit
        at <- (from + to) / 2
        if (at == from || at == to) return(from)
        if (abs(tango_z(n, b, c, at)) >= z) from <- at else to <- at
    }
}
for (v in list(c(1, 0, 0), c(1, 1, 0), c(1, 0, 1), c(2, 1, 1), c(20, 0, 0), c(20, 0, 3), c(20, 4, 0), c(20, 0, 20), c(20, 20, 0), c(50, 5, 9), c(200, 3, 4),
               c(200, 12, 30), c(200, 55, 55), c(1000, 1, 0), c(1000, 100, 140), c(110000, 9000, 9400), c(110000, 0, 1))) {
    n <- v[1]; b <- v[2]; c <- v[3]; m <- b + c
    less <- function(k) if (m == 0) 1 else sum(dbinom(0:k, m, 0.5))
    half <- if (m == 0) 0 else dbinom(b, m, 0.5) / 2
    two <- if (m == 0) 1 else if (b == c) 1 - half else 2 * (less(min(b, c)) - half)
    exact <- if (m == 0) c(1, 1, 1) else c(binom.test(b, m, 0.5, "less")$p.value, binom.test(b, m, 0.5, "greater")$p.value, binom.test(b, m, 0.5)$p.value)
    row("mcnemar", n, b, c, less(b) - half, less(c) - half, two, exact)
    for (alpha in c(0.05, 0.1, 0.01)) {
        z <- qnorm(1 - alpha / 2)
        row("tango", n, b, c, alpha, limit(n, b, c, z, -1, (b - c) / n), limit(n, b, c, z, 1, (b - c) / n))
    }
    for (line in c(-0.5, -0.1, -0.02, 0, 0.001, 0.3)) row("tangoz", n, b, c, line, tango_z(n, b, c, line))
    if (n <= 50) for (line in c(-0.3, -0.05, 0.02)) row("tangotail", n, b, c, line, tango_tail(n, b, c, line))
}

for (p in list(0.03, c(0.04, 0.01), c(0.5, 0.2, 0.9), c(0.01, 0.01, 0.04, 0.0001, 0.3), runif(20)^3, rep(0, 4)))
    row("holm", p, p.adjust(p, "holm"))
