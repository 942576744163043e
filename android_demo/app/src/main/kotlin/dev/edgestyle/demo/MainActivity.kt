package dev.edgestyle.demo

import android.content.Intent
import android.content.res.Configuration
import android.hardware.display.DisplayManager
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.widget.ProgressBar
import android.widget.TextView
import dev.edgestyle.kit.android.CameraFeed
import dev.edgestyle.kit.android.CameraListener
import dev.edgestyle.kit.android.Facing
import dev.edgestyle.kit.android.LiveBitmap
import dev.edgestyle.kit.android.PhotoFile
import dev.edgestyle.kit.contract.PackEntry
import dev.edgestyle.kit.core.CameraError
import dev.edgestyle.kit.core.KitError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.live.LiveStylizer
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.YuvFrame
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.styles.StyleMixer
import java.util.Locale
import java.util.concurrent.Executors

/** The live camera in a style: choose one, move the strength, hold to see the original, take a photo. */
class MainActivity : Screen(), CameraListener, DisplayManager.DisplayListener {
    private lateinit var picture: PictureView
    private lateinit var slider: StrengthSlider
    private lateinit var carousel: StyleCarousel
    private lateinit var feed: CameraFeed
    private val displays by lazy { getSystemService(DISPLAY_SERVICE) as DisplayManager }
    private var choice: StyleChoice? = null
    private var visible = false
    private var asked = false
    private var running = false
    private var waitsForPhoto = false
    private var openedDegrees = 0
    private var frames = 0 // on the camera's thread only
    private val photos = Executors.newSingleThreadExecutor() // a photo takes seconds, and styles are chosen meanwhile

    @Volatile
    private var shownPack = ""

    @Volatile
    private var shownAccelerator: Accelerator? = null

    /** What draws frames; changed on the background thread, read on the camera's. */
    @Volatile
    private var live: Live? = null

    private class Live(val stylizer: LiveStylizer, val renderer: StyleRenderer, val styles: StyleMixer, val bitmap: LiveBitmap)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_main)
        picture = findViewById<PictureView>(R.id.picture).apply { fills = true }
        slider = StrengthSlider(findViewById(R.id.strength), findViewById(R.id.strength_label), ::changeStrength)
        carousel = StyleCarousel(findViewById(R.id.styles), models.store, messages, ::chooseStyle)
        feed = CameraFeed(this, this)
        setUpButtons()
        asked = savedInstanceState?.getBoolean(ASKED) == true
        load({ models.picturePacks }) { packs ->
            carousel.show(packs)
            val chosen = firstChoice(packs) ?: return@load
            carousel.choose(chosen)
            chooseStyle(chosen)
        }
    }

    /** The style that was chosen last, if there still is such a one, else the first. */
    private fun firstChoice(packs: List<PackEntry>): StyleChoice? {
        val all = packs.flatMap { pack -> pack.styles.map { StyleChoice(pack.name, it.name) } }
        return settings.style?.takeIf { it in all } ?: all.firstOrNull()
    }

    private fun setUpButtons() {
        onClick(R.id.shutter) { takePhoto() }
        onClick(R.id.flip) { flip() }
        onClick(R.id.gallery) { startActivity(Intent(this, PhotoActivity::class.java)) }
        onClick(R.id.selfie) { startActivity(Intent(this, SelfieActivity::class.java)) }
        onClick(R.id.avatars) { startActivity(Intent(this, AvatarActivity::class.java)) }
        onClick(R.id.measure) { startActivity(Intent(this, MeasureActivity::class.java)) }
        onClick(R.id.open_settings) { startActivity(Intent(this, SettingsActivity::class.java)) }
        HoldToCompare.attach(findViewById(R.id.compare)) { original -> live?.stylizer?.showsOriginal = original }
        HoldToCompare.attach(picture) { original -> live?.stylizer?.showsOriginal = original }
    }

    override fun onResume() {
        super.onResume()
        visible = true
        displays.registerDisplayListener(this, null)
        if (shownAccelerator != null && shownAccelerator != settings.accelerator) choice?.let(::chooseStyle)
        when {
            permissions.camera -> openCamera()
            asked -> showRefused() // the question was answered already: asking again would never end
            else -> {
                asked = true
                permissions.askForCamera()
            }
        }
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putBoolean(ASKED, asked)
    }

    override fun onPause() {
        super.onPause()
        displays.unregisterDisplayListener(this)
        visible = false
        stop()
        feed.close()
    }

    /** There are no more frames, and no photo that was waited for. */
    private fun stop() {
        running = false
        if (waitsForPhoto) showProgress(1f)
        waitsForPhoto = false
    }

    override fun onDestroy() {
        feed.shutDown()
        background.execute { live?.renderer?.close() }
        photos.shutdown()
        super.onDestroy()
    }

    override fun onRequestPermissionsResult(requestCode: Int, names: Array<String>, results: IntArray) {
        super.onRequestPermissionsResult(requestCode, names, results)
        if (requestCode != Permissions.CAMERA) return
        if (!permissions.camera) return showRefused()
        hideMessage()
        openCamera()
    }

    private fun showRefused() {
        val text = messages.of(CameraError.Refused())
        if (permissions.mayAskForCamera) {
            showMessage(text, R.string.allow) { permissions.askForCamera() }
        } else {
            showMessage(text, R.string.system_settings) { permissions.openSystemSettings() }
        }
    }

    private fun openCamera() {
        val drawn = live?.bitmap ?: return // the first style opens it
        val long = maxOf(drawn.width, drawn.height)
        val short = minOf(drawn.width, drawn.height)
        if (!visible || !permissions.camera) return
        running = true
        openedDegrees = displayDegrees()
        live?.stylizer?.meter?.clear() // the time without frames is no frame's
        feed.open(settings.facing, openedDegrees, long, short)
    }

    /** From one landscape to the other there is no new activity, and frames would stand on their heads. */
    override fun onDisplayChanged(displayId: Int) {
        if (running && displayDegrees() != openedDegrees) openCamera()
    }

    override fun onDisplayAdded(displayId: Int) = Unit

    override fun onDisplayRemoved(displayId: Int) = Unit

    @Suppress("DEPRECATION") // Context.getDisplay needs API 30
    private fun displayDegrees(): Int = windowManager.defaultDisplay.rotation * 90

    private fun flip() {
        val other = if (settings.facing == Facing.BACK) Facing.FRONT else Facing.BACK
        if (!feed.has(other)) return showMessage(messages.of(CameraError.Unavailable("there is no other camera")))
        settings.facing = other
        openCamera()
    }

    private fun chooseStyle(chosen: StyleChoice) {
        choice = chosen
        settings.style = chosen
        load({ drawerFor(models.index.pack(chosen.pack)).let { it to it.styles.style(chosen.style) } }) { (drawer, style) ->
            drawer.stylizer.style = style.vector
            slider.strength = settings.strength(chosen, style.defaultStrength)
            drawer.stylizer.strength = slider.strength
            if (!running) openCamera()
        }
    }

    /** What draws a pack's styles; the one that is there where the pack and the accelerator stay. */
    private fun drawerFor(pack: PackEntry): Live {
        val before = live
        val accelerator = settings.accelerator
        if (before != null && shownPack == pack.name && shownAccelerator == accelerator) return before
        val upright = resources.configuration.orientation != Configuration.ORIENTATION_LANDSCAPE
        val (width, height) = pack.liveSizes.firstOrNull { (width, height) -> (height >= width) == upright }
            ?: throw RequestError.Unknown("pack '${pack.name}' has no file for the camera")
        val opened = models.openLive(pack, accelerator, width, height)
        opened.notice?.let { onScreen { showMessage(messages.fallback(it, opened.used)) } }
        val styles = StyleMixer(pack.styles(opened.value.contract))
        val drawer = Live(LiveStylizer(opened.value, width, height), opened.value, styles, LiveBitmap(width, height))
        drawer.stylizer.showsOriginal = before?.stylizer?.showsOriginal == true
        live = drawer
        shownPack = pack.name
        shownAccelerator = accelerator
        before?.renderer?.close()
        return drawer
    }

    private fun changeStrength(strength: Float) {
        live?.stylizer?.strength = strength
        choice?.let { settings.setStrength(it, strength) }
    }

    private fun takePhoto() {
        if (!permissions.saving) return permissions.askForSaving()
        if (!running || waitsForPhoto) return
        waitsForPhoto = true
        showProgress(0f)
        feed.takePhoto()
    }

    override fun onFrame(frame: YuvFrame, turn: Turn) {
        val drawer = live ?: return
        try {
            val shown = drawer.bitmap.show(drawer.stylizer.draw(frame, turn))
            onScreen { if (drawer === live) picture.bitmap = shown }
        } catch (error: KitError) {
            if (drawer !== live) return // another style was chosen, and this one's renderer closed
            feed.close()
            return onScreen {
                stop()
                showMessage(messages.of(error), R.string.retry) { retryOnCpu() }
            }
        }
        if (frames++ % FRAMES_A_LABEL == 0) onScreen { showSpeed(drawer) }
    }

    private fun retryOnCpu() {
        settings.accelerator = Accelerator.CPU
        choice?.let(::chooseStyle)
    }

    private fun showSpeed(drawer: Live) {
        val summary = drawer.stylizer.meter.summary() ?: return
        val rate = drawer.stylizer.meter.framesPerSecond() ?: return
        val text = getString(R.string.live_speed, format(rate), format(summary.p50))
        findViewById<TextView>(R.id.speed).text = text
    }

    private fun format(value: Double): String = String.format(Locale.getDefault(), "%.0f", value)

    override fun onPhoto(jpeg: ByteArray) = onScreen { drawPhoto(jpeg) }

    private fun drawPhoto(jpeg: ByteArray) {
        waitsForPhoto = false
        val chosen = choice ?: return showProgress(1f)
        val strength = slider.strength
        load({
            try {
                drawAndSave(jpeg, chosen, strength)
            } finally {
                onScreen { showProgress(1f) }
            }
        }, photos) { uri -> showMessage(getString(R.string.saved), R.string.share) { share(uri, "image/jpeg") } }
    }

    private fun drawAndSave(jpeg: ByteArray, chosen: StyleChoice, strength: Float): Uri {
        val pack = models.index.pack(chosen.pack)
        return models.openForPhotos(pack, settings.accelerator).value.use { renderer ->
            val style = StyleMixer(pack.styles(renderer.contract)).style(chosen.style)
            PhotoWork(this).draw(PhotoFile.of(jpeg), renderer, style, strength) { onScreen { showProgress(it) } }
        }
    }

    private fun showProgress(done: Float) {
        val bar = findViewById<ProgressBar>(R.id.progress)
        bar.visibility = if (done < 1f) View.VISIBLE else View.GONE
        bar.progress = (done * bar.max).toInt()
    }

    override fun onError(error: CameraError) = onScreen {
        stop()
        showMessage(messages.of(error), R.string.retry) { openCamera() }
    }

    private companion object {
        const val FRAMES_A_LABEL = 15
        const val ASKED = "asked"
    }
}
