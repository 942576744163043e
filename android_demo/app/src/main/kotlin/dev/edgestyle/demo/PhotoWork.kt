package dev.edgestyle.demo

import android.content.Context
import android.graphics.Bitmap
import android.net.Uri
import dev.edgestyle.kit.android.PhotoFile
import dev.edgestyle.kit.android.PhotoSaver
import dev.edgestyle.kit.android.PictureType
import dev.edgestyle.kit.android.openPhoto
import dev.edgestyle.kit.photo.JpegWriter
import dev.edgestyle.kit.photo.PhotoStylizer
import dev.edgestyle.kit.photo.Progress
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.styles.Style
import java.io.ByteArrayOutputStream
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale

/** Draws photos at full resolution into the gallery. Slow: call it in the background. */
class PhotoWork(context: Context) {
    private val saver = PhotoSaver(context.contentResolver)

    /**
     * Draw a photo and save it.
     *
     * @param progress from 0 to 1.
     * @return the saved picture.
     * @throws dev.edgestyle.kit.core.KitError it cannot be read, drawn or saved; nothing is left behind.
     */
    fun draw(photo: PhotoFile, renderer: StyleRenderer, style: Style, strength: Float, progress: (Float) -> Unit): Uri =
        openPhoto(photo).use { source ->
            saver.save(newName(), PictureType.JPEG) { out ->
                val writer = JpegWriter(out, source.width, source.height)
                val goOn = Progress { done -> progress(done).let { true } }
                val pixels = PhotoStylizer.pixelsFor(Runtime.getRuntime().maxMemory())
                PhotoStylizer(renderer, mostDrawnPixels = pixels).stylize(source, writer, style, strength, progress = goOn)
                writer.finish()
            }
        }

    /** Save a picture that is drawn already, with its alpha. */
    fun save(bitmap: Bitmap): Uri {
        val png = ByteArrayOutputStream() // compress hides what a stream throws, and so a full storage
        bitmap.compress(Bitmap.CompressFormat.PNG, 100, png)
        return saver.save(newName(), PictureType.PNG) { png.writeTo(it) }
    }

    private fun newName(): String = "edgestyle-" + SimpleDateFormat("yyyyMMdd-HHmmss-SSS", Locale.ROOT).format(Date())
}
