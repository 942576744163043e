package dev.edgestyle.kit

import android.graphics.BitmapFactory
import androidx.test.ext.junit.runners.AndroidJUnit4
import androidx.test.platform.app.InstrumentationRegistry
import dev.edgestyle.kit.android.AssetStore
import dev.edgestyle.kit.android.toPixels
import dev.edgestyle.kit.avatars.drawLatent
import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.openModel
import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.asDouble
import dev.edgestyle.kit.core.asFloats
import dev.edgestyle.kit.core.asInt
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asObject
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.onnx.OnnxNetwork
import dev.edgestyle.kit.pixels.Layout
import dev.edgestyle.kit.pixels.toTensor
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.Tensor
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.math.abs
import kotlin.math.log10

/**
 * On a phone: the shipped models give what they gave where they were exported, within the promised dB, on the CPU and with
 * XNNPACK. `export/android.py` writes the inputs and outputs.
 */
@RunWith(AndroidJUnit4::class)
class GoldenTest {
    private val context = InstrumentationRegistry.getInstrumentation().context // its assets are the app's and the golden ones
    private val store = AssetStore(context)
    private val golden = Json.parse(store.open("golden/golden.json").use { it.readBytes().decodeToString() }).asObject("golden")

    private fun cases(key: String): List<Json.Object> = golden.need(key).asList(key).map { it.asObject(key) }

    private fun open(case: Json.Object): ModelFile {
        val path = case.need("model").asText("model")
        return store.openModel(path, "$path.json")
    }

    private fun floats(case: Json.Object, key: String): FloatArray {
        val bytes = ByteBuffer.wrap(store.open("golden/" + case.need(key).asText(key)).use { it.readBytes() })
        return FloatArray(bytes.capacity() / 4).also { bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(it) }
    }

    private fun styleAndStrength(case: Json.Object): Map<String, Tensor> {
        val vector = case.need("vector").asFloats("vector")
        val strength = case.need("strength").asDouble("strength").toFloat()
        return mapOf("style" to Tensor(intArrayOf(1, vector.size), vector), "strength" to Tensor(intArrayOf(1), floatArrayOf(strength)))
    }

    private fun assertAsGood(case: Json.Object, expected: FloatArray, found: FloatArray) {
        val squares = expected.indices.sumOf { ((expected[it] - found[it]) * (expected[it] - found[it])).toDouble() }
        val quality = if (squares == 0.0) Double.POSITIVE_INFINITY else 10 * log10(expected.size / squares)
        val least = case.need("min_psnr_db").asDouble("min_psnr_db")
        assertTrue("${case.need("name").asText("name")}: $quality dB, $least are promised", quality >= least)
    }

    @Test
    fun renderersDrawWhatTheyDrewWhereTheyWereExported() {
        for (accelerator in listOf(Accelerator.CPU, Accelerator.XNNPACK)) {
            for (case in cases("cases")) {
                val image = floats(case, "image")
                val shape = intArrayOf(1, 3, case.need("height").asInt("height"), case.need("width").asInt("width"))
                val inputs = styleAndStrength(case) + ("image" to Tensor(shape, image))
                val found = OnnxNetwork(open(case), accelerator, 1).use { it.run(inputs).values }
                assertAsGood(case, floats(case, "stylized"), found)
                val untouched = case.need("strength").asDouble("strength") == 0.0
                if (untouched) assertArrayEquals("strength 0 gives the picture back", image, found, 0f)
            }
        }
    }

    @Test
    fun avatarsAreTheSameFaces() {
        for (case in cases("avatars")) {
            val found = OnnxNetwork(open(case), Accelerator.CPU, 1).use { it.run(styleAndStrength(case)).values }
            assertAsGood(case, floats(case, "stylized"), found)
        }
    }

    @Test
    fun stylesOfPicturesAndSeedsAreTheSame() {
        val tolerance = golden.need("style_tolerance").asDouble("style_tolerance")
        for (case in cases("styles")) {
            val model = open(case)
            val name = model.contract.inputs.single().name
            val input = if (case["seed"] == null) pictureOf(case) else latentOf(case)
            val found = OnnxNetwork(model, Accelerator.CPU, 1).use { it.run(mapOf(name to input)).values }
            val expected = case.need("expected").asFloats("expected")
            val largest = expected.maxOf { abs(it) }
            for (index in expected.indices) assertTrue(name, abs(expected[index] - found[index]) <= tolerance * largest)
        }
    }

    private fun pictureOf(case: Json.Object): Tensor {
        val bitmap = store.open("golden/" + case.need("image").asText("image")).use { BitmapFactory.decodeStream(it) }
        val tensor = toTensor(toPixels(bitmap), Layout.NCHW)
        return Tensor(tensor.shape, tensor.values)
    }

    private fun latentOf(case: Json.Object): Tensor {
        val length = case.need("latents").asInt("latents")
        return Tensor(intArrayOf(1, length), drawLatent(case.need("seed").asText("seed").toLong(), length))
    }
}
