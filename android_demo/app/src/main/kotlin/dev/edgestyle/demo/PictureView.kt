package dev.edgestyle.demo

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.RectF
import android.util.AttributeSet
import android.view.View
import kotlin.math.max
import kotlin.math.min

/** Shows a picture: all of it, or as much as fills the view. */
class PictureView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    private val paint = Paint(Paint.FILTER_BITMAP_FLAG)
    private val place = RectF()

    /** What is shown; setting it, or changing its pixels and calling [invalidate], draws it again. */
    var bitmap: Bitmap? = null
        set(value) {
            field = value
            invalidate()
        }

    /** Whether the picture fills the view, and its edges are cut; else all of it is seen. */
    var fills: Boolean = false

    override fun onDraw(canvas: Canvas) {
        val shown = bitmap ?: return
        val across = width.toFloat() / shown.width
        val down = height.toFloat() / shown.height
        val scale = if (fills) max(across, down) else min(across, down)
        val left = (width - scale * shown.width) / 2
        val top = (height - scale * shown.height) / 2
        place.set(left, top, left + scale * shown.width, top + scale * shown.height)
        canvas.drawBitmap(shown, null, place, paint)
    }
}
