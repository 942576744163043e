package dev.edgestyle.kit

import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.asDouble
import dev.edgestyle.kit.core.asFloats
import dev.edgestyle.kit.core.asInt
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asObject
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import java.io.File
import kotlin.math.abs
import kotlin.math.log10

/** Numbers that Python made, shared by all three languages: `tests/vectors`. */
object Vectors {
    private val folder = File(System.getProperty("edgestyle.vectors") ?: "../../tests/vectors")

    /** One topic. */
    fun read(topic: String): Json.Object = Json.parse(File(folder, "$topic.json").readText()).asObject(topic)
}

fun Json.Object.cases(key: String): List<Json.Object> = need(key).asList(key).map { it.asObject(key) }
fun Json.Object.part(key: String): Json.Object = need(key).asObject(key)
fun Json.Object.int(key: String): Int = need(key).asInt(key)
fun Json.Object.double(key: String): Double = need(key).asDouble(key)
fun Json.Object.text(key: String): String = need(key).asText(key)
fun Json.Object.floats(key: String): FloatArray = need(key).asFloats(key)
fun Json.Object.doubles(key: String): DoubleArray = need(key).asList(key).map { it.asDouble(key) }.toDoubleArray()
fun Json.Object.bytes(key: String): ByteArray = need(key).asList(key).map { it.asInt(key).toByte() }.toByteArray()
fun Json.Object.has(key: String): Boolean = this[key].let { it != null && it !is Json.Null }
fun Json.Object.flag(key: String): Boolean = (need(key) as Json.Bool).value

/** Lists in lists of numbers, flat. */
fun flat(value: Json): List<Double> =
    if (value is Json.Array) value.values.flatMap(::flat) else listOf(value.asDouble("number"))

/** `[H][W][C]`, or `[H][W]`, as a plane. */
fun Json.Object.plane(key: String): Plane {
    val rows = need(key).asList(key)
    val width = rows.first().asList(key).size
    val values = flat(need(key))
    return Plane(width, rows.size, values.size / rows.size / width, FloatArray(values.size) { values[it].toFloat() })
}

/** `[H][W][3]` as pixels. */
fun Json.Object.picture(key: String): Pixels {
    val plane = plane(key)
    return Pixels(plane.width, plane.height, ByteArray(plane.values.size) { plane.values[it].toInt().toByte() })
}

fun assertClose(expected: FloatArray, found: FloatArray, tolerance: Double, what: String = "") {
    assertEquals("$what: length", expected.size, found.size)
    val worst = expected.indices.maxByOrNull { abs(expected[it] - found[it]) } ?: return
    val text = "$what: at $worst it is ${found[worst]}, not ${expected[worst]}"
    assertTrue(text, abs(expected[worst] - found[worst]) <= tolerance)
}

/** Levels differ by [most] at most. */
fun assertLevels(expected: ByteArray, found: ByteArray, most: Int, what: String = "") {
    assertEquals("$what: length", expected.size, found.size)
    for (index in expected.indices) {
        val difference = abs((expected[index].toInt() and 0xff) - (found[index].toInt() and 0xff))
        assertTrue("$what: level $index differs by $difference", difference <= most)
    }
}

/** Peak signal-to-noise ratio of two pictures of 8 bits, dB. */
fun psnrDb(a: ByteArray, b: ByteArray): Double {
    val squares = a.indices.sumOf { index ->
        val difference = (a[index].toInt() and 0xff) - (b[index].toInt() and 0xff)
        (difference * difference).toDouble()
    }
    return if (squares == 0.0) Double.POSITIVE_INFINITY else 10 * log10(255.0 * 255.0 * a.size / squares)
}

/** The error that [act] throws. */
inline fun <reified T : Throwable> failure(act: () -> Unit): T {
    try {
        act()
    } catch (error: Throwable) {
        if (error is T) return error
        throw error
    }
    throw AssertionError("nothing was thrown; ${T::class.simpleName} was expected")
}
