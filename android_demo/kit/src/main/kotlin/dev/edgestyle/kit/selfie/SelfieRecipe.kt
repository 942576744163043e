package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.contract.describing
import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.JsonException
import dev.edgestyle.kit.core.asBoolean
import dev.edgestyle.kit.core.asDouble
import dev.edgestyle.kit.core.asFloats
import dev.edgestyle.kit.core.asInt
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asObject
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.pixels.Filter

/** What is outside of a photo: its edges go on, or it is mirrored. */
enum class Outside { EDGE, SYMMETRIC }

/**
 * The numbers of the way from a photo to a selfie: `recipe.json` of `edgestyle selfie --recipe`, whose fields
 * `edgestyle/selfie/recipe.py` explains one by one. Nothing of it is written down a second time here.
 *
 * @property networks file names with the sha256 that they have to have.
 * @property pack whose network draws.
 * @property drawing how that network is run.
 */
class SelfieRecipe(
    val resampling: Resampling, val detecting: Detecting, val meshing: Meshing, val framing: Framing,
    val bolding: Bolding, val matting: Matting, val likeness: Likeness, val composing: Composing,
    val brightness: FloatArray, val gaussianBoxes: Int, val landmarks: Landmarks, val networks: Map<String, String>,
    val pack: String, val drawing: Drawing,
) {
    /** Filters of all steps. */
    class Resampling(
        val cut: Filter, val outside: Outside, val search: Filter, val searchGap: Double, val masks: Filter,
        val drawing: Filter, val result: Filter,
    )

    /** Finding faces. */
    class Detecting(
        val network: String, val inputSide: Int, val low: Float, val high: Float, val grids: List<Pair<Int, Int>>,
        val paddedSide: Int, val longSides: List<Int>, val quickSearches: Int, val minScore: Float,
        val mergeOverlap: Float, val turnsDegrees: List<Int>, val sureScore: Float, val unsureShare: Float,
        val unsurePresence: Float, val largestAngleDegrees: Float,
    )

    /** Landmarks of a face. */
    class Meshing(
        val network: String, val inputSide: Int, val low: Float, val high: Float, val boxScale: Double,
        val outside: Outside, val passes: Int, val minPresence: Float,
    )

    /** Which square is drawn. */
    class Framing(
        val smallestFacePx: Int, val outside: Double, val side: Double, val headRoom: Double, val smallestSide: Double,
        val margin: Double, val cutSide: Int,
    )

    /** Bold strokes. */
    class Bolding(
        val workingSide: Int, val paintedSide: Int, val margin: Int, val radius: Int, val sharpness: Double,
        val floor: Double, val texture: Float, val contrast: Float, val baseRadius: Double, val baseEpsilon: Float,
        val baseSide: Int,
    )

    /** One guided filter over the matte. */
    class EdgePass(val radius: Double, val epsilon: Float, val low: Float, val high: Float)

    /** Which pixels are the person. */
    class Matting(
        val network: String, val inputSide: Int, val low: Float, val high: Float, val contexts: List<Double>,
        val contextDown: Double, val least: Float, val fitSide: Int, val passes: List<EdgePass>, val softening: Double,
        val edgeMiddle: Float, val edgeHalf: Float, val edgeSide: Int, val colourSide: Int, val blur: List<Double>,
        val leastWeight: Float, val leastPerson: Float,
    )

    /** Where the style is milder. */
    class Likeness(
        val mild: Float, val eyes: Float, val mouth: Float, val eyeScale: Pair<Float, Float>,
        val mouthScale: Pair<Float, Float>, val feather: Double, val finer: Int,
    )

    /** Putting it together. */
    class Composing(
        val blur: Double, val blurAway: Double, val blurSteep: Float, val trimAlpha: Int, val smallestSize: Int,
        val largestSize: Int, val defaultStrength: Float, val defaultSize: Int,
    )

    /** Numbers of landmarks. */
    class Landmarks(val faceOval: IntArray, val rightEye: IntArray, val leftEye: IntArray, val lips: IntArray)

    /** How the pack's network is run: [longSide] null for the picture's own, without boldness and rim. */
    class Drawing(val flattened: Boolean, val longSide: Int?, val detail: Float)

    companion object {
        /** Where it is in the assets. */
        const val PATH = "selfie/recipe.json"
        private const val FORMAT = 2

        /** Read it. Throws [dev.edgestyle.kit.core.ModelError.Damaged]. */
        fun read(text: String): SelfieRecipe = describing(PATH) {
            val data = Fields(Json.parse(text).asObject("recipe"))
            if (data.int("format") != FORMAT) throw JsonException.WrongType("format is not $FORMAT")
            SelfieRecipe(
                resampling = readResampling(data.part("resampling")),
                detecting = readDetecting(data.part("detecting")),
                meshing = readMeshing(data.part("meshing")),
                framing = readFraming(data.part("framing")),
                bolding = readBolding(data.part("bolding")),
                matting = readMatting(data.part("matting")),
                likeness = readLikeness(data.part("likeness")),
                composing = readComposing(data.part("composing")),
                brightness = data.floats("brightness"),
                gaussianBoxes = data.int("gaussian_boxes"),
                landmarks = readLandmarks(data.part("landmarks")),
                networks = data.part("networks").data.entries.mapValues { it.value.asText(it.key) },
                pack = data.text("pack"),
                drawing = readDrawing(data.part("drawing")),
            )
        }
    }
}

/** An object's fields by their types; each throws [JsonException] where there is no such field. */
internal class Fields(val data: Json.Object) {
    fun need(key: String): Json = data.need(key)
    fun part(key: String) = Fields(need(key).asObject(key))
    fun int(key: String): Int = need(key).asInt(key)
    fun double(key: String): Double = need(key).asDouble(key)
    fun float(key: String): Float = double(key).toFloat()
    fun text(key: String): String = need(key).asText(key)
    fun floats(key: String): FloatArray = need(key).asFloats(key)
    fun ints(key: String): IntArray = need(key).asList(key).map { it.asInt(key) }.toIntArray()
    fun doubles(key: String): List<Double> = need(key).asList(key).map { it.asDouble(key) }
    fun filter(key: String): Filter =
        Filter.named(text(key)) ?: throw JsonException.WrongType("'$key' is no filter: ${text(key)}")

    fun outside(key: String): Outside = Outside.entries.firstOrNull { it.name.equals(text(key), ignoreCase = true) }
        ?: throw JsonException.WrongType("'$key' is neither edge nor symmetric")

    fun pair(key: String): Pair<Float, Float> {
        val values = floats(key)
        if (values.size != 2) throw JsonException.WrongType("'$key' are not two numbers")
        return values[0] to values[1]
    }
}

internal fun readResampling(data: Fields) = SelfieRecipe.Resampling(
    data.filter("cut"), data.outside("outside"), data.filter("search"), data.double("search_gap"),
    data.filter("masks"), data.filter("drawing"), data.filter("result"),
)

internal fun readDetecting(data: Fields): SelfieRecipe.Detecting {
    val (low, high) = data.pair("input_range")
    return SelfieRecipe.Detecting(
        data.text("network"), data.int("input_side"), low, high,
        data.need("grids").asList("grids").map { grid -> grid.asList("grids").map { it.asInt("grids") }.let { it[0] to it[1] } },
        data.int("padded_side"), data.ints("long_sides").toList(), data.int("quick_searches"), data.float("min_score"),
        data.float("merge_overlap"), data.ints("turns_degrees").toList(), data.float("sure_score"),
        data.float("unsure_share"), data.float("unsure_presence"), data.float("largest_angle_degrees"),
    )
}

internal fun readMeshing(data: Fields): SelfieRecipe.Meshing {
    val (low, high) = data.pair("input_range")
    return SelfieRecipe.Meshing(
        data.text("network"), data.int("input_side"), low, high, data.double("box_scale"), data.outside("outside"),
        data.int("passes"), data.float("min_presence"),
    )
}

internal fun readFraming(data: Fields) = SelfieRecipe.Framing(
    data.int("smallest_face_px"), data.double("outside"), data.double("side"), data.double("head_room"),
    data.double("smallest_side"), data.double("margin"), data.int("cut_side"),
)

internal fun readBolding(data: Fields) = SelfieRecipe.Bolding(
    data.int("working_side"), data.int("painted_side"), data.int("margin"), data.int("radius"),
    data.double("sharpness"), data.double("floor"), data.float("texture"), data.float("contrast"),
    data.double("base_radius"), data.float("base_epsilon"), data.int("base_side"),
)

internal fun readMatting(data: Fields): SelfieRecipe.Matting {
    val (low, high) = data.pair("input_range")
    val passes = data.need("passes").asList("passes").map { Fields(it.asObject("passes")) }
    return SelfieRecipe.Matting(
        data.text("network"), data.int("input_side"), low, high, data.doubles("contexts"), data.double("context_down"),
        data.float("least"), data.int("fit_side"),
        passes.map { SelfieRecipe.EdgePass(it.double("radius"), it.float("epsilon"), it.float("low"), it.float("high")) },
        data.double("softening"), data.float("edge_middle"), data.float("edge_half"), data.int("edge_side"),
        data.int("colour_side"), data.doubles("blur"), data.float("least_weight"), data.float("least_person"),
    )
}

internal fun readLikeness(data: Fields) = SelfieRecipe.Likeness(
    data.float("mild"), data.float("eyes"), data.float("mouth"), data.pair("eye_scale"), data.pair("mouth_scale"),
    data.double("feather"), data.int("finer"),
)

internal fun readComposing(data: Fields) = SelfieRecipe.Composing(
    data.double("blur"), data.double("blur_away"), data.float("blur_steep"), data.int("trim_alpha"),
    data.int("smallest_size"), data.int("largest_size"), data.float("default_strength"), data.int("default_size"),
)

internal fun readLandmarks(data: Fields) = SelfieRecipe.Landmarks(
    data.ints("face_oval"), data.ints("right_eye"), data.ints("left_eye"), data.ints("lips"),
)

internal fun readDrawing(data: Fields) = SelfieRecipe.Drawing(
    data.need("flattened").asBoolean("flattened"), data.need("long_side").let { if (it is Json.Null) null else it.asInt("long_side") },
    data.float("detail"),
)
