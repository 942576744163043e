package dev.edgestyle.kit.pixels

import kotlin.math.PI
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.max
import kotlin.math.min
import kotlin.math.roundToInt
import kotlin.math.sin

/**
 * Filters that pictures are resized with, by the names that Pillow and recipes give them.
 *
 * @property support half of its width, in pixels of the larger grid.
 */
enum class Filter(val support: Double) {
    BOX(0.5),
    BILINEAR(1.0),
    BICUBIC(2.0),
    LANCZOS(3.0);

    internal fun weigh(distance: Double): Double = when (this) {
        BOX -> if (distance > -0.5 && distance <= 0.5) 1.0 else 0.0
        BILINEAR -> max(0.0, 1 - abs(distance))
        BICUBIC -> bicubic(abs(distance))
        LANCZOS -> if (abs(distance) < support) sinc(distance) * sinc(distance / support) else 0.0
    }

    companion object {
        /** The filter of a name in a recipe, such as "lanczos"; null where there is none. */
        fun named(name: String): Filter? = entries.firstOrNull { it.name.equals(name, ignoreCase = true) }
    }
}

private const val SHARPNESS = -0.5 // of the bicubic filter, as Keys (1981) found it best

private fun bicubic(x: Double): Double = when {
    x < 1 -> ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1
    x < 2 -> (((x - 5) * x + 8) * x - 4) * SHARPNESS
    else -> 0.0
}

private fun sinc(x: Double): Double = if (x == 0.0) 1.0 else sin(PI * x) / (PI * x)

/**
 * The weights that bring one axis to another length: each new pixel is a weighted mean of old ones, over a window that
 * widens when the picture shrinks.
 *
 * @param length old pixels.
 * @param from where the part that is resized begins, in old pixels; may be a fraction.
 * @param to where it ends.
 * @property count new pixels.
 */
class AxisWeights(length: Int, from: Double, to: Double, val count: Int, filter: Filter) {
    /** First old pixel of each new one. */
    val starts = IntArray(count)

    /** Weights of each new pixel; they sum to 1. */
    val weights: Array<DoubleArray>

    /** The weights as whole numbers of 22 bits after the point, for 8-bit pixels. */
    internal val fixed: Array<IntArray>

    init {
        val scale = (to - from) / count
        val wide = max(scale, 1.0)
        val support = filter.support * wide
        weights = Array(count) { index ->
            val centre = from + (index + 0.5) * scale
            val first = max(0, (centre - support + 0.5).toInt())
            val last = min(length, (centre + support + 0.5).toInt())
            starts[index] = first
            val raw = DoubleArray(max(0, last - first)) { filter.weigh((it + first - centre + 0.5) / wide) }
            val sum = raw.sum()
            if (sum == 0.0) raw else DoubleArray(raw.size) { raw[it] / sum }
        }
        fixed = Array(count) { index -> IntArray(weights[index].size) { (weights[index][it] * ONE).roundToInt() } }
    }

    /** One after the last old pixel that new pixel [index] needs. */
    fun end(index: Int): Int = starts[index] + weights[index].size

    internal companion object {
        const val BITS = 22
        const val ONE = (1 shl BITS).toDouble()
    }
}

/** Resize 8-bit pixels, across and then down, rounding after each as Pillow does. */
fun resize(picture: Pixels, width: Int, height: Int, filter: Filter = Filter.LANCZOS): Pixels =
    resizePart(picture, 0.0, 0.0, picture.width.toDouble(), picture.height.toDouble(), width, height, filter)

/** Resize the part of a picture between [left], [top], [right] and [bottom], which may be fractions of pixels. */
fun resizePart(
    picture: Pixels, left: Double, top: Double, right: Double, bottom: Double, width: Int, height: Int, filter: Filter,
): Pixels {
    val whole = left == 0.0 && top == 0.0 && right == picture.width.toDouble() && bottom == picture.height.toDouble()
    if (whole && width == picture.width && height == picture.height) return picture
    val across = AxisWeights(picture.width, left, right, width, filter)
    val down = AxisWeights(picture.height, top, bottom, height, filter)
    return resizeDown(resizeAcross(picture, across), down, 0, 0, height)
}

/** Every row of a picture brought to another width. */
fun resizeAcross(picture: Pixels, weights: AxisWeights): Pixels {
    val result = Pixels(weights.count, picture.height)
    for (y in 0 until picture.height) {
        val row = 3 * y * picture.width
        for (x in 0 until weights.count) {
            val from = row + 3 * weights.starts[x]
            weighTogether(picture.rgb, from, 3, weights.fixed[x], result.rgb, 3 * (y * weights.count + x))
        }
    }
    return result
}

/**
 * Some new rows of a picture brought to another height.
 *
 * @param rows old rows, of which the first is row [firstRow] of the whole picture.
 * @param top the first new row that is wanted.
 * @param count how many.
 */
fun resizeDown(rows: Pixels, weights: AxisWeights, firstRow: Int, top: Int, count: Int): Pixels {
    val result = Pixels(rows.width, count)
    val stride = 3 * rows.width
    for (y in 0 until count) {
        val fixed = weights.fixed[top + y]
        val from = (weights.starts[top + y] - firstRow) * stride
        for (x in 0 until rows.width) weighTogether(rows.rgb, from + 3 * x, stride, fixed, result.rgb, y * stride + 3 * x)
    }
    return result
}

private fun weighTogether(from: ByteArray, start: Int, step: Int, fixed: IntArray, to: ByteArray, at: Int) {
    for (channel in 0 until 3) {
        var sum = 1 shl (AxisWeights.BITS - 1)
        var place = start + channel
        for (weight in fixed) {
            sum += weight * (from[place].toInt() and 0xff)
            place += step
        }
        to[at + channel] = (sum shr AxisWeights.BITS).coerceIn(0, 255).toByte()
    }
}

/** Resize floats; what becomes smaller is averaged. A part between fractions of pixels where [box] is given. */
fun resize(plane: Plane, width: Int, height: Int, filter: Filter = Filter.BILINEAR, box: DoubleArray? = null): Plane {
    if (box == null && width == plane.width && height == plane.height) return plane
    val part = box ?: doubleArrayOf(0.0, 0.0, plane.width.toDouble(), plane.height.toDouble())
    val across = AxisWeights(plane.width, part[0], part[2], width, filter)
    val down = AxisWeights(plane.height, part[1], part[3], height, filter)
    val channels = plane.channels
    val wide = weighAll(plane.values, Plane(width, plane.height, channels), across, channels) { x, y, first ->
        (y * plane.width + first + x) * channels
    }
    return weighRows(wide, Plane(width, height, channels), down)
}

private inline fun weighAll(
    from: FloatArray, to: Plane, weights: AxisWeights, step: Int, place: (Int, Int, Int) -> Int,
): Plane {
    for (y in 0 until to.height) {
        for (x in 0 until to.width) {
            val own = weights.weights[x]
            val start = place(0, y, weights.starts[x])
            for (channel in 0 until step) {
                var sum = 0.0
                for (index in own.indices) sum += own[index] * from[start + index * step + channel]
                to.values[(y * to.width + x) * step + channel] = sum.toFloat()
            }
        }
    }
    return to
}

private fun weighRows(from: Plane, to: Plane, weights: AxisWeights): Plane {
    val stride = from.width * from.channels
    for (y in 0 until to.height) {
        val own = weights.weights[y]
        for (place in 0 until stride) {
            var sum = 0.0
            for (index in own.indices) sum += own[index] * from.values[(weights.starts[y] + index) * stride + place]
            to.values[y * stride + place] = sum.toFloat()
        }
    }
    return to
}

/** Shrink by whole numbers: each new pixel is the rounded mean of [across] x [down] old ones, fewer at the far edges. */
fun reduce(picture: Pixels, across: Int, down: Int): Pixels {
    if (across == 1 && down == 1) return picture
    val result = Pixels(ceilDivide(picture.width, across), ceilDivide(picture.height, down))
    for (y in 0 until result.height) {
        val rows = y * down until min((y + 1) * down, picture.height)
        for (x in 0 until result.width) {
            val columns = x * across until min((x + 1) * across, picture.width)
            val count = rows.count() * columns.count()
            for (channel in 0 until 3) {
                var sum = count / 2
                for (row in rows) for (column in columns) sum += picture.level(column, row, channel)
                result.rgb[3 * (y * result.width + x) + channel] = (sum / count).toByte()
            }
        }
    }
    return result
}

/**
 * Resize, first shrinking by a whole number that leaves [gap] times what is needed: as good to the eye, and quicker.
 */
fun resizeWithGap(picture: Pixels, width: Int, height: Int, filter: Filter, gap: Double): Pixels {
    val across = max(1, (picture.width.toDouble() / width / gap).toInt())
    val down = max(1, (picture.height.toDouble() / height / gap).toInt())
    val right = picture.width.toDouble() / across
    val bottom = picture.height.toDouble() / down
    return resizePart(reduce(picture, across, down), 0.0, 0.0, right, bottom, width, height, filter)
}

/** The sizes of a picture shrunk to a long side of at most [longSide]: width and height, never 0. */
fun fittedSize(width: Int, height: Int, longSide: Int): Pair<Int, Int> {
    val scale = min(1.0, longSide.toDouble() / max(width, height))
    return max(1, roundHalfEven(width * scale)) to max(1, roundHalfEven(height * scale))
}

/** Shrink to a long side of at most [longSide], by Lanczos. */
fun fit(picture: Pixels, longSide: Int): Pixels {
    val (width, height) = fittedSize(picture.width, picture.height, longSide)
    return resize(picture, width, height, Filter.LANCZOS)
}

/** The nearest whole number; halves go to the even one, as Python's `round` and NumPy's `rint` do. */
fun roundHalfEven(value: Double): Int = Math.rint(value).toInt()

/** `a / b`, rounded up. */
fun ceilDivide(a: Int, b: Int): Int = (a + b - 1) / b
