package dev.edgestyle.kit.pixels

import kotlin.math.max
import kotlin.math.min

/** The next multiple of [multiple] from [side] up, at least [smallest]: what a network wants its sides to be. */
fun paddedSide(side: Int, multiple: Int, smallest: Int): Int = max(smallest, (side + multiple - 1) / multiple * multiple)

/** Repeat the right and lower edges until the picture is [width] x [height], no smaller than it was. */
fun pad(picture: Pixels, width: Int, height: Int): Pixels {
    require(width >= picture.width && height >= picture.height) { "padding only adds" }
    if (width == picture.width && height == picture.height) return picture
    val result = Pixels(width, height)
    for (y in 0 until height) {
        val from = 3 * picture.width * min(y, picture.height - 1)
        System.arraycopy(picture.rgb, from, result.rgb, 3 * width * y, 3 * picture.width)
        for (x in picture.width until width) {
            System.arraycopy(picture.rgb, from + 3 * (picture.width - 1), result.rgb, 3 * (width * y + x), 3)
        }
    }
    return result
}

/** The rectangle of [width] x [height] that begins at [left], [top], inside the picture. */
fun crop(picture: Pixels, left: Int, top: Int, width: Int, height: Int): Pixels {
    if (left == 0 && top == 0 && width == picture.width && height == picture.height) return picture
    val result = Pixels(width, height)
    for (y in 0 until height) {
        System.arraycopy(picture.rgb, 3 * ((top + y) * picture.width + left), result.rgb, 3 * y * width, 3 * width)
    }
    return result
}

/**
 * How a picture becomes upright.
 *
 * @property degrees clockwise: 0, 90, 180 or 270.
 * @property mirrored left to right, after it was turned; the front camera's.
 */
data class Turn(val degrees: Int, val mirrored: Boolean = false) {
    init {
        require(degrees in listOf(0, 90, 180, 270)) { "pictures turn by quarters, not by $degrees degrees" }
    }

    /** Whether width and height change places. */
    val swapsSides: Boolean get() = degrees % 180 == 90

    /** Width of the result for a picture of that size. */
    fun width(width: Int, height: Int): Int = if (swapsSides) height else width

    /** Height of the result. */
    fun height(width: Int, height: Int): Int = if (swapsSides) width else height

    /**
     * Where pixel ([x], [y]) of the result comes from, as an index `y * width + x` of a source of [width] x [height].
     */
    fun source(x: Int, y: Int, width: Int, height: Int): Int {
        val across = if (mirrored) width(width, height) - 1 - x else x
        return when (degrees) {
            0 -> y * width + across
            90 -> (height - 1 - across) * width + y
            180 -> (height - 1 - y) * width + (width - 1 - across)
            else -> across * width + (width - 1 - y)
        }
    }

    companion object {
        /** Nothing to do. */
        val NONE = Turn(0)

        /** The turn of EXIF's orientation, 1 to 8 (Exif 2.32, tag 0x0112); other values are upright. */
        fun ofExif(orientation: Int): Turn = when (orientation) {
            2 -> Turn(0, true)
            3 -> Turn(180)
            4 -> Turn(180, true)
            5 -> Turn(90, true)
            6 -> Turn(90)
            7 -> Turn(270, true)
            8 -> Turn(270)
            else -> NONE
        }
    }
}

/** The picture turned. */
fun turn(picture: Pixels, turn: Turn): Pixels {
    if (turn == Turn.NONE) return picture
    val result = Pixels(turn.width(picture.width, picture.height), turn.height(picture.width, picture.height))
    var at = 0
    for (y in 0 until result.height) {
        for (x in 0 until result.width) {
            System.arraycopy(picture.rgb, 3 * turn.source(x, y, picture.width, picture.height), result.rgb, at, 3)
            at += 3
        }
    }
    return result
}

/**
 * Where pixel ([x], [y]) of the source lands in the result, as a [Turn] says; the inverse of [Turn.source].
 *
 * @return x and y of the result.
 */
fun Turn.target(x: Int, y: Int, width: Int, height: Int): Pair<Int, Int> {
    val (across, down) = when (degrees) {
        0 -> x to y
        90 -> height - 1 - y to x
        180 -> width - 1 - x to height - 1 - y
        else -> y to width - 1 - x
    }
    return (if (mirrored) width(width, height) - 1 - across else across) to down
}
