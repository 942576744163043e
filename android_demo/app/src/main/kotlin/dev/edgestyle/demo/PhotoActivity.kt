package dev.edgestyle.demo

import android.content.Intent
import android.graphics.Bitmap
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.view.View
import android.widget.ProgressBar
import dev.edgestyle.kit.android.PhotoFile
import dev.edgestyle.kit.android.readPhoto
import dev.edgestyle.kit.android.toBitmap
import dev.edgestyle.kit.contract.PackEntry
import dev.edgestyle.kit.core.LatestTask
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.photo.PhotoStylizer
import dev.edgestyle.kit.photo.PixelsSource
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.fit
import dev.edgestyle.kit.render.StyleEncoder
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.styles.Style
import dev.edgestyle.kit.styles.StyleMixer

/** A photo of the gallery in a style, or in the look of another picture: preview, save at full size, share. */
class PhotoActivity : Screen() {
    private lateinit var picture: PictureView
    private lateinit var slider: StrengthSlider
    private lateinit var carousel: StyleCarousel
    private val previews = LatestTask(background)
    private var photo: Uri? = null
    private var choice: StyleChoice? = null
    private var preview: Pixels? = null
    private var drawn: Bitmap? = null
    private var comparing = false

    @Volatile
    private var reference: FloatArray? = null
    private var opened: OpenedPack? = null // on the background thread only

    private class OpenedPack(val pack: PackEntry, val renderer: StyleRenderer, val styles: List<Style>)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_photo)
        picture = findViewById(R.id.picture)
        slider = StrengthSlider(findViewById(R.id.strength), findViewById(R.id.strength_label), ::changeStrength)
        carousel = StyleCarousel(findViewById(R.id.styles), models.store, messages, ::chooseStyle)
        onClick(R.id.back) { finish() }
        onClick(R.id.gallery) { pickPicture(PICK_PHOTO) }
        onClick(R.id.reference) { pickPicture(PICK_REFERENCE) }
        onClick(R.id.save) { save() }
        HoldToCompare.attach(findViewById(R.id.compare), ::compare)
        restore(savedInstanceState)
        load({ models.picturePacks }) { packs -> showStyles(packs) }
    }

    private fun restore(saved: Bundle?) {
        photo = saved?.getString(PHOTO)?.let(Uri::parse) ?: sharedPhoto()
        reference = saved?.getFloatArray(REFERENCE)
        val pack = saved?.getString(PACK)
        val style = saved?.getString(STYLE)
        choice = if (pack != null && style != null) StyleChoice(pack, style) else settings.style
        if (photo == null && saved == null) pickPicture(PICK_PHOTO)
    }

    /** A picture that another app shared with this one; no file of this app itself, which a path could name. */
    private fun sharedPhoto(): Uri? = if (intent.action == Intent.ACTION_SEND) stream()?.takeIf { it.scheme == "content" } else null

    @Suppress("DEPRECATION") // the typed call is of API 33, where it fails for some intents
    private fun stream(): Uri? = when {
        Build.VERSION.SDK_INT >= 34 -> intent.getParcelableExtra(Intent.EXTRA_STREAM, Uri::class.java)
        else -> intent.getParcelableExtra(Intent.EXTRA_STREAM)
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putString(PHOTO, photo?.toString())
        state.putString(PACK, choice?.pack)
        state.putString(STYLE, choice?.style)
        state.putFloatArray(REFERENCE, reference)
    }

    private fun showStyles(packs: List<PackEntry>) {
        carousel.show(packs)
        if (reference != null) models.encodingPack?.let { addReference(it, null) }
        val all = packs.flatMap { pack -> pack.styles.map { StyleChoice(pack.name, it.name) } }
        val chosen = choice?.takeIf { it in all || it.style == StyleEncoder.REFERENCE } ?: all.firstOrNull() ?: return
        carousel.choose(chosen)
        chooseStyle(chosen)
        photo?.let(::openPhoto)
    }

    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val picked = data?.data
        when {
            resultCode != RESULT_OK || picked == null -> if (photo == null) finish()
            requestCode == PICK_PHOTO -> openPhoto(picked)
            requestCode == PICK_REFERENCE -> takeLook(picked)
        }
    }

    private fun openPhoto(uri: Uri) = load({ fit(readPhoto(PhotoFile.of(contentResolver, uri), PREVIEW_SIDE), PREVIEW_SIDE) }) {
        photo = uri // what is saved is what is seen
        preview = it
        findViewById<View>(R.id.hint).visibility = View.GONE
        draw()
    }

    private fun takeLook(uri: Uri) = load({
        val pack = models.encodingPack ?: throw ModelError.Missing("an encoder of reference pictures")
        val look = readPhoto(PhotoFile.of(contentResolver, uri), REFERENCE_SIDE)
        val style = models.openEncoder(pack).use { it.encode(look) }
        Triple(pack, style, toBitmap(fit(look, ICON_SIDE)))
    }) { (pack, style, icon) ->
        reference = style.vector
        val look = addReference(pack, icon)
        carousel.choose(look)
        chooseStyle(look)
    }

    private fun addReference(pack: PackEntry, preview: Bitmap?): StyleChoice {
        val look = StyleChoice(pack.name, StyleEncoder.REFERENCE)
        carousel.addFirst(look, getString(R.string.reference_look), preview)
        return look
    }

    private fun chooseStyle(chosen: StyleChoice) {
        choice = chosen
        load({ styleOf(chosen) }) { (_, style) ->
            slider.strength = settings.strength(chosen, style.defaultStrength)
            draw()
        }
    }

    private fun changeStrength(strength: Float) {
        choice?.let { settings.setStrength(it, strength) }
        draw()
    }

    private fun compare(original: Boolean) {
        comparing = original
        picture.bitmap = if (original) preview?.let(::toBitmap) else drawn
    }

    /** Draw the preview; of several calls while one runs, the newest counts. */
    private fun draw() {
        val chosen = choice ?: return
        val small = preview ?: return
        val strength = slider.strength
        previews.submit {
            attempt {
                val (renderer, style) = styleOf(chosen)
                val strips = Strips(small.width, small.height)
                PhotoStylizer(renderer).stylize(PixelsSource(small), strips, style, strength)
                val bitmap = toBitmap(strips.picture)
                onScreen {
                    drawn = bitmap
                    if (!comparing) picture.bitmap = bitmap
                }
            }
        }
    }

    /** The renderer and the style of a choice, on the background thread. */
    private fun styleOf(chosen: StyleChoice): Pair<StyleRenderer, Style> {
        val pack = models.index.pack(chosen.pack)
        val before = opened
        val ready = if (before?.pack?.name == pack.name) before else openPack(pack).also { before?.renderer?.close() }
        opened = ready
        val look = reference
        if (chosen.style == StyleEncoder.REFERENCE && look != null) {
            val like = ready.styles.first()
            return ready.renderer to Style(chosen.style, look, like.defaultStrength, like.detail)
        }
        return ready.renderer to StyleMixer(ready.styles).style(chosen.style)
    }

    private fun openPack(pack: PackEntry): OpenedPack {
        val result = models.openForPhotos(pack, settings.accelerator)
        result.notice?.let { onScreen { showMessage(messages.fallback(it, result.used)) } }
        return OpenedPack(pack, result.value, pack.styles(result.value.contract))
    }

    private fun save() {
        val uri = photo ?: return
        val chosen = choice ?: return
        if (!permissions.saving) return permissions.askForSaving()
        val strength = slider.strength
        showProgress(0f)
        load({
            val (renderer, style) = styleOf(chosen)
            try {
                PhotoWork(this).draw(PhotoFile.of(contentResolver, uri), renderer, style, strength) { onScreen { showProgress(it) } }
            } finally {
                onScreen { showProgress(1f) }
            }
        }) { saved -> showMessage(getString(R.string.saved), R.string.share) { share(saved, "image/jpeg") } }
    }

    private fun showProgress(done: Float) {
        val bar = findViewById<ProgressBar>(R.id.progress)
        bar.visibility = if (done < 1f) View.VISIBLE else View.INVISIBLE
        bar.progress = (done * bar.max).toInt()
    }

    override fun onDestroy() {
        previews.cancel()
        background.execute { opened?.renderer?.close() }
        super.onDestroy()
    }

    private companion object {
        const val PICK_PHOTO = 1
        const val PICK_REFERENCE = 2
        const val PREVIEW_SIDE = 1024 // pixels; a preview is drawn at what packs with strokes draw at
        const val REFERENCE_SIDE = 512
        const val ICON_SIDE = 160
        const val PHOTO = "photo"
        const val PACK = "pack"
        const val STYLE = "style"
        const val REFERENCE = "reference"
    }
}
