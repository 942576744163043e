package dev.edgestyle.kit

import dev.edgestyle.kit.contract.Component
import dev.edgestyle.kit.contract.Contract
import dev.edgestyle.kit.contract.FolderStore
import dev.edgestyle.kit.contract.ModelFormat
import dev.edgestyle.kit.contract.PackIndex
import dev.edgestyle.kit.contract.checkModel
import dev.edgestyle.kit.contract.keptDetail
import dev.edgestyle.kit.contract.openModel
import dev.edgestyle.kit.contract.readSidecar
import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.JsonException
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.core.writeJson
import dev.edgestyle.kit.pixels.fittedSize
import dev.edgestyle.kit.render.StyleEncoder
import dev.edgestyle.kit.styles.Style
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File
import java.nio.file.Files

class ContractTest {
    private val sidecars = Vectors.read("sidecars")
    private val model = sidecars.text("model").toByteArray()

    private fun kindOf(error: ModelError): String = when (error) {
        is ModelError.Missing -> "missing_model"
        is ModelError.Changed -> "changed"
        is ModelError.UnsupportedContract -> "unsupported_contract"
        is ModelError.Damaged -> error.fault.name.lowercase()
        is ModelError.BadOutput -> "bad_output"
    }

    @Test
    fun goodSidecarsAreRead() {
        for (case in sidecars.cases("good")) {
            val contract = readSidecar(case.text("text"), "model")
            checkModel(contract, model.inputStream())
            assertEquals(case.text("name"), "toy", contract.pack)
            assertEquals(case.text("name"), 3, (contract.styles.firstOrNull()?.vector ?: contract.meanStyle)?.size)
        }
    }

    @Test
    fun aRenderersSidecarSaysAllThatIsNeeded() {
        val contract = readSidecar(sidecars.cases("good").first().text("text"), "model")
        assertEquals(Component.RENDERER, contract.component)
        assertEquals(1024, contract.workingSize)
        assertEquals(0.8f, contract.defaultStyle.defaultStrength)
        assertEquals(listOf("image", "style", "strength"), contract.inputs.map { it.name })
        assertEquals(104 to 56, contract.paddedSize(97, 50))
    }

    @Test
    fun badSidecarsAreRefusedForTheRightReason() {
        for (case in sidecars.cases("bad")) {
            val times = if (case.has("times")) case.int("times") else 1
            val error = failure<ModelError> { checkModel(readSidecar(case.text("text").repeat(times), "model"), model.inputStream()) }
            val allowed = case.need("errors").asList("errors").map { it.asText("errors") }
            assertTrue("${case.text("name")}: ${kindOf(error)} is not among $allowed", kindOf(error) in allowed)
        }
    }

    private fun changed(key: String, value: String): String {
        val text = sidecars.cases("good").first().text("text")
        val without = Regex("\"$key\": *(\"[^\"]*\"|[^,\\[{}]+),")
        return text.replace(without, "").replaceFirst("{", "{\"$key\": $value, ")
    }

    @Test
    fun numbersThatNobodyHasMemoryForAreRefused() {
        val tensor = { shape: String -> """[{"name": "image", "shape": $shape, "dtype": "float32"}]""" }
        assertEquals(16, readSidecar(changed("size_multiple", "16"), "model").sizeMultiple)
        val bad = listOf(
            "size_multiple" to "0", "size_multiple" to "-8", "size_multiple" to "1000000", "working_size" to "0",
            "working_size" to "1000000000", "latents" to "0", "latents" to "2000000000",
        )
        for ((key, value) in bad) {
            val error = failure<ModelError.Damaged> { readSidecar(changed(key, value), "model") }
            assertEquals("$key $value", ModelError.Fault.BAD_SIZE, error.fault)
        }
        val text = changed("size_multiple", "8")
        val inputs = text.indexOf("[", text.indexOf("\"inputs\""))
        for (shape in listOf("[1, 3, -1, 64]", "[1, 3, 0, 64]", "[1, 3, 60000, 60000]", "[2000000000]")) {
            val wrong = text.substring(0, inputs) + tensor(shape) + ", \"others\": " + text.substring(inputs)
            assertEquals(shape, ModelError.Fault.BAD_SIZE, failure<ModelError.Damaged> { readSidecar(wrong, "model") }.fault)
        }
    }

    @Test
    fun aSidecarThatDescribesNoTensorsIsSaidToBeDamaged() {
        val text = sidecars.cases("good").first().text("text")
        val contract = readSidecar(text.replace("\"outputs\"", "\"others\""), "model")
        failure<ModelError.Damaged> { contract.output }
        failure<ModelError.Damaged> { contract.input } // a renderer has three
        assertEquals("stylized", readSidecar(text, "model").output.name)
        val known = sidecars.cases("good").first { it.text("name") == "encoder" }.text("text")
        val open = known.replace("[1, 3, 256, 256]", "[null, null, null, null]")
        val encoder = readSidecar(open, "model")
        failure<ModelError.Damaged> { StyleEncoder(encoder, FakeNetwork { it.values.first() }).close() }
    }

    @Test
    fun vectorsOfOneFileAreOfOneLength() {
        val text = """{"contract_version": 1, "pack": "toy", "format": "onnx", "recipe": "w8", "sizes": [64], "sha256": "",
            "size_bytes": 1, "styles": {"a": {"vector": [1, 2]}, "b": {"vector": [1, 2, 3]}}}"""
        assertEquals(ModelError.Fault.BAD_VECTOR, failure<ModelError.Damaged> { readSidecar(text, "model") }.fault)
        assertEquals(2, readSidecar(text.replace("[1, 2, 3]", "[1, 2]"), "model").styles.size)
    }

    @Test
    fun pathsOfAnIndexStayInsideOfTheStore() {
        val index = { path: String ->
            val file = """{"component": "renderer", "format": "onnx", "path": "$path", "sidecar": "a.json", "sizes": null}"""
            """{"format": 1, "packs": [{"name": "a", "title": "A", "kind": "pictures", "files": [$file], "styles": []}]}"""
        }
        assertEquals("models/a..b.onnx", PackIndex.read(index("models/a..b.onnx")).pack("a").files.single().path)
        for (path in listOf("../a.onnx", "models/../../a.onnx", "/data/a.onnx", "", "a//b", "./a", "a\\\\b", "a\\u0000")) {
            failure<ModelError.Damaged> { PackIndex.read(index(path)) }
        }
    }

    @Test
    fun longFilesOfNumbersAreReadQuickly() {
        val numbers = "-1.25e2,".repeat(100_000).removeSuffix(",")
        assertEquals(100_000, (Json.parse("[$numbers]") as Json.Array).values.size)
        for (text in listOf("[1.]", "[-]", "[+1]", "[1e]", "[.5]", "[1-2]", "[00]")) failure<JsonException.Syntax> { Json.parse(text) }
    }

    @Test
    fun limitsAreThoseOfTheVectors() {
        assertEquals(sidecars.int("most_bytes"), Contract.MOST_DESCRIPTION_BYTES)
        assertEquals(Vectors.read("sizes").int("most_pixels"), Contract.MOST_DRAWN_PIXELS)
    }

    @Test
    fun filesThatAreNotThereAreNamed() {
        val folder = Files.createTempDirectory("models").toFile()
        val store = FolderStore(folder)
        assertEquals("a.onnx.json", failure<ModelError.Missing> { store.openModel("a.onnx", "a.onnx.json") }.name)
        File(folder, "a.onnx.json").writeText(sidecars.cases("good").first().text("text"))
        assertEquals("a.onnx", failure<ModelError.Missing> { store.openModel("a.onnx", "a.onnx.json") }.name)
        File(folder, "a.onnx").writeText("another model")
        failure<ModelError.Changed> { store.openModel("a.onnx", "a.onnx.json") }
        File(folder, "a.onnx").writeBytes(model)
        assertEquals("toy", store.openModel("a.onnx", "a.onnx.json").contract.pack)
        folder.deleteRecursively()
    }

    @Test
    fun photosAreDrawnAtTheSizeOfPython() {
        val vectors = Vectors.read("sizes")
        for (case in vectors.cases("cases")) {
            val found = fittedSize(case.int("width"), case.int("height"), case.int("working_size"))
            assertEquals(case.int("working_width") to case.int("working_height"), found)
        }
        val full = readSidecar(sidecars.cases("good").first { it.text("name") == "draws at full size" }.text("text"), "model")
        for (case in vectors.cases("full")) {
            val wanted = if (case.has("long_side")) case.int("long_side") else null
            assertEquals(wanted, full.drawnSide(case.int("width"), case.int("height")))
        }
        for (case in vectors.cases("kept_detail")) {
            val style = Style("a", floatArrayOf(1f), 1f, case.double("detail").toFloat())
            assertEquals(case.double("kept"), keptDetail(case.double("strength").toFloat(), style).toDouble(), 1e-6)
        }
    }

    @Test
    fun theIndexSaysWhichFileIsForWhichPictures() {
        val file = """{"component": "renderer", "format": "onnx", "path": "a.onnx", "sidecar": "a.onnx.json", "sizes": null}"""
        val live = """{"component": "renderer", "format": "onnx", "path": "b.onnx", "sidecar": "b.onnx.json", "sizes": [[512, 384]]}"""
        val style = """{"name": "ink", "title": "Ink", "preview": "ink.jpg", "detail": 0.25}"""
        val pack = """{"name": "toy", "title": "Toy", "kind": "pictures", "files": [$file, $live], "styles": [$style]}"""
        val found = PackIndex.read("""{"format": 1, "packs": [$pack]}""").pack("toy")
        assertEquals("a.onnx", found.need(Component.RENDERER, ModelFormat.TFLITE).path)
        assertEquals("b.onnx", found.rendererFor(384, 512, ModelFormat.ONNX).path)
        assertEquals("a.onnx", found.rendererFor(512, 384, ModelFormat.ONNX).path)
        assertEquals(listOf(384 to 512), found.liveSizes)
        assertEquals(0.25f, found.styles.single().detail)
        val bare = pack.replace("\"ink.jpg\"", "null")
        assertNull(PackIndex.read("""{"format": 1, "packs": [$bare]}""").pack("toy").styles.single().preview)
        failure<ModelError.Missing> { found.need(Component.ENCODER, ModelFormat.ONNX) }
        failure<ModelError.Damaged> { PackIndex.read("""{"format": 2, "packs": []}""") }
    }

    @Test
    fun jsonIsReadStrictly() {
        for (text in listOf("[1,]", "{\"a\":1,\"a\":2}", "01", "1 2", "\"\\x\"", "nul", "{a:1}", "[1e999]", "\"\u0001\"", "")) {
            failure<JsonException.Syntax> { Json.parse(text) }
        }
        val text = "{\"a\": [1, -2.5, true, null], \"ö\\n\": \"\\u00e9\\\"\"}"
        val again = writeJson(mapOf("a" to listOf(1, -2.5, true, null), "ö\n" to "é\""))
        assertEquals(Json.parse(text), Json.parse(again))
        failure<JsonException> { writeJson(listOf(Double.NaN)) }
    }
}
