package dev.edgestyle.kit

import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.readSidecar
import dev.edgestyle.kit.core.AcceleratorError
import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.asObject
import dev.edgestyle.kit.core.writeJson
import dev.edgestyle.kit.measure.BenchmarkJob
import dev.edgestyle.kit.measure.BenchmarkRunner
import dev.edgestyle.kit.measure.LatencyMeter
import dev.edgestyle.kit.measure.Plan
import dev.edgestyle.kit.measure.measure
import dev.edgestyle.kit.measure.runsNeeded
import dev.edgestyle.kit.measure.summarise
import dev.edgestyle.kit.onnx.countByProvider
import dev.edgestyle.kit.render.Accelerator
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test
import java.io.File
import java.nio.file.Files
import kotlin.math.abs

class MeasuringTest {
    @Test
    fun summariesAreTheHarnesss() {
        val vectors = Vectors.read("statistics")
        for ((percent, runs) in vectors.part("runs_needed").entries) {
            assertEquals((runs as Json.Number).value.toInt(), runsNeeded(percent.toInt()))
        }
        for (case in vectors.cases("cases")) {
            val found = summarise(case.doubles("samples_ms"))
            val wanted = case.part("summary")
            val numbers = mapOf(
                "p50" to found.p50, "p90" to found.p90, "p95" to found.p95, "p99" to found.p99, "min" to found.min,
                "p50_low" to found.p50Low, "p50_high" to found.p50High, "mad" to found.mad, "runs" to found.runs.toDouble(),
            )
            for ((key, value) in numbers) {
                assertSame("${case.text("name")} $key", if (wanted.has(key)) wanted.double(key) else null, value)
            }
            val outliers = wanted.part("outliers")
            val counts = listOf(found.outliers.low, found.outliers.high, found.outliers.farLow, found.outliers.farHigh)
            assertEquals(case.text("name"), listOf("low", "high", "far_low", "far_high").map(outliers::int), counts)
        }
    }

    private fun assertSame(what: String, wanted: Double?, found: Double?) {
        if (wanted == null || found == null) return assertEquals(what, wanted, found)
        assertEquals(what, wanted, found, 1e-6 * abs(wanted) + 1e-12)
    }

    @Test
    fun callsAreTimedAsTheHarnessDoes() {
        for (case in Vectors.read("measuring").cases("cases")) {
            val durations = case.doubles("durations_ms")
            var now = 0L
            var calls = 0
            val plan = Plan(case.int("runs"), case.double("seconds"), case.double("max_warmup_seconds"))
            val timed = measure(plan, { now }) { now += Math.round(durations[minOf(calls++, durations.size - 1)] * 1e6) }
            val warmUp = case.part("warm_up")
            assertEquals(case.text("name"), warmUp.int("runs"), timed.warmUp.runs)
            assertEquals(case.text("name"), warmUp.double("seconds"), timed.warmUp.seconds, 1e-6)
            assertEquals(case.text("name"), warmUp.flag("settled"), timed.warmUp.settled)
            assertArrayEquals(case.text("name"), case.doubles("samples_ms"), timed.samplesMs, 1e-6)
            assertArrayEquals(case.text("name"), case.doubles("sample_starts_s"), timed.startsS, 1e-3)
        }
    }

    @Test
    fun answersHaveTheFieldsThatTheHarnessReads() {
        val contract = readSidecar(Vectors.read("sidecars").cases("good").first().text("text"), "model")
        var now = 0L
        var profiled = false
        val network = FakeNetwork(placement = mapOf("XnnpackExecutionProvider" to 20), onPlacement = { profiled = true }) {
            now += 10_000_000
            it.getValue("image")
        }
        val job = BenchmarkJob(ModelFile(contract, File("model")), 64, 1, Accelerator.XNNPACK, Plan(30, 0.1))
        val result = BenchmarkRunner({ network }, { if (profiled) null else 90_000_000 }, { now }).run(job)
        val answer = Json.parse(writeJson(result.answer())).asObject("answer")
        for (key in Vectors.read("measuring").part("answer").entries.keys) assertEquals(key, true, answer.has(key))
        assertEquals(10.0, answer.doubles("samples_ms").first(), 1e-6)
        assertEquals(20, answer.part("placement").int("XnnpackExecutionProvider"))
        assertEquals("without the profile's memory", 90_000_000L, result.peakRssBytes)
        assertEquals(true, network.closed)
        assertEquals(10.0, result.summary.p50, 1e-9)
        System.getProperty("edgestyle.out")?.let { BenchmarkRunner.write(result.answer(), File(it, "answer.json")) }
    }

    @Test
    fun answersAreWrittenWholeAndErrorsInOneLine() {
        val folder = Files.createTempDirectory("answers").toFile()
        val file = File(folder, "a.onnx.json")
        BenchmarkRunner.write(BenchmarkRunner.errorAnswer(AcceleratorError.DoesNotStart("nnapi", "no driver")), file)
        assertEquals("{\"error\": \"nnapi does not start: no driver\"}", file.readText())
        assertEquals(listOf(file), folder.listFiles()?.toList())
        folder.deleteRecursively()
    }

    @Test
    fun theMeterForgetsOldFrames() {
        val meter = LatencyMeter(window = 3)
        assertNull(meter.summary())
        for (frame in 1..5) meter.add(frame * 1_000_000L, frame * 50_000_000L)
        assertEquals(4.0, meter.summary()?.p50)
        assertEquals(20.0, checkNotNull(meter.framesPerSecond()), 1e-9)
        meter.clear()
        assertNull(meter.framesPerSecond())
    }

    @Test
    fun profilesSayWhatRanTheOperators() {
        val node = { name: String, provider: String -> """{"cat": "Node", "name": "$name", "args": {"provider": "$provider"}}""" }
        val ran = listOf(node("a_kernel_time", "Xnn"), node("b_kernel_time", "Xnn"), node("c_kernel_time", "CPU"))
        val profile = ran + node("d_fence", "CPU")
        assertEquals(mapOf("Xnn" to 2, "CPU" to 1), countByProvider(profile.joinToString(",", "[", "]")))
        assertEquals(emptyMap<String, Int>(), countByProvider("[{\"cat\": "))
    }
}
