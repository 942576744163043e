package dev.edgestyle.kit.photo

import dev.edgestyle.kit.contract.Contract
import dev.edgestyle.kit.contract.keptDetail
import dev.edgestyle.kit.core.PictureError
import dev.edgestyle.kit.pixels.AxisWeights
import dev.edgestyle.kit.pixels.Filter
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.crop
import dev.edgestyle.kit.pixels.fittedSize
import dev.edgestyle.kit.pixels.resizeAcross
import dev.edgestyle.kit.pixels.resizeDown
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.styles.Style
import kotlin.math.max
import kotlin.math.min

/** A photo that is read in strips of rows, upright, so that one of 100 megapixels needs little memory. */
interface PhotoSource : AutoCloseable {
    /** Pixels. */
    val width: Int

    /** Pixels. */
    val height: Int

    /** So many rows from [top] on. Throws [PictureError.Unreadable]. */
    fun rows(top: Int, count: Int): Pixels
}

/** Takes a picture in strips of rows, from the top; throws what writing throws. */
fun interface PhotoSink {
    fun write(rows: Pixels)
}

/** A picture in memory as a source. */
class PixelsSource(private val picture: Pixels) : PhotoSource {
    override val width: Int get() = picture.width
    override val height: Int get() = picture.height

    override fun rows(top: Int, count: Int): Pixels = crop(picture, 0, top, picture.width, count)

    override fun close() = Unit
}

/** What [PhotoStylizer] does: where it is, from 0 to 1, and whether to go on. */
fun interface Progress {
    /** Called between strips. Return false to stop early. */
    fun report(done: Float): Boolean
}

/**
 * Photos at full resolution, as `edgestyle stylize` makes them.
 *
 * Strokes have a size in pixels, so the network draws at a working size, and a saved photo looks like its preview. The
 * result is enlarged, and gets the photo's detail layer, `photo - enlarge(shrink(photo))`, times [keptDetail]. At strength
 * 0 every pixel comes back. Beside the working picture only a strip of the photo is in memory.
 *
 * @param stripPixels most pixels of a strip; more are quicker, since each strip opens the photo's file again.
 * @param mostDrawnPixels that the network draws at where a pack draws at the photo's own size; [pixelsFor] says how many
 *   there is memory for.
 */
class PhotoStylizer(
    private val renderer: StyleRenderer, private val stripPixels: Int = STRIP_PIXELS,
    private val mostDrawnPixels: Int = Contract.MOST_DRAWN_PIXELS,
) {
    /**
     * Stylize a photo from [source] into [sink].
     *
     * @param wantedSide long side that the network draws at; null for the pack's own.
     * @return false where [progress] stopped it.
     * @throws PictureError.TooLarge it has more than [MOST_MEGAPIXELS].
     * @throws dev.edgestyle.kit.core.KitError it cannot be read or drawn.
     */
    fun stylize(
        source: PhotoSource, sink: PhotoSink, style: Style, strength: Float, wantedSide: Int? = null,
        progress: Progress = Progress { true },
    ): Boolean {
        checkSize(source.width, source.height)
        val side = renderer.contract.drawnSide(source.width, source.height, wantedSide, mostDrawnPixels)
        val (width, height) = if (side == null) source.width to source.height else fittedSize(source.width, source.height, side)
        if (!progress.report(0f)) return false
        val small = shrink(source, width, height, stripPixels)
        if (!progress.report(SHRUNK)) return false
        val drawn = renderer.render(small, style.vector, strength)
        if (!progress.report(DRAWN)) return false
        if (width == source.width && height == source.height) {
            sink.write(drawn)
            return progress.report(1f)
        }
        return enlarge(source, sink, small, drawn, keptDetail(strength, style), progress)
    }

    private fun enlarge(
        source: PhotoSource, sink: PhotoSink, small: Pixels, drawn: Pixels, kept: Float, progress: Progress,
    ): Boolean {
        val stylized = StripEnlarger(drawn, source.width, source.height)
        val base = StripEnlarger(small, source.width, source.height)
        for (top in 0 until source.height step stripRows(source.width, stripPixels)) {
            val count = min(stripRows(source.width, stripPixels), source.height - top)
            val rows = stylized.rows(top, count)
            sink.write(if (kept == 0f) rows else addDetail(rows, source.rows(top, count), base.rows(top, count), kept))
            if (!progress.report(DRAWN + (1 - DRAWN) * (top + count) / source.height)) return false
        }
        return true
    }

    companion object {
        /** More than this is refused, as by edgestyle: such a file is a mistake or an attack. */
        const val MOST_MEGAPIXELS = 178

        /** Of a strip: 24 MB as a bitmap. */
        const val STRIP_PIXELS = 6_000_000
        private const val BYTES_A_PIXEL = 96 // floats in and out, in the heap and beside it, and pixels
        private const val SHRUNK = 0.2f
        private const val DRAWN = 0.4f

        /** How many pixels a network can draw at with half of so much memory, bytes. */
        fun pixelsFor(heapBytes: Long): Int =
            (heapBytes / 2 / BYTES_A_PIXEL).coerceIn(1, Contract.MOST_DRAWN_PIXELS.toLong()).toInt()

        /** Throws [PictureError.TooLarge] for a size that is not read. */
        fun checkSize(width: Int, height: Int) {
            if (width.toLong() * height > MOST_MEGAPIXELS * 1_000_000L) {
                throw PictureError.TooLarge(width, height, MOST_MEGAPIXELS)
            }
        }
    }
}

/** `enlarged + amount * (photo - base)`, rounded and cut to 8 bits. */
fun addDetail(enlarged: Pixels, photo: Pixels, base: Pixels, amount: Float): Pixels {
    val result = Pixels(enlarged.width, enlarged.height)
    for (index in result.rgb.indices) {
        val detail = (photo.rgb[index].toInt() and 0xff) - (base.rgb[index].toInt() and 0xff)
        val value = (enlarged.rgb[index].toInt() and 0xff) + amount * detail
        result.rgb[index] = Math.rint(value.toDouble()).toInt().coerceIn(0, 255).toByte()
    }
    return result
}

/** Shrink a photo by Lanczos, reading it in strips; the same pixels as `resize` gives. */
fun shrink(source: PhotoSource, width: Int, height: Int, stripPixels: Int = PhotoStylizer.STRIP_PIXELS): Pixels {
    if (width == source.width && height == source.height) return source.rows(0, height)
    val across = AxisWeights(source.width, 0.0, source.width.toDouble(), width, Filter.LANCZOS)
    val down = AxisWeights(source.height, 0.0, source.height.toDouble(), height, Filter.LANCZOS)
    val result = Pixels(width, height)
    val most = stripRows(source.width, stripPixels)
    var top = 0
    while (top < height) {
        var end = top + 1
        while (end < height && down.end(end) - down.starts[top] <= most) end++
        val first = down.starts[top]
        val rows = narrowRows(source, first, down.end(end - 1), across, most)
        val part = resizeDown(rows, down, first, top, end - top)
        System.arraycopy(part.rgb, 0, result.rgb, 3 * width * top, part.rgb.size)
        top = end
    }
    return result
}

/** Rows from [first] until [end] brought to another width, so many read at a time. */
private fun narrowRows(source: PhotoSource, first: Int, end: Int, across: AxisWeights, most: Int): Pixels {
    val result = Pixels(across.count, end - first)
    for (top in first until end step most) {
        val part = resizeAcross(source.rows(top, min(most, end - top)), across)
        System.arraycopy(part.rgb, 0, result.rgb, 3 * across.count * (top - first), part.rgb.size)
    }
    return result
}

private fun stripRows(width: Int, pixels: Int): Int = max(1, pixels / width)

/** Enlarges a small picture by Lanczos, a strip of the large one at a time. */
private class StripEnlarger(private val small: Pixels, width: Int, height: Int) {
    private val across = AxisWeights(small.width, 0.0, small.width.toDouble(), width, Filter.LANCZOS)
    private val down = AxisWeights(small.height, 0.0, small.height.toDouble(), height, Filter.LANCZOS)

    fun rows(top: Int, count: Int): Pixels {
        val first = (top until top + count).minOf { down.starts[it] }
        val last = (top until top + count).maxOf { down.end(it) }
        val needed = resizeAcross(crop(small, 0, first, small.width, last - first), across)
        return resizeDown(needed, down, first, top, count)
    }
}
