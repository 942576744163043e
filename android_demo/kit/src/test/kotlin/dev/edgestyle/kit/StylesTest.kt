package dev.edgestyle.kit

import dev.edgestyle.kit.avatars.Pcg32
import dev.edgestyle.kit.avatars.drawLatent
import dev.edgestyle.kit.avatars.mixFaces
import dev.edgestyle.kit.avatars.parseSeed
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.core.asDouble
import dev.edgestyle.kit.core.asFloats
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.styles.Style
import dev.edgestyle.kit.styles.StyleMixer
import dev.edgestyle.kit.styles.checkStrength
import dev.edgestyle.kit.styles.parseMix
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Test

class StylesTest {
    private val mixing = Vectors.read("mixing")
    private val mixer = StyleMixer(
        mixing.part("styles").entries.map { (name, vector) -> Style(name, vector.asFloats(name), 0.8f) },
    )

    @Test
    fun mixesAreWeightedSums() {
        for (case in mixing.cases("good")) {
            val text = case.text("mix")
            val weights = parseMix(text)
            assertEquals(text, case.part("weights").entries.keys.toList(), weights.keys.toList())
            for ((name, weight) in case.part("weights").entries) assertEquals(text, weight.asDouble(name), weights.getValue(name), 1e-9)
            assertClose(case.floats("vector"), mixer.mix(text).vector, 1e-6, text)
        }
    }

    @Test
    fun textsThatAreNoMixesAreRefused() {
        for (case in mixing.cases("bad")) {
            val error = failure<RequestError> { mixer.mix(case.text("mix")) }
            assertEquals(case.text("mix"), case.text("error") == "unknown_style", error is RequestError.UnknownStyle)
        }
    }

    @Test
    fun aSingleStyleComesBackAsItIs() = assertSame(mixer.style("oil"), mixer.mix("oil:0.3"))

    @Test
    fun strengthsAreNumbersFromZeroToOne() {
        val strengths = Vectors.read("tensors").part("strengths")
        for (good in strengths.floats("good")) assertEquals(good, checkStrength(good))
        for (bad in strengths.floats("bad") + floatArrayOf(Float.NaN)) failure<RequestError.BadStrength> { checkStrength(bad) }
    }

    @Test
    fun seedsDrawTheNumbersOfAllLanguages() {
        val seeds = Vectors.read("seeds")
        for (case in seeds.cases("pcg32")) {
            val random = Pcg32(case.text("seed").toULong().toLong(), case.text("stream").toULong().toLong())
            for (draw in case.doubles("draws")) assertEquals(draw.toLong(), random.next())
        }
        for (case in seeds.cases("latents")) {
            val expected = case.floats("latent")
            assertClose(expected, drawLatent(case.text("seed").toLong(), expected.size), 1e-6, case.text("seed"))
        }
        val sums = seeds.part("sums")
        val latent = drawLatent(sums.text("seed").toLong(), sums.int("length"))
        assertEquals(sums.double("sum"), latent.sumOf { it.toDouble() }, 1e-4)
        assertEquals(sums.double("sum_of_squares"), latent.sumOf { it.toDouble() * it }, 1e-4)
        assertArrayEquals(drawLatent(7, 8).copyOf(5), drawLatent(7, 5), 0f)
    }

    @Test
    fun seedsAreReadAsTheyAreTyped() {
        val seeds = Vectors.read("seeds")
        for ((text, seed) in seeds.part("texts").entries) assertEquals(seed.asText(text).toLong(), parseSeed(text))
        for (bad in seeds.need("bad").asList("bad")) failure<RequestError.BadSeed> { parseSeed(bad.asText("bad")) }
    }

    @Test
    fun facesBetweenFacesAreWeightedMeans() {
        val mixed = mixFaces(listOf(floatArrayOf(1f, 0f) to 3.0, floatArrayOf(0f, 2f) to 1.0))
        assertArrayEquals(floatArrayOf(0.75f, 0.5f), mixed, 1e-6f)
        failure<RequestError.BadMix> { mixFaces(emptyList()) }
        failure<RequestError.BadMix> { mixFaces(listOf(floatArrayOf(1f) to -1.0)) }
    }
}
