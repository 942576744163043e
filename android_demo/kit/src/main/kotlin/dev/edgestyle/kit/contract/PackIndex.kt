package dev.edgestyle.kit.contract

import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.JsonException
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.asDouble
import dev.edgestyle.kit.core.asInt
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asObject
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.styles.Style

/**
 * One exported file in an app's assets; paths are relative to these.
 *
 * @property sizes the only widths and heights of pictures that it takes; null where any multiple goes.
 */
class ModelEntry(
    val component: Component, val format: ModelFormat, val path: String, val sidecar: String,
    val sizes: List<Pair<Int, Int>>?,
)

/**
 * What people see of a style.
 *
 * @property name as sidecars call it.
 * @property title in English.
 * @property preview path of a picture in the assets; null where the pack has none.
 * @property detail how much of a photo's own detail stays at full strength, in [0,1].
 */
class StyleEntry(val name: String, val title: String, val preview: String?, val detail: Float)

/**
 * A pack in an app's assets.
 *
 * @property drawsAvatars whether it draws pictures from nothing, instead of redrawing them.
 */
class PackEntry(
    val name: String, val title: String, val drawsAvatars: Boolean, val files: List<ModelEntry>,
    val styles: List<StyleEntry>,
) {
    /** The formats that it has a component in. */
    fun formats(component: Component): List<ModelFormat> = files.filter { it.component == component }.map { it.format }.distinct()

    /** Whether it has a component at all. */
    fun has(component: Component): Boolean = files.any { it.component == component }

    /** A component's file for pictures of any size, in the wanted format, else in the other. Throws [ModelError.Missing]. */
    fun need(component: Component, format: ModelFormat): ModelEntry {
        val own = files.filter { it.component == component }.sortedBy { it.format != format }
        return own.firstOrNull { it.sizes == null } ?: own.firstOrNull()
            ?: throw ModelError.Missing("the ${component.name.lowercase()} of pack '$name'")
    }

    /**
     * The renderer for pictures of one size, which accelerators prefer; the one of any size where there is none.
     *
     * @throws ModelError.Missing the pack has no renderer.
     */
    fun rendererFor(width: Int, height: Int, format: ModelFormat): ModelEntry = files.firstOrNull {
        it.component == Component.RENDERER && it.format == format && it.sizes?.contains(width to height) == true
    } ?: need(Component.RENDERER, format)

    /** Widths and heights that it has a renderer of its own for. */
    val liveSizes: List<Pair<Int, Int>>
        get() = files.filter { it.component == Component.RENDERER }.flatMap { it.sizes.orEmpty() }.distinct()

    /** The styles of a file with what the index knows of them; those that the index leaves out come as they are. */
    fun styles(contract: ModelContract): List<Style> = contract.styles.map { style ->
        val entry = styles.firstOrNull { it.name == style.name }
        Style(style.name, style.vector, style.defaultStrength, entry?.detail ?: style.detail)
    }
}

/** All packs in an app's assets: `models/index.json`, which `export/android.py` writes. */
class PackIndex(val packs: List<PackEntry>) {
    /** A pack by name. Throws [ModelError.Missing]. */
    fun pack(name: String): PackEntry = packs.firstOrNull { it.name == name } ?: throw ModelError.Missing("pack '$name'")

    companion object {
        /** Where it is in the assets. */
        const val PATH = "models/index.json"

        private const val FORMAT = 1

        /** Read it. Throws [ModelError.Damaged]. */
        fun read(text: String): PackIndex = describing(PATH) {
            val data = Json.parse(text).asObject("index")
            val format = data.need("format").asInt("format")
            if (format != FORMAT) throw JsonException.WrongType("format is $format, not $FORMAT")
            PackIndex(data.need("packs").asList("packs").map { readPack(it.asObject("packs")) })
        }

        private fun readPack(pack: Json.Object): PackEntry = PackEntry(
            name = pack.need("name").asText("name"),
            title = pack.need("title").asText("title"),
            drawsAvatars = pack.need("kind").asText("kind") == "avatars",
            files = pack.need("files").asList("files").map { readFile(it.asObject("files")) },
            styles = pack.need("styles").asList("styles").map { readStyle(it.asObject("styles")) },
        )

        private fun readFile(file: Json.Object): ModelEntry {
            val component = file.need("component").asText("component")
            val format = file.need("format").asText("format")
            return ModelEntry(
                component = Component.named(component) ?: throw JsonException.WrongType("'$component' is no component"),
                format = ModelFormat.named(format) ?: throw JsonException.WrongType("'$format' runs not on Android"),
                path = readPath(file, "path"),
                sidecar = readPath(file, "sidecar"),
                sizes = file["sizes"]?.let(::readSizes),
            )
        }

        /** Heights and widths in the file become widths and heights. */
        private fun readSizes(value: Json): List<Pair<Int, Int>>? {
            if (value is Json.Null) return null
            return value.asList("sizes").map { size ->
                val sides = size.asList("sizes").map { it.asInt("sizes") }
                if (sides.size != 2) throw JsonException.WrongType("'sizes' are not heights and widths")
                sides[1] to sides[0]
            }
        }

        private fun readStyle(style: Json.Object): StyleEntry = StyleEntry(
            name = style.need("name").asText("name"),
            title = style.need("title").asText("title"),
            preview = if (style["preview"].let { it == null || it is Json.Null }) null else readPath(style, "preview"),
            detail = readShare(style, "detail"),
        )

        /** A path below the index's folder: a pack of a stranger must not reach the app's other files. */
        private fun readPath(entry: Json.Object, key: String): String {
            val path = entry.need(key).asText(key)
            if (path.split('/').any { it.isEmpty() || it == "." || it == ".." } || '\\' in path || '\u0000' in path) {
                throw JsonException.WrongType("'$key' is no path inside of the store: ${path.take(80)}")
            }
            return path
        }

        private fun readShare(entry: Json.Object, key: String): Float {
            val share = entry[key]?.asDouble(key) ?: 0.0
            if (share < 0 || share > 1) throw JsonException.WrongType("'$key' is not in [0,1]")
            return share.toFloat()
        }
    }
}
