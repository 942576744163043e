package dev.edgestyle.kit.measure

import kotlin.math.abs
import kotlin.math.min

/** A monotonic clock, nanoseconds. */
fun interface Clock {
    fun nowNs(): Long

    companion object {
        /** The machine's. */
        val SYSTEM = Clock { System.nanoTime() }
    }
}

/** What came before the steady state, and whether its running median settled. */
data class WarmUp(val runs: Int, val seconds: Double, val settled: Boolean)

/**
 * How long to measure: the plan of `edgestyle/bench/measuring.py`.
 *
 * @property runs of the steady state, at least.
 * @property seconds of the steady state, at least.
 * @property maxWarmUpSeconds the warm-up ends here even if the latency has not settled.
 */
data class Plan(val runs: Int = 30, val seconds: Double = 3.0, val maxWarmUpSeconds: Double = 5.0)

/**
 * The steady state of a call.
 *
 * @property samplesMs latencies in the order they were measured.
 * @property startsS when each run began, after the first one did, seconds.
 */
class Timed(val samplesMs: DoubleArray, val startsS: DoubleArray, val warmUp: WarmUp)

private const val MIN_WARM_UP_RUNS = 5
private const val MIN_WARM_UP_SECONDS = 0.2
private const val SETTLED = 0.02 // windows whose medians differ by less are settled
private const val WINDOW = 10

/** Warm a call up until it settles, then time it: at least so many runs, and so many seconds. */
fun measure(plan: Plan, clock: Clock = Clock.SYSTEM, call: () -> Unit): Timed {
    val warmUp = warmUp(plan, clock, call)
    val starts = ArrayList<Long>()
    val ends = ArrayList<Long>()
    val begin = clock.nowNs()
    while (starts.size < plan.runs || clock.nowNs() - begin < plan.seconds * 1e9) {
        starts.add(clock.nowNs())
        call()
        ends.add(clock.nowNs())
    }
    val samples = DoubleArray(starts.size) { (ends[it] - starts[it]) / 1e6 }
    return Timed(samples, DoubleArray(starts.size) { (starts[it] - begin) / 1e9 }, warmUp)
}

/** Milliseconds that one call takes. */
fun timeOnceMs(clock: Clock = Clock.SYSTEM, call: () -> Unit): Double {
    val start = clock.nowNs()
    call()
    return (clock.nowNs() - start) / 1e6
}

private fun warmUp(plan: Plan, clock: Clock, call: () -> Unit): WarmUp {
    val begin = clock.nowNs()
    val samples = ArrayList<Double>()
    while (true) {
        samples.add(timeOnceMs(clock, call))
        val seconds = (clock.nowNs() - begin) / 1e9
        val enough = samples.size >= MIN_WARM_UP_RUNS && seconds >= MIN_WARM_UP_SECONDS
        if (enough && isSettled(samples, WINDOW)) return WarmUp(samples.size, seconds, true)
        if (seconds >= plan.maxWarmUpSeconds && samples.size >= MIN_WARM_UP_RUNS) {
            val window = min(WINDOW, samples.size / 2) // of slow calls there are few
            return WarmUp(samples.size, seconds, isSettled(samples, window))
        }
    }
}

private fun isSettled(samples: List<Double>, window: Int): Boolean {
    if (window == 0 || samples.size < 2 * window) return false
    val earlier = quantile(samples.subList(samples.size - 2 * window, samples.size - window).toDoubleArray(), 0.5)
    val later = quantile(samples.takeLast(window).toDoubleArray(), 0.5)
    return abs(later - earlier) <= SETTLED * earlier
}
