package dev.edgestyle.kit.litert

import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.LiteRtException
import com.google.ai.edge.litert.TensorBuffer
import dev.edgestyle.kit.BuildConfig
import dev.edgestyle.kit.contract.Component
import dev.edgestyle.kit.contract.Contract
import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.core.AcceleratorError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.core.firstLine
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.Network
import dev.edgestyle.kit.render.NetworkRenderer
import dev.edgestyle.kit.render.Tensor
import java.io.File
import com.google.ai.edge.litert.Accelerator as LiteRtAccelerator

/**
 * A file that LiteRT has compiled for the CPU (which is XNNPACK) or the GPU.
 *
 * A renderer's file has a signature for each size of pictures; buffers of one are made when it is first used.
 *
 * @param model a checked `.tflite` file with float32 inputs and outputs.
 * @param accelerator CPU, XNNPACK or GPU; the GPU is not mixed with the CPU, so that it is known what runs.
 * @param threads of the CPU.
 * @throws AcceleratorError.DoesNotStart the runtime cannot be loaded, or not the file with this accelerator.
 */
class LiteRtNetwork(private val model: ModelFile, private val accelerator: Accelerator, threads: Int) : Network {
    private val contract = model.contract
    private val compiled: CompiledModel
    private val signatures = HashMap<String, Buffers>()
    private var closed = false

    init {
        val bytes = (contract.inputs + contract.outputs).firstOrNull { it.dtype != "float32" }
        if (bytes != null) throw RequestError.Unknown("'${bytes.name}' of ${contract.name} is ${bytes.dtype}: export with --io float32")
        compiled = compile(model.file, accelerator, threads)
    }

    override val runtime: String get() = runtimeName()

    override fun run(inputs: Map<String, Tensor>): Tensor = failing(accelerator) {
        if (closed) throw AcceleratorError.Failed(accelerator.title, "${contract.name} was closed")
        val signature = signatureFor(inputs)
        val buffers = signatures.getOrPut(signature) { Buffers(signature) }
        inputs.forEach { (name, tensor) -> buffers.inputs.getValue(name).writeFloat(tensor.values) }
        compiled.run(buffers.inputs, buffers.outputs, signature)
        val values = buffers.outputs.getValue(buffers.output).readFloat()
        Tensor(outputShape(inputs, values.size), values)
    }

    /** LiteRT does not say which operator ran where; that the GPU takes all of them, it says by opening the file. */
    override fun placement(inputs: Map<String, Tensor>): Map<String, Int> = emptyMap()

    override fun close() {
        if (closed) return
        closed = true
        signatures.values.forEach { it.close() }
        signatures.clear()
        compiled.close()
    }

    private fun signatureFor(inputs: Map<String, Tensor>): String =
        Contract.signature(contract.component, inputs["image"]?.shape?.get(1) ?: 0)

    private fun outputShape(inputs: Map<String, Tensor>, length: Int): IntArray {
        if (contract.component == Component.RENDERER) return inputs.getValue("image").shape
        val known = contract.output.shape.map { it ?: 1 }.toIntArray()
        return if (known.fold(1) { product, side -> product * side } == length) known else intArrayOf(1, length)
    }

    private inner class Buffers(signature: String) : AutoCloseable {
        val output = contract.output.name
        val inputs: Map<String, TensorBuffer> =
            contract.inputs.associate { it.name to compiled.createInputBuffer(it.name, signature) }
        val outputs: Map<String, TensorBuffer> = mapOf(output to compiled.createOutputBuffer(output, signature))

        override fun close() {
            (inputs.values + outputs.values).forEach { it.close() }
        }
    }
}

/** A renderer on LiteRT, for phones whose GPU is fast; arguments and errors as for [LiteRtNetwork]. */
class LiteRtRenderer(model: ModelFile, accelerator: Accelerator = Accelerator.GPU, threads: Int = 2) :
    NetworkRenderer(model.contract, LiteRtNetwork(model, accelerator, threads))

internal fun runtimeName(): String = "litert-android ${BuildConfig.LITERT_VERSION}"

/** Compile a file. Throws [AcceleratorError.DoesNotStart]. */
internal fun compile(file: File, accelerator: Accelerator, threads: Int): CompiledModel = try {
    val options = when (accelerator) {
        Accelerator.CPU, Accelerator.XNNPACK -> CompiledModel.Options(LiteRtAccelerator.CPU).apply {
            cpuOptions = CompiledModel.CpuOptions(threads, null, null)
        }
        Accelerator.GPU -> CompiledModel.Options(LiteRtAccelerator.GPU)
        Accelerator.NNAPI -> throw AcceleratorError.DoesNotStart(accelerator.title, "TFLite files run on cpu, xnnpack and gpu")
    }
    CompiledModel.create(file.path, options, null)
} catch (error: LiteRtException) {
    throw AcceleratorError.DoesNotStart(accelerator.title, firstLine(error), error)
} catch (error: LinkageError) { // the phone's kind has no native library in this APK
    throw AcceleratorError.DoesNotStart(accelerator.title, firstLine(error), error)
}

/** Run something of LiteRT's; its errors become [AcceleratorError.Failed]. */
internal fun <T> failing(accelerator: Accelerator, run: () -> T): T = try {
    run()
} catch (error: LiteRtException) {
    throw AcceleratorError.Failed(accelerator.title, firstLine(error), error)
}
