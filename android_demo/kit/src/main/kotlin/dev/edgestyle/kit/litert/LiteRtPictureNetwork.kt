package dev.edgestyle.kit.litert

import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.TensorBuffer
import dev.edgestyle.kit.contract.ModelStore
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.selfie.PictureNetwork
import dev.edgestyle.kit.selfie.SelfieRecipe
import java.io.File
import java.security.MessageDigest

/**
 * One of MediaPipe's networks on LiteRT's CPU: a picture in, some outputs, no signatures.
 *
 * @param file a `.tflite` file.
 * @throws dev.edgestyle.kit.core.AcceleratorError the runtime cannot load it.
 */
class LiteRtPictureNetwork(file: File, threads: Int = 1) : PictureNetwork {
    private val compiled: CompiledModel = compile(file, Accelerator.CPU, threads)
    private val inputs: List<TensorBuffer> = failing(Accelerator.CPU) { compiled.createInputBuffers(0) }
    private val outputs: List<TensorBuffer> = failing(Accelerator.CPU) { compiled.createOutputBuffers(0) }

    override fun run(picture: Pixels, low: Float, high: Float): List<FloatArray> = failing(Accelerator.CPU) {
        val step = (high - low) / 255f
        inputs.single().writeFloat(FloatArray(picture.rgb.size) { (picture.rgb[it].toInt() and 0xff) * step + low })
        compiled.run(inputs, outputs, 0)
        outputs.map { it.readFloat() }.sortedByDescending { it.size }
    }

    override fun close() {
        (inputs + outputs).forEach { it.close() }
        compiled.close()
    }
}

/**
 * Open a network that a recipe names, from beside the recipe, after its sha256 was compared.
 *
 * @throws ModelError it is missing, or another file.
 */
fun openPictureNetwork(store: ModelStore, recipe: SelfieRecipe, name: String): PictureNetwork {
    val path = SelfieRecipe.PATH.substringBeforeLast('/') + "/" + name
    val expected = recipe.networks[name] ?: throw ModelError.Missing(name)
    val file = store.file(path)
    if (!file.exists()) throw ModelError.Missing(path)
    val found = MessageDigest.getInstance("SHA-256").digest(file.readBytes()).joinToString("") { "%02x".format(it) }
    if (found != expected) throw ModelError.Changed(name)
    return LiteRtPictureNetwork(file)
}
