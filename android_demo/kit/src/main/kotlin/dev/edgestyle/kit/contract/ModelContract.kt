package dev.edgestyle.kit.contract

import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.pixels.Layout
import dev.edgestyle.kit.pixels.paddedSide
import dev.edgestyle.kit.styles.Style
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sqrt

/**
 * What a sidecar says of its model; read by [readSidecar], which checks all of it.
 *
 * @property name of the model file, for messages.
 * @property pack whose network it is.
 * @property component which of its networks.
 * @property format "onnx" or "tflite"; "coreml" files can be read about, not run.
 * @property recipe such as "w8" or "float16".
 * @property inputs by the order of the file.
 * @property outputs likewise.
 * @property sizeMultiple sides of pictures are multiples of it.
 * @property sizes sides of squares that the file was checked at; the only ones where [freeSize] is false.
 * @property freeSize whether any multiple goes.
 * @property workingSize long side at which strokes look best, pixels; null where the photo's own.
 * @property styles with their vectors, the default first.
 * @property meanStyle of packs of avatars, D numbers; else null.
 * @property latents random numbers that a mapping takes; else null.
 * @property sha256 of the model, in hexadecimal.
 * @property sizeBytes of the model.
 */
class ModelContract(
    val name: String, val pack: String, val component: Component, val format: String, val recipe: String,
    val inputs: List<TensorSpec>, val outputs: List<TensorSpec>, val sizeMultiple: Int, val sizes: List<Int>,
    val freeSize: Boolean, val workingSize: Int?, val styles: List<Style>, val meanStyle: FloatArray?,
    val latents: Int?, val sha256: String, val sizeBytes: Long,
) {
    /** How pictures lie in its tensors. */
    val layout: Layout get() = if (format == ModelFormat.TFLITE.suffix) Layout.NHWC else Layout.NCHW

    /** The only input, of what is no renderer or generator. Throws [ModelError.Damaged] where it is not described. */
    val input: TensorSpec get() = inputs.singleOrNull() ?: throw undescribed("input", inputs.size)

    /** The only output. Throws [ModelError.Damaged] where it is not described. */
    val output: TensorSpec get() = outputs.singleOrNull() ?: throw undescribed("output", outputs.size)

    private fun undescribed(what: String, count: Int) =
        ModelError.Damaged(name, ModelError.Fault.MISSING_FIELD, "it describes $count tensors as $what, not one")

    /** Width and height of the only pictures that it takes; null where there are several sizes. */
    val fixedSize: Pair<Int, Int>?
        get() {
            val shape = inputs.firstOrNull { it.name == "image" }?.shape ?: return null
            val (tall, wide) = if (layout == Layout.NCHW) shape[2] to shape[3] else shape[1] to shape[2]
            return if (tall != null && wide != null) wide to tall else null
        }

    /** The default style. Throws [RequestError.UnknownStyle] where the file has none by name. */
    val defaultStyle: Style get() = styles.firstOrNull() ?: throw RequestError.UnknownStyle("", emptyList())

    /**
     * The size that a picture is padded to before it is drawn.
     *
     * @return width and height.
     * @throws RequestError.NoSuchSize the file has fixed sizes, and none holds the picture.
     */
    fun paddedSize(width: Int, height: Int): Pair<Int, Int> {
        if (freeSize) return padded(width) to padded(height)
        fixedSize?.let { (wide, tall) -> if (width <= wide && height <= tall) return wide to tall }
        val side = sizes.sorted().firstOrNull { it >= max(width, height) }
        if (side == null || fixedSize != null) throw RequestError.NoSuchSize(width, height, sizes)
        return side to side
    }

    /**
     * The long side at which a photo is drawn; null for its own.
     *
     * @param wanted a smaller or larger one than the pack's own, where the user has chosen one.
     * @param mostPixels that a pack which draws at the photo's own size draws at: as many as there is memory for.
     */
    fun drawnSide(
        width: Int, height: Int, wanted: Int? = null, mostPixels: Int = Contract.MOST_DRAWN_PIXELS,
    ): Int? {
        val side = wanted ?: workingSize ?: largestSide(width, height, mostPixels)
        return if (freeSize) side else min(side ?: max(width, height), sizes.max())
    }

    private fun padded(side: Int) = paddedSide(side, sizeMultiple, Contract.SMALLEST_SIDE)

    private fun largestSide(width: Int, height: Int, mostPixels: Int): Int? {
        val pixels = width.toLong() * height
        if (pixels <= mostPixels) return null
        val scale = sqrt(mostPixels.toDouble() / pixels)
        return max(Contract.SMALLEST_SIDE, (max(width, height) * scale).toInt())
    }
}

/** How much of a photo's detail layer is added to a stylized picture: `1 - strength * (1 - detail)`. */
fun keptDetail(strength: Float, style: Style): Float = 1 - strength * (1 - style.detail)
