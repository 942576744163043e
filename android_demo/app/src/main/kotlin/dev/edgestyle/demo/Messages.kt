package dev.edgestyle.demo

import android.content.Context
import dev.edgestyle.kit.android.ThermalState
import dev.edgestyle.kit.contract.StyleEntry
import dev.edgestyle.kit.core.AcceleratorError
import dev.edgestyle.kit.core.CameraError
import dev.edgestyle.kit.core.FaceError
import dev.edgestyle.kit.core.KitError
import dev.edgestyle.kit.core.ModelError
import dev.edgestyle.kit.core.PictureError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.core.StorageError
import dev.edgestyle.kit.core.firstLine
import dev.edgestyle.kit.render.Accelerator

/** What the kit reports, in the user's language. */
class Messages(private val context: Context) {
    /** What went wrong, and what to do. */
    fun of(error: Throwable): String = when (error) {
        is KitError -> ofKit(error)
        is OutOfMemoryError -> text(R.string.error_memory)
        else -> text(R.string.error_unexpected, firstLine(error))
    }

    private fun ofKit(error: KitError): String = when (error) {
        is ModelError -> ofModel(error)
        is AcceleratorError.DoesNotStart -> text(R.string.error_accelerator_start, named(error.accelerator))
        is AcceleratorError.Failed -> text(R.string.error_accelerator_failed, named(error.accelerator))
        is CameraError -> ofCamera(error)
        is PictureError.TooLarge -> text(R.string.error_picture_large, error.mostMegapixels)
        is PictureError.Unreadable -> text(R.string.error_picture_unreadable)
        is FaceError -> ofFace(error)
        is StorageError.Full -> text(R.string.error_storage_full)
        is StorageError.NotWritable -> text(R.string.error_storage)
        is RequestError.BadSeed -> text(R.string.error_seed)
        is RequestError -> text(R.string.error_request, error.message.orEmpty())
    }

    private fun ofModel(error: ModelError): String = when (error) {
        is ModelError.Missing -> text(R.string.error_model_missing, error.name)
        is ModelError.UnsupportedContract -> text(R.string.error_model_contract, error.name)
        is ModelError.Changed -> text(R.string.error_model_changed, error.name)
        is ModelError.Damaged -> text(R.string.error_model_changed, error.name)
        is ModelError.BadOutput -> text(R.string.error_model_changed, error.name)
    }

    private fun ofCamera(error: CameraError): String = when (error) {
        is CameraError.Refused -> text(R.string.error_camera_refused)
        is CameraError.Busy -> text(R.string.error_camera_busy)
        is CameraError.Disabled -> text(R.string.error_camera_disabled)
        is CameraError.Unavailable -> text(R.string.error_camera_unavailable)
    }

    private fun ofFace(error: FaceError): String = when (error) {
        is FaceError.NoFace -> text(R.string.error_face_none)
        is FaceError.TooSmall -> text(R.string.error_face_small, error.widthPx, error.leastPx)
        is FaceError.CutByBorder -> text(R.string.error_face_cut)
        is FaceError.NoPerson -> text(R.string.error_face_no_person)
    }

    /** That something else runs the network than was wanted. */
    fun fallback(notice: AcceleratorError.DoesNotStart, used: Accelerator): String =
        text(R.string.notice_fallback, named(notice.accelerator), name(used))

    /** An accelerator's name. */
    fun name(accelerator: Accelerator): String = text(
        when (accelerator) {
            Accelerator.CPU -> R.string.accelerator_cpu
            Accelerator.XNNPACK -> R.string.accelerator_xnnpack
            Accelerator.NNAPI -> R.string.accelerator_nnapi
            Accelerator.GPU -> R.string.accelerator_gpu
        },
    )

    private fun named(title: String): String = Accelerator.entries.firstOrNull { it.title == title }?.let(::name) ?: title

    /** How hot the phone is. */
    fun name(state: ThermalState): String = text(
        when (state) {
            ThermalState.UNKNOWN -> R.string.thermal_unknown
            ThermalState.NONE -> R.string.thermal_none
            ThermalState.LIGHT -> R.string.thermal_light
            ThermalState.MODERATE -> R.string.thermal_moderate
            ThermalState.SEVERE -> R.string.thermal_severe
            ThermalState.CRITICAL -> R.string.thermal_critical
        },
    )

    /** A style's title in the user's language; the pack's own where the app knows none. */
    fun title(style: StyleEntry): String {
        val key = "style_" + style.name.replace('-', '_')
        val known = context.resources.getIdentifier(key, "string", context.packageName)
        return if (known == 0) style.title else text(known)
    }

    private fun text(id: Int, vararg values: Any): String = context.getString(id, *values)
}
