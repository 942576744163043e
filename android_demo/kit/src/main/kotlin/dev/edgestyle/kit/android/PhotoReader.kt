package dev.edgestyle.kit.android

import android.content.ContentResolver
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.BitmapRegionDecoder
import android.graphics.ColorSpace
import android.graphics.Rect
import android.media.ExifInterface
import android.net.Uri
import android.os.Build
import dev.edgestyle.kit.core.PictureError
import dev.edgestyle.kit.core.firstLine
import dev.edgestyle.kit.photo.PhotoSource
import dev.edgestyle.kit.photo.PhotoStylizer
import dev.edgestyle.kit.photo.PixelsSource
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.turn
import java.io.ByteArrayInputStream
import java.io.IOException
import java.io.InputStream
import kotlin.math.max

/** A photo's file: its bytes can be opened again and again. */
fun interface PhotoFile {
    /** Throws [IOException]. */
    fun open(): InputStream

    companion object {
        /** A picture of the gallery, or of another app. */
        fun of(resolver: ContentResolver, uri: Uri) =
            PhotoFile { resolver.openInputStream(uri) ?: throw IOException("$uri cannot be opened") }

        /** A picture in memory, as the camera gives it. */
        fun of(bytes: ByteArray) = PhotoFile { ByteArrayInputStream(bytes) }
    }
}

/**
 * Decode a photo upright, shrunk by a power of two until its long side is below twice [longSide].
 *
 * @throws PictureError it is none, or has too many pixels.
 */
fun readPhoto(file: PhotoFile, longSide: Int): Pixels {
    val (width, height) = sizeOf(file)
    val options = decodingOptions()
    while (max(width, height) / (options.inSampleSize * 2) >= longSide) options.inSampleSize *= 2
    val bitmap = reading { file.open().use { BitmapFactory.decodeStream(it, null, options) } }
        ?: throw PictureError.Unreadable("no decoder takes it")
    return turn(toPixels(bitmap).also { bitmap.recycle() }, turnOf(file))
}

/** Width and height of a photo as it lies in its file, from its header alone. */
private fun sizeOf(file: PhotoFile): Pair<Int, Int> {
    val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
    reading { file.open().use { BitmapFactory.decodeStream(it, null, bounds) } }
    if (bounds.outWidth <= 0 || bounds.outHeight <= 0) throw PictureError.Unreadable("it has no size")
    PhotoStylizer.checkSize(bounds.outWidth, bounds.outHeight)
    return bounds.outWidth to bounds.outHeight
}

/**
 * A photo's file in strips, upright; for formats that Android decodes in parts: JPEG, PNG, WebP and HEIF.
 *
 * @throws PictureError it is none of these, or has too many pixels.
 */
class RegionSource(file: PhotoFile) : PhotoSource {
    private val decoder: BitmapRegionDecoder = sizeOf(file).let { reading { file.open().use(::newDecoder) } }
        ?: throw PictureError.Unreadable("it is not of a format that is read in strips")
    private val upright = turnOf(file)

    override val width: Int get() = upright.width(decoder.width, decoder.height)
    override val height: Int get() = upright.height(decoder.width, decoder.height)

    override fun rows(top: Int, count: Int): Pixels {
        val bitmap: Bitmap = reading { decoder.decodeRegion(regionOf(top, count), decodingOptions()) }
            ?: throw PictureError.Unreadable("it is damaged at row $top")
        return turn(toPixels(bitmap).also { bitmap.recycle() }, upright)
    }

    override fun close() = decoder.recycle()

    /** Where upright rows lie in the file. */
    private fun regionOf(top: Int, count: Int): Rect {
        val corners = listOf(0 to top, width - 1 to top + count - 1)
            .map { (x, y) -> upright.source(x, y, decoder.width, decoder.height) }
        val columns = corners.map { it % decoder.width }
        val rows = corners.map { it / decoder.width }
        return Rect(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    }

    @Suppress("DEPRECATION") // the call without `isShareable` needs API 31
    private fun newDecoder(stream: InputStream): BitmapRegionDecoder? = BitmapRegionDecoder.newInstance(stream, false)
}

/**
 * A photo's file in strips, or whole where its format is not read in parts and it is not too large.
 *
 * @throws PictureError it is no picture, or too large.
 */
fun openPhoto(file: PhotoFile): PhotoSource = try {
    RegionSource(file)
} catch (error: PictureError.Unreadable) {
    val (width, height) = sizeOf(file)
    if (width.toLong() * height > MOST_WHOLE_PIXELS) throw error
    PixelsSource(readPhoto(file, max(width, height)))
}

private const val MOST_WHOLE_PIXELS = 12_000_000L // such as of GIF and BMP

private fun decodingOptions() = BitmapFactory.Options().apply {
    inSampleSize = 1
    inPreferredConfig = Bitmap.Config.ARGB_8888
    if (Build.VERSION.SDK_INT >= 26) inPreferredColorSpace = ColorSpace.get(ColorSpace.Named.SRGB)
}

private fun turnOf(file: PhotoFile): Turn = try {
    file.open().use { stream ->
        Turn.ofExif(ExifInterface(stream).getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL))
    }
} catch (_: IOException) {
    Turn.NONE // a picture without EXIF is upright
}

private fun <T> reading(read: () -> T): T = try {
    read()
} catch (error: IOException) {
    throw PictureError.Unreadable(firstLine(error), error)
} catch (error: IllegalArgumentException) { // what decoders throw for regions of damaged files
    throw PictureError.Unreadable(firstLine(error), error)
} catch (error: SecurityException) { // an app that shared a picture and took it back
    throw PictureError.Unreadable(firstLine(error), error)
}
