package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.resizeWithGap
import dev.edgestyle.kit.pixels.roundHalfEven
import dev.edgestyle.kit.pixels.turn
import kotlin.math.abs
import kotlin.math.atan2
import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.min

/**
 * A face in a photo.
 *
 * @property landmarks 468 points, in pixels of the photo.
 * @property presence how sure the network is that this is one, in [0,1].
 * @property score how sure the detector was, in [0,1].
 * @property numbers which landmarks are what.
 */
class Face(val landmarks: List<Point>, val presence: Float, val score: Float, val numbers: SelfieRecipe.Landmarks) {
    /** Middle of the person's right eye, left in the picture. */
    val rightEye: Point get() = middle(numbers.rightEye)

    /** Middle of the left eye. */
    val leftEye: Point get() = middle(numbers.leftEye)

    /** Of the line through the eyes against the photo's upper edge, degrees, clockwise. */
    val angle: Double get() = angleOf(rightEye, leftEye)

    /** Left, top, right, bottom of all landmarks. */
    val box: FloatArray
        get() = floatArrayOf(
            landmarks.minOf { it.x }, landmarks.minOf { it.y }, landmarks.maxOf { it.x }, landmarks.maxOf { it.y },
        )

    /** The outline of the face. */
    val oval: List<Point> get() = numbers.faceOval.map { landmarks[it] }

    /** Middle of all landmarks. */
    val middle: Point get() = middle(landmarks.indices.toList().toIntArray())

    private fun middle(which: IntArray): Point =
        Point(which.map { landmarks[it].x }.average().toFloat(), which.map { landmarks[it].y }.average().toFloat())
}

/** Of the line from the person's right eye to the left one, degrees, clockwise. */
fun angleOf(rightEye: Point, leftEye: Point): Double =
    Math.toDegrees(atan2((leftEye.y - rightEye.y).toDouble(), (leftEye.x - rightEye.x).toDouble()))

/** Finds the faces of a photo, largest first: the platform's own, or [BlazeFaceFinder]. */
interface FaceFinder {
    /** Faces of a photo, upright or on its side; none where there is none. */
    fun find(photo: Pixels): List<Face>
}

/** MediaPipe's detector and face mesh, with the recipe's numbers: the detector proposes, the mesh decides. */
class BlazeFaceFinder(
    detector: PictureNetwork, private val mesh: PictureNetwork, private val recipe: SelfieRecipe,
) : FaceFinder {
    private val detecting = recipe.detecting
    private val detector = FaceDetector(detector, detecting, recipe.resampling)

    override fun find(photo: Pixels): List<Face> {
        val (small, scale) = shrink(photo)
        var best = emptyList<Face>()
        var surest = 0f
        for (degrees in detecting.turnsDegrees) {
            val faces = findTurned(photo, small, scale, degrees)
            val score = faces.maxOfOrNull { it.score } ?: 0f
            if (score > surest) {
                best = faces
                surest = score
            }
            if (surest >= detecting.sureScore) break
        }
        return best
    }

    /** Coarse to fine in the small copy turned; a face that was seen is not asked again, but may be surer now. */
    private fun findTurned(photo: Pixels, small: Pixels, scale: Double, degrees: Int): List<Face> {
        val seen = ArrayList<Seen>()
        for ((number, found) in detector.searches(turn(small, Turn((360 - degrees) % 360))).withIndex()) {
            for (rough in mergeFaces(found, detecting.mergeOverlap)) {
                val candidate = turnBack(rough, degrees, small.height, small.width)
                for (index in 0 until CANDIDATE_VALUES - 1) candidate[index] = (candidate[index] * scale).toFloat()
                consider(seen, photo, candidate, degrees)
            }
            val enough = number + 1 >= detecting.quickSearches
            if (enough && (degrees != 0 || tidy(seen, photo).isNotEmpty())) break
        }
        return tidy(seen, photo)
    }

    private class Seen(var candidate: FloatArray, var face: Face?)

    private fun consider(seen: MutableList<Seen>, photo: Pixels, candidate: FloatArray, degrees: Int) {
        val known = seen.firstOrNull { overlapOf(candidate, it.candidate) > detecting.mergeOverlap }
        val face = known?.face
        when {
            known == null -> seen.add(Seen(candidate, ask(photo, candidate, degrees)))
            face == null -> { // a better box may show the face that a rough one did not
                known.candidate = candidate
                known.face = ask(photo, candidate, degrees)
            }
            candidate.last() > face.score -> known.face = Face(face.landmarks, face.presence, candidate.last(), face.numbers)
        }
    }

    private fun ask(photo: Pixels, candidate: FloatArray, degrees: Int): Face? {
        val face = meshOf(photo, candidate) ?: return null
        val leaning = (face.angle - degrees + 180).mod(360.0) - 180 // in the turned photo
        return if (abs(leaning) <= detecting.largestAngleDegrees) face else null
    }

    private fun meshOf(photo: Pixels, candidate: FloatArray): Face? {
        val angle = angleOf(Point(candidate[4], candidate[5]), Point(candidate[6], candidate[7]))
        var face = look(photo, frameOf(candidate, angle), candidate.last())
        repeat(recipe.meshing.passes - 1) {
            if (face.presence < recipe.meshing.minPresence) return null
            face = look(photo, frameOf(face.box, face.angle), candidate.last())
        }
        return if (face.presence >= recipe.meshing.minPresence) face else null
    }

    private fun frameOf(box: FloatArray, angle: Double): Frame {
        val side = max(box[2] - box[0], box[3] - box[1]) * recipe.meshing.boxScale
        return Frame((box[0].toDouble() + box[2]) / 2, (box[1].toDouble() + box[3]) / 2, side, angle)
    }

    private fun look(photo: Pixels, frame: Frame, score: Float): Face {
        val meshing = recipe.meshing
        val picture = frame.cut(photo, meshing.inputSide, meshing.outside)
        val (points, logit) = mesh.run(picture, meshing.low, meshing.high)
        val landmarks = List(points.size / 3) {
            frame.toPhoto(Point(points[3 * it] / meshing.inputSide, points[3 * it + 1] / meshing.inputSide))
        }
        return Face(landmarks, sigmoid(logit[0]), score, recipe.landmarks)
    }

    /** Largest first, each once, without those that are no faces. */
    private fun tidy(seen: List<Seen>, photo: Pixels): List<Face> {
        val least = detecting.unsureShare * min(photo.width, photo.height)
        val kept = ArrayList<Face>()
        for (face in seen.mapNotNull { it.face }.filter { counts(it, least) }.sortedByDescending { area(it.box) }) {
            if (kept.none { overlapOf(face.box, it.box) > detecting.mergeOverlap }) kept.add(face)
        }
        return kept
    }

    private fun counts(face: Face, least: Float): Boolean {
        val large = face.box[2] - face.box[0] >= least && face.presence >= detecting.unsurePresence
        return face.score >= detecting.sureScore || large
    }

    private fun shrink(photo: Pixels): Pair<Pixels, Double> {
        val scale = max(1.0, photo.longSide.toDouble() / detecting.longSides.max())
        if (scale == 1.0) return photo to 1.0
        val width = max(1, roundHalfEven(photo.width / scale))
        val height = max(1, roundHalfEven(photo.height / scale))
        return resizeWithGap(photo, width, height, recipe.resampling.search, recipe.resampling.searchGap) to scale
    }
}

private fun area(box: FloatArray): Float = (box[2] - box[0]) * (box[3] - box[1])

/** Distance between two points. */
internal fun distance(a: Point, b: Point): Double = hypot((a.x - b.x).toDouble(), (a.y - b.y).toDouble())
