package dev.edgestyle.demo

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Build
import android.provider.Settings as SystemSettings

/** What the user has to allow. */
class Permissions(private val activity: Activity) {
    /** Whether the camera is allowed. */
    val camera: Boolean get() = allows(Manifest.permission.CAMERA)

    /** Whether pictures can be saved: always, from Android 10 on. */
    val saving: Boolean get() = Build.VERSION.SDK_INT >= 29 || allows(Manifest.permission.WRITE_EXTERNAL_STORAGE)

    /** Ask for the camera; the answer comes to `onRequestPermissionsResult`. */
    fun askForCamera() = activity.requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA)

    /** Ask for saving, before Android 10. */
    fun askForSaving() = activity.requestPermissions(arrayOf(Manifest.permission.WRITE_EXTERNAL_STORAGE), SAVING)

    /** Whether the system would still show its question; after a second refusal it does not. */
    val mayAskForCamera: Boolean get() = activity.shouldShowRequestPermissionRationale(Manifest.permission.CAMERA)

    /** The system's page of the app, where a refused permission is given back. */
    fun openSystemSettings() {
        val page = Uri.fromParts("package", activity.packageName, null)
        activity.startActivity(Intent(SystemSettings.ACTION_APPLICATION_DETAILS_SETTINGS, page))
    }

    private fun allows(name: String): Boolean = activity.checkSelfPermission(name) == PackageManager.PERMISSION_GRANTED

    companion object {
        /** Number of the question about the camera. */
        const val CAMERA = 1

        /** Of the one about saving. */
        const val SAVING = 2
    }
}
