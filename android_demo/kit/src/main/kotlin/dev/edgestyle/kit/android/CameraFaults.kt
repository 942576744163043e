package dev.edgestyle.kit.android

import dev.edgestyle.kit.core.CameraError

/**
 * What Camera2's numbers mean; written as numbers, so that they are tested without a phone.
 *
 * @param code of `CameraDevice.StateCallback.onError`: ERROR_CAMERA_IN_USE 1, ERROR_MAX_CAMERAS_IN_USE 2,
 *   ERROR_CAMERA_DISABLED 3, ERROR_CAMERA_DEVICE 4, ERROR_CAMERA_SERVICE 5.
 */
fun cameraErrorOfState(code: Int): CameraError = when (code) {
    1, 2 -> CameraError.Busy()
    3 -> CameraError.Disabled()
    4 -> CameraError.Unavailable("the device failed")
    else -> CameraError.Unavailable("the camera service failed ($code)")
}

/**
 * The same for an exception when it is opened.
 *
 * @param reason of `CameraAccessException`: CAMERA_DISABLED 1, CAMERA_DISCONNECTED 2, CAMERA_ERROR 3, CAMERA_IN_USE 4,
 *   MAX_CAMERAS_IN_USE 5.
 */
fun cameraErrorOfAccess(reason: Int, cause: Throwable): CameraError = when (reason) {
    1 -> CameraError.Disabled()
    4, 5 -> CameraError.Busy()
    2 -> CameraError.Unavailable("it was disconnected", cause)
    else -> CameraError.Unavailable("it failed ($reason)", cause)
}
