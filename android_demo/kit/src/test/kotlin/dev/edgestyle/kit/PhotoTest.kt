package dev.edgestyle.kit

import dev.edgestyle.kit.contract.readSidecar
import dev.edgestyle.kit.core.PictureError
import dev.edgestyle.kit.core.StorageError
import dev.edgestyle.kit.core.copyOnce
import dev.edgestyle.kit.core.storageError
import dev.edgestyle.kit.core.writeWhole
import dev.edgestyle.kit.photo.JpegWriter
import dev.edgestyle.kit.photo.PhotoSource
import dev.edgestyle.kit.photo.PhotoStylizer
import dev.edgestyle.kit.photo.PixelsSource
import dev.edgestyle.kit.photo.addDetail
import dev.edgestyle.kit.photo.shrink
import dev.edgestyle.kit.pixels.Filter
import dev.edgestyle.kit.pixels.Pixels
import dev.edgestyle.kit.pixels.resize
import dev.edgestyle.kit.render.NetworkRenderer
import dev.edgestyle.kit.styles.Style
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.util.Random
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import javax.imageio.ImageIO
import kotlin.math.max

class PhotoTest {
    private val contract = readSidecar(Vectors.read("sidecars").cases("good").first().text("text"), "model")
    private val style = Style("a", contract.defaultStyle.vector, 1f)

    /** A network that gives pictures back. */
    private fun renderer() = NetworkRenderer(contract, FakeNetwork { it.getValue("image") })

    private fun noise(width: Int, height: Int): Pixels =
        Pixels(width, height, ByteArray(3 * width * height).also { Random(1).nextBytes(it) })

    private fun gather(source: PhotoSource, strength: Float, stripPixels: Int): Pixels {
        val rows = ByteArrayOutputStream()
        PhotoStylizer(renderer(), stripPixels).stylize(source, { rows.write(it.rgb) }, style, strength, 64)
        return Pixels(source.width, source.height, rows.toByteArray())
    }

    @Test
    fun theDetailLayerIsPythons() {
        val vectors = Vectors.read("detail")
        for (case in vectors.cases("cases")) {
            val (enlarged, photo, base) = listOf("enlarged", "photo", "base").map { Pixels(case.bytes(it).size / 3, 1, case.bytes(it)) }
            assertArrayEquals(case.bytes("result"), addDetail(enlarged, photo, base, case.double("amount").toFloat()).rgb)
        }
    }

    @Test
    fun anUntouchedPhotoComesBackExactly() {
        val photo = noise(300, 200)
        assertArrayEquals(photo.rgb, gather(PixelsSource(photo), 0f, 20_000).rgb)
    }

    @Test
    fun stripsGiveTheSamePictureAsTheWhole() {
        val photo = noise(230, 190)
        val small = resize(photo, 64, 53, Filter.LANCZOS)
        assertArrayEquals(small.rgb, shrink(PixelsSource(photo), 64, 53, 5_000).rgb)
        assertArrayEquals(resize(small, 230, 190, Filter.LANCZOS).rgb, gather(PixelsSource(photo), 1f, 3_000).rgb)
    }

    @Test
    fun photosOf100MegapixelsNeedMemoryForAStripAlone() {
        var largest = 0
        val source = object : PhotoSource {
            override val width = 12_000
            override val height = 8_400
            override fun rows(top: Int, count: Int): Pixels {
                largest = max(largest, width * count)
                return Pixels(width, count)
            }
            override fun close() = Unit
        }
        var rows = 0
        assertTrue(PhotoStylizer(renderer(), 1_000_000).stylize(source, { rows += it.height }, style, 1f, 32))
        assertEquals(8_400, rows)
        assertTrue("a strip had $largest pixels", largest <= 1_000_000)
    }

    @Test
    fun largerPhotosThanAnyAreRefused() {
        val source = object : PhotoSource {
            override val width = 20_000
            override val height = 20_000
            override fun rows(top: Int, count: Int): Pixels = throw AssertionError("nothing is read")
            override fun close() = Unit
        }
        val error = failure<PictureError.TooLarge> { PhotoStylizer(renderer()).stylize(source, { }, style, 1f) }
        assertEquals(178, error.mostMegapixels)
    }

    @Test
    fun picturesAreDrawnAsLargeAsMemoryAllows() {
        assertEquals(2_796_202, PhotoStylizer.pixelsFor(512L * 1024 * 1024))
        assertEquals(9_000_000, PhotoStylizer.pixelsFor(Long.MAX_VALUE))
        val text = Vectors.read("sidecars").cases("good").first { it.text("name") == "draws at full size" }.text("text")
        assertEquals(2309, readSidecar(text, "model").drawnSide(4000, 3000, mostPixels = 4_000_000))
    }

    @Test
    fun workCanBeStopped() {
        val photo = PixelsSource(noise(300, 200))
        assertFalse(PhotoStylizer(renderer(), 20_000).stylize(photo, { }, style, 1f, 64) { done -> done < 0.5f })
    }

    @Test
    fun jpegsAreReadByOtherDecoders() {
        val smooth = resize(noise(6, 5), 83, 61, Filter.BICUBIC)
        val out = ByteArrayOutputStream()
        JpegWriter(out, 83, 61).apply {
            write(Pixels(83, 50, smooth.rgb.copyOf(3 * 83 * 50)))
            write(Pixels(83, 11, smooth.rgb.copyOfRange(3 * 83 * 50, smooth.rgb.size)))
            finish()
        }
        val read = ImageIO.read(out.toByteArray().inputStream())
        val argb = read.getRGB(0, 0, 83, 61, null, 0, 83)
        val quality = psnrDb(smooth.rgb, Pixels.fromArgb(argb, 83, 61).rgb)
        assertTrue("$quality dB", quality > 38)
        System.getProperty("edgestyle.out")?.let { File(it, "smooth.jpg").writeBytes(out.toByteArray()) }
        System.getProperty("edgestyle.out")?.let { File(it, "smooth.rgb").writeBytes(smooth.rgb) }
    }

    @Test
    fun noisyJpegsSurviveTheirStuffedBytes() {
        val noise = noise(64, 40)
        val out = ByteArrayOutputStream()
        JpegWriter(out, 64, 40, 100).apply { write(noise) }.finish()
        val read = ImageIO.read(out.toByteArray().inputStream())
        assertTrue(psnrDb(noise.rgb, Pixels.fromArgb(read.getRGB(0, 0, 64, 40, null, 0, 64), 64, 40).rgb) > 35)
    }

    @Test
    fun aFullStorageIsSaidAndNothingIsLeftBehind() {
        val folder = Files.createTempDirectory("photos").toFile()
        val full = IOException("write failed", IOException("write failed: ENOSPC (No space left on device)"))
        failure<StorageError.Full> { writeWhole(File(folder, "a.jpg")) { throw full } }
        assertEquals(0, folder.listFiles()?.size)
        assertTrue(storageError(IOException("Permission denied")) is StorageError.NotWritable)
        failure<StorageError> { writeWhole(File("/proc/no/such/folder/a.jpg")) { it.write(1) } }
        folder.deleteRecursively()
    }

    @Test
    fun ofManyThreadsThatWantACopyOneWritesIt() {
        val folder = Files.createTempDirectory("copies").toFile()
        val bytes = ByteArray(1 shl 20).also { Random(2).nextBytes(it) }
        val opened = AtomicInteger()
        val copies = Executors.newFixedThreadPool(8)
        val found = List(16) {
            copies.submit(Callable {
                copyOnce(File(folder, "a/model.onnx")) { bytes.inputStream().also { opened.incrementAndGet() } }.readBytes()
            })
        }
        copies.shutdown() // the JVM would wait for its threads where something below fails
        for (copy in found) assertArrayEquals(bytes, copy.get())
        assertEquals(1, opened.get())
        assertEquals(listOf("model.onnx"), File(folder, "a").list()?.toList())
        failure<IOException> { copyOnce(File(folder, "b")) { throw IOException("no such asset") } }
        assertFalse(File(folder, "b").exists())
        folder.deleteRecursively()
    }

    @Test
    fun transparentPicturesAreComposedOverWhite() {
        val clear = 0x00123456
        val half = 0x80000000.toInt() // black
        val found = Pixels.fromArgb(intArrayOf(clear, half), 2, 1)
        assertArrayEquals(byteArrayOf(-1, -1, -1, 127, 127, 127), found.rgb)
    }
}
