package dev.edgestyle.kit

import dev.edgestyle.kit.avatars.AvatarGenerator
import dev.edgestyle.kit.contract.Component
import dev.edgestyle.kit.contract.FolderStore
import dev.edgestyle.kit.contract.ModelContract
import dev.edgestyle.kit.contract.ModelFormat
import dev.edgestyle.kit.contract.PackEntry
import dev.edgestyle.kit.contract.openModel
import dev.edgestyle.kit.contract.readIndex
import dev.edgestyle.kit.contract.readText
import dev.edgestyle.kit.core.FaceError
import dev.edgestyle.kit.core.Json
import dev.edgestyle.kit.core.asObject
import dev.edgestyle.kit.photo.PhotoStylizer
import dev.edgestyle.kit.photo.PixelsSource
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.render.Network
import dev.edgestyle.kit.render.NetworkRenderer
import dev.edgestyle.kit.render.StyleEncoder
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.selfie.Background
import dev.edgestyle.kit.selfie.BlazeFaceFinder
import dev.edgestyle.kit.selfie.Look
import dev.edgestyle.kit.selfie.SegmentationMatte
import dev.edgestyle.kit.selfie.Selfie
import dev.edgestyle.kit.selfie.SelfieMaker
import dev.edgestyle.kit.selfie.SelfieRecipe
import dev.edgestyle.kit.selfie.Shape
import dev.edgestyle.kit.styles.Style
import dev.edgestyle.kit.styles.StyleMixer
import org.junit.AfterClass
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Before
import org.junit.BeforeClass
import org.junit.Test
import java.io.ByteArrayOutputStream
import java.io.File
import kotlin.math.abs
import kotlin.math.sqrt

/**
 * The kit with the app's own models, which Python runs, against what edgestyle makes of the same photos: `tests/android`
 * prepares them in a folder. Gradle's unit tests have neither, and leave these out.
 */
class EndToEndTest {
    private val store = FolderStore(File(System.getProperty("edgestyle.assets") ?: "."))
    private val wanted by lazy { Json.parse(File(folder, "wanted.json").readText()).asObject("wanted") }

    @Before
    fun needsPython() = assumeTrue("edgestyle.python is not set", python != null)

    private fun picture(key: String): Pixels = wanted.part(key).let {
        Pixels(it.int("width"), it.int("height"), File(folder, it.text("file")).readBytes())
    }

    private fun network(pack: PackEntry, component: Component): Pair<ModelContract, Network> {
        val model = store.openModel(pack.need(component, ModelFormat.ONNX))
        return model.contract to networks.network(model.file)
    }

    private fun renderer(pack: PackEntry): StyleRenderer =
        network(pack, Component.RENDERER).let { (contract, network) -> NetworkRenderer(contract, network) }

    private fun drawn(photo: Pixels, renderer: StyleRenderer, style: Style, strength: Float): Pixels {
        val rows = ByteArrayOutputStream()
        PhotoStylizer(renderer, 40_000).stylize(PixelsSource(photo), { rows.write(it.rgb) }, style, strength)
        return Pixels(photo.width, photo.height, rows.toByteArray())
    }

    @Test
    fun photosLookAsEdgestyleDrawsThem() {
        val pack = store.readIndex().pack("atelier")
        val renderer = renderer(pack)
        val style = StyleMixer(pack.styles(renderer.contract)).mix(wanted.text("mix"))
        val quality = psnrDb(picture("stylized").rgb, drawn(picture("photo"), renderer, style, 0.7f).rgb)
        assertTrue("$quality dB", quality > 50)
    }

    @Test
    fun atStrengthZeroAPhotoComesBack() {
        val pack = store.readIndex().pack("atelier")
        val renderer = renderer(pack)
        val photo = picture("photo")
        assertEquals(Double.POSITIVE_INFINITY, psnrDb(photo.rgb, drawn(photo, renderer, renderer.contract.defaultStyle, 0f).rgb), 0.0)
    }

    @Test
    fun aReferenceGivesTheLookOfPythonsEncoder() {
        val pack = store.readIndex().pack("lumen")
        val (contract, network) = network(pack, Component.ENCODER)
        val look = StyleEncoder(contract, network).encode(picture("reference"))
        assertAlike(wanted.floats("reference_style"), look.vector, 0.005)
        val renderer = renderer(pack)
        val quality = psnrDb(picture("in_its_look").rgb, drawn(picture("photo"), renderer, look, 0.6f).rgb)
        assertTrue("$quality dB", quality > 45)
    }

    private fun assertAlike(expected: FloatArray, found: FloatArray, most: Double) {
        val size = sqrt(expected.sumOf { it.toDouble() * it } / expected.size)
        val worst = expected.indices.maxOf { abs(expected[it] - found[it]).toDouble() }
        assertTrue("$worst of $size", worst <= most * size)
    }

    @Test
    fun aSeedIsTheSameFaceAsInPython() {
        val pack = store.readIndex().pack("faces")
        val (drawing, generator) = network(pack, Component.GENERATOR)
        val avatars = AvatarGenerator(drawing, generator, network(pack, Component.MAPPING))
        val style = avatars.style(20)
        assertAlike(wanted.floats("face_style"), style, 0.01)
        val quality = psnrDb(picture("face").rgb, avatars.draw(style, 0.8f).rgb)
        assertTrue("$quality dB", quality > 40)
    }

    private fun maker(): SelfieMaker {
        val recipe = SelfieRecipe.read(store.readText(SelfieRecipe.PATH))
        val open = { name: String -> networks.pictures(store.file("selfie/$name")) }
        val finder = BlazeFaceFinder(open(recipe.detecting.network), open(recipe.meshing.network), recipe)
        val matte = SegmentationMatte(open(recipe.matting.network), recipe, SelfieMaker.filtersOf(recipe))
        return SelfieMaker(recipe, renderer(store.readIndex().pack(recipe.pack)), finder, matte)
    }

    @Test
    fun selfiesAreThoseOfEdgestyle() {
        val maker = maker()
        val style = StyleMixer(store.readIndex().pack("atelier").let { it.styles(renderer(it).contract) }).style("cartoon")
        val looks = mapOf(
            "selfie_circle" to Look(style, 0.8f, Background.Colour(255, 209, 102), Shape.CIRCLE, 512),
            "selfie_blur" to Look(style, 0.8f, Background.Blur, Shape.SQUARE, 512),
            "selfie_alone" to Look(style, 1f, Background.Transparent, Shape.NONE, 300),
        )
        for ((name, look) in looks) {
            val expected = wanted.part(name)
            val selfie = maker.draw(picture("portrait"), look)
            assertTrue("$name: ${selfie.width}x${selfie.height}", abs(expected.int("width") - selfie.width) <= 1)
            assertTrue("$name: ${selfie.width}x${selfie.height}", abs(expected.int("height") - selfie.height) <= 1)
            if (selfie.width != expected.int("width") || selfie.height != expected.int("height")) continue
            val quality = psnrDb(seen(File(folder, expected.text("file")).readBytes()), seen(rgbaOf(selfie)))
            assertTrue("$name: $quality dB", quality > 38)
        }
    }

    private fun rgbaOf(selfie: Selfie) =
        ByteArray(4 * selfie.argb.size) { (selfie.argb[it / 4] ushr (if (it % 4 == 3) 24 else 16 - 8 * (it % 4))).toByte() }

    /** Colours times alpha, and alpha: what a transparent pixel's colour is, nobody sees. */
    private fun seen(rgba: ByteArray) = ByteArray(rgba.size) { index ->
        val alpha = rgba[index - index % 4 + 3].toInt() and 0xff
        if (index % 4 == 3) rgba[index] else ((rgba[index].toInt() and 0xff) * alpha / 255).toByte()
    }

    @Test
    fun facesAreFoundWherePythonFindsThem() {
        val recipe = SelfieRecipe.read(store.readText(SelfieRecipe.PATH))
        val open = { name: String -> networks.pictures(store.file("selfie/$name")) }
        val finder = BlazeFaceFinder(open(recipe.detecting.network), open(recipe.meshing.network), recipe)
        for (name in listOf("portrait", "turned_portrait")) {
            val face = finder.find(picture(name)).first()
            val eyes = wanted.part(name).floats("eyes")
            val found = floatArrayOf(face.rightEye.x, face.rightEye.y, face.leftEye.x, face.leftEye.y)
            assertClose(eyes, found, 1.5, name)
        }
    }

    @Test
    fun aPhotoWithoutAFaceIsSaid() {
        val look = Look(Style("a", FloatArray(32), 1f), 1f, Background.Keep, Shape.SQUARE, 64)
        failure<FaceError.NoFace> { maker().draw(picture("nobody"), look) }
    }

    companion object {
        private val python: String? = System.getProperty("edgestyle.python")
        private val folder = File(System.getProperty("edgestyle.out") ?: ".")
        private lateinit var networks: PythonNetworks

        @JvmStatic
        @BeforeClass
        fun start() {
            if (python != null) networks = PythonNetworks(python.split('\n'))
        }

        @JvmStatic
        @AfterClass
        fun stop() {
            if (python != null) networks.close()
        }
    }
}
