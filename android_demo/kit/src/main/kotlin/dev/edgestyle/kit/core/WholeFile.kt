package dev.edgestyle.kit.core

import java.io.File
import java.io.IOException
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

/** What an [IOException] of writing means: a full storage says ENOSPC or EDQUOT somewhere in its causes. */
fun storageError(error: IOException): StorageError {
    val texts = generateSequence<Throwable>(error) { it.cause }.take(8).mapNotNull { it.message }
    val full = texts.any { text -> FULL.any { it in text } }
    return if (full) StorageError.Full(error) else StorageError.NotWritable(firstLine(error), error)
}

private val FULL = listOf("ENOSPC", "EDQUOT", "No space left", "Disk quota")
