package dev.edgestyle.demo

import android.os.Bundle
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.TextView
import dev.edgestyle.kit.contract.Component
import dev.edgestyle.kit.contract.ModelFormat
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.Opened
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.render.acceleratorsFor

/** What runs the networks, with a try whether it does on this phone; and what the app is made of. */
class SettingsActivity : Screen() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_settings)
        onClick(R.id.back) { finish() }
        load({ models.picturePacks.flatMap { it.formats(Component.RENDERER) }.distinct() }) { formats -> showAccelerators(formats) }
        load({ models.index.packs.joinToString("\n") { pack -> "${pack.title}: ${pack.styles.size}" } }) { text ->
            findViewById<TextView>(R.id.packs).text = text
        }
    }

    private fun showAccelerators(formats: List<ModelFormat>) {
        val group = findViewById<RadioGroup>(R.id.accelerators)
        for (accelerator in formats.flatMap(::acceleratorsFor).distinct()) {
            val button = layoutInflater.inflate(R.layout.item_accelerator, group, false) as RadioButton
            button.text = messages.name(accelerator)
            button.id = accelerator.ordinal + 1
            group.addView(button)
        }
        group.check(settings.accelerator.ordinal + 1)
        group.setOnCheckedChangeListener { _, id -> tryOut(Accelerator.entries[id - 1]) }
    }

    /** Open the first pack with it, so that a fallback shows here and now. */
    private fun tryOut(accelerator: Accelerator) {
        settings.accelerator = accelerator
        val status = findViewById<TextView>(R.id.accelerator_status)
        status.setText(R.string.accelerator_trying)
        load({ models.openForPhotos(models.picturePacks.first(), accelerator).also { it.value.close() } }) { opened ->
            status.text = statusText(opened)
        }
    }

    private fun statusText(opened: Opened<StyleRenderer>): String {
        val notice = opened.notice ?: return getString(R.string.accelerator_works, messages.name(opened.used))
        return messages.fallback(notice, opened.used)
    }
}
