package dev.edgestyle.kit.styles

import dev.edgestyle.kit.core.RequestError

/**
 * A style of a pack.
 *
 * @property name as packs and sidecars call it, such as "cartoon".
 * @property vector what the network takes, D numbers.
 * @property defaultStrength in [0,1].
 * @property detail how much of a photo's own detail stays at full strength, in [0,1].
 */
class Style(val name: String, val vector: FloatArray, val defaultStrength: Float, val detail: Float = 0f)

/** Mixes of styles of one pack: a weighted sum of their vectors, which costs a phone nothing. */
class StyleMixer(styles: Collection<Style>) {
    private val styles = styles.associateBy { it.name }

    /** Names, the default first. */
    val names: List<String> get() = styles.keys.toList()

    /** A style by its name. Throws [RequestError.UnknownStyle]. */
    fun style(name: String): Style = styles[name] ?: throw RequestError.UnknownStyle(name, names)

    /** The style of a text such as `cartoon` or `cartoon:0.6,oil:0.4`; errors as for [parseMix] and [mix]. */
    fun mix(text: String): Style = mix(parseMix(text))

    /**
     * The weighted sum of some styles; a single one comes back as it is.
     *
     * @param weights by name, from 0 up; they are brought to a sum of 1.
     * @throws RequestError a style is unknown, or the weights make no mix.
     */
    fun mix(weights: Map<String, Double>): Style {
        val shares = normalise(weights)
        val chosen = shares.map { (name, share) -> style(name) to share }
        if (chosen.size == 1) return chosen.single().first
        val length = chosen.first().first.vector.size
        return Style(
            name = shares.keys.joinToString(","),
            vector = FloatArray(length) { index -> chosen.sumOf { (style, share) -> share * style.vector[index] }.toFloat() },
            defaultStrength = weigh(chosen) { it.defaultStrength },
            detail = weigh(chosen) { it.detail },
        )
    }

    private fun weigh(chosen: List<Pair<Style, Double>>, value: (Style) -> Float): Float =
        chosen.sumOf { (style, share) -> share * value(style) }.toFloat().coerceIn(0f, 1f)
}

/**
 * Read a style or a mix such as `cartoon:0.6,oil:0.4`; a name without weight counts 1.
 *
 * @return weights by name, in the order given, which sum to 1.
 * @throws RequestError.BadMix a part is empty, a name comes twice, a weight is no number from 0 up, or all are 0.
 */
fun parseMix(text: String): Map<String, Double> {
    val weights = LinkedHashMap<String, Double>()
    for (part in text.split(",")) {
        val name = part.substringBefore(':').trim()
        if (name.isEmpty()) throw RequestError.BadMix("'$text' has a part without a style")
        if (name in weights) throw RequestError.BadMix("'$text' names '$name' twice")
        weights[name] = if (':' in part) parseWeight(part.substringAfter(':').trim(), name) else 1.0
    }
    return normalise(weights)
}

private val PLAIN_NUMBER = Regex("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?") // no "NaN", no "1f"

private fun parseWeight(text: String, name: String): Double {
    val weight = if (PLAIN_NUMBER.matches(text)) text.toDouble() else Double.NaN
    if (!weight.isFinite() || weight < 0) {
        throw RequestError.BadMix("the weight of '$name' must be a number from 0 up, not '$text'")
    }
    return weight
}

private fun normalise(weights: Map<String, Double>): Map<String, Double> {
    val bad = weights.entries.firstOrNull { !it.value.isFinite() || it.value < 0 }
    if (bad != null) throw RequestError.BadMix("the weight of '${bad.key}' must be a number from 0 up")
    val largest = weights.values.maxOrNull() ?: 0.0
    if (largest == 0.0) throw RequestError.BadMix("all weights are 0: give at least one style a weight")
    val total = weights.values.sumOf { it / largest } // no sum of these overflows
    return weights.mapValues { it.value / largest / total }
}

/** The strength itself if it is a number from 0 to 1. Throws [RequestError.BadStrength]. */
fun checkStrength(strength: Float): Float {
    if (strength.isNaN() || strength < 0f || strength > 1f) throw RequestError.BadStrength(strength)
    return strength
}
