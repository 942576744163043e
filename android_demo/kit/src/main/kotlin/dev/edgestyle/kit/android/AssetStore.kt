package dev.edgestyle.kit.android

import android.content.Context
import dev.edgestyle.kit.contract.ModelStore
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.copyOnce
import java.io.File
import java.io.IOException
import java.io.InputStream

/**
 * An app's assets. Runtimes want files they can map into memory, so models are copied out once for each install of the
 * app, into a folder that backups leave out.
 */
class AssetStore(context: Context) : ModelStore {
    private val application = context.applicationContext ?: context // a test's own package may have none
    private val assets = context.assets
    private val folder: File by lazy { installFolder(application) } // removes old copies, so not on the main thread

    override fun open(path: String): InputStream = assets.open(path)

    override fun file(path: String): File = try {
        copyOnce(File(folder, path)) { assets.open(path) }
    } catch (error: IOException) {
        throw ModelError.Missing(path, error)
    }

    private companion object {
        /** A folder of this install; those of older ones are removed. */
        fun installFolder(context: Context): File {
            val all = File(context.noBackupFilesDir, "edgestyle")
            val installed = context.packageManager.getPackageInfo(context.packageName, 0).lastUpdateTime
            val own = File(all, installed.toString())
            all.listFiles()?.filter { it != own }?.forEach { it.deleteRecursively() }
            return own.apply { mkdirs() }
        }
    }
}
