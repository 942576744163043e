package dev.edgestyle.kit.photo

import dev.edgestyle.kit.pixels.Pixels
import java.io.OutputStream
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.max
import kotlin.math.min
import kotlin.math.sqrt

/**
 * Writes a baseline JPEG (ITU-T T.81) in strips of rows, without subsampling.
 *
 * Android's `Bitmap.compress` wants the whole picture in memory, 400 MB for 100 megapixels; this wants eight rows.
 *
 * @param out gets the file; it is not closed.
 * @param width pixels, at most 65,535.
 * @param height pixels, likewise.
 * @param quality 1 to 100, as libjpeg counts it.
 */
class JpegWriter(private val out: OutputStream, private val width: Int, private val height: Int, quality: Int = 95) : PhotoSink {
    private val quantizers = listOf(scaled(LUMA_STEPS, quality), scaled(CHROMA_STEPS, quality))
    private val coders = listOf(BlockCoder(0, quantizers[0]), BlockCoder(1, quantizers[1]), BlockCoder(1, quantizers[1]))
    private val bits = BitWriter(out)
    private val waiting = ByteArray(3 * width * BLOCK)
    private var rowsWaiting = 0
    private var rowsDone = 0

    init {
        require(width in 1..MOST_SIDE && height in 1..MOST_SIDE) { "a JPEG has sides of 1 to $MOST_SIDE pixels" }
        writeHeader()
    }

    override fun write(rows: Pixels) {
        require(rows.width == width && rowsDone + rowsWaiting + rows.height <= height) { "more than ${width}x$height" }
        for (row in 0 until rows.height) {
            System.arraycopy(rows.rgb, 3 * width * row, waiting, 3 * width * rowsWaiting, 3 * width)
            if (++rowsWaiting == BLOCK) writeBlocks()
        }
    }

    /** Write what is left, and the end of the file; all rows have come by then. */
    fun finish() {
        check(rowsDone + rowsWaiting == height) { "${rowsDone + rowsWaiting} of $height rows have come" }
        if (rowsWaiting > 0) writeBlocks()
        bits.flush()
        out.write(byteArrayOf(MARK, 0xd9.toByte()))
        out.flush()
    }

    private fun writeBlocks() {
        val blocks = Array(3) { FloatArray(BLOCK * BLOCK) }
        for (left in 0 until width step BLOCK) {
            fill(blocks, left)
            for (channel in 0 until 3) coders[channel].write(blocks[channel], bits)
        }
        rowsDone += rowsWaiting
        rowsWaiting = 0
    }

    /** A block's Y, Cb and Cr (JFIF: BT.601, full range), less 128; edges go on. */
    private fun fill(blocks: Array<FloatArray>, left: Int) {
        for (y in 0 until BLOCK) {
            val row = 3 * width * min(y, rowsWaiting - 1)
            for (x in 0 until BLOCK) {
                val at = row + 3 * min(left + x, width - 1)
                val r = (waiting[at].toInt() and 0xff).toFloat()
                val g = (waiting[at + 1].toInt() and 0xff).toFloat()
                val b = (waiting[at + 2].toInt() and 0xff).toFloat()
                val place = BLOCK * y + x
                val luma = 0.299f * r + 0.587f * g + 0.114f * b
                blocks[0][place] = luma - 128
                blocks[1][place] = (b - luma) / 1.772f
                blocks[2][place] = (r - luma) / 1.402f
            }
        }
    }

    private fun writeHeader() {
        out.write(byteArrayOf(MARK, 0xd8.toByte()))
        segment(0xe0, byteArrayOf(0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0)) // "JFIF", version 1.1
        quantizers.forEachIndexed { number, steps ->
            segment(0xdb, byteArrayOf(number.toByte()) + ByteArray(64) { steps[ZIGZAG[it]].toByte() })
        }
        val sides = byteArrayOf((height shr 8).toByte(), height.toByte(), (width shr 8).toByte(), width.toByte())
        segment(0xc0, byteArrayOf(8) + sides + byteArrayOf(3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1))
        for (table in JpegTables.ALL) segment(0xc4, table.definition)
        segment(0xda, byteArrayOf(3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0))
    }

    private fun segment(marker: Int, body: ByteArray) {
        val length = body.size + 2
        out.write(byteArrayOf(MARK, marker.toByte(), (length shr 8).toByte(), length.toByte()))
        out.write(body)
    }

    private companion object {
        const val BLOCK = 8
        const val MOST_SIDE = 65_535
        const val MARK = 0xff.toByte()

        /** The standard's example tables (Annex K.1), scaled as libjpeg does. */
        fun scaled(steps: IntArray, quality: Int): IntArray {
            val percent = if (quality < 50) 5000 / max(1, quality) else 200 - 2 * quality
            return IntArray(64) { ((steps[it] * percent + 50) / 100).coerceIn(1, 255) }
        }
    }
}

/** Transforms, quantizes and codes the blocks of one channel. */
private class BlockCoder(table: Int, private val steps: IntArray) {
    private val direct = JpegTables.ALL[2 * table]
    private val alternating = JpegTables.ALL[2 * table + 1]
    private val rows = FloatArray(64)
    private var before = 0

    fun write(block: FloatArray, bits: BitWriter) {
        val levels = quantize(block)
        val difference = levels[0] - before
        before = levels[0]
        val size = bitLength(difference)
        bits.write(direct.codes[size], direct.lengths[size])
        bits.writeNumber(difference, size)
        var zeros = 0
        for (place in 1 until 64) {
            val level = levels[ZIGZAG[place]]
            if (level == 0) {
                zeros++
                continue
            }
            while (zeros > 15) {
                bits.write(alternating.codes[RUN_OF_16], alternating.lengths[RUN_OF_16])
                zeros -= 16
            }
            val length = bitLength(level)
            val symbol = (zeros shl 4) or length
            bits.write(alternating.codes[symbol], alternating.lengths[symbol])
            bits.writeNumber(level, length)
            zeros = 0
        }
        if (zeros > 0) bits.write(alternating.codes[0], alternating.lengths[0])
    }

    /** The discrete cosine transform (T.81, A.3.3), rows and then columns, divided by the steps. */
    private fun quantize(block: FloatArray): IntArray {
        for (y in 0 until 8) {
            for (u in 0 until 8) {
                var sum = 0f
                for (x in 0 until 8) sum += COSINES[8 * u + x] * block[8 * y + x]
                rows[8 * y + u] = sum
            }
        }
        return IntArray(64) { place ->
            val v = place / 8
            val u = place % 8
            var sum = 0f
            for (y in 0 until 8) sum += COSINES[8 * v + y] * rows[8 * y + u]
            Math.round(sum / steps[place])
        }
    }

    private companion object {
        const val RUN_OF_16 = 0xf0
        val COSINES = FloatArray(64) {
            val u = it / 8
            val scale = if (u == 0) sqrt(1 / 8.0) else sqrt(2 / 8.0)
            (scale * cos((2 * (it % 8) + 1) * u * PI / 16)).toFloat()
        }

        fun bitLength(value: Int): Int = 32 - Integer.numberOfLeadingZeros(if (value < 0) -value else value)
    }
}

/** Bits to bytes, with a zero byte after every 0xff, as the standard wants (T.81, F.1.2.3). */
private class BitWriter(private val out: OutputStream) {
    private val buffer = ByteArray(1 shl 14)
    private var length = 0
    private var held = 0
    private var count = 0

    fun write(code: Int, size: Int) {
        held = (held shl size) or code
        count += size
        while (count >= 8) {
            count -= 8
            put((held ushr count) and 0xff)
        }
        held = held and ((1 shl count) - 1)
    }

    /** A number as its low bits; a negative one less 1. */
    fun writeNumber(value: Int, size: Int) {
        if (size > 0) write((if (value < 0) value - 1 else value) and ((1 shl size) - 1), size)
    }

    fun flush() {
        if (count > 0) write((1 shl (8 - count)) - 1, 8 - count)
        out.write(buffer, 0, length)
        length = 0
    }

    private fun put(byte: Int) {
        if (length + 2 > buffer.size) {
            out.write(buffer, 0, length)
            length = 0
        }
        buffer[length++] = byte.toByte()
        if (byte == 0xff) buffer[length++] = 0
    }
}

/** The order in which a block's frequencies are coded: in diagonals, there and back. */
internal val ZIGZAG: IntArray = (0 until 64)
    .sortedWith(compareBy({ it / 8 + it % 8 }, { if ((it / 8 + it % 8) % 2 == 0) it % 8 else it / 8 }))
    .toIntArray()

/** Quantization steps of luma in rows (T.81, table K.1). */
internal val LUMA_STEPS = intArrayOf(
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)

/** Of chroma (T.81, table K.2): coarse but for the lowest frequencies. */
internal val CHROMA_STEPS = IntArray(64) { 99 }.also { steps ->
    val low = intArrayOf(17, 18, 24, 47, 18, 21, 26, 66, 24, 26, 56, 99, 47, 66, 99, 99)
    for (place in low.indices) steps[8 * (place / 4) + place % 4] = low[place]
}
