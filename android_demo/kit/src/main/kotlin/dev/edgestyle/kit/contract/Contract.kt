package dev.edgestyle.kit.contract

/** The promise that every exported file keeps, as `edgestyle/contract.py` states it. */
object Contract {
    /** Which promise; a file of another is refused. */
    const val VERSION = 1

    /** Sides of pictures in any file's `sizes` are multiples of this; a file's own `size_multiple` is in its sidecar. */
    const val SIZE_MULTIPLE = 8

    /** The least side a renderer takes. */
    const val SMALLEST_SIDE = 32

    /** The longest side in `sizes`. */
    const val LARGEST_SIDE = 4096

    /** Bytes of a sidecar, index or recipe that is still read; edgestyle's largest has 70 KB. */
    const val MOST_DESCRIPTION_BYTES = 4_000_000

    /** Pixels that a pack which draws at a photo's own size draws at. */
    const val MOST_DRAWN_PIXELS = 9_000_000

    /** The signature of a TFLite file that runs a component; a renderer has one for every size. */
    fun signature(component: Component, size: Int): String = when (component) {
        Component.RENDERER -> "s$size"
        Component.ENCODER -> "encode"
        Component.GENERATOR -> "draw"
        Component.MAPPING -> "map"
        Component.INVERTER -> "invert"
    }
}

/** The networks that a pack can have. */
enum class Component {
    /** `(image, style, strength) -> stylized` */
    RENDERER,

    /** `reference -> style` */
    ENCODER,

    /** `(style, strength) -> picture` */
    GENERATOR,

    /** `latent -> style` */
    MAPPING,

    /** `picture -> style` */
    INVERTER;

    companion object {
        /** The component of a name in a sidecar; null where there is none. */
        fun named(name: String): Component? = entries.firstOrNull { it.name.equals(name, ignoreCase = true) }
    }
}

/** The file formats that run on Android. */
enum class ModelFormat(val suffix: String) {
    /** ONNX Runtime's. */
    ONNX("onnx"),

    /** LiteRT's. */
    TFLITE("tflite");

    companion object {
        /** The format of a name in a sidecar; null where Android does not run it. */
        fun named(name: String): ModelFormat? = entries.firstOrNull { it.suffix == name }
    }
}

/**
 * One input or output of a file.
 *
 * @property name the tensor's name in the file.
 * @property shape sizes by axis; null where any multiple of `size_multiple` is allowed.
 * @property dtype "float32", or "uint8" for pictures of 8-bit pixels.
 * @property low lowest value, null where there is no bound.
 * @property high highest value, likewise.
 */
class TensorSpec(
    val name: String, val shape: List<Int?>, val dtype: String, val low: Double? = null, val high: Double? = null,
)
