package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import dev.edgestyle.kit.pixels.fit
import kotlin.math.max
import kotlin.math.pow

/** Bold strokes: a picture is flattened and given contrast before it is drawn, and drawn small. */
class Boldness(private val recipe: SelfieRecipe.Bolding, private val filters: Filters) {
    /** What is added to a picture, times the strength, before it is drawn: levels of 8 bits, of the picture's size. */
    fun of(picture: Pixels): Plane {
        val small = toPlane(fit(picture, recipe.workingSide))
        val flat = flatten(small).let { flat ->
            flat.mapIndexed { index, value -> value + recipe.texture * (small.values[index] - value) }
        }
        val light = filters.brightnessOf(flat)
        val base = baseOf(light)
        val added = flat.mapIndexed { index, value ->
            val pixel = index / 3
            val bold = (value + recipe.contrast * (light.values[pixel] - base.values[pixel])).coerceIn(0f, 1f)
            (bold - small.values[index]) * 255
        }
        return filters.resized(added, picture.width, picture.height)
    }

    /** The brightness without what is smaller than the filter's radius, but with its edges. */
    private fun baseOf(light: Plane): Plane {
        val guide = Plane(light.width, light.height, 3, FloatArray(3 * light.values.size) { light.values[it / 3] })
        val radius = max(1, Math.rint(recipe.baseRadius * recipe.baseSide).toInt())
        return filters.guided(guide, light, radius, recipe.baseEpsilon, recipe.baseSide)
    }

    /**
     * Flat patches with crisp edges: of four squares at each pixel, the even ones count (Kuwahara 1976, weighted as by
     * Papari, Petkov and Campisi 2007).
     *
     * @param picture three channels in [0,1].
     */
    fun flatten(picture: Plane): Plane {
        val radius = recipe.radius
        val means = boxMean(squaresOf(picture, 2 * radius), radius)
        val result = Plane(picture.width, picture.height, 3)
        for (y in 0 until picture.height) {
            for (x in 0 until picture.width) blendSquares(means, x, y, result)
        }
        return result
    }

    /** The picture with its squared brightness as a fourth channel, and edges that go on for [rim] pixels. */
    private fun squaresOf(picture: Plane, rim: Int): Plane {
        val light = filters.brightnessOf(picture)
        val result = Plane(picture.width + 2 * rim, picture.height + 2 * rim, 4)
        for (y in 0 until result.height) {
            val row = (y - rim).coerceIn(0, picture.height - 1)
            for (x in 0 until result.width) {
                val from = row * picture.width + (x - rim).coerceIn(0, picture.width - 1)
                val to = 4 * (y * result.width + x)
                System.arraycopy(picture.values, 3 * from, result.values, to, 3)
                result.values[to + 3] = light.values[from] * light.values[from]
            }
        }
        return result
    }

    private fun blendSquares(means: Plane, x: Int, y: Int, result: Plane) {
        val near = recipe.radius
        val colours = FloatArray(3)
        var weights = 0f
        for (top in intArrayOf(near, 3 * near)) {
            for (left in intArrayOf(near, 3 * near)) {
                val at = 4 * ((y + top) * means.width + x + left)
                val light = filters.brightnessOf(means.values[at], means.values[at + 1], means.values[at + 2])
                val variance = max(means.values[at + 3] - light * light, 0f)
                val weight = (variance + recipe.floor).pow(-recipe.sharpness).toFloat()
                for (channel in 0 until 3) colours[channel] += weight * means.values[at + channel]
                weights += weight
            }
        }
        for (channel in 0 until 3) result.values[3 * (y * result.width + x) + channel] = colours[channel] / weights
    }
}

/** A picture with what [Boldness.of] gives, times the strength; with strength 0 the picture itself. */
fun addBoldness(picture: Pixels, added: Plane, strength: Float): Pixels {
    val result = Pixels(picture.width, picture.height)
    for (index in result.rgb.indices) {
        val level = (picture.rgb[index].toInt() and 0xff) + strength * added.values[index]
        result.rgb[index] = Math.rint(level.toDouble()).toInt().coerceIn(0, 255).toByte()
    }
    return result
}
