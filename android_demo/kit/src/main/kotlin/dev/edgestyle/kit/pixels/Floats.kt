package dev.edgestyle.kit.pixels

/** Which way a tensor's axes lie. */
enum class Layout {
    /** `[1,3,H,W]`: ONNX. */
    NCHW,

    /** `[1,H,W,3]`: TFLite. */
    NHWC,
}

/**
 * A picture as networks take it.
 *
 * @property width pixels.
 * @property height pixels.
 * @property layout how [values] lie.
 * @property values `float32`, sRGB in [0,1], R, G, B.
 */
class ImageTensor(val width: Int, val height: Int, val layout: Layout, val values: FloatArray) {
    init {
        require(values.size == 3 * width * height) { "${width}x$height pixels have ${3 * width * height} values" }
    }

    /** The tensor's sizes by axis. */
    val shape: IntArray
        get() = if (layout == Layout.NCHW) intArrayOf(1, 3, height, width) else intArrayOf(1, height, width, 3)
}

private val UNIT = FloatArray(256) { it / 255f }

/** Pixels to floats in [0,1]. */
fun toTensor(picture: Pixels, layout: Layout): ImageTensor {
    val count = picture.width * picture.height
    val values = FloatArray(3 * count)
    if (layout == Layout.NHWC) {
        for (index in values.indices) values[index] = UNIT[picture.rgb[index].toInt() and 0xff]
    } else {
        for (channel in 0 until 3) {
            for (index in 0 until count) {
                values[channel * count + index] = UNIT[picture.rgb[3 * index + channel].toInt() and 0xff]
            }
        }
    }
    return ImageTensor(picture.width, picture.height, layout, values)
}

/** Floats to pixels, cut to [0,1] and rounded to the nearest level; the top left [width] x [height] of the tensor. */
fun toPixels(tensor: ImageTensor, width: Int = tensor.width, height: Int = tensor.height): Pixels {
    val result = Pixels(width, height)
    val count = tensor.width * tensor.height
    val (across, plane) = if (tensor.layout == Layout.NHWC) 3 to 1 else 1 to count
    for (y in 0 until height) {
        for (x in 0 until width) {
            val from = (y * tensor.width + x) * across
            for (channel in 0 until 3) {
                result.rgb[3 * (y * width + x) + channel] = toLevel(tensor.values[from + channel * plane])
            }
        }
    }
    return result
}

/** A value of [0,1] as a level of 8 bits. */
fun toLevel(value: Float): Byte = (value.coerceIn(0f, 1f) * 255f + 0.5f).toInt().toByte()
