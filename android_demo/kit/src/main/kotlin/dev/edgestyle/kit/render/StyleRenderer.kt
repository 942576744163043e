package dev.edgestyle.kit.render

import dev.edgestyle.kit.contract.ModelContract
import dev.edgestyle.kit.core.AcceleratorError
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.pixels.ImageTensor
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.pad
import dev.edgestyle.kit.pixels.toPixels
import dev.edgestyle.kit.pixels.toTensor
import dev.edgestyle.kit.styles.checkStrength

/**
 * Draws pictures in a style. It owns the runtime's session, and may be called from any thread; calls wait for each other.
 *
 * Strength 0 gives the picture back; the distance from it grows with the strength, which is an input of the network, so
 * that a change of it acts on the next call.
 */
interface StyleRenderer : AutoCloseable {
    /** The sidecar. */
    val contract: ModelContract

    /** The runtime with its version. */
    val runtime: String

    /**
     * Draw a tensor whose sides are as [ModelContract.paddedSize] says.
     *
     * @param image sRGB in [0,1], in the contract's layout.
     * @param style the vector, D numbers.
     * @param strength in [0,1].
     * @return as [image].
     * @throws dev.edgestyle.kit.core.KitError the strength or vector is none, or the runtime failed.
     */
    fun render(image: ImageTensor, style: FloatArray, strength: Float): ImageTensor

    /** Draw a picture of any size at that size: padded for the network and cropped again; errors as for [render]. */
    fun render(picture: Pixels, style: FloatArray, strength: Float): Pixels {
        val (width, height) = contract.paddedSize(picture.width, picture.height)
        val drawn = render(toTensor(pad(picture, width, height), contract.layout), style, strength)
        return toPixels(drawn, picture.width, picture.height)
    }

    /** Run once on nothing, so that the first real frame is as quick as the others. */
    fun warmUp(width: Int, height: Int) {
        render(Pixels(width, height), contract.defaultStyle.vector, 1f)
    }

    /** Operators by what runs them for a picture of that size; empty where the runtime does not say. */
    fun placement(width: Int, height: Int): Map<String, Int>
}

/** A renderer on any network; see [StyleRenderer]. */
open class NetworkRenderer(final override val contract: ModelContract, private val network: Network) : StyleRenderer {
    private val lock = Any()
    private val dimensions = contract.defaultStyle.vector.size
    private var closed = false

    override val runtime: String get() = network.runtime

    override fun render(image: ImageTensor, style: FloatArray, strength: Float): ImageTensor {
        val inputs = inputs(image, style, strength)
        val stylized = locked { network.run(inputs) }
        if (!stylized.shape.contentEquals(image.shape)) {
            val shapes = "${stylized.shape.joinToString("x")} for ${image.shape.joinToString("x")}"
            throw ModelError.BadOutput(contract.name, "it gives $shapes")
        }
        if (stylized.values.any { !it.isFinite() }) {
            throw ModelError.BadOutput(contract.name, "it draws numbers that are not finite")
        }
        return ImageTensor(image.width, image.height, image.layout, stylized.values)
    }

    override fun placement(width: Int, height: Int): Map<String, Int> {
        val (wide, tall) = contract.paddedSize(width, height)
        val inputs = inputs(toTensor(Pixels(wide, tall), contract.layout), contract.defaultStyle.vector, 1f)
        return locked { network.placement(inputs) }
    }

    private fun <T> locked(use: () -> T): T = synchronized(lock) {
        if (closed) throw AcceleratorError.Failed(network.runtime, "${contract.name} was closed")
        use()
    }

    override fun close() = synchronized(lock) {
        if (!closed) network.close()
        closed = true
    }

    private fun inputs(image: ImageTensor, style: FloatArray, strength: Float): Map<String, Tensor> {
        if (style.size != dimensions) {
            throw ModelError.BadOutput(contract.name, "its styles have $dimensions numbers, not ${style.size}")
        }
        return mapOf(
            "image" to Tensor(image.shape, image.values),
            "style" to Tensor(intArrayOf(1, dimensions), style),
            "strength" to Tensor(intArrayOf(1), floatArrayOf(checkStrength(strength))),
        )
    }
}
