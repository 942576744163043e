package dev.edgestyle.demo

import dev.edgestyle.kit.photo.PhotoSink
import dev.edgestyle.kit.pixels.Pixels

/** Puts strips together again, for pictures that fit into memory. */
class Strips(width: Int, height: Int) : PhotoSink {
    /** The whole, once all strips have come. */
    val picture = Pixels(width, height)
    private var length = 0

    override fun write(rows: Pixels) {
        System.arraycopy(rows.rgb, 0, picture.rgb, length, rows.rgb.size)
        length += rows.rgb.size
    }
}
