package dev.edgestyle.kit.android

import android.media.Image
import dev.edgestyle.kit.pixels.YuvFrame
import dev.edgestyle.kit.pixels.YuvPlane
import java.nio.ByteBuffer

/** A camera's `YUV_420_888` image, copied, so that the camera has its buffer back. */
fun toYuvFrame(image: Image): YuvFrame {
    val (luma, u, v) = image.planes.map { YuvPlane(bytesOf(it.buffer), it.rowStride, it.pixelStride) }
    return YuvFrame(image.width, image.height, luma, u, v)
}

/** What a buffer holds, from its beginning. */
fun bytesOf(buffer: ByteBuffer): ByteArray {
    buffer.rewind()
    return ByteArray(buffer.remaining()).also(buffer::get)
}
