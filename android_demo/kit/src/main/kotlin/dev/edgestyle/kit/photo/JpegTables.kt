package dev.edgestyle.kit.photo

/** A Huffman table (T.81, C.2): codes by symbol, made of how many codes there are of each length. */
internal class HuffmanTable(kind: Int, private val counts: IntArray, private val symbols: IntArray) {
    /** By symbol. */
    val codes = IntArray(256)

    /** Bits of each code; 0 where there is none. */
    val lengths = IntArray(256)

    /** The body of the segment that defines it. */
    val definition: ByteArray =
        byteArrayOf(kind.toByte()) + ByteArray(16) { counts[it].toByte() } + ByteArray(symbols.size) { symbols[it].toByte() }

    init {
        var code = 0
        var place = 0
        for (length in 1..16) {
            repeat(counts[length - 1]) {
                codes[symbols[place]] = code++
                lengths[symbols[place++]] = length
            }
            code = code shl 1
        }
    }
}

/** The standard's example tables (T.81, K.3 to K.6), which every decoder takes. */
internal object JpegTables {
    private val SIZES = IntArray(12) { it }

    private fun symbols(hexadecimal: String): IntArray {
        val digits = hexadecimal.filterNot { it.isWhitespace() }
        return IntArray(digits.length / 2) { digits.substring(2 * it, 2 * it + 2).toInt(16) }
    }

    private val LUMA_SYMBOLS = symbols(
        """
        0102030004110512213141061351610722711432
        8191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a
        434445464748494a535455565758595a636465666768696a737475767778797a83848586
        8788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6
        c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa
        """,
    )

    private val CHROMA_SYMBOLS = symbols(
        """
        00010203110405213106124151076171132232810814
        4291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a
        434445464748494a535455565758595a636465666768696a737475767778797a82838485
        868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5
        c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa
        """,
    )

    /** Luma's direct and alternating, then chroma's. */
    val ALL = listOf(
        HuffmanTable(0x00, intArrayOf(0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0), SIZES),
        HuffmanTable(0x10, intArrayOf(0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125), LUMA_SYMBOLS),
        HuffmanTable(0x01, intArrayOf(0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0), SIZES),
        HuffmanTable(0x11, intArrayOf(0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119), CHROMA_SYMBOLS),
    )
}
