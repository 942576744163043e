package dev.edgestyle.kit.core

import java.io.File
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream

/**
 * Write a file whole or not at all: under another name in the same folder, then renamed.
 *
 * @throws StorageError the folder cannot be written, or no space is left; nothing is left behind.
 */
fun writeWhole(file: File, write: (OutputStream) -> Unit) {
    val temporary = File(file.parentFile, ".part-${file.name}")
    try {
        file.parentFile?.mkdirs()
        temporary.outputStream().use(write)
        if (!temporary.renameTo(file)) throw IOException("it cannot be renamed to ${file.name}")
    } catch (error: IOException) {
        throw storageError(error)
    } finally {
        temporary.delete()
    }
}

/**
 * A file that is made of [source] where it is not there yet. Of several threads that want it, one writes and the others
 * wait, so that none reads half of it.
 *
 * @throws IOException the source cannot be opened.
 * @throws StorageError as of [writeWhole].
 */
fun copyOnce(file: File, source: () -> InputStream): File = synchronized(COPYING) {
    if (!file.exists()) source().use { stream -> writeWhole(file) { stream.copyTo(it) } }
    file
}

private val COPYING = Any()

/** What an [IOException] of writing means: a full storage says ENOSPC or EDQUOT somewhere in its causes. */
fun storageError(error: IOException): StorageError {
    val texts = generateSequence<Throwable>(error) { it.cause }.take(8).mapNotNull { it.message }
    val full = texts.any { text -> FULL.any { it in text } }
    return if (full) StorageError.Full(error) else StorageError.NotWritable(firstLine(error), error)
}

private val FULL = listOf("ENOSPC", "EDQUOT", "No space left", "Disk quota")
