package dev.edgestyle.kit.avatars

import dev.edgestyle.kit.contract.ModelContract
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.pixels.ImageTensor
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.toPixels
import dev.edgestyle.kit.render.Network
import dev.edgestyle.kit.render.Tensor
import dev.edgestyle.kit.styles.checkStrength

/**
 * Draws avatars: the same seed is the same face on every phone, and in Python. Calls wait for each other.
 *
 * @param drawing sidecar of the generator.
 * @param generator its network.
 * @param mapping sidecar and network of what turns random numbers into styles.
 */
class AvatarGenerator(
    private val drawing: ModelContract, private val generator: Network,
    private val mapping: Pair<ModelContract, Network>,
) : AutoCloseable {
    private val latents = mapping.first.latents
        ?: throw ModelError.BadOutput(mapping.first.name, "its sidecar does not say how many random numbers it takes")

    /** Names of avatars that have one. */
    val names: List<String> get() = drawing.styles.map { it.name }

    /** The style of a seed, from 0 up. Throws [RequestError.BadSeed], or an error of the runtime. */
    @Synchronized
    fun style(seed: Long): FloatArray {
        if (seed < 0) throw RequestError.BadSeed(seed.toString())
        val (contract, network) = mapping
        val latent = Tensor(intArrayOf(1, latents), drawLatent(seed, latents))
        return network.run(mapOf(contract.input.name to latent)).values
    }

    /** The style of a named avatar. Throws [RequestError.UnknownStyle]. */
    fun style(name: String): FloatArray =
        drawing.styles.firstOrNull { it.name == name }?.vector ?: throw RequestError.UnknownStyle(name, names)

    /**
     * Draw a style.
     *
     * @param style as [style] gives it, or a weighted mean of such.
     * @param strength 0 is the mean face, 1 the face itself.
     * @throws dev.edgestyle.kit.core.KitError the strength is none, or the network fails.
     */
    @Synchronized
    fun draw(style: FloatArray, strength: Float = 1f): Pixels {
        val inputs = mapOf(
            "style" to Tensor(intArrayOf(1, style.size), style),
            "strength" to Tensor(intArrayOf(1), floatArrayOf(checkStrength(strength))),
        )
        val picture = generator.run(inputs)
        val side = picture.shape.max()
        if (picture.values.size != 3 * side * side || picture.values.any { !it.isFinite() }) {
            throw ModelError.BadOutput(drawing.name, "it draws no picture")
        }
        return toPixels(ImageTensor(side, side, drawing.layout, picture.values))
    }

    @Synchronized
    override fun close() {
        generator.close()
        mapping.second.close()
    }
}

/** A face between others: the weighted mean of their styles. Throws [RequestError.BadMix] for weights that make none. */
fun mixFaces(faces: List<Pair<FloatArray, Double>>): FloatArray {
    val total = faces.sumOf { it.second }
    if (faces.isEmpty() || faces.any { !it.second.isFinite() || it.second < 0 } || total <= 0 || !total.isFinite()) {
        throw RequestError.BadMix("a mix of faces needs weights from 0 up, and not all of them 0")
    }
    val length = faces.first().first.size
    return FloatArray(length) { index -> faces.sumOf { (style, weight) -> weight / total * style[index] }.toFloat() }
}
