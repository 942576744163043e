package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.reduce
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.cos
import kotlin.math.floor
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sin

/** A place, x to the right and y down. */
data class Point(val x: Float, val y: Float)

/**
 * A square in a photo, turned as it likes.
 *
 * @property x of its middle, in pixels of the photo, whose first pixel's corner is (0, 0).
 * @property y likewise.
 * @property side pixels.
 * @property angle of its upper edge against the photo's, degrees, clockwise.
 */
data class Frame(val x: Double, val y: Double, val side: Double, val angle: Double = 0.0) {
    private val cosine = cos(Math.toRadians(angle)).toFloat().toDouble()
    private val sine = sin(Math.toRadians(angle)).toFloat().toDouble()

    /** A point of the square, whose corners are (0,0) and (1,1), in pixels of the photo. */
    fun toPhoto(point: Point): Point {
        val across = (point.x - 0.5) * side
        val down = (point.y - 0.5) * side
        return Point((across * cosine - down * sine + x).toFloat(), (across * sine + down * cosine + y).toFloat())
    }

    /** The other way round. */
    fun fromPhoto(point: Point): Point {
        val across = point.x - x
        val down = point.y - y
        val right = (across * cosine + down * sine) / side + 0.5
        return Point(right.toFloat(), ((down * cosine - across * sine) / side + 0.5).toFloat())
    }

    /** How many times its side the upright box round it is wide and high. */
    val spread: Double get() = abs(cosine) + abs(sine)

    /** Moved, not turned, to lie in a photo of that size; to its middle where it is too large. */
    fun movedInside(width: Int, height: Int): Frame {
        val half = side * spread / 2
        return copy(x = inside(x, half, width.toDouble()), y = inside(y, half, height.toDouble()))
    }

    private fun inside(middle: Double, half: Double, length: Double): Double =
        if (2 * half >= length) length / 2 else min(max(middle, half), length - half)

    /**
     * The square as a picture of [pixels] x [pixels]: what is made smaller is averaged first, by a whole number; then
     * bicubic.
     */
    fun cut(photo: Pixels, pixels: Int, outside: Outside): Pixels {
        val corners = listOf(Point(0f, 0f), Point(1f, 0f), Point(0f, 1f), Point(1f, 1f)).map(::toPhoto)
        val left = floor(corners.minOf { it.x }).toInt() - RIM
        val top = floor(corners.minOf { it.y }).toInt() - RIM
        val right = ceil(corners.maxOf { it.x }).toInt() + RIM
        val bottom = ceil(corners.maxOf { it.y }).toInt() + RIM
        val factor = max(1, (side / pixels).toInt())
        val image = reduce(cutOut(photo, left, top, right, bottom, outside), factor, factor)
        val inner = copy(x = (x - left) / factor, y = (y - top) / factor, side = side / factor)
        return inner.transform(image, pixels)
    }

    private fun transform(image: Pixels, pixels: Int): Pixels {
        val scale = side / pixels
        val start = toPhoto(Point(0f, 0f))
        val result = Pixels(pixels, pixels)
        for (row in 0 until pixels) {
            for (column in 0 until pixels) {
                val across = (column + 0.5) * scale
                val down = (row + 0.5) * scale
                val at = 3 * (row * pixels + column)
                bicubic(image, across * cosine - down * sine + start.x, across * sine + down * cosine + start.y, result, at)
            }
        }
        return result
    }

    private companion object {
        const val RIM = 4
    }
}

/** One pixel between others, as Pillow's affine transform draws it (a = -1), cut to 8 bits. */
private fun bicubic(image: Pixels, x: Double, y: Double, result: Pixels, at: Int) {
    if (x < 0 || y < 0 || x >= image.width || y >= image.height) return
    val left = floor(x - 0.5).toInt()
    val top = floor(y - 0.5).toInt()
    val across = x - 0.5 - left
    val down = y - 0.5 - top
    val rows = IntArray(4) { (top - 1 + it).coerceIn(0, image.height - 1) }
    val columns = IntArray(4) { (left - 1 + it).coerceIn(0, image.width - 1) }
    for (channel in 0 until 3) {
        val values = DoubleArray(4) { row ->
            blend(DoubleArray(4) { image.level(columns[it], rows[row], channel).toDouble() }, across)
        }
        result.rgb[at + channel] = blend(values, down).coerceIn(0.0, 255.0).toInt().toByte()
    }
}

private fun blend(v: DoubleArray, d: Double): Double =
    v[1] + d * (v[2] - v[0] + d * (2 * (v[0] - v[1]) + v[2] - v[3] + d * (v[1] - v[0] - v[2] + v[3])))

/** A rectangle that may reach beyond the photo. */
internal fun cutOut(photo: Pixels, left: Int, top: Int, right: Int, bottom: Int, outside: Outside): Pixels {
    val columns = sources(left, right, photo.width, outside)
    val rows = sources(top, bottom, photo.height, outside)
    val result = Pixels(columns.size, rows.size)
    for (y in rows.indices) {
        for (x in columns.indices) {
            System.arraycopy(photo.rgb, 3 * (rows[y] * photo.width + columns[x]), result.rgb, 3 * (y * columns.size + x), 3)
        }
    }
    return result
}

/** Which of [length] places each of [from] until [to] shows: its edges go on, or what is inside is mirrored. */
private fun sources(from: Int, to: Int, length: Int, outside: Outside): IntArray {
    val first = from.coerceIn(0, length - 1)
    val count = to.coerceIn(1, length).coerceAtLeast(first + 1) - first
    return IntArray(to - from) { index ->
        val place = from + index - first
        first + if (outside == Outside.EDGE) place.coerceIn(0, count - 1) else mirrored(place, count)
    }
}

/** NumPy's "symmetric": the edge comes twice, again and again. */
internal fun mirrored(place: Int, count: Int): Int {
    val within = Math.floorMod(place, 2 * count)
    return if (within < count) within else 2 * count - 1 - within
}
