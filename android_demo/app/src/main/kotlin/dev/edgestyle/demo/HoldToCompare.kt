package dev.edgestyle.demo

import android.view.MotionEvent
import android.view.View

/** A view that shows the original while it is held; a screen reader's click switches it there and back. */
object HoldToCompare {
    /** Give a view that behaviour. */
    fun attach(button: View, show: (original: Boolean) -> Unit) {
        button.setOnClickListener {
            button.isSelected = !button.isSelected
            show(button.isSelected)
        }
        button.setOnTouchListener { view, event ->
            when (event.actionMasked) {
                MotionEvent.ACTION_DOWN -> hold(view, true, show)
                MotionEvent.ACTION_UP, MotionEvent.ACTION_CANCEL -> hold(view, false, show)
            }
            true
        }
    }

    private fun hold(view: View, held: Boolean, show: (Boolean) -> Unit) {
        view.isPressed = held
        view.isSelected = held
        show(held)
    }
}
