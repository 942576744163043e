package dev.edgestyle.demo

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.util.Log
import android.view.WindowManager
import android.widget.TextView
import dev.edgestyle.kit.android.DeviceState
import dev.edgestyle.kit.contract.FolderStore
import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.openModel
import dev.edgestyle.kit.core.KitError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.measure.BenchmarkJob
import dev.edgestyle.kit.measure.BenchmarkRunner
import dev.edgestyle.kit.measure.Plan
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.DrawnSize
import dev.edgestyle.kit.render.RuntimeOpener
import java.io.File
import java.util.concurrent.Executors

/**
 * Measures a file for `edgestyle bench --target android`, and writes the answer beside it; in debug builds alone, since
 * `run-as` reaches into no others.
 *
 * `am start -S -n dev.edgestyle.demo/.BenchmarkActivity --es model NAME --ei runs 50 --ef seconds 3 --ei threads 1
 * --ei size 512 --es accelerator cpu`: the file is `files/benchmark/NAME`, its sidecar `NAME.sidecar.json`, the answer
 * `NAME.json`.
 */
class BenchmarkActivity : Activity() {
    private val worker = Executors.newSingleThreadExecutor()

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        val name = intent.getStringExtra("model").orEmpty()
        val text = TextView(this)
        text.text = getString(R.string.measuring_file, name)
        setContentView(text)
        if (savedInstanceState == null && isPlainName(name)) worker.execute { measure(name, intent) }
    }

    override fun onDestroy() {
        super.onDestroy()
        worker.shutdown()
    }

    private fun measure(name: String, intent: Intent) {
        val folder = File(filesDir, "benchmark")
        val answer = try {
            val model = FolderStore(folder).openModel(name, "$name.sidecar.json")
            val job = jobOf(model, intent)
            val size = DrawnSize(job.size, job.size)
            val open = { wanted: BenchmarkJob -> RuntimeOpener.open(wanted.model, wanted.accelerator, wanted.threads, size) }
            BenchmarkRunner(open, DeviceState::peakRssBytes).run(job).answer()
        } catch (error: Exception) {
            BenchmarkRunner.errorAnswer(error)
        } catch (error: OutOfMemoryError) {
            BenchmarkRunner.errorAnswer(error)
        }
        try {
            BenchmarkRunner.write(answer, File(folder, "$name.json"))
        } catch (error: KitError) {
            Log.e("edgestyle", "no answer could be written", error)
        }
        runOnUiThread(::finish)
    }

    private fun jobOf(model: ModelFile, intent: Intent): BenchmarkJob {
        val plan = Plan(intent.getIntExtra("runs", 30), intent.getFloatExtra("seconds", 3f).toDouble())
        val accelerator = Accelerator.named(intent.getStringExtra("accelerator") ?: Accelerator.CPU.title)
        val size = intent.getIntExtra("size", model.contract.sizes.first())
        if (size <= 0 || size % model.contract.sizeMultiple != 0 && model.contract.freeSize) {
            throw RequestError.Unknown("size must be a multiple of ${model.contract.sizeMultiple}, not $size")
        }
        return BenchmarkJob(model, size, intent.getIntExtra("threads", 1), accelerator, plan)
    }

    /** A name and no path, since any app on the phone can start this one. */
    private fun isPlainName(name: String): Boolean = name.isNotEmpty() && '/' !in name && !name.startsWith(".")
}
