package dev.edgestyle.kit.core

/**
 * Everything that can go wrong for a reason outside of the code, so that an app can say it in the user's language.
 *
 * ```
 * KitError
 * ├── ModelError       the shipped files: missing, damaged, changed, of another contract
 * ├── AcceleratorError the runtime or its accelerator does not start, or fails later
 * ├── CameraError      refused, busy, disabled, gone
 * ├── PictureError     unreadable, or larger than anything that is read
 * ├── FaceError        no face, too small, cut by the border, nobody stands out
 * ├── StorageError     full, or not writable
 * └── RequestError     a style, weight, strength or seed that does not exist
 * ```
 *
 * Messages are for logs and developers, in English; apps map the classes to their own strings. The hierarchy is sealed,
 * so that a `when` over it is complete.
 */
sealed class KitError(message: String, cause: Throwable? = null) : Exception(message, cause)

/** The app's own files are not what they should be. */
sealed class ModelError(message: String, cause: Throwable? = null) : KitError(message, cause) {
    /** A file named by the index, or asked for by the app, is not there. */
    class Missing(val name: String, cause: Throwable? = null) :
        ModelError("$name is missing: run export/android.py, or ship the pack's files", cause)

    /** A sidecar, index or recipe is no JSON, or lacks what is needed; [fault] says which of these. */
    class Damaged(val name: String, val fault: Fault, val reason: String, cause: Throwable? = null) :
        ModelError("$name is damaged: $reason", cause)

    /** What can be wrong with a file that describes others. */
    enum class Fault { NOT_JSON, MISSING_FIELD, WRONG_TYPE, BAD_VECTOR, BAD_SIZE, TOO_LARGE }

    /** A model is not the file that its sidecar describes. */
    class Changed(val name: String) :
        ModelError("$name is not the file its sidecar describes: it was changed or cut short")

    /** A sidecar is of a contract that this kit does not know. */
    class UnsupportedContract(val name: String, val found: String, val supported: Int) :
        ModelError("$name is of contract $found, this kit knows $supported: update the app or export again")

    /** A network gave something that it had not promised. */
    class BadOutput(val name: String, val reason: String) : ModelError("$name: $reason")
}

/** What runs the networks does not. */
sealed class AcceleratorError(message: String, cause: Throwable? = null) : KitError(message, cause) {
    /** An accelerator does not exist on this phone, or does not start. */
    class DoesNotStart(val accelerator: String, val reason: String, cause: Throwable? = null) :
        AcceleratorError("$accelerator does not start: $reason", cause)

    /** A session that was opened fails while it runs. */
    class Failed(val accelerator: String, val reason: String, cause: Throwable? = null) :
        AcceleratorError("$accelerator failed: $reason", cause)
}

/** There are no frames. */
sealed class CameraError(message: String, cause: Throwable? = null) : KitError(message, cause) {
    /** The user has not allowed it. */
    class Refused : CameraError("the camera permission was refused")

    /** Another app has it, or too many cameras are open. */
    class Busy : CameraError("another app is using the camera")

    /** A device policy has switched cameras off. */
    class Disabled : CameraError("cameras are disabled on this device")

    /** There is no such camera, or it broke. */
    class Unavailable(val reason: String, cause: Throwable? = null) :
        CameraError("the camera is not available: $reason", cause)
}

/** A picture cannot be read. */
sealed class PictureError(message: String, cause: Throwable? = null) : KitError(message, cause) {
    /** It is no picture, or damaged. */
    class Unreadable(val reason: String, cause: Throwable? = null) : PictureError("not a readable picture: $reason", cause)

    /** It has more pixels than are read at all. */
    class TooLarge(val width: Int, val height: Int, val mostMegapixels: Int) :
        PictureError("a picture of ${width}x$height is over $mostMegapixels megapixels")
}

/** A selfie cannot be drawn from a photo. */
sealed class FaceError(message: String) : KitError(message) {
    /** There is none. */
    class NoFace : FaceError("no face in the photo")

    /** It is so many pixels wide, and needs more. */
    class TooSmall(val widthPx: Int, val leastPx: Int) :
        FaceError("the face is $widthPx pixels wide, and $leastPx are the least")

    /** Too much of it lies outside. */
    class CutByBorder : FaceError("the face is cut by the photo's border")

    /** There is no person to take from the background. */
    class NoPerson : FaceError("no person in the photo to take from the background")
}

/** A result cannot be kept. */
sealed class StorageError(message: String, cause: Throwable? = null) : KitError(message, cause) {
    /** No space is left. */
    class Full(cause: Throwable? = null) : StorageError("the storage is full", cause)

    /** Anything else. */
    class NotWritable(val reason: String, cause: Throwable? = null) : StorageError("cannot be saved: $reason", cause)
}

/** An app asked for something that does not exist. */
sealed class RequestError(message: String) : KitError(message) {
    /** No style of that name; [known] are there. */
    class UnknownStyle(val name: String, val known: List<String>) :
        RequestError("there is no style '$name'; there are ${known.joinToString()}")

    /** Weights that make no mix. */
    class BadMix(reason: String) : RequestError(reason)

    /** Not a number from 0 to 1. */
    class BadStrength(value: Float) : RequestError("strength must be a number from 0 to 1, not $value")

    /** Not a whole number from 0 to 2^63-1. */
    class BadSeed(text: String) : RequestError("a seed is a whole number from 0 to 2^63-1, not '${text.take(40)}'")

    /** A file of fixed sizes has none that holds the picture. */
    class NoSuchSize(width: Int, height: Int, sizes: List<Int>) :
        RequestError("a picture of ${width}x$height fits none of the file's sizes ${sizes.joinToString()}")

    /** Anything else that an intent or a caller named wrongly. */
    class Unknown(what: String) : RequestError(what)
}

/** The text of the deepest cause, in one line: what a runtime really complained about. */
fun firstLine(error: Throwable): String {
    val deepest = generateSequence(error) { it.cause }.take(8).last()
    return (deepest.message ?: deepest.javaClass.simpleName).lineSequence().first().take(200)
}
