package dev.edgestyle.demo

import android.content.Context
import dev.edgestyle.kit.android.Facing
import dev.edgestyle.kit.render.Accelerator

/** What the user chose, kept from start to start. */
class Settings(context: Context) {
    private val preferences = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    /** What is to run the networks. */
    var accelerator: Accelerator
        get() = Accelerator.entries.firstOrNull { it.title == preferences.getString(ACCELERATOR, null) } ?: Accelerator.XNNPACK
        set(value) = preferences.edit().putString(ACCELERATOR, value.title).apply()

    /** The style that was chosen last; null before the first. */
    var style: StyleChoice?
        get() = preferences.getString(PACK, null)?.let { pack -> preferences.getString(STYLE, null)?.let { StyleChoice(pack, it) } }
        set(value) = preferences.edit().putString(PACK, value?.pack).putString(STYLE, value?.style).apply()

    /** The camera that was used last. */
    var facing: Facing
        get() = if (preferences.getBoolean(FRONT, false)) Facing.FRONT else Facing.BACK
        set(value) = preferences.edit().putBoolean(FRONT, value == Facing.FRONT).apply()

    /** The strength that a style was last drawn at, in [0,1]; [default] before that. */
    fun strength(choice: StyleChoice, default: Float): Float = preferences.getFloat(key(choice), default)

    /** Keep it. */
    fun setStrength(choice: StyleChoice, strength: Float) = preferences.edit().putFloat(key(choice), strength).apply()

    private fun key(choice: StyleChoice) = "strength/${choice.pack}/${choice.style}"

    private companion object {
        const val ACCELERATOR = "accelerator"
        const val PACK = "pack"
        const val STYLE = "style"
        const val FRONT = "front"
    }
}

/** A style of a pack, by their names. */
data class StyleChoice(val pack: String, val style: String)
