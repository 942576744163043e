package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.resize
import dev.edgestyle.kit.pixels.turn
import kotlin.math.ceil
import kotlin.math.max
import kotlin.math.min

/** Finds which pixels are the person: the platform's own segmentation, or [SegmentationMatte]. */
interface PersonMatte {
    /**
     * The matte of a square of a photo.
     *
     * @param photo all of it.
     * @param frame the square.
     * @param picture what is in it.
     * @param seed a point of the person in the photo; what does not hang together with it is left out.
     * @return one channel of the picture's size: 1 for the person, 0 for the rest.
     */
    fun cutOut(photo: Pixels, frame: Frame, picture: Pixels, seed: Point): Plane
}

/** MediaPipe's selfie segmentation, its edge drawn again by guided filters. */
class SegmentationMatte(
    private val network: PictureNetwork, private val recipe: SelfieRecipe, private val filters: Filters,
) : PersonMatte {
    private val matting = recipe.matting

    override fun cutOut(photo: Pixels, frame: Frame, picture: Pixels, seed: Point): Plane {
        val masks = matting.contexts.map { lookAt(photo, frame, withContext(frame, it, photo.width, photo.height)) }
        val mask = masks.first().mapIndexed { index, _ -> masks.sumOf { it.values[index].toDouble() }.toFloat() / masks.size }
        val point = frame.fromPhoto(seed)
        val matte = refine(picture, withoutIslands(mask, point))
        return withoutIslands(matte, point) // filters may have left specks
    }

    /** A square that the network looks at: wider and lower, but no further than the photo goes. */
    private fun withContext(frame: Frame, context: Double, width: Int, height: Int): Frame {
        val scale = min(max(1.0, min(width, height) / frame.spread / frame.side), context)
        val down = matting.contextDown * (scale - 1)
        val lower = frame.toPhoto(Point(0.5f, (0.5 + down).toFloat()))
        return frame.copy(x = lower.x.toDouble(), y = lower.y.toDouble(), side = frame.side * scale).movedInside(width, height)
    }

    /** What the network makes of the wide square, of which the frame's part is taken. */
    private fun lookAt(photo: Pixels, frame: Frame, wide: Frame): Plane {
        val side = matting.inputSide
        val corner = wide.fromPhoto(frame.toPhoto(Point(0f, 0f)))
        val scale = frame.side / wide.side
        val box = doubleArrayOf(
            corner.x.toDouble() * side, corner.y.toDouble() * side, (corner.x + scale) * side, (corner.y + scale) * side,
        )
        return cropMask(look(wide.cut(photo, side, recipe.resampling.outside)), box)
    }

    /** The mean of what the network makes of a picture and of its mirror image. */
    private fun look(small: Pixels): Plane {
        val side = matting.inputSide
        val plain = network.run(small, matting.low, matting.high).first()
        val turned = network.run(turn(small, Turn(0, true)), matting.low, matting.high).first()
        return Plane(side, side, 1, FloatArray(side * side) { (plain[it] + turned[it - it % side + side - 1 - it % side]) / 2 })
    }

    /** A part of a square mask at the mask's size; outside, its edges go on. */
    private fun cropMask(mask: Plane, box: DoubleArray): Plane {
        val side = mask.width
        val beyond = ceil(max(0.0, max(-box.min(), box.max() - side))).toInt()
        val padded = Plane(side + 2 * beyond, side + 2 * beyond, 1)
        for (index in padded.values.indices) {
            val x = (index % padded.width - beyond).coerceIn(0, side - 1)
            padded.values[index] = mask[x, (index / padded.width - beyond).coerceIn(0, side - 1)]
        }
        val inner = DoubleArray(4) { box[it] + beyond }
        return resize(padded, side, side, recipe.resampling.masks, inner)
    }

    /** Draw the mask's edge where the picture has one, and smoothly. */
    private fun refine(picture: Pixels, mask: Plane): Plane {
        val guide = toPlane(picture)
        val (width, height) = smallSize(guide, matting.fitSide)
        val small = filters.resized(guide, width, height)
        val matte = matting.passes.foldIndexed(mask) { number, rough, step ->
            val onto = if (number == matting.passes.size - 1) guide else small // only the last is drawn in full
            val radius = max(1, Math.rint(step.radius * matting.fitSide).toInt())
            filters.guided(onto, rough, radius, step.epsilon, matting.fitSide)
                .mapIndexed { _, value -> smoothStep((value - step.low) / (step.high - step.low)) }
        }
        val half = matting.edgeHalf / max(1f, guide.longSide.toFloat() / matting.edgeSide)
        return filters.gaussian(matte, matting.softening * guide.longSide)
            .mapIndexed { _, value -> smoothStep((value - matting.edgeMiddle + half) / (2 * half)) }
    }

    /** A mask without what does not hang together with a point, x and y as fractions of it. */
    fun withoutIslands(mask: Plane, point: Point): Plane {
        val side = matting.inputSide
        val small = filters.resized(mask, side, side)
        val x = (point.x * side).coerceIn(0f, side - 1f).toInt()
        val y = (point.y * side).coerceIn(0f, side - 1f).toInt()
        val part = connected(BooleanArray(side * side) { small.values[it] > matting.least }, side, x, y)
        val near = boxMean(Plane(side, side, 1, FloatArray(side * side) { if (part[it]) 1f else 0f }), 1)
        val kept = near.mapIndexed { _, value -> if (value > 0) 1f else 0f } // soft edges reach a little further
        val large = filters.resized(kept, mask.width, mask.height)
        return mask.mapIndexed { index, value -> value * large.values[index] }
    }
}

/** The part of a mask that hangs together with a pixel, by edges; all of it where that pixel is not in it. */
fun connected(mask: BooleanArray, width: Int, x: Int, y: Int): BooleanArray {
    if (!mask[y * width + x]) return mask
    val part = BooleanArray(mask.size)
    val waiting = ArrayDeque<Int>()
    part[y * width + x] = true
    waiting.add(y * width + x)
    while (waiting.isNotEmpty()) {
        val place = waiting.removeLast()
        val column = place % width
        for (next in neighbours(place, column, width, mask.size)) {
            if (next >= 0 && mask[next] && !part[next]) {
                part[next] = true
                waiting.add(next)
            }
        }
    }
    return part
}

/** The four places beside one; -1 where there is none. */
private fun neighbours(place: Int, column: Int, width: Int, count: Int): IntArray = intArrayOf(
    if (column > 0) place - 1 else -1,
    if (column < width - 1) place + 1 else -1,
    place - width,
    if (place + width < count) place + width else -1,
)

/** What the person's and the background's own colours are where both shine through a pixel. */
class SplitColours(val person: Plane, val rest: Plane)

/**
 * Split a picture's colours near the matte's edge (Forte, ICIP 2021, arXiv 2006.14970): averages weighted with the matte,
 * corrected by what is left of the picture; twice, from wide to narrow.
 *
 * @param picture three channels in [0,1].
 * @param matte one channel in [0,1], of the same size.
 */
fun splitColours(picture: Plane, matte: Plane, recipe: SelfieRecipe.Matting, filters: Filters): SplitColours {
    val (width, height) = smallSize(picture, recipe.colourSide)
    val small = filters.resized(picture, width, height)
    val alpha = filters.resized(matte, width, height)
    val away = alpha.mapIndexed { _, value -> 1 - value }
    var split = SplitColours(small, small)
    var means = split
    for (share in recipe.blur) {
        val radius = max(1, Math.rint(share * max(width, height)).toInt())
        means = SplitColours(
            weightedMean(split.person, alpha, radius, recipe.leastWeight),
            weightedMean(split.rest, away, radius, recipe.leastWeight),
        )
        split = corrected(small, alpha, means)
    }
    val large = SplitColours(
        filters.resized(means.person, picture.width, picture.height),
        filters.resized(means.rest, picture.width, picture.height),
    )
    return corrected(picture, matte, large)
}

/** Means moved by what they leave of the picture, each by its own share. */
private fun corrected(picture: Plane, alpha: Plane, means: SplitColours): SplitColours {
    val leftOver = picture.mapIndexed { index, value ->
        val share = alpha.values[index / 3]
        value - share * means.person.values[index] - (1 - share) * means.rest.values[index]
    }
    return SplitColours(
        means.person.mapIndexed { i, value -> (value + alpha.values[i / 3] * leftOver.values[i]).coerceIn(0f, 1f) },
        means.rest.mapIndexed { i, value -> (value + (1 - alpha.values[i / 3]) * leftOver.values[i]).coerceIn(0f, 1f) },
    )
}

private fun weightedMean(values: Plane, weights: Plane, radius: Int, least: Float): Plane {
    val sums = boxMean(values.mapIndexed { index, value -> value * weights.values[index / values.channels] }, radius)
    val shares = boxMean(weights, radius)
    return sums.mapIndexed { index, value -> value / (shares.values[index / values.channels] + least) }
}
