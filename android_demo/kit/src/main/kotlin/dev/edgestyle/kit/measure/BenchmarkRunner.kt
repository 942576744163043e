package dev.edgestyle.kit.measure

import dev.edgestyle.kit.contract.Component
import dev.edgestyle.kit.contract.ModelContract
import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.TensorSpec
import dev.edgestyle.kit.core.KitError
import dev.edgestyle.kit.core.firstLine
import dev.edgestyle.kit.core.writeJson
import dev.edgestyle.kit.core.writeWhole
import dev.edgestyle.kit.avatars.drawLatent
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.Network
import dev.edgestyle.kit.render.Tensor
import java.io.File

/**
 * What is measured.
 *
 * @property model a checked file, of any component.
 * @property size side of the picture, pixels.
 * @property threads of the CPU.
 * @property accelerator the only one: a benchmark falls back to nothing.
 */
class BenchmarkJob(
    val model: ModelFile, val size: Int, val threads: Int, val accelerator: Accelerator, val plan: Plan,
)

/**
 * What was measured; [answer] is what the harness reads (`edgestyle/bench/targets/android_answer.py`).
 *
 * @property runtime with its version.
 * @property loadMs opening the file.
 * @property firstRunMs the first run, before any warm-up.
 * @property placement operators by what ran them; empty where the runtime does not say.
 * @property peakRssBytes the process's largest memory; null where the system does not say.
 */
class BenchmarkResult(
    val runtime: String, val loadMs: Double, val firstRunMs: Double, val timed: Timed,
    val placement: Map<String, Int>, val peakRssBytes: Long?,
) {
    /** The statistics of the samples. */
    val summary: LatencySummary = summarise(timed.samplesMs)

    /** The harness's answer as maps and lists. */
    fun answer(): Map<String, Any?> {
        val step = (timed.samplesMs.size + MOST_SAMPLES - 1) / MOST_SAMPLES
        return linkedMapOf(
            "runtime" to runtime,
            "load_ms" to loadMs,
            "first_run_ms" to firstRunMs,
            "samples_ms" to timed.samplesMs.filterIndexed { index, _ -> index % step == 0 },
            "sample_starts_s" to timed.startsS.filterIndexed { index, _ -> index % step == 0 },
            "warm_up" to mapOf(
                "runs" to timed.warmUp.runs, "seconds" to timed.warmUp.seconds, "settled" to timed.warmUp.settled,
            ),
            "placement" to placement.ifEmpty { null },
            "peak_rss_bytes" to peakRssBytes,
        )
    }

    private companion object {
        const val MOST_SAMPLES = 20_000 // kept in a row; a long run keeps every so-many-th
    }
}

/**
 * Measures files as `edgestyle bench` does, with its warm-up and its statistics.
 *
 * @param open opens a network for a job.
 * @param peakRssBytes what the system says of the process's memory.
 */
class BenchmarkRunner(
    private val open: (BenchmarkJob) -> Network, private val peakRssBytes: () -> Long? = { null },
    private val clock: Clock = Clock.SYSTEM,
) {
    /** Measure one file. Throws [KitError] where it cannot be opened or run. */
    fun run(job: BenchmarkJob): BenchmarkResult {
        val begin = clock.nowNs()
        val network = open(job)
        val loadMs = (clock.nowNs() - begin) / 1e6
        return network.use {
            val inputs = benchmarkInputs(job.model.contract, job.size)
            val firstRunMs = timeOnceMs(clock) { network.run(inputs) }
            val timed = measure(job.plan, clock) { network.run(inputs) }
            val peak = peakRssBytes() // before the profile, which opens the file a second time
            BenchmarkResult(network.runtime, loadMs, firstRunMs, timed, network.placement(inputs), peak)
        }
    }

    companion object {
        /** Write an answer whole: under another name, then renamed. Throws StorageError. */
        fun write(answer: Map<String, Any?>, file: File) =
            writeWhole(file) { it.write(writeJson(answer, decimals = 4).toByteArray()) }

        /** The answer that says in one line why there is none. */
        fun errorAnswer(error: Throwable): Map<String, Any?> =
            mapOf("error" to if (error is KitError) error.message.orEmpty() else firstLine(error))
    }
}

/**
 * Inputs for a file, by its sidecar: noise for a picture, the first style, full strength, the random numbers of seed 0.
 *
 * @param size side of pictures where the file leaves it free.
 */
fun benchmarkInputs(contract: ModelContract, size: Int): Map<String, Tensor> =
    contract.inputs.associate { spec -> spec.name to makeInput(spec, contract, size) }

private fun makeInput(spec: TensorSpec, contract: ModelContract, size: Int): Tensor {
    val shape = IntArray(spec.shape.size) { spec.shape[it] ?: size }
    val length = shape.fold(1) { product, side -> product * side }
    val values = when {
        spec.name == "style" -> contract.styles.firstOrNull()?.vector ?: contract.meanStyle ?: FloatArray(length)
        spec.name == "strength" -> FloatArray(length) { 1f }
        contract.component == Component.MAPPING -> drawLatent(0, length)
        else -> noise(length)
    }
    return Tensor(shape, values)
}

private fun noise(length: Int): FloatArray {
    val random = java.util.Random(0)
    return FloatArray(length) { random.nextFloat() }
}
