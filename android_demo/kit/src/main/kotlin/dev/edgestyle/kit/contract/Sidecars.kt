package dev.edgestyle.kit.contract

import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.JsonException
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.ModelError.Fault
import dev.edgestyle.kit.core.asBoolean
import dev.edgestyle.kit.core.asDouble
import dev.edgestyle.kit.core.asInt
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asObject
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.styles.Style
import java.io.InputStream
import java.security.MessageDigest

/**
 * Read a sidecar.
 *
 * @param text the JSON beside a model.
 * @param name the model's name, for messages.
 * @throws ModelError.UnsupportedContract it is of another contract.
 * @throws ModelError.Damaged anything that the kit needs is missing or unsound.
 */
fun readSidecar(text: String, name: String): ModelContract = describing(name) {
    if (text.length > Contract.MOST_DESCRIPTION_BYTES) throw damaged(name, Fault.TOO_LARGE, "it has ${text.length} bytes")
    val data = Json.parse(text).asObject("sidecar")
    checkVersion(data, name)
    val inputs = readSpecs(data["inputs"], "inputs", name)
    val outputs = readSpecs(data["outputs"], "outputs", name)
    val dimensions = (inputs + outputs).firstOrNull { it.name == "style" }?.shape?.lastOrNull()
    val vectors = VectorReader(name, dimensions)
    val styles = data.need("styles").asObject("styles").entries.map { (style, entry) -> vectors.style(style, entry) }
    val mean = data["mean_style"]?.let { vectors.read(it, "mean_style") }
    if (styles.isEmpty() && mean == null) throw JsonException.Missing("mean_style")
    val component = data["component"]?.asText("component") ?: "renderer"
    ModelContract(
        name = name,
        pack = data.need("pack").asText("pack"),
        component = Component.named(component) ?: throw JsonException.WrongType("'$component' is no component"),
        format = data.need("format").asText("format"),
        recipe = data.need("recipe").asText("recipe"),
        inputs = inputs,
        outputs = outputs,
        sizeMultiple = readSizeMultiple(data["size_multiple"], name),
        sizes = data.need("sizes").asList("sizes").map { readSide(it, name) }
            .ifEmpty { throw damaged(name, Fault.BAD_SIZE, "'sizes' is empty") },
        freeSize = data["free_size"]?.asBoolean("free_size") ?: false,
        workingSize = readWorkingSize(data["working_size"], name),
        styles = styles,
        meanStyle = mean,
        latents = data["latents"]?.let { readLength(it, "latents", name) },
        sha256 = data.need("sha256").asText("sha256"),
        sizeBytes = data.need("size_bytes").asDouble("size_bytes").toLong(),
    )
}

/**
 * Make sure that a model is the one its sidecar describes.
 *
 * @param bytes a fresh stream over the model, which is closed.
 * @throws ModelError.Changed its length or sha256 is another.
 */
fun checkModel(contract: ModelContract, bytes: InputStream) {
    val digest = MessageDigest.getInstance("SHA-256")
    var length = 0L
    bytes.use { stream ->
        val buffer = ByteArray(1 shl 16)
        while (true) {
            val count = stream.read(buffer)
            if (count < 0) break
            digest.update(buffer, 0, count)
            length += count
        }
    }
    val found = digest.digest().joinToString("") { "%02x".format(it) }
    if (length != contract.sizeBytes || found != contract.sha256) throw ModelError.Changed(contract.name)
}

/** Run [read], and turn whatever is wrong with the JSON into [ModelError.Damaged]. */
internal fun <T> describing(name: String, read: () -> T): T = try {
    read()
} catch (error: JsonException) {
    val fault = when (error) {
        is JsonException.Syntax -> Fault.NOT_JSON
        is JsonException.Missing -> Fault.MISSING_FIELD
        is JsonException.WrongType -> Fault.WRONG_TYPE
    }
    throw ModelError.Damaged(name, fault, error.message.orEmpty(), error)
}

private fun damaged(name: String, fault: Fault, reason: String) = ModelError.Damaged(name, fault, reason)

private fun checkVersion(data: Json.Object, name: String) {
    val version = data.need("contract_version")
    val number = version as? Json.Number ?: throw JsonException.WrongType("'contract_version' is no number")
    if (number.value != Contract.VERSION.toDouble()) {
        throw ModelError.UnsupportedContract(name, number.value.toString().removeSuffix(".0"), Contract.VERSION)
    }
}

private fun readSide(value: Json, name: String): Int {
    val side = value.asInt("sizes")
    if (side !in Contract.SMALLEST_SIDE..Contract.LARGEST_SIDE || side % Contract.SIZE_MULTIPLE != 0) {
        throw damaged(name, Fault.BAD_SIZE, "$side is no side of a picture")
    }
    return side
}

private fun readSizeMultiple(value: Json?, name: String): Int {
    val multiple = value?.asInt("size_multiple") ?: return Contract.SIZE_MULTIPLE
    if (multiple !in 1..Contract.LARGEST_SIDE) throw damaged(name, Fault.BAD_SIZE, "sides are no multiples of $multiple")
    return multiple
}

private fun readWorkingSize(value: Json?, name: String): Int? {
    if (value == null || value is Json.Text) return null
    val side = value.asInt("working_size")
    if (side !in Contract.SMALLEST_SIDE..Contract.LARGEST_SIDE) throw damaged(name, Fault.BAD_SIZE, "nothing is drawn at $side pixels")
    return side
}

/** A length of a tensor's axis, which somebody will make room for. */
private fun readLength(value: Json, what: String, name: String): Int {
    val length = value.asInt(what)
    if (length !in 1..MOST_VALUES) throw damaged(name, Fault.BAD_SIZE, "'$what' is $length")
    return length
}

private fun readShape(value: Json, name: String): List<Int?> {
    val shape = value.asList("shape").map { if (it is Json.Null) null else readLength(it, "shape", name) }
    val values = shape.fold(1L) { product, side -> minOf(product * (side ?: 1), MOST_VALUES + 1L) }
    if (values > MOST_VALUES) throw damaged(name, Fault.BAD_SIZE, "a tensor has more than $MOST_VALUES values")
    return shape
}

private const val MOST_VALUES = 3 * Contract.LARGEST_SIDE * Contract.LARGEST_SIDE

private fun readSpecs(value: Json?, what: String, name: String): List<TensorSpec> = value?.asList(what).orEmpty().map { entry ->
    val spec = entry.asObject(what)
    val range = spec["range"]?.asList("range").orEmpty().map { if (it is Json.Null) null else it.asDouble("range") }
    TensorSpec(
        name = spec.need("name").asText("name"),
        shape = readShape(spec.need("shape"), name),
        dtype = spec.need("dtype").asText("dtype"),
        low = range.getOrNull(0),
        high = range.getOrNull(1),
    )
}

/** Reads style vectors of a length that the file's tensors say, else that of the first. */
private class VectorReader(private val name: String, private var dimensions: Int?) {
    fun style(style: String, entry: Json): Style {
        val data = entry.asObject(style)
        val strength = data["default_strength"]?.asDouble("default_strength") ?: 1.0
        if (strength < 0 || strength > 1) throw JsonException.WrongType("'default_strength' is not in [0,1]")
        return Style(style, read(data.need("vector"), style), strength.toFloat())
    }

    fun read(value: Json, what: String): FloatArray {
        val numbers = value.asList(what).map { it.asDouble(what).toFloat() }
        if (numbers.isEmpty() || numbers.any { !it.isFinite() }) {
            throw damaged(name, Fault.BAD_VECTOR, "the vector of '$what' is empty, or has numbers float32 does not hold")
        }
        val expected = dimensions ?: numbers.size.also { dimensions = it }
        if (numbers.size != expected) {
            throw damaged(name, Fault.BAD_VECTOR, "the vector of '$what' has ${numbers.size} numbers, not $expected")
        }
        return numbers.toFloatArray()
    }
}
