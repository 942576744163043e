package dev.edgestyle.kit.pixels

import kotlin.math.floor
import kotlin.math.max
import kotlin.math.min

/**
 * How a camera's luma and chroma become colours.
 *
 * @property red what red weighs in luma.
 * @property blue what blue weighs.
 */
enum class YuvMatrix(val red: Double, val blue: Double) {
    /** ITU-R BT.601-7, which JFIF and so most Android cameras use. */
    BT601(0.299, 0.114),

    /** ITU-R BT.709-6. */
    BT709(0.2126, 0.0722),
}

/**
 * Which levels are black and white.
 *
 * @property black luma of black.
 * @property lumaSpan from black to white.
 * @property chromaSpan of the two chroma channels.
 */
enum class YuvRange(val black: Int, val lumaSpan: Int, val chromaSpan: Int) {
    /** 0 to 255: what cameras give. */
    FULL(0, 255, 255),

    /** 16 to 235: what video carries. */
    VIDEO(16, 219, 224),
}

/**
 * One plane of a camera's picture, as a buffer gives it.
 *
 * @property bytes from its first sample on; the last row may end with its last sample.
 * @property rowStride bytes from row to row.
 * @property pixelStride bytes from sample to sample: 1, or 2 where both chroma planes lie interleaved.
 */
class YuvPlane(val bytes: ByteArray, val rowStride: Int, val pixelStride: Int) {
    /** A sample, 0 to 255. */
    fun sample(x: Int, y: Int): Int = bytes[y * rowStride + x * pixelStride].toInt() and 0xff
}

/**
 * A picture of the camera in 4:2:0: a chroma sample for every two by two of luma (`YUV_420_888`).
 *
 * @property width pixels of luma.
 * @property height pixels of luma.
 */
class YuvFrame(
    val width: Int, val height: Int, val luma: YuvPlane, val u: YuvPlane, val v: YuvPlane,
    val matrix: YuvMatrix = YuvMatrix.BT601, val range: YuvRange = YuvRange.FULL,
)

/** Camera frames and pictures to what networks take, and back: any turn, any mirror, padded and cropped. */
class FrameConverter(matrix: YuvMatrix = YuvMatrix.BT601, range: YuvRange = YuvRange.FULL) {
    private val lumaLevels = FloatArray(256) { 255f / range.lumaSpan * (it - range.black) }
    private val chroma = 255.0 / range.chromaSpan
    private val green = 1 - matrix.red - matrix.blue
    private val redOfV = (chroma * 2 * (1 - matrix.red)).toFloat()
    private val blueOfU = (chroma * 2 * (1 - matrix.blue)).toFloat()
    private val greenOfU = (chroma * 2 * (1 - matrix.blue) * matrix.blue / green).toFloat()
    private val greenOfV = (chroma * 2 * (1 - matrix.red) * matrix.red / green).toFloat()

    /** All pixels of a frame, as the sensor has them. */
    fun toPixels(frame: YuvFrame): Pixels = toPixels(frame, Turn.NONE, frame.width, frame.height)

    /**
     * A frame upright and no larger than asked for; both in one go, since cameras give 30 a second.
     *
     * The largest rectangle of the wanted shape is cut from the middle. Where the frame is at least twice as large,
     * each pixel is the mean of a square of luma, chroma and all; else the nearest one.
     *
     * @param turn that makes it upright.
     * @param width of the result, pixels.
     * @param height of the result.
     */
    fun toPixels(frame: YuvFrame, turn: Turn, width: Int, height: Int): Pixels {
        val result = Pixels(width, height)
        val view = View(frame, turn, width, height)
        val colour = IntArray(3)
        for (y in 0 until height) {
            for (x in 0 until width) {
                average(frame, turn, view, x, y, colour)
                val at = 3 * (y * width + x)
                for (channel in 0 until 3) result.rgb[at + channel] = colour[channel].toByte()
            }
        }
        return result
    }

    private fun average(frame: YuvFrame, turn: Turn, view: View, x: Int, y: Int, colour: IntArray) {
        val left = view.left(x)
        val top = view.top(y)
        var red = 0f
        var blue = 0f
        var greenish = 0f
        for (down in 0 until view.square) {
            for (across in 0 until view.square) {
                val place = turn.source(left + across, top + down, frame.width, frame.height)
                val column = place % frame.width
                val row = place / frame.width
                val level = lumaLevels[frame.luma.sample(column, row)]
                val u = frame.u.sample(column / 2, row / 2) - 128
                val v = frame.v.sample(column / 2, row / 2) - 128
                red += clamp(level + redOfV * v)
                greenish += clamp(level - greenOfU * u - greenOfV * v)
                blue += clamp(level + blueOfU * u)
            }
        }
        val count = view.square * view.square
        colour[0] = (red / count + 0.5f).toInt()
        colour[1] = (greenish / count + 0.5f).toInt()
        colour[2] = (blue / count + 0.5f).toInt()
    }

    private fun clamp(level: Float): Float = min(255f, max(0f, level))

    /** Where each pixel of the result lies in the upright frame. */
    private class View(frame: YuvFrame, turn: Turn, width: Int, height: Int) {
        private val wide = turn.width(frame.width, frame.height)
        private val tall = turn.height(frame.width, frame.height)
        private val scale = min(wide.toDouble() / width, tall.toDouble() / height)
        private val startX = (wide - scale * width) / 2
        private val startY = (tall - scale * height) / 2
        val square = max(1, floor(scale).toInt())

        fun left(x: Int): Int = place(startX, x, wide)

        fun top(y: Int): Int = place(startY, y, tall)

        private fun place(start: Double, index: Int, length: Int): Int =
            floor(start + (index + 0.5) * scale - (square - 1) / 2.0).toInt().coerceIn(0, length - square)
    }
}
