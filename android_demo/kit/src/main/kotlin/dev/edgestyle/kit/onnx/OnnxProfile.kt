package dev.edgestyle.kit.onnx

import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.JsonException

/** Operators by execution provider in ONNX Runtime's profile of one run; empty where it is no such profile. */
fun countByProvider(profile: String): Map<String, Int> {
    val events = try {
        (Json.parse(profile) as? Json.Array)?.values.orEmpty()
    } catch (_: JsonException) {
        return emptyMap() // a runtime that was killed leaves half a file
    }
    return events.mapNotNull(::providerOf).groupingBy { it }.eachCount().toList().sortedByDescending { it.second }.toMap()
}

private fun providerOf(event: Json): String? {
    val entry = event as? Json.Object ?: return null
    val ran = entry.text("cat") == "Node" && entry.text("name").orEmpty().endsWith("_kernel_time")
    return if (ran) (entry["args"] as? Json.Object)?.text("provider") else null
}

private fun Json.Object.text(key: String): String? = (this[key] as? Json.Text)?.value
