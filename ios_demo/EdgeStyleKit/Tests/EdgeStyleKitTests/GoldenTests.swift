import Foundation
import Testing

@testable import EdgeStyleKit

/// What `export/ios.py` wrote beside the tests: inputs, and what the models made of them where they were exported.
struct Golden: Decodable {
    struct Case: Decodable {
        let name: String, component: Component, model: String, sha256: String, vector: [Float], strength: Float
        let minPsnrDb: Double, image: String?, stylized: String
    }
    struct Style: Decodable {
        let name: String, component: Component, model: String, sha256: String, expected: [Float]
        let image: String?, seed: String?
    }
    let mostLevels: Int, styleTolerance: Float, cases: [Case], avatars: [Case], styles: [Style]

    static let folder = Vectors.ownFolder.appendingPathComponent("Golden")
    static let resources = Vectors.repository.appendingPathComponent("ios_demo/EdgeStyleDemo/Resources")

    static func read() throws -> Golden {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Golden.self, from: Data(contentsOf: folder.appendingPathComponent("golden.json")))
    }
}

@Suite struct GoldenTests {
    @Test func goldenFilesAreOfTheModelsThatAreThere() throws {
        let golden = try Golden.read()
        #expect(golden.cases.count >= 3 && !golden.avatars.isEmpty && !golden.styles.isEmpty)
        for one in golden.cases + golden.avatars {
            let file = try ModelFile(url: Golden.resources.appendingPathComponent(one.model))
            #expect(file.contract.sha256 == one.sha256 && file.contract.component == one.component, "\(one.name)")
            #expect(file.contract.styleDimensions == one.vector.count, "\(one.name)")
            for name in [one.image, one.stylized].compactMap({ $0 }) {
                #expect(FileManager.default.fileExists(atPath: Golden.folder.appendingPathComponent(name).path))
            }
        }
    }
}

#if canImport(CoreML) && canImport(ImageIO)
    /// Runs on a Mac, in a simulator or on a phone: the models draw what they drew where they were exported.
    @Suite struct GoldenModelTests {
        private func picture(_ name: String) throws -> Picture {
            try PhotoFiles.read(Data(contentsOf: Golden.folder.appendingPathComponent(name))).picture
        }

        private func psnr(_ first: Picture, _ second: Picture) -> Double {
            let error = zip(first.pixels, second.pixels).reduce(0.0) { sum, pair in
                let difference = Double(pair.0) - Double(pair.1)
                return sum + difference * difference
            }
            return error == 0 ? .infinity : 10 * log10(255 * 255 * Double(first.pixels.count) / error)
        }

        @Test func renderersDrawTheGoldenPictures() async throws {
            let golden = try Golden.read()
            for one in golden.cases {
                let file = try ModelFile(url: Golden.resources.appendingPathComponent(one.model))
                let renderer = try StyleRenderer(file: file, units: .cpu)
                let style = StyleVector(name: one.name, values: one.vector)
                let input = try picture(#require(one.image))
                let drawn = try await renderer.render(input, style: style, strength: one.strength)
                let expected = try picture(one.stylized)
                #expect(psnr(drawn, expected) >= one.minPsnrDb, "\(one.name)")
                if one.strength == 0 { #expect(levels(drawn.pixels, input.pixels) <= golden.mostLevels) }
            }
        }

        @Test func avatarsAreTheGoldenOnes() async throws {
            let golden = try Golden.read()
            let mapping = try #require(golden.styles.first { $0.component == .mapping })
            for one in golden.avatars {
                let generator = try AvatarGenerator(
                    generator: ModelFile(url: Golden.resources.appendingPathComponent(one.model)),
                    mapping: ModelFile(url: Golden.resources.appendingPathComponent(mapping.model)), units: .cpu)
                let style = StyleVector(name: one.name, values: one.vector)
                let drawn = try await generator.draw(style, strength: one.strength)
                #expect(try psnr(drawn, picture(one.stylized)) >= one.minPsnrDb)
                let found = try await generator.style(seed: Seeds.parse(#require(mapping.seed))).values
                let largest = mapping.expected.map(abs).max() ?? 1
                #expect(difference(found, mapping.expected) <= golden.styleTolerance * largest)
            }
        }

        @Test func theEncoderSeesTheGoldenLook() async throws {
            let golden = try Golden.read()
            let one = try #require(golden.styles.first { $0.component == .encoder })
            let encoder = try StyleEncoder(
                file: ModelFile(url: Golden.resources.appendingPathComponent(one.model)), units: .cpu)
            let found = try await encoder.encode(picture(#require(one.image))).values
            let largest = one.expected.map(abs).max() ?? 1
            #expect(difference(found, one.expected) <= golden.styleTolerance * largest)
        }
    }
#endif
