import Foundation
import Testing

@testable import EdgeStyleKit

/// Draws by a function of each level, so that what is around the network can be tested.
struct StandInRenderer: PictureRendering {
    let draw: @Sendable (UInt8, Float) -> UInt8

    func render(_ picture: Picture, style: StyleVector, strength: Float) async throws -> Picture {
        Picture(width: picture.width, height: picture.height, pixels: picture.pixels.map { draw($0, strength) })
    }
}

/// A picture that a seed makes.
func photo(width: Int, height: Int, seed: UInt64 = 1) -> Picture {
    var draws = PCG32(seed: seed)
    let pixels = (0..<3 * width * height).map { _ in UInt8(truncatingIfNeeded: draws.next()) }
    return Picture(width: width, height: height, pixels: pixels)
}

@Suite struct PhotoTests {
    let style = StyleVector(name: "toy", values: [1, 2], defaultStrength: 0.8, detail: 0.25)

    struct Sizes: Decodable {
        struct Case: Decodable {
            let width: Int, height: Int, workingSize: Int, workingWidth: Int, workingHeight: Int
        }
        struct Full: Decodable { let width: Int, height: Int, longSide: Int? }
        struct Kept: Decodable { let strength: Float, detail: Float, kept: Float }
        let cases: [Case], mostPixels: Int, full: [Full], keptDetail: [Kept]
    }

    @Test func workingSizesAreThoseOfPython() throws {
        let topic = try Vectors.read("sizes", as: Sizes.self)
        for one in topic.cases {
            let size = WorkingSize.fit(width: one.width, height: one.height, longSide: one.workingSize)
            #expect(size.width == one.workingWidth && size.height == one.workingHeight, "\(one)")
        }
        #expect(topic.mostPixels == WorkingSize.mostPixels)
        for one in topic.full { #expect(WorkingSize.largest(width: one.width, height: one.height) == one.longSide) }
        for one in topic.keptDetail {
            let style = StyleVector(name: "", values: [], detail: one.detail)
            #expect(abs(style.keptDetail(strength: one.strength) - one.kept) < 1e-6)
        }
    }

    struct Detail: Decodable {
        struct Case: Decodable {
            let amount: Float, enlarged: [UInt8], photo: [UInt8], base: [UInt8], result: [UInt8]
        }
        struct Untouched: Decodable { let enlarged: [UInt8], photo: [UInt8] }
        let cases: [Case], untouched: Untouched
    }

    @Test func detailIsAddedAsPythonDoes() throws {
        let topic = try Vectors.read("detail", as: Detail.self)
        for one in topic.cases {
            let found = one.enlarged.indices.map {
                PhotoStylizer.addDetail(one.enlarged[$0], photo: one.photo[$0], base: one.base[$0], one.amount)
            }
            #expect(found == one.result)
        }
        for (same, pixel) in zip(topic.untouched.enlarged, topic.untouched.photo) {
            #expect(PhotoStylizer.addDetail(same, photo: pixel, base: same, 1) == pixel)
        }
    }

    @Test func strengthZeroGivesAPhotoBack() async throws {
        let picture = photo(width: 301, height: 211)
        let stylizer = PhotoStylizer(renderer: StandInRenderer { level, _ in level }, workingSize: 64)
        #expect(try await stylizer.stylize(picture, style: style, strength: 0) == picture)
    }

    @Test func aPhotoLooksLikeItsPreview() async throws {
        let renderer = StandInRenderer { level, strength in UInt8(Float(level) * (1 - strength) + 128 * strength) }
        let stylizer = PhotoStylizer(renderer: renderer, workingSize: 64)
        let plain = StyleVector(name: "plain", values: [1])
        let drawn = try await stylizer.stylize(photo(width: 640, height: 480), style: plain, strength: 1)
        #expect(levels(drawn.pixels, [UInt8](repeating: 128, count: drawn.pixels.count)) <= 1)
    }

    @Test func aPackWithoutStrokesKeepsAllDetail() async throws {
        let sidecars = try Vectors.read("sidecars", as: ContractTests.Sidecars.self).good
        let full = try #require(sidecars.first { $0.name == "draws at full size" })
        let renderer = StandInRenderer { level, _ in level }
        let picture = photo(width: 640, height: 480)
        let colours = PhotoStylizer(renderer: renderer, contract: try ModelContract(sidecar: Data(full.text.utf8)))
        #expect(colours.workingSize == 512)
        #expect(try await colours.stylize(picture, style: style, strength: 1) == picture)
        let strokes = try ModelContract(sidecar: Data(sidecars[0].text.utf8))
        let drawn = try await PhotoStylizer(renderer: renderer, contract: strokes)
            .stylize(picture, style: style, strength: 1)
        #expect(drawn != picture)
    }

    @Test func strengthsThatAreNoneAreRefused() async throws {
        let stylizer = PhotoStylizer(renderer: StandInRenderer { level, _ in level }, workingSize: 64)
        await #expect(throws: MixError.badStrength) {
            try await stylizer.stylize(photo(width: 40, height: 40), style: style, strength: 1.5)
        }
    }

    @Test func aCancelledPhotoStops() async throws {
        let stylizer = PhotoStylizer(renderer: StandInRenderer { level, _ in level }, workingSize: 64)
        let task = Task {
            try await Task.sleep(for: .milliseconds(20))
            return try await stylizer.stylize(photo(width: 400, height: 400), style: style, strength: 0.5)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aListenerThatLeavesEndsNoOther() async throws {
        let camera = Broadcast<Int>(newest: 1)
        let leaving = camera.stream()
        let first = Task { for await _ in leaving {} }
        first.cancel()
        await first.value
        #expect(camera.listeners == 0)
        let frames = camera.stream()
        for number in 1...3 { camera.send(number) }  // a slow listener gets the newest alone
        var seen: [Int] = []
        for await number in frames {
            seen.append(number)
            break
        }
        #expect(seen == [3])
    }

    @Test func troublesOfTheCameraAreSaidInPlainWords() {
        for error in [CameraError.refused, .restricted, .busy, .missing, .failed("why")] {
            #expect(error.code.hasPrefix("camera_") && error.errorDescription?.isEmpty == false)
        }
        #expect(CameraError.refused.errorDescription?.contains("Settings") == true)
    }

    @Test func hugePhotosAreReadSmaller() {
        #expect(PhotoLimits.side(width: 12_000, height: 9_000) == 7_302)
        #expect(PhotoLimits.side(width: 4_032, height: 3_024) == nil)
        #expect(throws: PictureError.tooLarge(megapixels: 900)) { try PhotoLimits.check(width: 30_000, height: 30_000) }
        #expect(throws: PictureError.unreadable) { try PhotoLimits.check(width: 0, height: 10) }
        #expect(throws: Never.self) { try PhotoLimits.check(width: 12_000, height: 9_000) }
    }

    @Test func aFullStorageIsSaidInPlainWords() throws {
        let full = CocoaError(.fileWriteOutOfSpace)
        #expect(WholeFile.describe(full) == .storageFull)
        let below = NSError(domain: NSPOSIXErrorDomain, code: Int(ENOSPC))
        let above = NSError(domain: NSCocoaErrorDomain, code: 512, userInfo: [NSUnderlyingErrorKey: below])
        #expect(WholeFile.describe(above) == .storageFull)
        #expect(PictureError.storageFull.errorDescription?.contains("Free some space") == true)
        #expect(WholeFile.describe(CocoaError(.fileWriteNoPermission)).code == "not_saved")
    }

    @Test func filesAreWrittenWhole() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let url = folder.url.appendingPathComponent("deep/answer.json")
        try WholeFile.write(Data("one".utf8), to: url)
        try WholeFile.write(Data("two".utf8), to: url)
        #expect(try Data(contentsOf: url) == Data("two".utf8))
        let names = try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)
        #expect(names == ["answer.json"])
        #expect(throws: PictureError.self) { try WholeFile.write(Data(), to: url.appendingPathComponent("inside")) }
    }
}
