package dev.edgestyle.kit.core

/** JSON that cannot be read, or has not what was looked for. */
sealed class JsonException(message: String) : Exception(message) {
    /** It is no JSON. */
    class Syntax(message: String) : JsonException(message)

    /** A key is not there. */
    class Missing(key: String) : JsonException("'$key' is missing")

    /** A value is of another type. */
    class WrongType(message: String) : JsonException(message)
}

private const val DEEPEST = 100

/**
 * A value of JSON (RFC 8259), read strictly: no comments, no trailing commas, no NaN, no key twice.
 *
 * Android's own parser lets much of that pass, and a sidecar that is half right must not look whole.
 */
sealed interface Json {
    /** An object; keys keep their order. */
    data class Object(val entries: Map<String, Json>) : Json {
        operator fun get(key: String): Json? = entries[key]

        /** The value of a key that has to be there. Throws [JsonException]. */
        fun need(key: String): Json = entries[key] ?: throw JsonException.Missing(key)
    }

    /** An array. */
    data class Array(val values: List<Json>) : Json

    /** A string. */
    data class Text(val value: String) : Json

    /** A number; [isWhole] where it was written without fraction and exponent. */
    data class Number(val value: Double, val isWhole: Boolean) : Json

    /** true or false. */
    data class Bool(val value: Boolean) : Json

    /** null. */
    data object Null : Json

    companion object {
        /** Read a text. Throws [JsonException] for anything that is not one JSON value. */
        fun parse(text: String): Json = JsonParser(text).parseAll()
    }
}

/** The value as an object. Throws [JsonException]. */
fun Json.asObject(what: String): Json.Object = this as? Json.Object ?: throw JsonException.WrongType("'$what' is no object")

/** The value as a list. Throws [JsonException]. */
fun Json.asList(what: String): List<Json> = (this as? Json.Array)?.values ?: throw JsonException.WrongType("'$what' is no list")

/** The value as a text. Throws [JsonException]. */
fun Json.asText(what: String): String = (this as? Json.Text)?.value ?: throw JsonException.WrongType("'$what' is no text")

/** The value as a number. Throws [JsonException]. */
fun Json.asDouble(what: String): Double =
    (this as? Json.Number)?.value ?: throw JsonException.WrongType("'$what' is no number")

/** The value as a whole number of 32 bits. Throws [JsonException]. */
fun Json.asInt(what: String): Int {
    val number = this as? Json.Number
    if (number == null || !number.isWhole || number.value < Int.MIN_VALUE || number.value > Int.MAX_VALUE) {
        throw JsonException.WrongType("'$what' is no whole number")
    }
    return number.value.toInt()
}

/** The value as a truth value. Throws [JsonException]. */
fun Json.asBoolean(what: String): Boolean =
    (this as? Json.Bool)?.value ?: throw JsonException.WrongType("'$what' is not true or false")

/** The value as a list of numbers. Throws [JsonException]. */
fun Json.asFloats(what: String): FloatArray =
    asList(what).let { list -> FloatArray(list.size) { list[it].asDouble(what).toFloat() } }

private class JsonParser(private val text: String) {
    private var at = 0

    fun parseAll(): Json {
        val value = parseValue(0)
        skipSpace()
        if (at != text.length) fail("something follows the end")
        return value
    }

    private fun parseValue(depth: Int): Json {
        if (depth > DEEPEST) fail("it is nested too deep")
        skipSpace()
        return when (val next = peek()) {
            '{' -> parseObject(depth)
            '[' -> parseArray(depth)
            '"' -> Json.Text(parseString())
            't' -> word("true", Json.Bool(true))
            'f' -> word("false", Json.Bool(false))
            'n' -> word("null", Json.Null)
            else -> if (next == '-' || next in '0'..'9') parseNumber() else fail("'$next' begins no value")
        }
    }

    private fun parseObject(depth: Int): Json {
        val entries = LinkedHashMap<String, Json>()
        at++
        skipSpace()
        if (take('}')) return Json.Object(entries)
        do {
            skipSpace()
            val key = parseString()
            skipSpace()
            expect(':')
            if (entries.put(key, parseValue(depth + 1)) != null) fail("'$key' comes twice")
            skipSpace()
        } while (take(','))
        expect('}')
        return Json.Object(entries)
    }

    private fun parseArray(depth: Int): Json {
        val values = ArrayList<Json>()
        at++
        skipSpace()
        if (take(']')) return Json.Array(values)
        do {
            values.add(parseValue(depth + 1))
            skipSpace()
        } while (take(','))
        expect(']')
        return Json.Array(values)
    }

    private fun parseString(): String {
        expect('"')
        val result = StringBuilder()
        while (true) {
            val next = peek()
            at++
            when {
                next == '"' -> return result.toString()
                next == '\\' -> result.append(parseEscape())
                next < ' ' -> fail("a control character stands in a text")
                else -> result.append(next)
            }
        }
    }

    private fun parseEscape(): Char {
        val next = peek()
        at++
        if (next == 'u') {
            val digits = text.substring(at, minOf(at + 4, text.length))
            if (digits.length != 4 || digits.any { it.digitToIntOrNull(16) == null }) fail("\\u lacks its digits")
            at += 4
            return digits.toInt(16).toChar()
        }
        val plain = "\"\\/bfnrt".indexOf(next)
        if (plain < 0) fail("\\$next is no escape")
        return "\"\\/\b\u000c\n\r\t"[plain]
    }

    private fun parseNumber(): Json {
        var end = at
        while (end < text.length && (text[end] in '0'..'9' || text[end] in "+-.eE")) end++
        val number = text.substring(at, end) // a matcher over the whole text would copy it for each number, on Android
        if (!NUMBER.matches(number)) fail("a number is malformed")
        at = end
        val value = number.toDouble()
        if (value.isInfinite()) fail("${number.take(20)} is too large")
        return Json.Number(value, number.all { it == '-' || it in '0'..'9' })
    }

    private fun word(word: String, value: Json): Json {
        if (!text.startsWith(word, at)) fail("'${text.substring(at, minOf(at + 8, text.length))}' is no value")
        at += word.length
        return value
    }

    private fun peek(): Char = if (at < text.length) text[at] else fail("it ends too soon")

    private fun take(wanted: Char): Boolean = (at < text.length && text[at] == wanted).also { if (it) at++ }

    private fun expect(wanted: Char) {
        if (!take(wanted)) fail(if (at < text.length) "'$wanted' is expected" else "it ends too soon")
    }

    private fun skipSpace() {
        while (at < text.length && text[at] in " \t\r\n") at++
    }

    private fun fail(reason: String): Nothing = throw JsonException.Syntax("$reason (character $at)")

    private companion object {
        val NUMBER = Regex("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")
    }
}
