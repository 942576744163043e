package dev.edgestyle.kit

import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.render.Network
import dev.edgestyle.kit.render.Tensor
import dev.edgestyle.kit.selfie.PictureNetwork
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.File
import java.nio.ByteBuffer

/**
 * Runs real networks for tests on the JVM, which has no native libraries of the phone's runtimes: a Python process does it
 * (`tests/android/network_server.py`), and both talk through its standard streams.
 */
class PythonNetworks(command: List<String>) : AutoCloseable {
    private val process = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val out = DataOutputStream(process.outputStream.buffered())
    private val answers = DataInputStream(process.inputStream.buffered())
    private var opened = 0

    /** A file of edgestyle's own. */
    fun network(file: File): Network = Own(open("onnx", file))

    /** A foreign network with one picture as input. */
    fun pictures(file: File): PictureNetwork = Foreign(open("tflite", file))

    private fun open(kind: String, file: File): Int {
        if (!file.exists()) throw ModelError.Missing(file.path)
        out.writeUTF(kind)
        out.writeUTF(file.path)
        return opened++
    }

    override fun close() {
        out.close()
        process.waitFor()
    }

    private fun write(values: FloatArray) {
        out.writeInt(values.size)
        val bytes = ByteBuffer.allocate(4 * values.size)
        bytes.asFloatBuffer().put(values)
        out.write(bytes.array())
    }

    private fun readFloats(): FloatArray {
        val bytes = ByteArray(4 * answers.readInt()).also(answers::readFully)
        return FloatArray(bytes.size / 4).also { ByteBuffer.wrap(bytes).asFloatBuffer().get(it) }
    }

    private inner class Own(private val handle: Int) : Network {
        override val runtime = "onnxruntime of Python"

        override fun run(inputs: Map<String, Tensor>): Tensor {
            out.writeUTF("run")
            out.writeInt(handle)
            out.writeInt(inputs.size)
            for ((name, tensor) in inputs) {
                out.writeUTF(name)
                out.writeInt(tensor.shape.size)
                tensor.shape.forEach(out::writeInt)
                write(tensor.values)
            }
            out.flush()
            val shape = IntArray(answers.readInt()) { answers.readInt() }
            return Tensor(shape, readFloats())
        }

        override fun placement(inputs: Map<String, Tensor>): Map<String, Int> = emptyMap()

        override fun close() = Unit
    }

    private inner class Foreign(private val handle: Int) : PictureNetwork {
        override fun run(picture: Pixels, low: Float, high: Float): List<FloatArray> {
            out.writeUTF("look")
            out.writeInt(handle)
            out.writeInt(picture.width)
            out.write(picture.rgb)
            out.writeFloat(low)
            out.writeFloat(high)
            out.flush()
            return List(answers.readInt()) { readFloats() }.sortedByDescending { it.size }
        }

        override fun close() = Unit
    }
}
