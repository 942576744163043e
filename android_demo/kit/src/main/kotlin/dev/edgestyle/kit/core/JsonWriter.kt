package dev.edgestyle.kit.core

import java.util.Locale

/**
 * Write maps, lists, texts, numbers, truth values and null as JSON in one line.
 *
 * Doubles and floats come out with [decimals] digits after the point at most. Throws [JsonException] for a number that
 * is not finite, and for any other type.
 */
fun writeJson(value: Any?, decimals: Int = 6): String =
    StringBuilder().also { writeValue(it, value, decimals) }.toString()

private fun writeValue(out: StringBuilder, value: Any?, decimals: Int) {
    when (value) {
        null -> out.append("null")
        is String -> writeText(out, value)
        is Boolean -> out.append(value)
        is Int, is Long -> out.append(value)
        is Double -> out.append(plain(value, decimals))
        is Float -> out.append(plain(value.toDouble(), decimals))
        is Map<*, *> -> writeAll(out, value.entries, '{', '}') { (key, item) ->
            writeText(out, key as String)
            out.append(": ")
            writeValue(out, item, decimals)
        }
        is List<*> -> writeAll(out, value, '[', ']') { writeValue(out, it, decimals) }
        else -> throw JsonException.WrongType("${value.javaClass.name} has no JSON")
    }
}

private fun <T> writeAll(out: StringBuilder, items: Collection<T>, open: Char, close: Char, write: (T) -> Unit) {
    out.append(open)
    items.forEachIndexed { index, item ->
        if (index > 0) out.append(", ")
        write(item)
    }
    out.append(close)
}

private fun writeText(out: StringBuilder, text: String) {
    out.append('"')
    for (char in text) {
        when {
            char == '"' || char == '\\' -> out.append('\\').append(char)
            char < ' ' -> out.append(String.format(Locale.ROOT, "\\u%04x", char.code))
            else -> out.append(char)
        }
    }
    out.append('"')
}

private fun plain(value: Double, decimals: Int): String {
    if (!value.isFinite()) throw JsonException.WrongType("$value has no JSON")
    val text = String.format(Locale.ROOT, "%.${decimals}f", value)
    return if ('.' in text) text.trimEnd('0').removeSuffix(".") else text
}
