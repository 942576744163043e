package dev.edgestyle.kit

import dev.edgestyle.kit.contract.ModelContract
import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.readSidecar
import dev.edgestyle.kit.core.AcceleratorError
import dev.edgestyle.kit.core.LatestTask
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.live.LiveStylizer
import dev.edgestyle.kit.live.chooseFrameSize
import dev.edgestyle.kit.live.uprightTurn
import dev.edgestyle.kit.pixels.ImageTensor
import dev.edgestyle.kit.pixels.Layout
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.YuvFrame
import dev.edgestyle.kit.pixels.YuvPlane
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.NetworkRenderer
import dev.edgestyle.kit.render.StyleEncoder
import dev.edgestyle.kit.render.Tensor
import dev.edgestyle.kit.render.openRenderer
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

class RenderingTest {
    private val contract: ModelContract = readSidecar(Vectors.read("sidecars").cases("good").first().text("text"), "model")

    /** A renderer that makes pictures darker with the strength. */
    private fun darkening() = FakeNetwork { inputs ->
        val strength = inputs.getValue("strength").values.single()
        val image = inputs.getValue("image")
        Tensor(image.shape, FloatArray(image.values.size) { image.values[it] * (1 - strength) })
    }

    private val picture = Pixels(33, 21, ByteArray(3 * 33 * 21) { (it * 7).toByte() })
    private val style = contract.defaultStyle.vector

    @Test
    fun strengthZeroGivesBackPicturesOfAnySize() {
        val renderer = NetworkRenderer(contract, darkening())
        assertArrayEquals(picture.rgb, renderer.render(picture, style, 0f).rgb)
        assertArrayEquals(ByteArray(picture.rgb.size), renderer.render(picture, style, 1f).rgb)
    }

    @Test
    fun wrongStylesStrengthsAndOutputsAreRefused() {
        val renderer = NetworkRenderer(contract, darkening())
        failure<RequestError.BadStrength> { renderer.render(picture, style, 1.5f) }
        failure<ModelError.BadOutput> { renderer.render(picture, FloatArray(7), 1f) }
        val broken = NetworkRenderer(contract, FakeNetwork { Tensor(intArrayOf(1), floatArrayOf(0f)) })
        failure<ModelError.BadOutput> { broken.render(picture, style, 1f) }
        val nothing = FakeNetwork { inputs ->
            val image = inputs.getValue("image")
            Tensor(image.shape, FloatArray(image.values.size) { Float.NaN })
        }
        val nan = NetworkRenderer(contract, nothing)
        failure<ModelError.BadOutput> { nan.render(picture, style, 1f) }
    }

    @Test
    fun aClosedRendererSaysSo() {
        val network = darkening()
        val renderer = NetworkRenderer(contract, network)
        renderer.close()
        renderer.close()
        assertTrue(network.closed)
        failure<AcceleratorError.Failed> { renderer.render(picture, style, 1f) }
        failure<AcceleratorError.Failed> { renderer.placement(64, 48) }
    }

    @Test
    fun whatDoesNotStartFallsBackToTheCpuWithANotice() {
        val model = ModelFile(contract, File("model"))
        val opened = openRenderer(model, Accelerator.NNAPI, 2, 64, 48, true) { _, accelerator, _, _ ->
            if (accelerator == Accelerator.CPU) darkening() else throw AcceleratorError.DoesNotStart(accelerator.title, "no driver")
        }
        assertEquals(Accelerator.CPU, opened.used)
        assertEquals("nnapi", opened.notice?.accelerator)
        val fine = openRenderer(model, Accelerator.XNNPACK, 2, 64, 48, true) { _, _, _, _ -> darkening() }
        assertEquals(Accelerator.XNNPACK, fine.used)
        assertNull(fine.notice)
    }

    @Test
    fun whatFailsOnItsFirstPictureCountsAsNotStarted() {
        val failing = FakeNetwork { throw AcceleratorError.Failed("gpu", "out of memory") }
        val opened = openRenderer(ModelFile(contract, File("model")), Accelerator.GPU, 2, 64, 48, true) { _, accelerator, _, _ ->
            if (accelerator == Accelerator.CPU) darkening() else failing
        }
        assertEquals(Accelerator.CPU, opened.used)
        assertTrue(failing.closed)
        failure<AcceleratorError.Failed> {
            openRenderer(ModelFile(contract, File("model")), Accelerator.CPU, 2, 64, 48, true) { _, _, _, _ -> failing }
        }
    }

    @Test
    fun whatDrawsNonsenseCountsAsNotStarted() {
        val nonsense = FakeNetwork { inputs ->
            val image = inputs.getValue("image")
            Tensor(image.shape, FloatArray(image.values.size) { Float.NaN })
        }
        val model = ModelFile(contract, File("model"))
        val opened = openRenderer(model, Accelerator.NNAPI, 2, 64, 48, true) { _, accelerator, _, _ ->
            if (accelerator == Accelerator.CPU) darkening() else nonsense
        }
        assertEquals(Accelerator.CPU, opened.used)
        assertEquals("nnapi", opened.notice?.accelerator)
        assertTrue(nonsense.closed)
        failure<ModelError.BadOutput> { openRenderer(model, Accelerator.CPU, 2, 64, 48, true) { _, _, _, _ -> nonsense } }
    }

    @Test
    fun whateverStopsAnOpeningClosesWhatWasOpened() {
        val broken = FakeNetwork { throw IllegalStateException("a bug") }
        val model = ModelFile(contract, File("model"))
        try {
            openRenderer(model, Accelerator.NNAPI, 2, 64, 48, true) { _, _, _, _ -> broken }
            throw AssertionError("it was opened")
        } catch (error: IllegalStateException) {
            assertEquals("a bug", error.message)
        }
        assertTrue(broken.closed)
    }

    @Test
    fun theSliderActsOnTheNextFrame() {
        val grey = YuvPlane(ByteArray(16 * 16) { 128.toByte() }, 16, 1)
        val frame = YuvFrame(32, 32, YuvPlane(ByteArray(32 * 32) { 100 }, 32, 1), grey, grey)
        val network = darkening()
        var now = 0L
        val live = LiveStylizer(NetworkRenderer(contract, network), 32, 32) { now.also { now += 5_000_000 } }
        live.strength = 0f
        assertEquals(100, live.draw(frame, Turn.NONE).level(3, 3, 0))
        live.strength = 1f
        assertEquals(0, live.draw(frame, Turn.NONE).level(3, 3, 0))
        live.showsOriginal = true
        assertEquals(100, live.draw(frame, Turn.NONE).level(3, 3, 0))
        assertEquals(2, network.runs)
        assertEquals(5.0, checkNotNull(live.meter.summary()).p50, 1e-9)
    }

    @Test
    fun camerasAreTurnedUprightAndAskedForEnoughPixels() {
        assertEquals(Turn(90), uprightTurn(90, 0, front = false))
        assertEquals(Turn(0), uprightTurn(90, 90, front = false))
        assertEquals(Turn(180), uprightTurn(90, 270, front = false))
        assertEquals(Turn(270, true), uprightTurn(270, 0, front = true))
        assertEquals(Turn(0, true), uprightTurn(270, 90, front = true))
        val sizes = listOf(320 to 240, 640 to 480, 1920 to 1080)
        assertEquals(640 to 480, chooseFrameSize(sizes, 512, 384))
        assertEquals(1920 to 1080, chooseFrameSize(sizes, 4000, 3000))
        assertNull(chooseFrameSize(emptyList(), 1, 1))
    }

    @Test
    fun encodersSeeTheWholeReferenceAndGiveAStyle() {
        val text = Vectors.read("sidecars").cases("good").first { it.text("name") == "encoder" }.text("text")
        val encoder = readSidecar(text, "model")
        var seen: Tensor? = null
        val network = FakeNetwork { inputs -> Tensor(intArrayOf(1, 3), floatArrayOf(1f, 2f, 3f)).also { seen = inputs.values.single() } }
        val style = StyleEncoder(encoder, network).encode(Pixels(500, 300, ByteArray(450_000) { 51 }))
        assertArrayEquals(floatArrayOf(1f, 2f, 3f), style.vector, 0f)
        assertArrayEquals(intArrayOf(1, 3, 256, 256), seen?.shape)
        assertEquals(0.2f, seen?.values?.first())
        failure<ModelError.BadOutput> {
            StyleEncoder(encoder, FakeNetwork { Tensor(intArrayOf(1, 1), floatArrayOf(1f)) }).encode(picture)
        }
    }

    @Test
    fun ofManyRequestsTheNewestCounts() {
        val order = ArrayList<Int>()
        val waiting = ArrayDeque<Runnable>()
        val task = LatestTask { waiting.add(it) }
        for (number in 1..4) task.submit { order.add(number) }
        waiting.removeFirst().run()
        task.submit { order.add(5) }
        waiting.removeFirst().run()
        assertEquals(listOf(4, 5), order)
        assertTrue(waiting.isEmpty())
    }

    @Test
    fun tensorsKnowTheirShape() {
        assertArrayEquals(intArrayOf(1, 3, 2, 4), ImageTensor(4, 2, Layout.NCHW, FloatArray(24)).shape)
        assertArrayEquals(intArrayOf(1, 2, 4, 3), ImageTensor(4, 2, Layout.NHWC, FloatArray(24)).shape)
    }
}
