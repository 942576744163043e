package dev.edgestyle.kit.render

import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.ModelFormat
import dev.edgestyle.kit.core.AcceleratorError
import dev.edgestyle.kit.core.KitError
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.firstLine

/**
 * A file opened, and by what.
 *
 * @property used what really runs it.
 * @property notice why that is not what was wanted; null where it is. An app shows it.
 */
class Opened<T>(val value: T, val used: Accelerator, val notice: AcceleratorError.DoesNotStart?)

/**
 * Open something with the wanted accelerator, else with the CPU, and say so.
 *
 * The accelerator counts as started only after [check] has run: some drivers open a file and fail on its first picture,
 * or draw nonsense.
 *
 * @throws AcceleratorError the CPU does not open it either.
 */
fun <T : AutoCloseable> openOrFallBack(wanted: Accelerator, check: (T) -> Unit, open: (Accelerator) -> T): Opened<T> =
    try {
        Opened(openChecked(wanted, check, open), wanted, null)
    } catch (error: KitError) {
        val drivers = error is AcceleratorError || error is ModelError.BadOutput // such as pictures that are not numbers
        if (wanted == Accelerator.CPU || !drivers) throw error
        val notice = error as? AcceleratorError.DoesNotStart
            ?: AcceleratorError.DoesNotStart(wanted.title, firstLine(error), error)
        Opened(openChecked(Accelerator.CPU, check, open), Accelerator.CPU, notice)
    }

private fun <T : AutoCloseable> openChecked(
    accelerator: Accelerator, check: (T) -> Unit, open: (Accelerator) -> T,
): T {
    val opened = open(accelerator)
    var sound = false
    try {
        check(opened)
        sound = true
        return opened
    } finally {
        if (!sound) opened.close()
    }
}

/** The accelerators that run files of a format, the default first. */
fun acceleratorsFor(format: ModelFormat): List<Accelerator> = when (format) {
    ModelFormat.ONNX -> listOf(Accelerator.XNNPACK, Accelerator.CPU, Accelerator.NNAPI)
    ModelFormat.TFLITE -> listOf(Accelerator.XNNPACK, Accelerator.CPU, Accelerator.GPU)
}

/** Opens a network of a checked file: the one place that knows both runtimes. */
fun interface NetworkOpener {
    /**
     * @param size side of pictures that are drawn, where accelerators want to know it ahead; null for any.
     * @throws AcceleratorError the runtime or its accelerator does not start.
     */
    fun open(model: ModelFile, accelerator: Accelerator, threads: Int, size: DrawnSize?): Network
}

/** The size of pictures that a session is opened for. */
data class DrawnSize(val width: Int, val height: Int)
