package dev.edgestyle.kit.onnx

import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment
import ai.onnxruntime.OrtException
import ai.onnxruntime.OrtLoggingLevel
import ai.onnxruntime.OrtSession
import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.core.AcceleratorError
import dev.edgestyle.kit.core.firstLine
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.DrawnSize
import dev.edgestyle.kit.render.Network
import dev.edgestyle.kit.render.Tensor
import java.io.File
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.FloatBuffer

/**
 * A file that ONNX Runtime has opened. Inputs and outputs stay in the same native memory from run to run.
 *
 * @param model a checked `.onnx` file.
 * @param accelerator CPU, XNNPACK or NNAPI; what it does not take, the CPU does.
 * @param threads of the CPU.
 * @param size of pictures, for files that leave it free: accelerators take no free sizes.
 * @throws AcceleratorError.DoesNotStart the runtime cannot be loaded, or not the file with this accelerator.
 */
class OnnxNetwork(
    private val model: ModelFile, private val accelerator: Accelerator, private val threads: Int,
    private val size: DrawnSize? = null,
) : Network {
    private val outputName = model.contract.output.name
    private val environment: OrtEnvironment = starting { OrtEnvironment.getEnvironment().apply { setTelemetry(false) } }
    private val session: OrtSession = starting { options().use { environment.createSession(model.file.path, it) } }
    private val inputs = HashMap<String, Bound>()
    private var output: Bound? = null
    private var closed = false

    override val runtime: String get() = "onnxruntime-android ${environment.version}"

    override fun run(inputs: Map<String, Tensor>): Tensor = try {
        if (closed) throw AcceleratorError.Failed(accelerator.title, "${model.contract.name} was closed")
        val tensors = inputs.mapValues { (name, tensor) -> bound(name, tensor).tensor }
        val ready = output
        if (ready != null) {
            session.run(tensors, emptySet(), mapOf(outputName to ready.tensor)).use { ready.read() }
        } else {
            session.run(tensors).use { result -> firstOutput(result) }
        }
    } catch (error: OrtException) {
        throw AcceleratorError.Failed(accelerator.title, firstLine(error), error)
    }

    override fun placement(inputs: Map<String, Tensor>): Map<String, Int> {
        var profile: File? = null
        var written: File? = null
        try {
            profile = File.createTempFile("profile", "", model.file.parentFile)
            options().use { options ->
                options.enableProfiling(profile.path)
                environment.createSession(model.file.path, options).use { profiled ->
                    val tensors = inputs.mapValues { (name, tensor) -> bound(name, tensor).tensor }
                    profiled.run(tensors).close()
                    written = File(profiled.endProfiling())
                }
            }
            return written?.let { countByProvider(it.readText()) }.orEmpty()
        } catch (error: OrtException) {
            throw AcceleratorError.Failed(accelerator.title, firstLine(error), error)
        } catch (_: IOException) {
            return emptyMap() // no space for it: what was measured before is worth more
        } finally {
            profile?.delete()
            written?.delete()
        }
    }

    override fun close() {
        if (closed) return
        closed = true
        forget()
        session.close()
    }

    private fun options(): OrtSession.SessionOptions = OrtSession.SessionOptions().apply {
        setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR)
        setInterOpNumThreads(1)
        when (accelerator) {
            Accelerator.XNNPACK -> { // it has threads of its own; the others would fight with them
                setIntraOpNumThreads(1)
                addConfigEntry("session.intra_op.allow_spinning", "0")
                addXnnpack(mapOf("intra_op_num_threads" to threads.toString()))
            }
            Accelerator.NNAPI -> {
                setIntraOpNumThreads(threads)
                addNnapi()
            }
            Accelerator.CPU -> setIntraOpNumThreads(threads)
            Accelerator.GPU -> throw AcceleratorError.DoesNotStart(accelerator.title, "ONNX files run on cpu, xnnpack and nnapi")
        }
        size?.let {
            setSymbolicDimensionValue("height", it.height.toLong())
            setSymbolicDimensionValue("width", it.width.toLong())
        }
    }

    private fun <T> starting(start: () -> T): T = try {
        start()
    } catch (error: OrtException) {
        throw AcceleratorError.DoesNotStart(accelerator.title, firstLine(error), error)
    } catch (error: LinkageError) { // the phone's kind has no native library in this APK
        throw AcceleratorError.DoesNotStart(accelerator.title, firstLine(error), error)
    }

    /** The input in native memory; a new shape means new memory, for the output too. */
    private fun bound(name: String, tensor: Tensor): Bound {
        val known = inputs[name]
        if (known != null && known.shape.contentEquals(tensor.shape)) return known.apply { write(tensor.values) }
        forgetOutput()
        known?.tensor?.close()
        return Bound(environment, tensor.shape).apply { write(tensor.values) }.also { inputs[name] = it }
    }

    private fun firstOutput(result: OrtSession.Result): Tensor {
        val found = result.get(outputName).orElse(null) as? OnnxTensor
            ?: throw AcceleratorError.Failed(accelerator.title, "there is no output '$outputName'")
        val shape = found.info.shape.let { shape -> IntArray(shape.size) { shape[it].toInt() } }
        val values = FloatArray(shape.fold(1) { product, side -> product * side })
        found.floatBuffer.get(values)
        output = Bound(environment, shape)
        return Tensor(shape, values)
    }

    private fun forgetOutput() {
        output?.tensor?.close()
        output = null
    }

    private fun forget() {
        forgetOutput()
        inputs.values.forEach { it.tensor.close() }
        inputs.clear()
    }

    /** A tensor over memory that stays. */
    private class Bound(environment: OrtEnvironment, val shape: IntArray) {
        private val length = shape.fold(1) { product, side -> product * side }
        private val buffer: FloatBuffer =
            ByteBuffer.allocateDirect(Float.SIZE_BYTES * length).order(ByteOrder.nativeOrder()).asFloatBuffer()
        val tensor: OnnxTensor = OnnxTensor.createTensor(environment, buffer, LongArray(shape.size) { shape[it].toLong() })

        fun write(values: FloatArray) {
            buffer.clear()
            buffer.put(values)
            buffer.rewind()
        }

        fun read(): Tensor {
            val values = FloatArray(length)
            buffer.clear()
            buffer.get(values)
            return Tensor(shape, values)
        }
    }
}
