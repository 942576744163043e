package dev.edgestyle.kit.live

import dev.edgestyle.kit.measure.Clock
import dev.edgestyle.kit.measure.LatencyMeter
import dev.edgestyle.kit.pixels.FrameConverter
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Turn
import dev.edgestyle.kit.pixels.YuvFrame
import dev.edgestyle.kit.pixels.YuvMatrix
import dev.edgestyle.kit.pixels.YuvRange
import dev.edgestyle.kit.render.StyleRenderer

/**
 * Draws a camera's frames in a style, one after the other.
 *
 * @param renderer opened for [width] x [height].
 * @param width of the pictures, pixels; frames are cut to its shape.
 * @param height likewise.
 */
class LiveStylizer(
    private val renderer: StyleRenderer, val width: Int, val height: Int, private val clock: Clock = Clock.SYSTEM,
) {
    private val converters = HashMap<Pair<YuvMatrix, YuvRange>, FrameConverter>()

    /** Latencies of the newest frames, conversions among them. */
    val meter = LatencyMeter()

    /** The style vector; a change acts on the next frame. */
    @Volatile
    var style: FloatArray = renderer.contract.defaultStyle.vector

    /** In [0,1]; a change acts on the next frame. */
    @Volatile
    var strength: Float = renderer.contract.defaultStyle.defaultStrength

    /** Show frames as they are, without running the network. */
    @Volatile
    var showsOriginal: Boolean = false

    /**
     * A frame, upright and drawn.
     *
     * @param turn that makes it upright.
     * @throws dev.edgestyle.kit.core.KitError the runtime failed.
     */
    fun draw(frame: YuvFrame, turn: Turn): Pixels {
        val start = clock.nowNs()
        val converter = converters.getOrPut(frame.matrix to frame.range) { FrameConverter(frame.matrix, frame.range) }
        val picture = converter.toPixels(frame, turn, width, height)
        if (showsOriginal) return picture
        val drawn = renderer.render(picture, style, strength)
        val end = clock.nowNs()
        meter.add(end - start, end)
        return drawn
    }
}

/**
 * The turn that makes a camera's frames upright.
 *
 * @param sensorDegrees how the sensor is built in, clockwise.
 * @param displayDegrees how the screen is turned from its natural place, as `Display.getRotation` says, in degrees.
 * @param front whether the camera looks at the user: its picture is mirrored.
 */
fun uprightTurn(sensorDegrees: Int, displayDegrees: Int, front: Boolean): Turn {
    val degrees = if (front) sensorDegrees + displayDegrees else sensorDegrees - displayDegrees
    return Turn(Math.floorMod(degrees, 360), mirrored = front)
}

/**
 * The size of frames to ask a camera for: the smallest that is no smaller than what is drawn, else the largest.
 *
 * @param sizes that it offers, in the sensor's own turn: width and height.
 * @param longSide of the pictures that are drawn, pixels.
 * @param shortSide likewise.
 */
fun chooseFrameSize(sizes: List<Pair<Int, Int>>, longSide: Int, shortSide: Int): Pair<Int, Int>? {
    val enough = sizes.filter { (width, height) -> maxOf(width, height) >= longSide && minOf(width, height) >= shortSide }
    return enough.minByOrNull { (width, height) -> width.toLong() * height }
        ?: sizes.maxByOrNull { (width, height) -> width.toLong() * height }
}
