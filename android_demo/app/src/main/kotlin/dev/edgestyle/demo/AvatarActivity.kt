package dev.edgestyle.demo

import android.graphics.Bitmap
import android.os.Bundle
import android.widget.EditText
import dev.edgestyle.kit.android.toBitmap
import dev.edgestyle.kit.avatars.AvatarGenerator
import dev.edgestyle.kit.avatars.parseSeed
import dev.edgestyle.kit.core.LatestTask
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.RequestError
import java.util.Random

/** Drawn faces from nothing: a seed is a face, the same one on every phone. */
class AvatarActivity : Screen() {
    private lateinit var picture: PictureView
    private lateinit var slider: StrengthSlider
    private lateinit var carousel: StyleCarousel
    private lateinit var seed: EditText
    private val drawings = LatestTask(background)
    private var name: String? = null
    private var result: Bitmap? = null
    private var avatars: AvatarGenerator? = null // on the background thread only

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_avatars)
        picture = findViewById(R.id.picture)
        seed = findViewById(R.id.seed)
        slider = StrengthSlider(findViewById(R.id.strength), findViewById(R.id.strength_label)) { draw() }
        carousel = StyleCarousel(findViewById(R.id.styles), models.store, messages) { chosen ->
            name = chosen.style
            draw()
        }
        onClick(R.id.back) { finish() }
        onClick(R.id.save) { result?.let(::saveDrawn) }
        onClick(R.id.another) { showSeed(Random().nextInt(ANY_SEED).toString()) }
        onClick(R.id.draw) { showSeed(seed.text.toString()) }
        slider.strength = savedInstanceState?.getFloat(STRENGTH) ?: 1f
        load({ models.avatarPack ?: throw ModelError.Missing("a pack of avatars") }) { pack ->
            carousel.show(listOf(pack))
            name = savedInstanceState?.getString(NAME)
            draw()
        }
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putString(NAME, name)
        state.putFloat(STRENGTH, slider.strength)
    }

    private fun showSeed(text: String) {
        name = null
        seed.setText(text)
        draw()
    }

    private fun draw() {
        val named = name
        val typed = seed.text.toString()
        val strength = slider.strength
        drawings.submit {
            attempt {
                val generator = avatars ?: open().also { avatars = it }
                val style = if (named != null) generator.style(named) else generator.style(parseSeed(typed))
                val drawn = toBitmap(generator.draw(style, strength))
                onScreen {
                    hideMessage()
                    result = drawn
                    picture.bitmap = drawn
                }
            }
        }
    }

    private fun open(): AvatarGenerator =
        models.openAvatars(models.avatarPack ?: throw RequestError.Unknown("no pack draws avatars"))

    override fun onDestroy() {
        drawings.cancel()
        background.execute { avatars?.close() }
        super.onDestroy()
    }

    private companion object {
        const val ANY_SEED = 1_000_000 // short enough to read out to somebody
        const val NAME = "name"
        const val STRENGTH = "strength"
    }
}
