package dev.edgestyle.kit.avatars

import dev.edgestyle.kit.core.RequestError
import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.ln
import kotlin.math.sin
import kotlin.math.sqrt

/**
 * PCG32 (O'Neill 2014, HMC-CS-2014-0905: PCG-XSH-RR 64/32), as `edgestyle/packs/seeds.py` writes it down: the same seed
 * is the same face in every language.
 *
 * @param seed the initial state, 64 bits.
 * @param stream which sequence, 63 bits; faces have their own.
 */
class Pcg32(seed: Long, stream: Long = FACES) {
    private val increment = 2 * stream + 1
    private var state = (increment + seed) * MULTIPLIER + increment

    /** The next draw, a whole number of 32 bits. */
    fun next(): Long {
        val old = state
        state = old * MULTIPLIER + increment
        val mixed = (((old ushr 18) xor old) ushr 27).toInt()
        return Integer.rotateRight(mixed, (old ushr 59).toInt()).toLong() and 0xffffffffL
    }

    companion object {
        /** The stream of faces. */
        const val FACES = 54L

        private const val MULTIPLIER = 6364136223846793005L
    }
}

/**
 * The random numbers of a seed, normally distributed (Box and Muller 1958).
 *
 * @param seed from 0 up.
 * @param length how many; the beginning of a longer latent is a shorter one.
 */
fun drawLatent(seed: Long, length: Int): FloatArray {
    val draws = Pcg32(seed)
    val latent = FloatArray(length)
    for (index in 0 until length step 2) {
        val radius = sqrt(-2 * ln(uniform(draws)))
        val angle = 2 * PI * uniform(draws)
        latent[index] = (radius * cos(angle)).toFloat()
        if (index + 1 < length) latent[index + 1] = (radius * sin(angle)).toFloat()
    }
    return latent
}

private fun uniform(draws: Pcg32): Double = (draws.next() + 0.5) / 4294967296.0

/** A seed as it was typed. Throws [RequestError.BadSeed] for what is no whole number from 0 to 2^63-1. */
fun parseSeed(text: String): Long {
    if (text.isEmpty() || text.any { it !in '0'..'9' }) throw RequestError.BadSeed(text)
    return text.trimStart('0').ifEmpty { "0" }.toLongOrNull() ?: throw RequestError.BadSeed(text)
}
