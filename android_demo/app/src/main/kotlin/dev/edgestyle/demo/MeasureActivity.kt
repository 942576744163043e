package dev.edgestyle.demo

import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.AdapterView
import android.widget.ArrayAdapter
import android.widget.Button
import android.widget.Spinner
import android.widget.TextView
import dev.edgestyle.kit.android.DeviceState
import dev.edgestyle.kit.android.ThermalState
import dev.edgestyle.kit.contract.ModelEntry
import dev.edgestyle.kit.contract.ModelFormat
import dev.edgestyle.kit.contract.openModel
import dev.edgestyle.kit.core.storageError
import dev.edgestyle.kit.core.writeJson
import dev.edgestyle.kit.measure.BenchmarkJob
import dev.edgestyle.kit.measure.BenchmarkResult
import dev.edgestyle.kit.measure.BenchmarkRunner
import dev.edgestyle.kit.measure.Plan
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.DrawnSize
import dev.edgestyle.kit.render.RuntimeOpener
import dev.edgestyle.kit.render.acceleratorsFor
import java.io.IOException
import java.util.Locale

/** How fast a file runs on this phone: median, percentiles, frames a second, heat, and what really ran it. */
class MeasureActivity : Screen(), AdapterView.OnItemSelectedListener {
    private lateinit var device: DeviceState
    private var entries = emptyList<ModelEntry>()
    private var accelerators = emptyList<Accelerator>()
    private var measured: Measured? = null

    private class Measured(
        val file: String, val size: Int, val accelerator: Accelerator, val result: BenchmarkResult,
        val before: ThermalState, val after: ThermalState,
    )

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.activity_measure)
        device = DeviceState(this)
        onClick(R.id.back) { finish() }
        onClick(R.id.start) { start() }
        onClick(R.id.export) { export() }
        load({ models.index.packs.flatMap { it.files } }) { files ->
            entries = files
            fill(R.id.model, files.map { it.path.substringAfterLast('/') })
            findViewById<Spinner>(R.id.model).onItemSelectedListener = this
        }
    }

    override fun onItemSelected(parent: AdapterView<*>?, view: View?, position: Int, id: Long) {
        entries.getOrNull(position)?.let { showAccelerators(it.format) }
    }

    override fun onNothingSelected(parent: AdapterView<*>?) = Unit

    private fun showAccelerators(format: ModelFormat) {
        if (accelerators == acceleratorsFor(format)) return
        accelerators = acceleratorsFor(format)
        fill(R.id.accelerator, accelerators.map(messages::name))
    }

    private fun fill(id: Int, titles: List<String>) {
        val adapter = ArrayAdapter(this, R.layout.item_choice, titles)
        findViewById<Spinner>(id).adapter = adapter
    }

    private fun start() {
        val entry = entries.getOrNull(findViewById<Spinner>(R.id.model).selectedItemPosition) ?: return
        val accelerator = accelerators.getOrNull(findViewById<Spinner>(R.id.accelerator).selectedItemPosition) ?: return
        showRunning(true)
        load({
            try {
                measure(entry, accelerator)
            } finally {
                onScreen { showRunning(false) }
            }
        }, show = ::show)
    }

    private fun measure(entry: ModelEntry, accelerator: Accelerator): Measured {
        val model = models.store.openModel(entry)
        val size = model.contract.sizes.first()
        val open = { job: BenchmarkJob -> RuntimeOpener.open(job.model, job.accelerator, job.threads, DrawnSize(size, size)) }
        val before = device.thermal
        val job = BenchmarkJob(model, size, Models.THREADS, accelerator, Plan())
        val result = BenchmarkRunner(open, DeviceState::peakRssBytes).run(job)
        return Measured(model.contract.name, size, accelerator, result, before, device.thermal)
    }

    private fun showRunning(running: Boolean) {
        findViewById<Button>(R.id.start).isEnabled = !running
        findViewById<View>(R.id.working).visibility = if (running) View.VISIBLE else View.INVISIBLE
        if (running) window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        if (!running) window.clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
    }

    private fun show(done: Measured) {
        measured = done
        val summary = done.result.summary
        findViewById<View>(R.id.results).visibility = View.VISIBLE
        write(R.id.p50, getString(R.string.milliseconds, format(summary.p50)))
        write(R.id.interval, getString(R.string.interval, format(summary.p50Low), format(summary.p50High)))
        write(R.id.p90, summary.p90?.let { getString(R.string.milliseconds, format(it)) } ?: getString(R.string.unknown))
        write(R.id.rate, getString(R.string.per_second, format(1000 / summary.p50)))
        write(R.id.thermal, getString(R.string.from_to, messages.name(done.before), messages.name(done.after)))
        write(R.id.placement, placementText(done))
        write(R.id.runtime, "${done.result.runtime}, ${device.system}")
        if (device.savesPower) showMessage(getString(R.string.notice_power))
    }

    private fun placementText(done: Measured): String {
        if (done.result.placement.isEmpty()) return messages.name(done.accelerator)
        return done.result.placement.entries.joinToString { (name, count) -> "${name.removeSuffix("ExecutionProvider")} $count" }
    }

    private fun write(id: Int, text: String) {
        findViewById<TextView>(id).text = text
    }

    private fun format(value: Double): String = String.format(Locale.getDefault(), "%.2f", value)

    private fun export() {
        val done = measured ?: return
        val intent = Intent(Intent.ACTION_CREATE_DOCUMENT).setType("application/json").addCategory(Intent.CATEGORY_OPENABLE)
            .putExtra(Intent.EXTRA_TITLE, "${done.file}-${done.accelerator.title}.json")
        try {
            startActivityForResult(intent, EXPORT)
        } catch (_: ActivityNotFoundException) { // some phones come without an app for files
            showMessage(getString(R.string.error_storage))
        }
    }

    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val target = data?.data ?: return
        val done = measured ?: return
        load({
            try {
                val stream = contentResolver.openOutputStream(target) ?: throw IOException("$target cannot be written")
                stream.use { it.write(writeJson(row(done)).toByteArray()) }
            } catch (error: IOException) {
                throw storageError(error)
            }
        }) { showMessage(getString(R.string.saved_file)) }
    }

    /** The harness's answer, with what the phone and the screen know beside it. */
    private fun row(done: Measured): Map<String, Any?> = mapOf(
        "file" to done.file, "size" to done.size, "threads" to Models.THREADS, "accelerator" to done.accelerator.title,
        "device" to device.model, "system" to device.system, "power_save" to device.savesPower,
        "thermal_before" to done.before.name.lowercase(), "thermal_after" to done.after.name.lowercase(),
    ) + done.result.answer()

    private companion object {
        const val EXPORT = 1
    }
}
