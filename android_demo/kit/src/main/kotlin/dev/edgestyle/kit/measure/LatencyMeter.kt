package dev.edgestyle.kit.measure

/**
 * Latencies of the newest frames, for a display that is always on. Safe to use from several threads.
 *
 * @param window how many frames count; older ones are forgotten.
 */
class LatencyMeter(private val window: Int = 120) {
    private val samplesMs = ArrayDeque<Double>()
    private val endsNs = ArrayDeque<Long>()

    /** A frame that took [durationNs] and ended at [endNs] of the monotonic clock. */
    @Synchronized
    fun add(durationNs: Long, endNs: Long) {
        samplesMs.addLast(durationNs / 1e6)
        endsNs.addLast(endNs)
        if (samplesMs.size > window) {
            samplesMs.removeFirst()
            endsNs.removeFirst()
        }
    }

    /** The summary of the window; null before the first frame. */
    @Synchronized
    fun summary(): LatencySummary? = if (samplesMs.isEmpty()) null else summarise(samplesMs.toDoubleArray())

    /** Frames a second that really came, waits among them; null before the second frame. */
    @Synchronized
    fun framesPerSecond(): Double? {
        if (endsNs.size < 2 || endsNs.last() <= endsNs.first()) return null
        return (endsNs.size - 1) * 1e9 / (endsNs.last() - endsNs.first())
    }

    /** Forget all frames, after a change of what is measured. */
    @Synchronized
    fun clear() {
        samplesMs.clear()
        endsNs.clear()
    }
}
