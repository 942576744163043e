package dev.edgestyle.kit.android

import android.content.Context
import android.os.Build
import android.os.PowerManager
import java.io.File
import java.io.IOException

/** How hot the phone is, as it says itself (API 29). */
enum class ThermalState {
    /** Not known. */
    UNKNOWN,

    /** Cool. */
    NONE,

    /** Warm, nothing is held back yet. */
    LIGHT,

    /** Held back a little. */
    MODERATE,

    /** Held back much. */
    SEVERE,

    /** Worse: the phone may switch parts of it off. */
    CRITICAL,
}

/** What the phone says of itself while it is measured. */
class DeviceState(context: Context) {
    private val power = context.getSystemService(Context.POWER_SERVICE) as? PowerManager

    /** The phone's own word for how hot it is. */
    val thermal: ThermalState
        get() {
            if (Build.VERSION.SDK_INT < 29) return ThermalState.UNKNOWN
            return when (power?.currentThermalStatus) {
                null -> ThermalState.UNKNOWN
                PowerManager.THERMAL_STATUS_NONE -> ThermalState.NONE
                PowerManager.THERMAL_STATUS_LIGHT -> ThermalState.LIGHT
                PowerManager.THERMAL_STATUS_MODERATE -> ThermalState.MODERATE
                PowerManager.THERMAL_STATUS_SEVERE -> ThermalState.SEVERE
                else -> ThermalState.CRITICAL
            }
        }

    /** Whether it saves energy, and so runs slower. */
    val savesPower: Boolean get() = power?.isPowerSaveMode == true

    /** Maker and model. */
    val model: String get() = "${Build.MANUFACTURER} ${Build.MODEL}"

    /** Version of Android. */
    val system: String get() = "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT})"

    companion object {
        /** The process's largest memory so far, bytes; null where the kernel does not say. */
        fun peakRssBytes(): Long? = try {
            File("/proc/self/status").useLines { lines -> parsePeakRss(lines) }
        } catch (_: IOException) {
            null
        }

        /** VmHWM of /proc/PID/status, bytes. */
        internal fun parsePeakRss(lines: Sequence<String>): Long? =
            lines.firstOrNull { it.startsWith("VmHWM:") }?.filter { it in '0'..'9' }?.toLongOrNull()?.times(1024)
    }
}
