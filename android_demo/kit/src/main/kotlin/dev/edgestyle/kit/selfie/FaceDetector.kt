package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.ceilDivide
import dev.edgestyle.kit.pixels.resizeWithGap
import dev.edgestyle.kit.pixels.roundHalfEven
import kotlin.math.exp
import kotlin.math.max
import kotlin.math.min

/** A foreign network with one picture as input, such as MediaPipe publishes. Used by one thread at a time. */
interface PictureNetwork : AutoCloseable {
    /**
     * Run it.
     *
     * @param picture of the network's own size.
     * @param low what it takes for black.
     * @param high what it takes for white.
     * @return all outputs, flat, the longest first.
     */
    fun run(picture: Pixels, low: Float, high: Float): List<FloatArray>
}

/** How many numbers a candidate has: left, top, right, bottom, six points x and y, score. */
const val CANDIDATE_VALUES = 17

/** BlazeFace (Bazarevsky et al. 2019) on photos of any size: windows of ever finer copies, coarse to fine. */
class FaceDetector(
    private val network: PictureNetwork, private val recipe: SelfieRecipe.Detecting,
    private val resampling: SelfieRecipe.Resampling,
) {
    private val anchors = makeAnchors(recipe.grids)

    /**
     * Candidates of one search after the other, in pixels of the photo; none is of a copy larger than the photo.
     *
     * The first search is of the whole photo, twice: as it is, and small, for faces that fill it.
     */
    fun searches(photo: Pixels): Sequence<List<FloatArray>> = sequence {
        recipe.longSides.forEachIndexed { number, longSide ->
            if (number > 0 && longSide > photo.longSide) return@sequence
            val found = search(photo, longSide)
            yield(if (number == 0) search(photo, recipe.paddedSide) + found else found)
        }
    }

    private fun search(photo: Pixels, longSide: Int): List<FloatArray> {
        val scale = longSide.toDouble() / photo.longSide
        val width = max(1, roundHalfEven(photo.width * scale))
        val height = max(1, roundHalfEven(photo.height * scale))
        val small = resizeWithGap(photo, width, height, resampling.search, resampling.searchGap)
        val side = recipe.inputSide
        return windowStarts(height, side).flatMap { y -> windowStarts(width, side).flatMap { x -> look(small, x, y) } }
            .onEach { candidate -> for (index in 0 until CANDIDATE_VALUES - 1) candidate[index] = (candidate[index] / scale).toFloat() }
    }

    private fun look(small: Pixels, left: Int, top: Int): List<FloatArray> {
        val side = recipe.inputSide
        val (regressors, logits) = network.run(window(small, left, top, side), recipe.low, recipe.high)
        return decodeFaces(regressors, logits, anchors, recipe).onEach { candidate ->
            for (index in 0 until CANDIDATE_VALUES - 1) {
                candidate[index] = candidate[index] * side + if (index % 2 == 0) left else top
            }
        }
    }
}

/** The window that begins there; what lies outside the picture is black. */
private fun window(picture: Pixels, left: Int, top: Int, side: Int): Pixels {
    val result = Pixels(side, side)
    val first = max(0, -left)
    val count = min(picture.width - max(0, left), side - first)
    for (y in max(0, -top) until min(side, picture.height - top)) {
        val from = 3 * ((top + y) * picture.width + max(0, left))
        System.arraycopy(picture.rgb, from, result.rgb, 3 * (y * side + first), 3 * count)
    }
    return result
}

/** Middles of the anchors, in [0,1]: row by row, all anchors of a cell together. */
fun makeAnchors(grids: List<Pair<Int, Int>>): List<Point> = grids.flatMap { (cells, count) ->
    (0 until cells).flatMap { row ->
        (0 until cells).flatMap { column -> List(count) { Point((column + 0.5f) / cells, (row + 0.5f) / cells) } }
    }
}

/**
 * Candidates of one window, in units of its side.
 *
 * @param regressors 16 numbers an anchor: middle, size, six points; pixels, relative to the anchor's middle.
 * @param logits one an anchor.
 */
fun decodeFaces(
    regressors: FloatArray, logits: FloatArray, anchors: List<Point>, recipe: SelfieRecipe.Detecting,
): List<FloatArray> = anchors.indices.mapNotNull { index ->
    val score = sigmoid(logits[index])
    if (score < recipe.minScore) null else decodeOne(regressors, 16 * index, anchors[index], recipe.inputSide, score)
}

private fun decodeOne(values: FloatArray, start: Int, anchor: Point, side: Int, score: Float): FloatArray {
    val candidate = FloatArray(CANDIDATE_VALUES)
    val x = values[start] / side + anchor.x
    val y = values[start + 1] / side + anchor.y
    val wide = values[start + 2] / side / 2
    val tall = values[start + 3] / side / 2
    floatArrayOf(x - wide, y - tall, x + wide, y + tall).copyInto(candidate)
    for (index in 4 until 16) candidate[index] = values[start + index] / side + if (index % 2 == 0) anchor.x else anchor.y
    candidate[CANDIDATE_VALUES - 1] = score
    return candidate
}

internal fun sigmoid(logit: Float): Float = (1 / (1 + exp(-logit.toDouble()))).toFloat()

/** Weighted non-maximum suppression: candidates that overlap with the best one are averaged by their scores. */
fun mergeFaces(candidates: List<FloatArray>, overlap: Float): List<FloatArray> {
    var left = candidates.sortedByDescending { it.last() }
    val merged = ArrayList<FloatArray>()
    while (left.isNotEmpty()) {
        val best = left.first()
        val (same, others) = left.partition { it === best || overlapOf(best, it) > overlap }
        val weight = same.sumOf { it.last().toDouble() }
        val mean = FloatArray(CANDIDATE_VALUES) { index -> (same.sumOf { it.last().toDouble() * it[index] } / weight).toFloat() }
        mean[CANDIDATE_VALUES - 1] = best.last()
        merged.add(mean)
        left = others
    }
    return merged
}

/** Intersection over union of two boxes: left, top, right, bottom. */
fun overlapOf(a: FloatArray, b: FloatArray): Float {
    val wide = max(0f, min(a[2], b[2]) - max(a[0], b[0]))
    val tall = max(0f, min(a[3], b[3]) - max(a[1], b[1]))
    val shared = wide * tall
    return shared / max(areaOf(a) + areaOf(b) - shared, 1e-9f)
}

private fun areaOf(box: FloatArray): Float = max(0f, box[2] - box[0]) * max(0f, box[3] - box[1])

/** Where windows of [side] begin on [length]: the first and last at its ends, overlapping by half or more. */
fun windowStarts(length: Int, side: Int): List<Int> {
    if (length <= side) return listOf(Math.floorDiv(length - side, 2))
    val count = ceilDivide(2 * (length - side), side) + 1
    return List(count) { roundHalfEven(it * (length - side).toDouble() / (count - 1)) }
}

/** A candidate of a photo that was turned counterclockwise, as one of the photo, [height] x [width]. */
fun turnBack(candidate: FloatArray, turn: Int, height: Int, width: Int): FloatArray {
    val result = candidate.copyOf()
    for (index in 0 until CANDIDATE_VALUES - 1 step 2) {
        val x = candidate[index]
        val y = candidate[index + 1]
        val (across, down) = when (turn % 360) {
            0 -> x to y
            90 -> width - y to x
            180 -> width - x to height - y
            else -> y to height - x
        }
        result[index] = across
        result[index + 1] = down
    }
    for (axis in 0 until 2) {
        val low = min(result[axis], result[axis + 2])
        result[axis + 2] = max(result[axis], result[axis + 2])
        result[axis] = low
    }
    return result
}
