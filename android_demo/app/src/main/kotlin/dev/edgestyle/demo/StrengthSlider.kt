package dev.edgestyle.demo

import android.widget.SeekBar
import android.widget.TextView

/**
 * The strength as a slider with its number beside it.
 *
 * @param onChanged called while the user moves it, with a number in [0,1].
 */
class StrengthSlider(
    private val bar: SeekBar, private val label: TextView, private val onChanged: (Float) -> Unit,
) : SeekBar.OnSeekBarChangeListener {
    init {
        bar.max = STEPS
        bar.setOnSeekBarChangeListener(this)
    }

    /** In [0,1]. */
    var strength: Float
        get() = bar.progress.toFloat() / STEPS
        set(value) {
            bar.progress = Math.round(value * STEPS)
            write()
        }

    override fun onProgressChanged(seekBar: SeekBar, progress: Int, fromUser: Boolean) {
        write()
        if (fromUser) onChanged(strength)
    }

    override fun onStartTrackingTouch(seekBar: SeekBar) = Unit

    override fun onStopTrackingTouch(seekBar: SeekBar) = Unit

    private fun write() {
        label.text = label.context.getString(R.string.strength_percent, bar.progress)
    }

    private companion object {
        const val STEPS = 100
    }
}
