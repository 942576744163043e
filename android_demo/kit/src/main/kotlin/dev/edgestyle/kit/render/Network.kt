package dev.edgestyle.kit.render

import dev.edgestyle.kit.core.RequestError

/**
 * Values with sizes by axis; the last axis lies together.
 *
 * @property shape sizes by axis.
 * @property values `float32`.
 */
class Tensor(val shape: IntArray, val values: FloatArray) {
    init {
        val length = shape.fold(1) { product, side -> product * side }
        require(values.size == length) { "${shape.joinToString("x")} are $length values, not ${values.size}" }
    }
}

/**
 * A file that a runtime has opened. It is used by one thread at a time, which callers see to.
 *
 * This is all that the kit wants of a runtime: renderers, encoders and generators are made of it, and tests put another
 * one in its place.
 */
interface Network : AutoCloseable {
    /** The runtime with its version, such as "onnxruntime-android 1.29.0". */
    val runtime: String

    /**
     * Run it.
     *
     * @param inputs by the names in the sidecar.
     * @return the one output that is described there.
     * @throws dev.edgestyle.kit.core.AcceleratorError.Failed the runtime failed.
     */
    fun run(inputs: Map<String, Tensor>): Tensor

    /** Operators by what ran them, from the runtime's own profile of one run; empty where it does not say. */
    fun placement(inputs: Map<String, Tensor>): Map<String, Int>
}

/** What can run a file; names are those of `edgestyle bench --accelerator`. */
enum class Accelerator(val title: String) {
    /** The runtime's own kernels. */
    CPU("cpu"),

    /** The CPU by XNNPACK, which is the fastest on most phones. */
    XNNPACK("xnnpack"),

    /** Android's Neural Networks API, deprecated since Android 15; some phones have an NPU behind it. */
    NNAPI("nnapi"),

    /** The GPU, by LiteRT. */
    GPU("gpu");

    companion object {
        /** The accelerator of a name in an intent. Throws [RequestError.Unknown]. */
        fun named(name: String): Accelerator = entries.firstOrNull { it.title == name }
            ?: throw RequestError.Unknown("there is no accelerator '$name'; there are ${entries.joinToString { it.title }}")
    }
}
