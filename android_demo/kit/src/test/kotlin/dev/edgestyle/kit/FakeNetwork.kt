package dev.edgestyle.kit

import dev.edgestyle.kit.render.Network
import dev.edgestyle.kit.render.Tensor

/** A network that a test makes up. */
class FakeNetwork(
    private val placement: Map<String, Int> = emptyMap(), private val onPlacement: () -> Unit = {},
    private val compute: (Map<String, Tensor>) -> Tensor,
) : Network {
    var closed = false
    var runs = 0
    override val runtime = "fake 1.0"

    override fun run(inputs: Map<String, Tensor>): Tensor {
        runs++
        return compute(inputs)
    }

    override fun placement(inputs: Map<String, Tensor>): Map<String, Int> = placement.also { onPlacement() }

    override fun close() {
        closed = true
    }
}
