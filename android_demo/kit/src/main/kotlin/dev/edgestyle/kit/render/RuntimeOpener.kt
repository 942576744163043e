package dev.edgestyle.kit.render

import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.ModelFormat
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.litert.LiteRtNetwork
import dev.edgestyle.kit.onnx.OnnxNetwork

/** ONNX files on ONNX Runtime, TFLite files on LiteRT. */
object RuntimeOpener : NetworkOpener {
    override fun open(model: ModelFile, accelerator: Accelerator, threads: Int, size: DrawnSize?): Network =
        when (ModelFormat.named(model.contract.format)) {
            ModelFormat.ONNX -> OnnxNetwork(model, accelerator, threads, size)
            ModelFormat.TFLITE -> LiteRtNetwork(model, accelerator, threads)
            null -> throw RequestError.Unknown("files of format '${model.contract.format}' do not run on Android")
        }
}

/**
 * Open a renderer with the wanted accelerator, run it once, and fall back to the CPU where it does not start.
 *
 * @param width of the pictures that it will draw, pixels.
 * @param height likewise.
 * @param onlyThisSize whether it draws no others, as for a camera; accelerators are quicker then.
 * @throws dev.edgestyle.kit.core.AcceleratorError the CPU does not run it either.
 */
fun openRenderer(
    model: ModelFile, wanted: Accelerator, threads: Int, width: Int, height: Int, onlyThisSize: Boolean,
    opener: NetworkOpener = RuntimeOpener,
): Opened<StyleRenderer> {
    val (wide, tall) = model.contract.paddedSize(width, height)
    val size = if (onlyThisSize) DrawnSize(wide, tall) else null
    return openOrFallBack<StyleRenderer>(wanted, { it.warmUp(width, height) }) { accelerator ->
        NetworkRenderer(model.contract, opener.open(model, accelerator, threads, size))
    }
}
