package dev.edgestyle.kit.android

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureFailure
import android.hardware.camera2.CaptureRequest
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import dev.edgestyle.kit.core.CameraError
import dev.edgestyle.kit.live.chooseFrameSize
import dev.edgestyle.kit.live.uprightTurn
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.YuvFrame

/** Which way a camera looks. */
enum class Facing(internal val value: Int) {
    /** Away from the user. */
    BACK(CameraCharacteristics.LENS_FACING_BACK),

    /** At the user; its picture is mirrored. */
    FRONT(CameraCharacteristics.LENS_FACING_FRONT),
}

/** What a camera gives; all calls come on the feed's own thread. */
interface CameraListener {
    /** The newest frame; it is gone when this returns. Frames that come meanwhile are dropped. */
    fun onFrame(frame: YuvFrame, turn: Turn)

    /** A photo at full resolution, a JPEG whose EXIF says how it is turned. */
    fun onPhoto(jpeg: ByteArray)

    /** There are no more frames; the feed is closed. */
    fun onError(error: CameraError)
}

/**
 * A camera's frames, and photos at full resolution, by Camera2. Open from one thread; the permission is the app's matter.
 *
 * @param listener gets all of it.
 */
class CameraFeed(context: Context, private val listener: CameraListener) {
    private val manager = context.getSystemService(Context.CAMERA_SERVICE) as CameraManager
    private val thread = HandlerThread("edgestyle-camera").apply { start() }
    private val handler = Handler(thread.looper)
    private var camera: OpenCamera? = null // this and what follows on the feed's thread only
    private val unfinished = HashSet<OpenCamera>() // asked for, and not yet said to be closed
    private var shuttingDown = false

    /** Whether the phone has a camera that looks this way. */
    fun has(facing: Facing): Boolean = try {
        find(facing) != null
    } catch (_: CameraAccessException) {
        false
    }

    /**
     * Begin with a camera; one that was open is closed first. Errors go to the listener.
     *
     * @param displayDegrees how the screen is turned from its natural place.
     * @param longSide of the pictures that are drawn, pixels.
     * @param shortSide likewise.
     */
    fun open(facing: Facing, displayDegrees: Int, longSide: Int, shortSide: Int) {
        handler.post {
            closeCamera()
            try {
                openOnThread(facing, displayDegrees, longSide, shortSide)
            } catch (error: CameraAccessException) {
                fail(cameraErrorOfAccess(error.reason, error))
            } catch (_: SecurityException) {
                fail(CameraError.Refused())
            } catch (error: IllegalArgumentException) { // a camera that was unplugged meanwhile
                fail(CameraError.Unavailable(error.message.orEmpty(), error))
            }
        }
    }

    /** Take a photo, as soon as the camera is ready; it comes to the listener. Nothing happens where none is open. */
    fun takePhoto() {
        handler.post { guarded { it.takePhoto() } }
    }

    /** Stop the frames; [open] begins again. */
    fun close() {
        handler.post { closeCamera() }
    }

    /** Stop, and end the thread; it lives until the system has said that the camera is closed. */
    fun shutDown() {
        handler.post {
            closeCamera()
            shuttingDown = true
            endWhenQuiet()
        }
    }

    /** Callbacks to a thread that has ended crash the app, and a camera that opens meanwhile would stay open. */
    private fun endWhenQuiet() {
        if (shuttingDown && unfinished.isEmpty()) thread.quitSafely()
    }

    private fun finished(opened: OpenCamera) {
        unfinished.remove(opened)
        endWhenQuiet()
    }

    @SuppressLint("MissingPermission") // a refused permission is a SecurityException here, and comes as CameraError.Refused
    private fun openOnThread(facing: Facing, displayDegrees: Int, longSide: Int, shortSide: Int) {
        val id = find(facing) ?: return fail(CameraError.Unavailable("there is none that looks this way"))
        val traits = manager.getCameraCharacteristics(id)
        val map = traits.get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP)
        val frames = map?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty().map { it.width to it.height }
        val photos = map?.getOutputSizes(ImageFormat.JPEG).orEmpty().map { it.width to it.height }
        val frameSize = chooseFrameSize(frames, longSide, shortSide)
        val photoSize = photos.maxByOrNull { (width, height) -> width.toLong() * height }
        if (frameSize == null || photoSize == null) return fail(CameraError.Unavailable("it gives no frames"))
        val sensor = traits.get(CameraCharacteristics.SENSOR_ORIENTATION) ?: 0
        val turn = uprightTurn(sensor, displayDegrees, facing == Facing.FRONT)
        val opened = OpenCamera(frameSize, photoSize, turn)
        camera = opened
        unfinished.add(opened)
        var asked = false
        try {
            manager.openCamera(id, opened, handler)
            asked = true
        } finally {
            if (!asked) handler.post { finished(opened) } // after the callbacks that some failures have beside the exception
        }
    }

    private fun find(facing: Facing): String? = manager.cameraIdList.firstOrNull {
        manager.getCameraCharacteristics(it).get(CameraCharacteristics.LENS_FACING) == facing.value
    }

    private fun guarded(act: (OpenCamera) -> Unit) {
        val opened = camera ?: return
        try {
            act(opened)
        } catch (error: CameraAccessException) {
            fail(cameraErrorOfAccess(error.reason, error))
        } catch (error: IllegalStateException) { // it was closed in between
            fail(CameraError.Unavailable(error.message.orEmpty(), error))
        }
    }

    private fun fail(error: CameraError) {
        closeCamera()
        listener.onError(error)
    }

    private fun closeCamera() {
        camera?.close()
        camera = null
    }

    /** A camera from when it is asked for until it is closed. */
    private inner class OpenCamera(frameSize: Pair<Int, Int>, photoSize: Pair<Int, Int>, private val turn: Turn) :
        CameraDevice.StateCallback() {
        private val frames = ImageReader.newInstance(frameSize.first, frameSize.second, ImageFormat.YUV_420_888, 2)
        private val photos = ImageReader.newInstance(photoSize.first, photoSize.second, ImageFormat.JPEG, 1)
        private var device: CameraDevice? = null
        private var session: CameraCaptureSession? = null
        private var photoWaits = false
        private var closed = false

        init {
            frames.setOnImageAvailableListener({ reader -> // the camera has its buffer back before the frame is drawn
                val frame = if (closed) null else reader.acquireLatestImage()?.use(::toYuvFrame)
                if (frame != null) listener.onFrame(frame, turn)
            }, handler)
            photos.setOnImageAvailableListener({ reader ->
                val jpeg = if (closed) null else reader.acquireNextImage()?.use { bytesOf(it.planes[0].buffer) }
                if (jpeg != null) listener.onPhoto(jpeg)
            }, handler)
        }

        @Suppress("DEPRECATION") // SessionConfiguration needs API 28
        override fun onOpened(opened: CameraDevice) {
            device = opened
            if (closed) return opened.close()
            guarded { opened.createCaptureSession(listOf(frames.surface, photos.surface), Sessions(), handler) }
        }

        override fun onDisconnected(lost: CameraDevice) {
            lost.close()
            if (!closed) fail(CameraError.Busy()) // an app with a higher priority took it
        }

        override fun onError(failed: CameraDevice, code: Int) {
            failed.close()
            if (!closed) fail(cameraErrorOfState(code))
        }

        override fun onClosed(gone: CameraDevice) = finished(this)

        fun takePhoto() {
            val ready = session
            photoWaits = ready == null
            if (ready == null) return
            val request = ready.device.createCaptureRequest(CameraDevice.TEMPLATE_STILL_CAPTURE).apply {
                addTarget(photos.surface)
                set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
                set(CaptureRequest.JPEG_ORIENTATION, turn.degrees)
                set(CaptureRequest.JPEG_QUALITY, JPEG_QUALITY)
            }
            ready.capture(request.build(), Captures(), handler)
        }

        fun close() {
            closed = true
            device?.close()
            frames.close()
            photos.close()
        }

        private inner class Captures : CameraCaptureSession.CaptureCallback() {
            override fun onCaptureFailed(of: CameraCaptureSession, request: CaptureRequest, failure: CaptureFailure) {
                if (!closed) fail(CameraError.Unavailable("it took no photo"))
            }
        }

        private inner class Sessions : CameraCaptureSession.StateCallback() {
            override fun onConfigured(configured: CameraCaptureSession) {
                if (closed) return
                session = configured
                guarded {
                    val request = configured.device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                    request.addTarget(frames.surface)
                    request.set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_VIDEO)
                    configured.setRepeatingRequest(request.build(), null, handler)
                    if (photoWaits) takePhoto()
                }
            }

            override fun onConfigureFailed(failed: CameraCaptureSession) {
                if (!closed) fail(CameraError.Unavailable("it takes no such sizes"))
            }
        }
    }

    private companion object {
        const val JPEG_QUALITY: Byte = 97
    }
}
