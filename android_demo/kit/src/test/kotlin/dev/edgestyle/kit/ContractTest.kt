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
import dev.edgestyle.kit.core.asText
import dev.edgestyle.kit.core.asList
import dev.edgestyle.kit.core.writeJson
import dev.edgestyle.kit.pixels.fittedSize
import dev.edgestyle.kit.styles.Style
import org.junit.Assert.assertEquals
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
