package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.pixels.AxisWeights
import dev.edgestyle.kit.pixels.Filter
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import dev.edgestyle.kit.pixels.resize
import dev.edgestyle.kit.pixels.roundHalfEven
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sqrt

/** What is behind the person. */
sealed interface Background {
    /** Nothing. */
    data object Transparent : Background

    /** The stylized background, blurred. */
    data object Blur : Background

    /** The stylized background. */
    data object Keep : Background

    /** One colour, sRGB, 0 to 255 each. */
    data class Colour(val red: Int, val green: Int, val blue: Int) : Background
}

/** What a selfie is cut to: a circle, the whole square, or the person alone, trimmed. */
enum class Shape { CIRCLE, SQUARE, NONE }

/**
 * A finished selfie.
 *
 * @property argb not premultiplied, row by row.
 */
class Selfie(val width: Int, val height: Int, val argb: IntArray)

/** Backgrounds and shapes: from a stylized square and a matte to pixels with alpha. */
class Composer(private val recipe: SelfieRecipe, private val filters: Filters) {
    /**
     * Put a selfie together.
     *
     * @param matte one channel, 1 for the person; not looked at where the background is kept.
     * @param size long side of the result, pixels.
     */
    fun compose(stylized: Pixels, matte: Plane, background: Background, shape: Shape, size: Int): Selfie {
        val laid = lay(toPlane(stylized), matte, background)
        val round = if (shape == Shape.CIRCLE) laid.mapIndexed(cutRound(laid)) else laid
        val levels = round.mapIndexed { _, value -> (value.coerceIn(0f, 1f) * 255 + 0.5f).toInt().toFloat() }
        val trimmed = if (shape == Shape.NONE && background == Background.Transparent) trim(levels) else levels
        val scale = size.toDouble() / trimmed.longSide
        val width = max(1, roundHalfEven(trimmed.width * scale))
        val height = max(1, roundHalfEven(trimmed.height * scale))
        return toSelfie(resizePremultiplied(trimmed, width, height, recipe.resampling.result))
    }

    /** Colours and alpha, four channels in [0,1], before any shape. */
    private fun lay(picture: Plane, matte: Plane, background: Background): Plane {
        if (background == Background.Keep) return withAlpha(picture) { 1f }
        val split = splitColours(picture, matte, recipe.matting, filters)
        if (background == Background.Transparent) return withAlpha(split.person) { matte.values[it] }
        val behind = when (background) {
            is Background.Colour -> colourPlane(picture, background)
            else -> blurred(split.rest, matte)
        }
        val laid = split.person.mapIndexed { index, value ->
            val share = matte.values[index / 3]
            value * share + behind.values[index] * (1 - share)
        }
        return withAlpha(laid) { 1f }
    }

    /** The background blurred without the person and what is close to them, which would shine round the edge. */
    private fun blurred(rest: Plane, matte: Plane): Plane {
        val composing = recipe.composing
        val near = boxMean(matte, max(1, Math.rint(composing.blurAway * matte.longSide).toInt()))
        val weights = near.mapIndexed { _, value -> (1 - composing.blurSteep * value).coerceIn(0f, 1f) }
        val sigma = composing.blur * matte.longSide
        val sums = filters.gaussian(rest.mapIndexed { index, value -> value * weights.values[index / 3] }, sigma)
        val shares = filters.gaussian(weights, sigma)
        return sums.mapIndexed { index, value -> value / (shares.values[index / 3] + recipe.matting.leastWeight) }
    }

    /** The box of what is not transparent; all of it where nothing is visible. */
    private fun trim(picture: Plane): Plane {
        val visible = (0 until picture.width * picture.height).filter { picture.values[4 * it + 3] >= recipe.composing.trimAlpha }
        if (visible.isEmpty()) return picture
        val left = visible.minOf { it % picture.width }
        val right = visible.maxOf { it % picture.width } + 1
        val top = visible.first() / picture.width
        val bottom = visible.last() / picture.width + 1
        val result = Plane(right - left, bottom - top, 4)
        for (y in top until bottom) {
            val from = 4 * (y * picture.width + left)
            System.arraycopy(picture.values, from, result.values, 4 * (y - top) * result.width, 4 * result.width)
        }
        return result
    }
}

private fun withAlpha(colours: Plane, alpha: (Int) -> Float): Plane {
    val result = Plane(colours.width, colours.height, 4)
    for (index in 0 until colours.width * colours.height) {
        System.arraycopy(colours.values, 3 * index, result.values, 4 * index, 3)
        result.values[4 * index + 3] = alpha(index)
    }
    return result
}

private fun colourPlane(like: Plane, colour: Background.Colour): Plane {
    val levels = floatArrayOf(colour.red / 255f, colour.green / 255f, colour.blue / 255f)
    return like.mapIndexed { index, _ -> levels[index % 3] }
}

/** The largest circle in the middle, with an edge one pixel soft: how much of each pixel is in it. */
fun circle(x: Int, y: Int, width: Int, height: Int): Float {
    val across = x + 0.5f - width / 2f
    val down = y + 0.5f - height / 2f
    return (min(height, width) / 2f - sqrt(down * down + across * across) + 0.5f).coerceIn(0f, 1f)
}

private fun cutRound(picture: Plane): (Int, Float) -> Float = { index, value ->
    if (index % 4 < 3) value else value * circle(index / 4 % picture.width, index / 4 / picture.width, picture.width, picture.height)
}

/** Resize four channels of 8-bit levels, colours multiplied by alpha meanwhile, rounding after each step as Pillow does. */
private fun resizePremultiplied(picture: Plane, width: Int, height: Int, filter: Filter): Plane {
    if (width == picture.width && height == picture.height) return picture
    val multiplied = picture.mapIndexed { index, value ->
        if (index % 4 == 3) value else Math.rint(value * picture.values[index - index % 4 + 3] / 255.0).toFloat()
    }
    val across = AxisWeights(picture.width, 0.0, picture.width.toDouble(), width, filter)
    val down = AxisWeights(picture.height, 0.0, picture.height.toDouble(), height, filter)
    val wide = Plane(width, picture.height, 4)
    for (index in wide.values.indices) {
        val pixel = index / 4
        val from = (pixel / width * picture.width + across.starts[pixel % width]) * 4 + index % 4
        wide.values[index] = weigh(multiplied.values, from, 4, across.weights[pixel % width])
    }
    val result = Plane(width, height, 4)
    for (index in result.values.indices) {
        val y = index / (4 * width)
        val from = down.starts[y] * 4 * width + index % (4 * width)
        result.values[index] = weigh(wide.values, from, 4 * width, down.weights[y])
    }
    return result.mapIndexed { index, value ->
        val alpha = result.values[index - index % 4 + 3]
        if (index % 4 == 3 || alpha == 0f || alpha == 255f) value else (255 * value / alpha).toInt().coerceIn(0, 255).toFloat()
    }
}

private fun weigh(values: FloatArray, start: Int, step: Int, weights: DoubleArray): Float {
    var sum = 0.0
    for (index in weights.indices) sum += weights[index] * values[start + index * step]
    return (sum + 0.5).toInt().coerceIn(0, 255).toFloat()
}

private fun toSelfie(picture: Plane): Selfie {
    val argb = IntArray(picture.width * picture.height) { index ->
        val (red, green, blue, alpha) = List(4) { picture.values[4 * index + it].toInt() }
        (alpha shl 24) or (red shl 16) or (green shl 8) or blue
    }
    return Selfie(picture.width, picture.height, argb)
}
