package dev.edgestyle.kit.render

import dev.edgestyle.kit.contract.Contract
import dev.edgestyle.kit.contract.ModelContract
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.pixels.Filter
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.resize
import dev.edgestyle.kit.pixels.toTensor
import dev.edgestyle.kit.styles.Style

/**
 * Turns a reference picture into the style of its look: `lumen`'s encoder. Calls from several threads wait for each other.
 *
 * @param contract of the encoder; its first style says the default strength.
 */
class StyleEncoder(private val contract: ModelContract, private val network: Network) : AutoCloseable {
    private val input = contract.input
    private val side = input.shape.filterNotNull().maxOrNull()?.takeIf { it <= Contract.LARGEST_SIDE }
        ?: throw ModelError.Damaged(contract.name, ModelError.Fault.BAD_SIZE, "its pictures have no side of their own")

    /**
     * The look of a picture of any size and shape; all of it counts.
     *
     * @throws dev.edgestyle.kit.core.KitError the runtime failed, or the network gave no vector.
     */
    @Synchronized
    fun encode(reference: Pixels): Style {
        val square = toTensor(resize(reference, side, side, Filter.BOX), contract.layout)
        val vector = network.run(mapOf(input.name to Tensor(square.shape, square.values))).values
        val known = contract.defaultStyle
        if (vector.size != known.vector.size || vector.any { !it.isFinite() }) {
            throw ModelError.BadOutput(contract.name, "it gives no vector of ${known.vector.size} finite numbers")
        }
        return Style(REFERENCE, vector, known.defaultStrength, known.detail)
    }

    @Synchronized
    override fun close() = network.close()

    companion object {
        /** The name of styles that come from pictures. */
        const val REFERENCE = "reference"
    }
}
