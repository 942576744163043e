package dev.edgestyle.demo

import android.content.Context
import dev.edgestyle.kit.android.AssetStore
import dev.edgestyle.kit.avatars.AvatarGenerator
import dev.edgestyle.kit.contract.Component
import dev.edgestyle.kit.contract.ModelFile
import dev.edgestyle.kit.contract.ModelFormat
import dev.edgestyle.kit.contract.PackEntry
import dev.edgestyle.kit.contract.PackIndex
import dev.edgestyle.kit.contract.openModel
import dev.edgestyle.kit.contract.readIndex
import dev.edgestyle.kit.contract.readText
import dev.edgestyle.kit.core.KitError
import dev.edgestyle.kit.litert.openPictureNetwork
import dev.edgestyle.kit.render.Accelerator
import dev.edgestyle.kit.render.Opened
import dev.edgestyle.kit.render.RuntimeOpener
import dev.edgestyle.kit.render.StyleEncoder
import dev.edgestyle.kit.render.StyleRenderer
import dev.edgestyle.kit.render.openRenderer
import dev.edgestyle.kit.selfie.BlazeFaceFinder
import dev.edgestyle.kit.selfie.SegmentationMatte
import dev.edgestyle.kit.selfie.SelfieMaker
import dev.edgestyle.kit.selfie.SelfieRecipe

/** What makes selfies, and what has to be closed after it. */
class OpenedSelfies(
    val recipe: SelfieRecipe, val maker: SelfieMaker, private val networks: List<AutoCloseable>,
) : AutoCloseable {
    override fun close() = networks.forEach { it.close() }
}

/** The models in the app's assets, and what is opened of them. All of it is slow: call it in the background. */
class Models(context: Context) {
    /** Where they are. */
    val store = AssetStore(context.applicationContext)

    /** All packs. Throws ModelError, at the first use. */
    val index: PackIndex by lazy { store.readIndex() }

    /** Packs that redraw pictures. */
    val picturePacks: List<PackEntry> get() = index.packs.filterNot { it.drawsAvatars }

    /** The first pack that draws avatars; null where there is none. */
    val avatarPack: PackEntry? get() = index.packs.firstOrNull { it.drawsAvatars }

    /** The first pack that takes reference pictures; null where there is none. */
    val encodingPack: PackEntry? get() = picturePacks.firstOrNull { it.has(Component.ENCODER) }

    /** The format that an accelerator runs. */
    fun formatFor(accelerator: Accelerator): ModelFormat =
        if (accelerator == Accelerator.GPU) ModelFormat.TFLITE else ModelFormat.ONNX

    /** A renderer for a camera's pictures of one size; errors as for [openRenderer]. */
    fun openLive(pack: PackEntry, wanted: Accelerator, width: Int, height: Int): Opened<StyleRenderer> {
        val model = store.openModel(pack.rendererFor(width, height, formatFor(wanted)))
        return openRenderer(model, wanted, THREADS, width, height, onlyThisSize = true)
    }

    /** A renderer for photos of any size; likewise. */
    fun openForPhotos(pack: PackEntry, wanted: Accelerator): Opened<StyleRenderer> {
        val model = store.openModel(pack.need(Component.RENDERER, formatFor(wanted)))
        val side = model.contract.sizes.min()
        return openRenderer(model, wanted, THREADS, side, side, onlyThisSize = false)
    }

    /** The encoder of reference pictures, on the CPU: it runs once a picture. */
    fun openEncoder(pack: PackEntry): StyleEncoder {
        val model = store.openModel(pack.need(Component.ENCODER, ModelFormat.ONNX))
        return StyleEncoder(model.contract, RuntimeOpener.open(model, Accelerator.CPU, THREADS, null))
    }

    /** What draws avatars, on the CPU. */
    fun openAvatars(pack: PackEntry): AvatarGenerator {
        val generator = store.openModel(pack.need(Component.GENERATOR, ModelFormat.ONNX))
        val mapping = store.openModel(pack.need(Component.MAPPING, ModelFormat.ONNX))
        val drawing = openOnCpu(generator)
        return closingOnFailure(listOf(drawing)) {
            AvatarGenerator(generator.contract, drawing, mapping.contract to openOnCpu(mapping))
        }
    }

    /** The selfie's numbers. */
    fun recipe(): SelfieRecipe = SelfieRecipe.read(store.readText(SelfieRecipe.PATH))

    /** All that makes a selfie, with a renderer of the pack that the recipe names; it is closed too where this fails. */
    fun openSelfies(recipe: SelfieRecipe, renderer: StyleRenderer): OpenedSelfies {
        val opened = arrayListOf<AutoCloseable>(renderer)
        return closingOnFailure(opened) {
            val names = listOf(recipe.detecting.network, recipe.meshing.network, recipe.matting.network)
            val (detector, mesh, matte) = names.map { name -> openPictureNetwork(store, recipe, name).also { opened.add(it) } }
            val finder = BlazeFaceFinder(detector, mesh, recipe)
            val person = SegmentationMatte(matte, recipe, SelfieMaker.filtersOf(recipe))
            OpenedSelfies(recipe, SelfieMaker(recipe, renderer, finder, person), opened)
        }
    }

    private fun <T> closingOnFailure(opened: List<AutoCloseable>, open: () -> T): T = try {
        open()
    } catch (error: KitError) {
        opened.forEach { it.close() }
        throw error
    }

    private fun openOnCpu(model: ModelFile) = RuntimeOpener.open(model, Accelerator.CPU, THREADS, null)

    companion object {
        /** Of the CPU: phones have two to four fast cores, and the camera wants some of them. */
        const val THREADS = 2

        private var shared: Models? = null

        /** The app's one instance. */
        @Synchronized
        fun of(context: Context): Models = shared ?: Models(context).also { shared = it }
    }
}
