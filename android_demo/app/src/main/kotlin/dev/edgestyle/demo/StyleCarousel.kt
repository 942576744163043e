package dev.edgestyle.demo

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.TextView
import dev.edgestyle.kit.contract.ModelStore
import dev.edgestyle.kit.contract.PackEntry
import java.io.FileNotFoundException
import java.io.IOException

/**
 * A row of styles with their previews; one is chosen.
 *
 * @param row in a horizontal scroll view.
 * @param onChosen called when the user chooses one.
 */
class StyleCarousel(
    private val row: LinearLayout, private val store: ModelStore, private val messages: Messages,
    private val onChosen: (StyleChoice) -> Unit,
) {
    private val items = LinkedHashMap<StyleChoice, View>()

    /** Put the styles of some packs in, in place of those before. */
    fun show(packs: List<PackEntry>) {
        row.removeAllViews()
        items.clear()
        for (pack in packs) {
            for (style in pack.styles) {
                val item = add(StyleChoice(pack.name, style.name), messages.title(style))
                showPreview(item, style.preview)
            }
        }
    }

    /** Put one more in front, with its preview if there is one, in place of the one that is called the same. */
    fun addFirst(choice: StyleChoice, title: String, preview: Bitmap?) {
        items.remove(choice)?.let(row::removeView)
        add(choice, title, 0).findViewById<ImageView>(R.id.style_preview).setImageBitmap(preview)
    }

    /** Mark one as chosen. */
    fun choose(choice: StyleChoice) {
        for ((known, item) in items) item.isSelected = known == choice
        items[choice]?.let { chosen -> row.post { chosen.parent.requestChildFocus(chosen, chosen) } }
    }

    private fun add(choice: StyleChoice, title: String, place: Int = -1): View {
        val item = LayoutInflater.from(row.context).inflate(R.layout.item_style, row, false)
        item.findViewById<TextView>(R.id.style_title).text = title
        item.findViewById<ImageView>(R.id.style_preview).clipToOutline = true // the XML attribute needs API 31
        item.contentDescription = title
        item.setOnClickListener {
            choose(choice)
            onChosen(choice)
        }
        row.addView(item, place, item.layoutParams as ViewGroup.LayoutParams)
        items[choice] = item
        return item
    }

    private fun showPreview(item: View, path: String?) {
        val options = BitmapFactory.Options().apply { inSampleSize = 2 }
        try {
            store.open(path ?: throw FileNotFoundException()).use { stream ->
                item.findViewById<ImageView>(R.id.style_preview).setImageBitmap(BitmapFactory.decodeStream(stream, null, options))
            }
        } catch (_: IOException) {
            item.findViewById<View>(R.id.style_preview).alpha = 0f // a style without preview still has its title
        }
    }
}
