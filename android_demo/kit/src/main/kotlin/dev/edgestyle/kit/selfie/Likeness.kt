package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.max
import kotlin.math.min

/**
 * How much milder each pixel is drawn, so that one still knows who it is: 0 for not at all, 1 inside the eyes.
 *
 * @param face 468 points as fractions of the square.
 * @param side of the square, pixels.
 */
fun likenessMask(
    face: List<Point>, numbers: SelfieRecipe.Landmarks, side: Int, recipe: SelfieRecipe.Likeness, filters: Filters,
): Plane {
    val canvas = Plane(side * recipe.finer, side * recipe.finer, 1)
    val lips = numbers.lips.map { face[it] }
    val rightEye = numbers.rightEye.map { face[it] }
    val leftEye = numbers.leftEye.map { face[it] }
    fillPolygon(canvas, widened(lips, recipe.mouthScale, canvas.width), recipe.mouth)
    fillPolygon(canvas, widened(rightEye, recipe.eyeScale, canvas.width), recipe.eyes)
    fillPolygon(canvas, widened(leftEye, recipe.eyeScale, canvas.width), recipe.eyes)
    val mask = averaged(canvas, recipe.finer)
    return filters.gaussian(mask, recipe.feather * distance(middle(rightEye), middle(leftEye)) * side)
}

/** Give a picture the brightness of a milder one where the mask says so, and leave it its colours. */
fun makeMilder(full: Pixels, mild: Pixels, mask: Plane, filters: Filters): Pixels {
    val result = Pixels(full.width, full.height)
    for (index in mask.values.indices) {
        val at = 3 * index
        val change = FloatArray(3) { ((mild.rgb[at + it].toInt() and 0xff) - (full.rgb[at + it].toInt() and 0xff)).toFloat() }
        val brighter = filters.brightnessOf(change[0], change[1], change[2]) * mask.values[index]
        for (channel in 0 until 3) {
            val level = (full.rgb[at + channel].toInt() and 0xff) + brighter
            result.rgb[at + channel] = Math.rint(level.toDouble()).toInt().coerceIn(0, 255).toByte()
        }
    }
    return result
}

private fun middle(points: List<Point>): Point =
    Point(points.map { it.x }.average().toFloat(), points.map { it.y }.average().toFloat())

private fun widened(outline: List<Point>, scale: Pair<Float, Float>, side: Int): List<Point> {
    val x = (outline.minOf { it.x } + outline.maxOf { it.x }) / 2
    val y = (outline.minOf { it.y } + outline.maxOf { it.y }) / 2
    return outline.map { Point((x + (it.x - x) * scale.first) * side, (y + (it.y - y) * scale.second) * side) }
}

/** Fill a polygon, row by row, with a value of 8 bits. */
internal fun fillPolygon(canvas: Plane, corners: List<Point>, amount: Float) {
    val value = Math.rint(255.0 * amount).toFloat() / 255
    val first = max(0, floor(corners.minOf { it.y }).toInt())
    val last = min(canvas.height - 1, ceil(corners.maxOf { it.y }).toInt())
    for (y in first..last) {
        val crossings = corners.indices.mapNotNull { crossing(corners[it], corners[(it + 1) % corners.size], y + 0.0) }.sorted()
        for (pair in 0 until crossings.size - 1 step 2) {
            val left = max(0, Math.rint(crossings[pair]).toInt())
            val right = min(canvas.width - 1, Math.rint(crossings[pair + 1]).toInt())
            for (x in left..right) canvas.values[y * canvas.width + x] = value
        }
    }
}

/** Where an edge crosses a row; null where it does not. */
private fun crossing(from: Point, to: Point, row: Double): Double? {
    val (upper, lower) = if (from.y <= to.y) from to to else to to from
    if (row < upper.y || row >= lower.y) return null
    return upper.x + (row - upper.y) * (lower.x - upper.x) / (lower.y - upper.y)
}

private fun averaged(canvas: Plane, factor: Int): Plane {
    val result = Plane(canvas.width / factor, canvas.height / factor, 1)
    for (index in result.values.indices) {
        val left = index % result.width * factor
        val top = index / result.width * factor
        var sum = 0f
        for (y in 0 until factor) for (x in 0 until factor) sum += canvas[left + x, top + y]
        result.values[index] = sum / (factor * factor)
    }
    return result
}
