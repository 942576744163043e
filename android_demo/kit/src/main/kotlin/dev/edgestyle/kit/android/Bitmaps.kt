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
 * Puts pictures of one size into two bitmaps by turns, for live views: one is drawn while the other is filled. Not
 * thread-safe.
 *
 * @param width pixels.
 * @param height likewise.
 */
class LiveBitmap(val width: Int, val height: Int) {
    private val bitmaps = List(2) { Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888) }
    private val argb = IntArray(width * height)
    private var turn = 0

    /** Put a picture of that size in; the bitmap stays as it is until the call after the next. */
    fun show(picture: Pixels): Bitmap {
        turn = 1 - turn
        return bitmaps[turn].apply { setPixels(picture.toArgb(argb), 0, width, 0, 0, width, height) }
    }
}
