package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.core.FaceError
import kotlin.math.max
import kotlin.math.min
import kotlin.math.roundToInt

/** Middle of a face's oval in the photo, and its width and height measured along and across the eyes. */
class LevelOval(val middle: Point, val wide: Float, val tall: Float)

/** See [LevelOval]; [angle] is of the eyes, degrees. */
fun levelOval(oval: List<Point>, angle: Double): LevelOval {
    val level = Frame(0.0, 0.0, 1.0, angle)
    val turned = oval.map(level::fromPhoto)
    val left = turned.minOf { it.x }
    val right = turned.maxOf { it.x }
    val top = turned.minOf { it.y }
    val bottom = turned.maxOf { it.y }
    return LevelOval(level.toPhoto(Point((left + right) / 2, (top + bottom) / 2)), right - left, bottom - top)
}

/**
 * Which square of a photo is drawn: level with the eyes, with room above the head, inside the photo if it fits.
 *
 * @param oval the outline of the face, in pixels of the photo.
 * @param angle of the eyes, degrees, clockwise.
 * @param width of the photo, pixels.
 * @param height likewise.
 * @throws FaceError the face is too small, or cut by the photo's border.
 */
fun frameFace(oval: List<Point>, angle: Double, width: Int, height: Int, recipe: SelfieRecipe.Framing): Frame {
    val face = levelOval(oval, angle)
    checkFace(oval, face, width, height, recipe)
    val level = Frame(face.middle.x.toDouble(), face.middle.y.toDouble(), recipe.side * face.tall, angle)
    val fitting = min(level.side, min(width, height) / level.spread)
    val side = max(fitting, recipe.smallestSide * face.tall)
    // where the photo ends too soon for the whole square, room above the head goes with the rest
    val up = 0.5 - recipe.headRoom * side / (level.side * level.side) * face.tall
    val above = level.toPhoto(Point(0.5f, up.toFloat()))
    val inside = Frame(above.x.toDouble(), above.y.toDouble(), side, angle).movedInside(width, height)
    return holding(inside, oval, recipe.margin.toFloat())
}

/** Moved so that points of the photo lie inside, at least [margin] of the side from its edges. */
private fun holding(frame: Frame, points: List<Point>, margin: Float): Frame {
    val places = points.map(frame::fromPhoto)
    val x = moved(places.minOf { it.x } - margin, places.maxOf { it.x } + margin)
    val y = moved(places.minOf { it.y } - margin, places.maxOf { it.y } + margin)
    val middle = frame.toPhoto(Point(x, y))
    return frame.copy(x = middle.x.toDouble(), y = middle.y.toDouble())
}

private fun moved(least: Float, most: Float): Float = 0.5f + min(least, 0f) + max(most - 1, 0f)

private fun checkFace(oval: List<Point>, face: LevelOval, width: Int, height: Int, recipe: SelfieRecipe.Framing) {
    if (face.wide < recipe.smallestFacePx) throw FaceError.TooSmall(face.wide.roundToInt(), recipe.smallestFacePx)
    val before = max(-oval.minOf { it.x }, -oval.minOf { it.y })
    val after = max(oval.maxOf { it.x } - width, oval.maxOf { it.y } - height)
    if (max(before, after) > recipe.outside * face.tall) throw FaceError.CutByBorder()
}
