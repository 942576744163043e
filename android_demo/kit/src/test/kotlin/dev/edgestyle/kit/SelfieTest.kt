package dev.edgestyle.kit

import dev.edgestyle.kit.core.FaceError
import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.asDouble
import dev.edgestyle.kit.core.asInt
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asFloats
import dev.edgestyle.kit.pixels.Filter
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import dev.edgestyle.kit.selfie.Boldness
import dev.edgestyle.kit.selfie.Fields
import dev.edgestyle.kit.selfie.Filters
import dev.edgestyle.kit.selfie.Frame
import dev.edgestyle.kit.selfie.Outside
import dev.edgestyle.kit.selfie.Point
import dev.edgestyle.kit.selfie.SelfieRecipe
import dev.edgestyle.kit.selfie.addBoldness
import dev.edgestyle.kit.selfie.angleOf
import dev.edgestyle.kit.selfie.boxMean
import dev.edgestyle.kit.selfie.circle
import dev.edgestyle.kit.selfie.connected
import dev.edgestyle.kit.selfie.decodeFaces
import dev.edgestyle.kit.selfie.frameFace
import dev.edgestyle.kit.selfie.makeAnchors
import dev.edgestyle.kit.selfie.makeMilder
import dev.edgestyle.kit.selfie.mergeFaces
import dev.edgestyle.kit.selfie.mirrored
import dev.edgestyle.kit.selfie.overlapOf
import dev.edgestyle.kit.selfie.readDetecting
import dev.edgestyle.kit.selfie.readFraming
import dev.edgestyle.kit.selfie.smoothStep
import dev.edgestyle.kit.selfie.turnBack
import dev.edgestyle.kit.selfie.windowStarts
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class SelfieTest {
    private val faces = Vectors.read("selfie_faces")
    private val frames = Vectors.read("selfie_frames")
    private val small = Vectors.read("selfie_filters")
    private val detecting = readDetecting(Fields(faces.part("recipe")))
    private val filters = Filters(floatArrayOf(0.299f, 0.587f, 0.114f), 3, Filter.BILINEAR)

    private fun Json.Object.points(key: String): List<Point> =
        need(key).asList(key).map { pair -> pair.asFloats(key).let { Point(it[0], it[1]) } }

    private fun Json.Object.point(key: String): Point = floats(key).let { Point(it[0], it[1]) }

    private fun Json.Object.lists(key: String): List<FloatArray> = need(key).asList(key).map { it.asFloats(key) }

    @Test
    fun anchorsLieRowByRow() {
        val anchors = makeAnchors(detecting.grids)
        val wanted = faces.part("anchors")
        assertEquals(wanted.int("count"), anchors.size)
        for ((row, place) in wanted.part("rows").entries) {
            assertClose(place.asFloats(row), anchors[row.toInt()].let { floatArrayOf(it.x, it.y) }, 1e-6, row)
        }
    }

    @Test
    fun networkOutputsBecomeCandidates() {
        val anchors = makeAnchors(detecting.grids)
        val regressors = FloatArray(16 * anchors.size)
        val logits = FloatArray(anchors.size) { -9f }
        for (row in faces.cases("rows")) {
            row.floats("regressors").copyInto(regressors, 16 * row.int("row"))
            logits[row.int("row")] = row.double("logit").toFloat()
        }
        val found = decodeFaces(regressors, logits, anchors, detecting)
        val wanted = faces.lists("decoded")
        assertEquals(wanted.size, found.size)
        for (index in wanted.indices) assertClose(wanted[index], found[index], 1e-4, "candidate $index")
    }

    @Test
    fun candidatesOfOneFaceAreMerged() {
        val candidates = faces.lists("candidates")
        val wanted = faces.lists("merged")
        val found = mergeFaces(candidates, detecting.mergeOverlap)
        assertEquals(wanted.size, found.size)
        for (index in wanted.indices) assertClose(wanted[index], found[index], 1e-4, "merged $index")
        val overlaps = FloatArray(candidates.size) { overlapOf(candidates[0], candidates[it]) }
        assertClose(faces.floats("overlaps_with_first"), overlaps, 1e-5, "overlaps")
    }

    @Test
    fun windowsCoverALength() {
        for (case in faces.cases("window_starts")) {
            val wanted = case.need("starts").asList("starts").map { it.asInt("starts") }
            assertEquals(wanted, windowStarts(case.int("length"), case.int("side")))
        }
    }

    @Test
    fun turnedPhotosAreTurnedBack() {
        for (case in faces.cases("turns")) {
            val found = turnBack(case.floats("candidate"), case.int("turn"), case.int("height"), case.int("width"))
            assertClose(case.floats("result"), found, 1e-4, "${case.int("turn")} degrees")
        }
    }

    @Test
    fun squaresHavePlacesInThePhoto() {
        for (case in frames.cases("points")) {
            val frame = Frame(case.double("x"), case.double("y"), case.double("side"), case.double("angle"))
            assertEquals(case.double("spread"), frame.spread, 1e-5)
            val places = case.points("places")
            val photo = case.points("photo")
            for (index in places.indices) {
                assertNear(photo[index], frame.toPhoto(places[index]), 0.01f)
                assertNear(places[index], frame.fromPhoto(photo[index]), 0.001f)
            }
            val inside = frame.movedInside(120, 90)
            assertNear(case.point("inside_120x90"), Point(inside.x.toFloat(), inside.y.toFloat()), 0.01f)
        }
    }

    private fun assertNear(wanted: Point, found: Point, tolerance: Float) {
        assertEquals(wanted.x, found.x, tolerance)
        assertEquals(wanted.y, found.y, tolerance)
    }

    @Test
    fun eyesSayHowAFaceIsTurned() {
        for (case in frames.cases("angles")) {
            assertEquals(case.double("degrees"), angleOf(case.point("right_eye"), case.point("left_eye")), 1e-3)
        }
    }

    @Test
    fun facesAreFramedAsInPython() {
        val recipe = readFraming(Fields(frames.part("recipe")))
        for (case in frames.cases("cases")) {
            val angle = angleOf(middle(case.points("right_eye")), middle(case.points("left_eye")))
            val frame = { frameFace(case.points("oval"), angle, case.int("width"), case.int("height"), recipe) }
            when (if (case.has("error")) case.text("error") else "") {
                "too_small" -> failure<FaceError.TooSmall> { frame() }
                "cut_by_border" -> failure<FaceError.CutByBorder> { frame() }
                else -> {
                    val wanted = case.part("frame")
                    val found = frame()
                    val values = mapOf("x" to found.x, "y" to found.y, "side" to found.side, "angle" to found.angle)
                    for ((key, value) in values) assertEquals("${case.text("name")} $key", wanted.double(key), value, 0.01)
                }
            }
        }
    }

    private fun middle(points: List<Point>) =
        Point(points.map { it.x }.average().toFloat(), points.map { it.y }.average().toFloat())

    @Test
    fun meansAndGaussiansArePythons() {
        for (case in small.cases("box_mean")) {
            assertClose(case.plane("result").values, boxMean(case.plane("values"), case.int("radius")).values, 1e-4, "box")
        }
        for (case in small.cases("gaussian")) {
            val found = filters.gaussian(case.plane("values"), case.double("sigma"))
            assertClose(case.plane("result").values, found.values, 1e-4, "gaussian")
        }
    }

    @Test
    fun guidedFiltersArePythons() {
        val case = small.part("guided")
        val guide = case.plane("guide")
        val found = filters.guided(guide, case.plane("values"), case.int("radius"), case.double("epsilon").toFloat(), guide.longSide)
        assertClose(case.plane("result").values, found.values, 1e-3, "guided")
    }

    @Test
    fun boldnessIsPythons() {
        val case = small.part("flatten")
        val recipe = SelfieRecipe.Bolding(
            384, 512, 8, case.int("radius"), case.double("sharpness"), case.double("floor"), 0.35f, 1.3f, 0.05, 0.02f, 192,
        )
        val found = Boldness(recipe, filters).flatten(case.plane("picture"))
        assertClose(case.plane("result").values, found.values, 1e-3, "flatten")
        for (one in small.cases("add_boldness")) {
            val bold = addBoldness(one.picture("picture"), one.plane("added"), one.double("strength").toFloat())
            assertLevels(one.picture("result").rgb, bold.rgb, 1, "bold")
        }
    }

    @Test
    fun facesAreDrawnMilder() {
        val case = small.part("make_milder")
        val found = makeMilder(case.picture("full"), case.picture("mild"), case.plane("mask"), filters)
        assertLevels(case.picture("result").rgb, found.rgb, 1, "milder")
    }

    @Test
    fun mattesAreSteppedConnectedAndCutRound() {
        val steps = small.part("smooth_step")
        assertClose(steps.floats("result"), steps.floats("values").map(::smoothStep).toFloatArray(), 1e-5, "steps")
        for (case in small.cases("connected")) {
            val mask = case.plane("mask")
            val found = connected(BooleanArray(mask.values.size) { mask.values[it] > 0 }, mask.width, case.int("x"), case.int("y"))
            assertEquals(case.plane("result").values.map { it > 0 }, found.toList())
        }
        for (case in small.cases("circle")) {
            val width = case.int("width")
            val found = FloatArray(width * case.int("height")) { circle(it % width, it / width, width, case.int("height")) }
            assertClose(case.plane("result").values, found, 1e-4, "circle")
        }
    }

    @Test
    fun squaresBeyondThePhotoAreMirroredOrGoOn() {
        assertEquals(listOf(1, 0, 0, 1, 2, 2, 1, 0, 0), (-2..6).map { mirrored(it, 3) })
        val photo = Pixels(2, 1, byteArrayOf(10, 10, 10, 20, 20, 20))
        val plain = Frame(1.0, 0.5, 2.0).cut(photo, 2, Outside.EDGE)
        assertArrayEquals(byteArrayOf(10, 20, 10, 20), plain.rgb.filterIndexed { index, _ -> index % 3 == 0 }.toByteArray())
    }

    @Test
    fun planesKnowTheirLongSide() = assertEquals(4, Plane(3, 4, 1).longSide)
}
