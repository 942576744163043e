package dev.edgestyle.kit.onnx

import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.DrawnSize
import dev.edgestyle.kit.render.NetworkRenderer

/**
 * A renderer on ONNX Runtime, the default on Android; arguments and errors as for [OnnxNetwork].
 *
 * ```
 * val model = store.openModel(index.pack("atelier").need(Component.RENDERER, ModelFormat.ONNX))
 * OnnxRenderer(model).use { it.render(picture, it.contract.defaultStyle.vector, strength = 0.8f) }
 * ```
 */
class OnnxRenderer(
    model: ModelFile, accelerator: Accelerator = Accelerator.XNNPACK, threads: Int = 2, size: DrawnSize? = null,
) : NetworkRenderer(model.contract, OnnxNetwork(model, accelerator, threads, size))
