package dev.edgestyle.demo

import android.content.Intent
import android.graphics.Bitmap
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.widget.RadioGroup
import dev.edgestyle.kit.android.PhotoFile
import dev.edgestyle.kit.android.readPhoto
import dev.edgestyle.kit.android.toBitmap
import dev.edgestyle.kit.contract.PackEntry
import dev.edgestyle.kit.core.FaceError
import dev.edgestyle.kit.core.LatestTask
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.selfie.Background
import dev.edgestyle.kit.selfie.Look
import dev.edgestyle.kit.selfie.Shape
import dev.edgestyle.kit.styles.StyleMixer

/** A photo of a person as a drawn selfie: style, strength, shape and background. */
class SelfieActivity : Screen() {
    private lateinit var picture: PictureView
    private lateinit var slider: StrengthSlider
    private lateinit var carousel: StyleCarousel
    private val drawings = LatestTask(background)
    private var uri: Uri? = null
    private var choice: StyleChoice? = null
    private var result: Bitmap? = null

    @Volatile
    private var photo: Pixels? = null
    private var studio: Studio? = null // on the background thread only

    private class Studio(val opened: OpenedSelfies, val styles: StyleMixer)

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_selfie)
        picture = findViewById(R.id.picture)
        slider = StrengthSlider(findViewById(R.id.strength), findViewById(R.id.strength_label)) { draw() }
        carousel = StyleCarousel(findViewById(R.id.styles), models.store, messages, ::chooseStyle)
        onClick(R.id.back) { finish() }
        onClick(R.id.gallery) { pickPicture(PICK) }
        onClick(R.id.save) { result?.let(::saveDrawn) }
        findViewById<RadioGroup>(R.id.shapes).setOnCheckedChangeListener { _, _ -> draw() }
        findViewById<RadioGroup>(R.id.backgrounds).setOnCheckedChangeListener { _, _ -> draw() }
        uri = savedInstanceState?.getString(PHOTO)?.let(Uri::parse)
        load({ models.recipe().let { recipe -> recipe to models.index.pack(recipe.pack) } }) { (recipe, pack) ->
            val kept = savedInstanceState?.takeIf { it.containsKey(STRENGTH) }
            slider.strength = kept?.getFloat(STRENGTH) ?: recipe.composing.defaultStrength
            show(pack, savedInstanceState?.getString(STYLE))
        }
    }

    private fun show(pack: PackEntry, kept: String?) {
        carousel.show(listOf(pack))
        val name = kept ?: pack.styles.firstOrNull()?.name ?: return
        choice = StyleChoice(pack.name, name).also(carousel::choose)
        val before = uri
        if (before != null) openPhoto(before) else if (kept == null) pickPicture(PICK)
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putString(PHOTO, uri?.toString())
        val chosen = choice ?: return // nothing is loaded yet
        state.putString(STYLE, chosen.style)
        state.putFloat(STRENGTH, slider.strength)
    }

    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val picked = data?.data
        if (resultCode == RESULT_OK && picked != null) openPhoto(picked) else if (uri == null) finish()
    }

    private fun openPhoto(picked: Uri) {
        uri = picked
        load({ readPhoto(PhotoFile.of(contentResolver, picked), PHOTO_SIDE) }) {
            photo = it
            draw()
        }
    }

    private fun chooseStyle(chosen: StyleChoice) {
        choice = chosen
        draw()
    }

    private fun draw() {
        val chosen = choice ?: return
        val person = photo ?: return
        val strength = slider.strength
        val background = chosenBackground()
        val shape = chosenShape()
        findViewById<View>(R.id.working).visibility = View.VISIBLE
        drawings.submit {
            attempt(::showFailure) {
                val ready = studio ?: openStudio().also { studio = it }
                val size = ready.opened.recipe.composing.defaultSize
                val look = Look(ready.styles.style(chosen.style), strength, background, shape, size)
                val drawn = toBitmap(ready.opened.maker.draw(person, look))
                onScreen { showResult(drawn) }
            }
        }
    }

    private fun showResult(drawn: Bitmap) {
        findViewById<View>(R.id.working).visibility = View.INVISIBLE
        hideMessage()
        result = drawn
        picture.bitmap = drawn
    }

    private fun showFailure(error: Throwable) {
        findViewById<View>(R.id.working).visibility = View.INVISIBLE
        if (error is FaceError) {
            showMessage(messages.of(error), R.string.other_photo) { pickPicture(PICK) }
        } else {
            showMessage(messages.of(error))
        }
    }

    private fun openStudio(): Studio {
        val recipe = models.recipe()
        val pack = models.index.pack(recipe.pack)
        val opened = models.openForPhotos(pack, settings.accelerator)
        opened.notice?.let { onScreen { showMessage(messages.fallback(it, opened.used)) } }
        return Studio(models.openSelfies(recipe, opened.value), StyleMixer(pack.styles(opened.value.contract)))
    }

    private fun chosenShape(): Shape = when (findViewById<RadioGroup>(R.id.shapes).checkedRadioButtonId) {
        R.id.shape_square -> Shape.SQUARE
        R.id.shape_none -> Shape.NONE
        else -> Shape.CIRCLE
    }

    private fun chosenBackground(): Background = when (findViewById<RadioGroup>(R.id.backgrounds).checkedRadioButtonId) {
        R.id.background_blur -> Background.Blur
        R.id.background_keep -> Background.Keep
        R.id.background_colour -> colourOf(R.color.selfie_background)
        else -> Background.Transparent
    }

    private fun colourOf(id: Int): Background {
        val colour = getColor(id)
        return Background.Colour((colour shr 16) and 0xff, (colour shr 8) and 0xff, colour and 0xff)
    }

    override fun onDestroy() {
        drawings.cancel()
        background.execute { studio?.opened?.close() }
        super.onDestroy()
    }

    private companion object {
        const val PICK = 1
        const val PHOTO_SIDE = 2048 // pixels; the finest search for faces is at this
        const val PHOTO = "photo"
        const val STYLE = "style"
        const val STRENGTH = "strength"
    }
}
