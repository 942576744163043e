package dev.edgestyle.kit.android

import android.content.ContentResolver
import android.content.ContentValues
import android.net.Uri
import android.os.Build
import android.os.Environment
import android.provider.MediaStore
import dev.edgestyle.kit.core.StorageError
import dev.edgestyle.kit.core.storageError
import java.io.File
import java.io.IOException
import java.io.OutputStream

/** Kinds of pictures that are saved. */
enum class PictureType(val mime: String, val suffix: String) {
    /** Photos. */
    JPEG("image/jpeg", "jpg"),

    /** Selfies and avatars, which may be transparent. */
    PNG("image/png", "png"),
}

/** Saves pictures into the gallery, whole or not at all. Before Android 10 that needs the storage permission. */
class PhotoSaver(private val resolver: ContentResolver) {
    /**
     * Save a picture under a name of its own.
     *
     * @param name without suffix.
     * @param write writes the file.
     * @return what other apps open it by.
     * @throws StorageError no space is left, or it cannot be written; nothing is left behind.
     */
    fun save(name: String, type: PictureType, write: (OutputStream) -> Unit): Uri {
        val uri = insert(name, type)
        var saved = false
        try {
            val stream = resolver.openOutputStream(uri) ?: throw IOException("$uri cannot be written")
            stream.buffered().use(write)
            publish(uri)
            saved = true
            return uri
        } catch (error: IOException) {
            throw storageError(error)
        } finally {
            if (!saved) resolver.delete(uri, null, null)
        }
    }

    private fun insert(name: String, type: PictureType): Uri {
        val values = ContentValues().apply {
            put(MediaStore.MediaColumns.DISPLAY_NAME, "$name.${type.suffix}")
            put(MediaStore.MediaColumns.MIME_TYPE, type.mime)
            if (Build.VERSION.SDK_INT >= 29) {
                put(MediaStore.MediaColumns.RELATIVE_PATH, "${Environment.DIRECTORY_PICTURES}/$ALBUM")
                put(MediaStore.MediaColumns.IS_PENDING, 1)
            } else {
                put(DATA, fileBefore29("$name.${type.suffix}").path)
            }
        }
        return try {
            resolver.insert(MediaStore.Images.Media.EXTERNAL_CONTENT_URI, values)
        } catch (error: IllegalStateException) { // no storage is mounted
            throw StorageError.NotWritable(error.message.orEmpty(), error)
        } catch (error: SecurityException) { // the permission was refused, before Android 10
            throw StorageError.NotWritable(error.message.orEmpty(), error)
        } ?: throw StorageError.NotWritable("the gallery takes no pictures")
    }

    private fun publish(uri: Uri) {
        if (Build.VERSION.SDK_INT < 29) return
        resolver.update(uri, ContentValues().apply { put(MediaStore.MediaColumns.IS_PENDING, 0) }, null, null)
    }

    @Suppress("DEPRECATION") // in some of the SDKs; what came in its place needs API 29
    private fun fileBefore29(name: String): File {
        val folder = File(Environment.getExternalStoragePublicDirectory(Environment.DIRECTORY_PICTURES), ALBUM)
        folder.mkdirs()
        return File(folder, name)
    }

    private companion object {
        const val ALBUM = "edgestyle"
        const val DATA = "_data" // MediaStore.MediaColumns.DATA, deprecated since API 29
    }
}
