package dev.edgestyle.kit

import dev.edgestyle.kit.contract.Contract
import dev.edgestyle.kit.pixels.Filter
import dev.edgestyle.kit.pixels.FrameConverter
import dev.edgestyle.kit.pixels.ImageTensor
import dev.edgestyle.kit.pixels.Layout
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.YuvFrame
import dev.edgestyle.kit.pixels.YuvMatrix
import dev.edgestyle.kit.pixels.YuvPlane
import dev.edgestyle.kit.pixels.YuvRange
import dev.edgestyle.kit.pixels.crop
import dev.edgestyle.kit.pixels.pad
import dev.edgestyle.kit.pixels.paddedSide
import dev.edgestyle.kit.pixels.resize
import dev.edgestyle.kit.pixels.target
import dev.edgestyle.kit.pixels.toPixels
import dev.edgestyle.kit.pixels.toTensor
import dev.edgestyle.kit.pixels.turn
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class PixelsTest {
    private fun yuvFrame(case: dev.edgestyle.kit.core.Json.Object): YuvFrame {
        val stride = case.int("uv_row_stride")
        val step = case.int("uv_pixel_stride")
        return YuvFrame(
            case.int("width"), case.int("height"), YuvPlane(case.bytes("y"), case.int("y_row_stride"), 1),
            YuvPlane(case.bytes("u"), stride, step), YuvPlane(case.bytes("v"), stride, step),
            YuvMatrix.valueOf(case.text("matrix").uppercase()), YuvRange.valueOf(case.text("range").uppercase()),
        )
    }

    @Test
    fun cameraFramesHaveThePixelsThatPythonGivesThem() {
        val vectors = Vectors.read("yuv")
        for (case in vectors.cases("pictures")) {
            val frame = yuvFrame(case)
            val found = FrameConverter(frame.matrix, frame.range).toPixels(frame)
            assertLevels(case.bytes("rgb"), found.rgb, vectors.int("tolerance"), case.text("matrix"))
        }
    }

    @Test
    fun singleColoursAreThoseOfTheStandards() {
        val vectors = Vectors.read("yuv")
        for (case in vectors.cases("pixels")) {
            val (y, u, v) = case.bytes("yuv").map { YuvPlane(byteArrayOf(it), 1, 1) }
            val matrix = YuvMatrix.valueOf(case.text("matrix").uppercase())
            val frame = YuvFrame(1, 1, y, u, v, matrix, YuvRange.valueOf(case.text("range").uppercase()))
            val found = FrameConverter(frame.matrix, frame.range).toPixels(frame)
            assertLevels(case.bytes("rgb"), found.rgb, vectors.int("tolerance"), case.text("range"))
        }
    }

    @Test
    fun turningWhileConvertingIsTurningAfterwards() {
        val case = Vectors.read("yuv").cases("pictures").first { it.int("width") == 6 }
        val frame = yuvFrame(case)
        val converter = FrameConverter(frame.matrix, frame.range)
        for (degrees in listOf(0, 90, 180, 270)) {
            for (mirrored in listOf(false, true)) {
                val wanted = turn(converter.toPixels(frame), Turn(degrees, mirrored))
                val found = converter.toPixels(frame, Turn(degrees, mirrored), wanted.width, wanted.height)
                assertArrayEquals("$degrees $mirrored", wanted.rgb, found.rgb)
            }
        }
    }

    @Test
    fun framesAreCutToTheWantedShapeInTheMiddleAndAveraged() {
        val luma = ByteArray(8 * 4) { if (it % 8 in 2..5) 200.toByte() else 0 }
        val grey = YuvPlane(ByteArray(4 * 2) { 128.toByte() }, 4, 1)
        val frame = YuvFrame(8, 4, YuvPlane(luma, 8, 1), grey, grey)
        val found = FrameConverter().toPixels(frame, Turn.NONE, 2, 2)
        assertArrayEquals(ByteArray(12) { 200.toByte() }, found.rgb)
    }

    @Test
    fun picturesTurnAndMirrorAsInPython() {
        for (case in Vectors.read("rotation").cases("cases")) {
            val levels = case.bytes("pixels").flatMap { listOf(it, it, it) }.toByteArray()
            val how = Turn(case.int("degrees"), case.flag("mirrored"))
            val found = turn(Pixels(case.int("width"), case.int("height"), levels), how)
            assertEquals(case.int("result_width"), found.width)
            assertEquals(case.int("result_height"), found.height)
            assertArrayEquals(case.bytes("result"), found.rgb.filterIndexed { index, _ -> index % 3 == 0 }.toByteArray())
        }
    }

    @Test
    fun targetsOfATurnAreTheInverseOfItsSources() {
        for (degrees in listOf(0, 90, 180, 270)) {
            for (mirrored in listOf(false, true)) {
                val how = Turn(degrees, mirrored)
                for (y in 0 until how.height(5, 3)) {
                    for (x in 0 until how.width(5, 3)) {
                        val source = how.source(x, y, 5, 3)
                        assertEquals(x to y, how.target(source % 5, source / 5, 5, 3))
                    }
                }
            }
        }
    }

    @Test
    fun exifSaysHowPhotosAreTurned() {
        val marked = Pixels(3, 2, ByteArray(18) { if (it < 3) 1 else 0 }) // its top left pixel is marked
        val places = listOf(0 to 0, 2 to 0, 2 to 1, 0 to 1, 0 to 0, 1 to 0, 1 to 2, 0 to 2)
        for ((index, place) in places.withIndex()) {
            val upright = turn(marked, Turn.ofExif(index + 1))
            assertEquals("orientation ${index + 1}", 1, upright.level(place.first, place.second, 0))
        }
    }

    @Test
    fun paddingAndCroppingAreInverse() {
        val vectors = Vectors.read("padding")
        assertEquals(vectors.int("smallest_side"), Contract.SMALLEST_SIDE)
        assertEquals(vectors.int("size_multiple"), Contract.SIZE_MULTIPLE)
        for (case in vectors.cases("sides")) {
            assertEquals(case.int("padded"), paddedSide(case.int("side"), Contract.SIZE_MULTIPLE, Contract.SMALLEST_SIDE))
        }
        for (case in vectors.cases("pictures")) {
            val picture = Pixels(case.int("width"), case.int("height"), case.bytes("rgb"))
            val padded = pad(picture, case.int("padded_width"), case.int("padded_height"))
            assertArrayEquals(case.bytes("padded_rgb"), padded.rgb)
            assertArrayEquals(picture.rgb, crop(padded, 0, 0, picture.width, picture.height).rgb)
        }
    }

    @Test
    fun tensorsHoldWhatNetworksTake() {
        val vectors = Vectors.read("tensors")
        val picture = Pixels(vectors.int("width"), vectors.int("height"), vectors.bytes("rgb"))
        assertClose(vectors.floats("nchw"), toTensor(picture, Layout.NCHW).values, 1e-7, "nchw")
        assertClose(vectors.floats("nhwc"), toTensor(picture, Layout.NHWC).values, 1e-7, "nhwc")
        for (layout in Layout.entries) assertArrayEquals(picture.rgb, toPixels(toTensor(picture, layout)).rgb)
        val floats = vectors.floats("floats")
        val found = toPixels(ImageTensor(floats.size / 3, 1, Layout.NHWC, floats))
        assertArrayEquals(vectors.bytes("pixels"), found.rgb)
    }

    @Test
    fun resizingIsPillows() {
        val vectors = Vectors.read("resize")
        for (case in vectors.cases("cases")) {
            val picture = Pixels(case.int("width"), case.int("height"), case.bytes("rgb"))
            for (name in listOf("box", "bilinear", "lanczos")) {
                val found = resize(picture, case.int("to_width"), case.int("to_height"), checkNotNull(Filter.named(name)))
                assertLevels(case.bytes(name), found.rgb, vectors.int("tolerance"), name)
            }
        }
    }
}
