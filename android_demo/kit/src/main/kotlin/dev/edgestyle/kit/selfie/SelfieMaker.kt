package dev.edgestyle.kit.selfie

import dev.edgestyle.kit.contract.keptDetail
import dev.edgestyle.kit.core.FaceError
import dev.edgestyle.kit.core.RequestError
import dev.edgestyle.kit.photo.addDetail
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.Plane
import dev.edgestyle.kit.pixels.crop
import dev.edgestyle.kit.pixels.fittedSize
import dev.edgestyle.kit.pixels.resize
import dev.edgestyle.kit.pixels.roundHalfEven
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.styles.Style
import dev.edgestyle.kit.styles.checkStrength
import kotlin.math.max

/**
 * How a selfie is drawn.
 *
 * @property strength 0 leaves the person untouched, 1 is the full style.
 * @property size long side of the result, pixels.
 */
class Look(val style: Style, val strength: Float, val background: Background, val shape: Shape, val size: Int)

/**
 * From a photo to a selfie, by the steps of the recipe: find the face, level it, cut the person out, draw eyes and mouth
 * milder, put together.
 *
 * @param renderer of the pack that the recipe names.
 * @param finder of faces.
 * @param matte of persons.
 */
class SelfieMaker(
    private val recipe: SelfieRecipe, private val renderer: StyleRenderer, private val finder: FaceFinder,
    private val matte: PersonMatte,
) {
    private val filters = filtersOf(recipe)
    private val boldness = Boldness(recipe.bolding, filters)
    private val composer = Composer(recipe, filters)

    /**
     * The selfie of the largest face.
     *
     * @throws FaceError there is none, it is too small or cut by the border, or nobody stands out from the background.
     * @throws RequestError the size or strength is none.
     */
    fun draw(photo: Pixels, look: Look): Selfie =
        draw(photo, finder.find(photo).firstOrNull() ?: throw FaceError.NoFace(), look)

    /** The selfie of one face; errors as above. */
    fun draw(photo: Pixels, face: Face, look: Look): Selfie {
        checkStrength(look.strength)
        checkSize(look.size)
        val frame = frameFace(face.oval, face.angle, photo.width, photo.height, recipe.framing)
        val side = max(look.size, recipe.framing.cutSide)
        val cut = frame.cut(photo, side, recipe.resampling.outside)
        val stylized = stylize(cut, face.landmarks.map(frame::fromPhoto), look)
        val person = if (look.background == Background.Keep) wholeMatte(side) else cutOut(photo, frame, cut, face)
        return composer.compose(stylized, person, look.background, look.shape, look.size)
    }

    /** A square stylized, milder in eyes and mouth; landmarks are fractions of the square. */
    fun stylize(cut: Pixels, landmarks: List<Point>, look: Look): Pixels {
        val added = if (recipe.drawing.flattened) boldness.of(cut) else null
        val full = drawStrokes(cut, added, look.style, look.strength)
        val mild = drawStrokes(cut, added, look.style, look.strength * recipe.likeness.mild)
        return makeMilder(full, mild, likenessMask(landmarks, recipe.landmarks, cut.width, recipe.likeness, filters), filters)
    }

    private fun cutOut(photo: Pixels, frame: Frame, cut: Pixels, face: Face): Plane {
        val person = matte.cutOut(photo, frame, cut, face.middle)
        if (person.values.average() < recipe.matting.leastPerson) throw FaceError.NoPerson()
        return person
    }

    /** Packs with strokes draw at a size of their own and beyond the rim, others the picture as it is. */
    private fun drawStrokes(cut: Pixels, added: Plane?, style: Style, strength: Float): Pixels {
        val longSide = recipe.drawing.longSide ?: return renderer.render(cut, style.vector, strength)
        val bold = if (added == null) cut else addBoldness(cut, added, strength)
        val margin = recipe.bolding.margin
        val rim = roundHalfEven(margin * cut.longSide.toDouble() / longSide)
        val wide = cutOut(bold, -rim, -rim, cut.width + rim, cut.height + rim, Outside.SYMMETRIC)
        return crop(drawAt(wide, longSide + 2 * margin, style, strength), rim, rim, cut.width, cut.height)
    }

    /** Drawn at a working size, enlarged, with the picture's detail layer; as photos are. */
    private fun drawAt(picture: Pixels, side: Int, style: Style, strength: Float): Pixels {
        val (width, height) = fittedSize(picture.width, picture.height, side)
        val filter = recipe.resampling.drawing
        val small = resize(picture, width, height, filter)
        val drawn = renderer.render(small, style.vector, strength)
        if (small === picture) return drawn
        val enlarged = resize(drawn, picture.width, picture.height, filter)
        val kept = keptDetail(strength, style)
        return if (kept == 0f) enlarged else addDetail(enlarged, picture, resize(small, picture.width, picture.height, filter), kept)
    }

    private fun wholeMatte(side: Int) = Plane(side, side, 1, FloatArray(side * side) { 1f })

    private fun checkSize(size: Int) {
        val sizes = recipe.composing.smallestSize..recipe.composing.largestSize
        if (size !in sizes) throw RequestError.Unknown("size must be ${sizes.first} to ${sizes.last} pixels, not $size")
    }

    companion object {
        /** The filters that a recipe fixes. */
        fun filtersOf(recipe: SelfieRecipe) = Filters(recipe.brightness, recipe.gaussianBoxes, recipe.resampling.masks)
    }
}
