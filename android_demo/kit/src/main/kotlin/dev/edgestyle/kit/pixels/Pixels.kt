package dev.edgestyle.kit.pixels

import kotlin.math.max

/**
 * A picture of 8-bit pixels.
 *
 * @property width pixels.
 * @property height pixels.
 * @property rgb `uint8 [H,W,3]`: row by row, R, G, B, sRGB. Whoever made it owns it; nothing here changes it.
 */
class Pixels(val width: Int, val height: Int, val rgb: ByteArray) {
    init {
        require(width > 0 && height > 0) { "a picture has pixels, not ${width}x$height" }
        require(rgb.size == 3 * width * height) { "${width}x$height pixels have ${3 * width * height} bytes" }
    }

    constructor(width: Int, height: Int) : this(width, height, ByteArray(3 * width * height))

    /** The longer side. */
    val longSide: Int get() = max(width, height)

    /** One level, 0 to 255. */
    fun level(x: Int, y: Int, channel: Int): Int = rgb[3 * (y * width + x) + channel].toInt() and 0xff

    /** Opaque ARGB integers, row by row, as Android's bitmaps take them; into [into] where that is given. */
    fun toArgb(into: IntArray = IntArray(width * height)): IntArray {
        var at = 0
        for (index in 0 until width * height) {
            val red = rgb[at].toInt() and 0xff
            val green = rgb[at + 1].toInt() and 0xff
            into[index] = OPAQUE or (red shl 16) or (green shl 8) or (rgb[at + 2].toInt() and 0xff)
            at += 3
        }
        return into
    }

    companion object {
        private const val OPAQUE = -0x1000000

        /** The colours of ARGB integers, row by row, composed over white where they are transparent. */
        fun fromArgb(argb: IntArray, width: Int, height: Int): Pixels {
            val rgb = ByteArray(3 * width * height)
            for (index in 0 until width * height) {
                val value = argb[index]
                val alpha = value ushr 24
                for (channel in 0 until 3) {
                    val level = (value ushr (16 - 8 * channel)) and 0xff
                    rgb[3 * index + channel] = ((level * alpha + 255 * (255 - alpha) + 127) / 255).toByte()
                }
            }
            return Pixels(width, height, rgb)
        }
    }
}

/**
 * A picture of floats, for filters and masks.
 *
 * @property width pixels.
 * @property height pixels.
 * @property channels values a pixel.
 * @property values `float32 [H,W,C]`, row by row, the values of a pixel together.
 */
class Plane(val width: Int, val height: Int, val channels: Int, val values: FloatArray) {
    init {
        require(values.size == width * height * channels) { "${width}x${height}x$channels has other values" }
    }

    constructor(width: Int, height: Int, channels: Int) :
        this(width, height, channels, FloatArray(width * height * channels))

    /** One value. */
    operator fun get(x: Int, y: Int, channel: Int = 0): Float = values[(y * width + x) * channels + channel]

    /** The longer side. */
    val longSide: Int get() = max(width, height)
}
