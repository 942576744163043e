package dev.edgestyle.kit.android

import android.graphics.Bitmap
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.selfie.Selfie

/** The pixels of a bitmap, composed over white where it is transparent. */
fun toPixels(bitmap: Bitmap): Pixels {
    val argb = IntArray(bitmap.width * bitmap.height)
    bitmap.getPixels(argb, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
    return Pixels.fromArgb(argb, bitmap.width, bitmap.height)
}

/** A bitmap of some pixels. */
fun toBitmap(picture: Pixels): Bitmap =
    Bitmap.createBitmap(picture.toArgb(), picture.width, picture.height, Bitmap.Config.ARGB_8888)

/** A bitmap of a selfie, with its alpha. */
fun toBitmap(selfie: Selfie): Bitmap =
    Bitmap.createBitmap(selfie.argb, selfie.width, selfie.height, Bitmap.Config.ARGB_8888)

/**
 * Shows pictures of one size again and again in the same bitmap, for live views. Not thread-safe.
 *
 * @param width pixels.
 * @param height likewise.
 */
class LiveBitmap(val width: Int, val height: Int) {
    /** What a view draws. */
    val bitmap: Bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
    private val argb = IntArray(width * height)

    /** Put a picture of that size in. */
    fun show(picture: Pixels) {
        bitmap.setPixels(picture.toArgb(argb), 0, width, 0, 0, width, height)
    }
}
