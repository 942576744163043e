package dev.edgestyle.demo

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.widget.Button
import android.widget.TextView
import java.util.concurrent.Executor
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** What all screens have: settings, models, a thread in the background, and a line for messages. */
abstract class Screen : Activity() {
    /** What the user chose. */
    protected val settings by lazy { Settings(this) }

    /** The app's models. */
    protected val models by lazy { Models.of(this) }

    /** The kit's reports in the user's language. */
    protected val messages by lazy { Messages(this) }

    /** Runs one thing after the other; ends with the screen. */
    protected val background: ExecutorService = Executors.newSingleThreadExecutor()

    /** What the user has to allow. */
    protected val permissions = Permissions(this)

    /** Do something slow in the background, and something with its result on the screen; failures are shown. */
    protected fun <T> load(work: () -> T, executor: Executor = background, show: (T) -> Unit) {
        executor.execute {
            attempt {
                val result = work()
                onScreen { show(result) }
            }
        }
    }

    /** Do something in the background; what goes wrong is shown, by [fail] or as a message. */
    protected fun attempt(fail: (Throwable) -> Unit = { showMessage(messages.of(it)) }, work: () -> Unit) {
        try {
            work()
        } catch (error: Exception) {
            onScreen { fail(error) }
        } catch (error: OutOfMemoryError) {
            onScreen { fail(error) }
        }
    }

    /** Do something on the main thread, unless the screen is gone. */
    protected fun onScreen(act: () -> Unit) = runOnUiThread { if (!isDestroyed) act() }

    /** Show a line, which stays until it is tapped or another comes; with a button where there is something to do. */
    protected fun showMessage(text: String, action: Int = 0, act: () -> Unit = {}) {
        val bar = findViewById<View>(R.id.message) ?: return
        findViewById<TextView>(R.id.message_text).text = text
        val button = findViewById<Button>(R.id.message_action)
        button.visibility = if (action == 0) View.GONE else View.VISIBLE
        if (action != 0) button.setText(action)
        button.setOnClickListener {
            hideMessage()
            act()
        }
        bar.setOnClickListener { hideMessage() }
        bar.visibility = View.VISIBLE
        bar.announceForAccessibilityCompat(text)
    }

    /** Take the line away. */
    protected fun hideMessage() {
        findViewById<View>(R.id.message)?.visibility = View.GONE
    }

    /** A button by its id, with what it does. */
    protected fun onClick(id: Int, act: () -> Unit) = findViewById<View>(id).setOnClickListener { act() }

    /** Let the user pick a picture; it comes to [onActivityResult]. */
    protected fun pickPicture(request: Int) {
        val intent = Intent(Intent.ACTION_GET_CONTENT).setType("image/*").addCategory(Intent.CATEGORY_OPENABLE)
        startActivityForResult(Intent.createChooser(intent, getString(R.string.pick_title)), request)
    }

    /** Offer a saved picture to other apps. */
    protected fun share(uri: Uri, mime: String) {
        val intent = Intent(Intent.ACTION_SEND).setType(mime).putExtra(Intent.EXTRA_STREAM, uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        startActivity(Intent.createChooser(intent, getString(R.string.share)))
    }

    /** Save a picture that is drawn already to the gallery, and offer to share it; asks for permission where needed. */
    protected fun saveDrawn(picture: Bitmap) {
        if (!permissions.saving) return permissions.askForSaving()
        load({ PhotoWork(this).save(picture) }) { saved ->
            showMessage(getString(R.string.saved), R.string.share) { share(saved, "image/png") }
        }
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        window.decorView.setBackgroundResource(R.color.background)
    }

    override fun onRequestPermissionsResult(requestCode: Int, names: Array<String>, results: IntArray) {
        super.onRequestPermissionsResult(requestCode, names, results)
        if (requestCode != Permissions.SAVING || permissions.saving) return
        showMessage(getString(R.string.error_saving_refused), R.string.system_settings) { permissions.openSystemSettings() }
    }

    override fun onDestroy() {
        super.onDestroy()
        background.shutdown()
    }

    private fun View.announceForAccessibilityCompat(text: String) {
        contentDescription = text // a live region: screen readers say it when it changes
    }
}
