package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.Filter
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import dev.edgestyle.kit.pixels.resize
import dev.edgestyle.kit.pixels.roundHalfEven
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sqrt

/** Pixels as floats in [0,1]. */
fun toPlane(picture: Pixels): Plane =
    Plane(picture.width, picture.height, 3, FloatArray(picture.rgb.size) { (picture.rgb[it].toInt() and 0xff) / 255f })

/** A plane with another value for each pixel and channel. */
internal inline fun Plane.mapIndexed(change: (Int, Float) -> Float): Plane =
    Plane(width, height, channels, FloatArray(values.size) { change(it, values[it]) })

/** Filters on floats, with what the recipe fixes for all of them. */
class Filters(private val brightness: FloatArray, private val gaussianBoxes: Int, private val masks: Filter) {
    /** The brightness of a picture of three channels, as one of one. */
    fun brightnessOf(picture: Plane): Plane = Plane(
        picture.width, picture.height, 1,
        FloatArray(picture.width * picture.height) { index ->
            brightness[0] * picture.values[3 * index] + brightness[1] * picture.values[3 * index + 1] +
                brightness[2] * picture.values[3 * index + 2]
        },
    )

    /** Weighed together as brightness is. */
    fun brightnessOf(red: Float, green: Float, blue: Float): Float =
        brightness[0] * red + brightness[1] * green + brightness[2] * blue

    /** A Gaussian, as box means that together have its variance (Wells 1986). */
    fun gaussian(plane: Plane, sigma: Double): Plane {
        val radius = roundHalfEven((sqrt(12.0 / gaussianBoxes * sigma * sigma + 1) - 1) / 2)
        return (0 until gaussianBoxes).fold(plane) { result, _ -> boxMean(result, radius) }
    }

    /** To another size, as masks are. */
    fun resized(plane: Plane, width: Int, height: Int): Plane = resize(plane, width, height, masks)

    /**
     * Fit [values] in every window by a linear function of the guide's colours, and average the fits (He, Sun and Tang,
     * ECCV 2010; fitted small: He and Sun, arXiv 1505.00996).
     *
     * @param guide three channels in [0,1].
     * @param values one channel, of any size.
     * @param radius of the window, pixels of the pictures that are fitted.
     * @param epsilon variance of the guide below which a window counts as flat.
     * @param fitSide long side of the pictures that are fitted, pixels.
     * @return one channel, of the guide's size.
     */
    fun guided(guide: Plane, values: Plane, radius: Int, epsilon: Float, fitSide: Int): Plane {
        val (width, height) = smallSize(guide, fitSide)
        val fits = boxMean(fitLines(resized(guide, width, height), resized(values, width, height), radius, epsilon), radius)
        val whole = resized(fits, guide.width, guide.height)
        return Plane(
            guide.width, guide.height, 1,
            FloatArray(guide.width * guide.height) { index ->
                val slope = 4 * index
                var sum = whole.values[slope + 3]
                for (channel in 0 until 3) sum += whole.values[slope + channel] * guide.values[3 * index + channel]
                sum
            },
        )
    }
}

/** The size of a plane shrunk to a long side of at most that; halves as Python rounds them. */
internal fun smallSize(plane: Plane, side: Int): Pair<Int, Int> {
    val scale = min(1.0, side.toDouble() / plane.longSide)
    return max(1, roundHalfEven(plane.width * scale)) to max(1, roundHalfEven(plane.height * scale))
}

/** The mean over squares of side `2 * radius + 1`, as far as they lie in the picture. */
fun boxMean(plane: Plane, radius: Int): Plane {
    val across = runningMean(plane, radius, plane.width, plane.channels, plane.width * plane.channels, plane.height)
    return runningMean(across, radius, plane.height, plane.width * plane.channels, plane.channels, plane.width)
}

/** Means along lines of [length] values that lie [step] apart; there are [lines] lines, [stride] apart. */
private fun runningMean(plane: Plane, radius: Int, length: Int, step: Int, stride: Int, lines: Int): Plane {
    val result = Plane(plane.width, plane.height, plane.channels)
    val sums = DoubleArray(length + 1)
    for (line in 0 until lines) {
        for (channel in 0 until plane.channels) {
            val start = line * stride + channel
            for (place in 0 until length) sums[place + 1] = sums[place] + plane.values[start + place * step]
            for (place in 0 until length) {
                val first = max(place - radius, 0)
                val end = min(place + radius + 1, length)
                result.values[start + place * step] = ((sums[end] - sums[first]) / (end - first)).toFloat()
            }
        }
    }
    return result
}

private val PAIRS = listOf(0 to 0, 0 to 1, 0 to 2, 1 to 1, 1 to 2, 2 to 2) // of colours, as the covariance has them
private const val MEANS = 13 // three colours, the value, six products of colours, three with the value

/** Three slopes and an intercept a pixel. */
private fun fitLines(guide: Plane, values: Plane, radius: Int, epsilon: Float): Plane {
    val products = Plane(guide.width, guide.height, MEANS)
    for (index in 0 until guide.width * guide.height) {
        val at = MEANS * index
        val value = values.values[index]
        for (channel in 0 until 3) {
            products.values[at + channel] = guide.values[3 * index + channel]
            products.values[at + 10 + channel] = guide.values[3 * index + channel] * value
        }
        products.values[at + 3] = value
        PAIRS.forEachIndexed { number, (i, j) ->
            products.values[at + 4 + number] = guide.values[3 * index + i] * guide.values[3 * index + j]
        }
    }
    val means = boxMean(products, radius)
    val fits = Plane(guide.width, guide.height, 4)
    for (index in 0 until guide.width * guide.height) solve(means.values, MEANS * index, epsilon, fits.values, 4 * index)
    return fits
}

/** Slopes by the inverse of the covariance, which is symmetric: its cofactors over its determinant. */
private fun solve(means: FloatArray, at: Int, epsilon: Float, fits: FloatArray, to: Int) {
    val covariance = FloatArray(6) { number ->
        val (i, j) = PAIRS[number]
        means[at + 4 + number] - means[at + i] * means[at + j] + if (i == j) epsilon else 0f
    }
    val (a, b, c) = covariance
    val d = covariance[3]
    val e = covariance[4]
    val f = covariance[5]
    val inverse = floatArrayOf(d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b)
    val determinant = a * inverse[0] + b * inverse[1] + c * inverse[2]
    val shared = FloatArray(3) { means[at + 10 + it] - means[at + it] * means[at + 3] }
    var intercept = means[at + 3]
    ROWS.forEachIndexed { channel, row ->
        val slope = (inverse[row[0]] * shared[0] + inverse[row[1]] * shared[1] + inverse[row[2]] * shared[2]) / determinant
        fits[to + channel] = slope
        intercept -= slope * means[at + channel]
    }
    fits[to + 3] = intercept
}

private val ROWS = listOf(intArrayOf(0, 1, 2), intArrayOf(1, 3, 4), intArrayOf(2, 4, 5))

/** 0 below 0, 1 above 1, and `3 v^2 - 2 v^3` between. */
internal fun smoothStep(value: Float): Float {
    val v = value.coerceIn(0f, 1f)
    return v * v * (3 - 2 * v)
}
