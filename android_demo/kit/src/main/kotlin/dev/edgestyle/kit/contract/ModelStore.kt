package dev.edgestyle.kit.contract

import dev.edgestyle.kit.core.ModelError
import java.io.File
import java.io.IOException
import java.io.InputStream

/** Where an app's files are: its assets, or a folder. */
interface ModelStore {
    /** Open a file. Throws [IOException] where there is none. */
    fun open(path: String): InputStream

    /** The same as a file that runtimes can map into memory; copied out of the assets where it must be. */
    fun file(path: String): File
}

/** A folder of files, as after an export. */
class FolderStore(private val folder: File) : ModelStore {
    override fun open(path: String): InputStream = file(path).inputStream()

    override fun file(path: String): File = File(folder, path)
}

/** A model that was checked against its sidecar. */
class ModelFile(val contract: ModelContract, val file: File)

/** The text of a small file. Throws [ModelError.Missing], or [ModelError.Damaged] for one that is far too large. */
fun ModelStore.readText(path: String): String {
    val limit = Contract.MOST_DESCRIPTION_BYTES
    val bytes = opened(path).use { stream -> stream.readNBytesCompat(limit + 1) }
    if (bytes.size > limit) throw ModelError.Damaged(path, ModelError.Fault.TOO_LARGE, "it has more than $limit bytes")
    return String(bytes, Charsets.UTF_8)
}

/** The app's index of packs; errors as for [PackIndex.read], and [ModelError.Missing]. */
fun ModelStore.readIndex(): PackIndex = PackIndex.read(readText(PackIndex.PATH))

/**
 * Read a model's sidecar, and make sure that the model is the one it describes.
 *
 * @throws ModelError either is missing, the sidecar is unsound, or the model was changed.
 */
fun ModelStore.openModel(path: String, sidecar: String): ModelFile {
    val contract = readSidecar(readText(sidecar), path.substringAfterLast('/'))
    checkModel(contract, opened(path))
    return ModelFile(contract, file(path))
}

/** The same for an entry of the index. */
fun ModelStore.openModel(entry: ModelEntry): ModelFile = openModel(entry.path, entry.sidecar)

private fun ModelStore.opened(path: String): InputStream = try {
    open(path)
} catch (error: IOException) {
    throw ModelError.Missing(path, error)
}

private fun InputStream.readNBytesCompat(most: Int): ByteArray { // InputStream.readNBytes needs API 33
    val result = java.io.ByteArrayOutputStream()
    val buffer = ByteArray(1 shl 14)
    while (result.size() < most) {
        val count = read(buffer, 0, minOf(buffer.size, most - result.size()))
        if (count < 0) break
        result.write(buffer, 0, count)
    }
    return result.toByteArray()
}
