package dev.edgestyle.kit.measure

import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.cos
import kotlin.math.exp
import kotlin.math.floor
import kotlin.math.ln
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sign
import kotlin.math.sqrt

/** Runs outside of Tukey's fences (1977): 1.5 quartile ranges away, and 3 for the far ones. */
data class Outliers(val low: Int, val high: Int, val farLow: Int, val farHigh: Int)

/**
 * What a sample of latencies says, in milliseconds: the same numbers as `edgestyle/bench/statistics.py` gives.
 *
 * @property p90 and [p95] and [p99]: percentiles, null where the sample is too small to know them ([runsNeeded]).
 * @property p50Low to [p50High]: 95% interval of the median.
 * @property mad median absolute deviation from the median.
 */
data class LatencySummary(
    val p50: Double, val p90: Double?, val min: Double, val p50Low: Double, val p50High: Double, val runs: Int,
    val p95: Double?, val p99: Double?, val mad: Double, val outliers: Outliers,
)

private val STUDENT = mapOf(1 to 12.706, 2 to 4.303, 8 to 2.306) // 97.5% quantiles of Student's t, by waves
private const val SLOW = 4 // waves of a series whose strengths tell spells from noise, from the slowest
private const val FAST_FROM = 8
private const val FAST_TO = 32
private const val SPELLS = 2.0 // slow waves so much stronger than fast ones mean spells
private const val SHORTEST_MS = 1e-6
private const val RUNS_BEYOND = 3

/** Summarise latencies in the order they were measured; there is at least one. */
fun summarise(samplesMs: DoubleArray): LatencySummary {
    val (low, high) = medianInterval(DoubleArray(samplesMs.size) { ln(max(samplesMs[it], SHORTEST_MS)) })
    val p50 = quantile(samplesMs, 0.5)
    return LatencySummary(
        p50 = p50,
        p90 = percentile(samplesMs, 90),
        min = samplesMs.min(),
        p50Low = exp(low),
        p50High = exp(high),
        runs = samplesMs.size,
        p95 = percentile(samplesMs, 95),
        p99 = percentile(samplesMs, 99),
        mad = quantile(DoubleArray(samplesMs.size) { abs(samplesMs[it] - p50) }, 0.5),
        outliers = classifyOutliers(samplesMs),
    )
}

/** How many runs a percentile needs: three have to lie beyond it. */
fun runsNeeded(percent: Int): Int = (RUNS_BEYOND * 100 + 99 - percent) / (100 - percent)

/** A percentile; null where the sample is too small to know it. */
fun percentile(values: DoubleArray, percent: Int): Double? =
    if (values.size >= runsNeeded(percent)) quantile(values, percent / 100.0) else null

/** A quantile by linear interpolation. */
fun quantile(values: DoubleArray, share: Double): Double {
    val sorted = values.sortedArray()
    val place = share * (sorted.size - 1)
    val below = floor(place).toInt()
    val above = min(below + 1, sorted.size - 1)
    return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

/**
 * 95% interval of the median of a series in the order it was measured; never beyond its extremes.
 *
 * Runs next to each other are alike, so how uncertain the share of values below the median is comes from the slowest
 * cosine waves in the series of signs (Mueller 2007; Lazarus et al. 2018), with Student's quantile for so few waves.
 */
fun medianInterval(values: DoubleArray): Pair<Double, Double> {
    val middle = quantile(values, 0.5)
    if (values.size == 1) return middle to middle
    val power = wavePowers(DoubleArray(values.size) { sign(values[it] - middle) })
    val waves = min(if (hasSpells(power)) 2 else 8, values.size - 1)
    val beyond = STUDENT.getValue(waves) * sqrt(power.take(waves).average() / values.size) / 2
    return spread(values, middle, beyond)
}

private fun hasSpells(power: DoubleArray): Boolean {
    if (power.size <= FAST_FROM) return true
    return power.take(SLOW).average() > SPELLS * power.drop(FAST_FROM).average()
}

/** Strengths of the slowest cosine waves, at most 32; 1 on average for independent signs. */
private fun wavePowers(signs: DoubleArray): DoubleArray {
    val count = signs.size
    return DoubleArray(min(FAST_TO, count - 1)) { index ->
        val wave = signs.indices.sumOf { signs[it] * cos(PI * (it + 0.5) / count * (index + 1)) }
        2.0 / count * wave * wave
    }
}

private fun spread(values: DoubleArray, middle: Double, beyond: Double): Pair<Double, Double> {
    val share = min(beyond, 0.25)
    val scale = if (share > 0) beyond / share else 0.0
    val low = quantile(values, 0.5 - share)
    val high = quantile(values, 0.5 + share)
    return max(values.min(), middle - scale * (middle - low)) to min(values.max(), middle + scale * (high - middle))
}

/** Count Tukey's outliers; none is ever left out. */
fun classifyOutliers(values: DoubleArray): Outliers {
    val first = quantile(values, 0.25)
    val third = quantile(values, 0.75)
    val range = max(third - first, 1e-12)
    val below = values.map { (first - it) / range }
    val above = values.map { (it - third) / range }
    return Outliers(
        low = below.count { it > 1.5 && it <= 3 },
        high = above.count { it > 1.5 && it <= 3 },
        farLow = below.count { it > 3 },
        farHigh = above.count { it > 3 },
    )
}
