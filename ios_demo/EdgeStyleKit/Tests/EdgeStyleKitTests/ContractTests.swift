import Foundation
import Testing

@testable import EdgeStyleKit

@Suite struct ContractTests {
    struct Sidecars: Decodable {
        struct Good: Decodable { let name: String, text: String }
        struct Bad: Decodable { let name: String, text: String, errors: [String], times: Int? }
        let model: String, mostBytes: Int, good: [Good], bad: [Bad]
    }

    @Test func goodSidecarsAreRead() throws {
        let topic = try Vectors.read("sidecars", as: Sidecars.self)
        #expect(topic.mostBytes == ModelContract.mostBytes)
        for one in topic.good {
            let file = try open(topic.model, one.text)
            #expect(file.contract.pack == "toy", "\(one.name)")
        }
    }

    @Test func contractsSayWhatAnAppNeeds() throws {
        let topic = try Vectors.read("sidecars", as: Sidecars.self)
        let renderer = try ModelContract(sidecar: Data(topic.good[0].text.utf8))
        #expect(renderer.component == .renderer && renderer.takesAnySize && renderer.workingSize == 1024)
        #expect(renderer.styleDimensions == 3 && renderer.sizes == [512])
        #expect(try renderer.style("cartoon").values == [0.5, -1.25, 3])
        #expect(try renderer.style("öl").defaultStrength == 1)
        #expect(throws: MixError.unknownStyle("oil")) { try renderer.style("oil") }
        let full = try #require(topic.good.first { $0.name == "draws at full size" })
        #expect(try ModelContract(sidecar: Data(full.text.utf8)).workingSize == nil)
        let mapping = try #require(topic.good.first { $0.name == "mapping" })
        #expect(try ModelContract(sidecar: Data(mapping.text.utf8)).latents == 4)
    }

    @Test func badSidecarsSayWhatIsWrong() throws {
        let topic = try Vectors.read("sidecars", as: Sidecars.self)
        for one in topic.bad {
            do {
                _ = try open(topic.model, String(repeating: one.text, count: one.times ?? 1))
                Issue.record("'\(one.name)' is taken for a sidecar")
            } catch let error as ModelError {
                #expect(one.errors.contains(error.code), "\(one.name): \(error)")
                #expect(error.errorDescription?.isEmpty == false)
            }
        }
    }

    @Test(arguments: [
        ("working_size", 1e300), ("working_size", 0), ("working_size", 512.5), ("size_multiple", 8e15),
        ("latents", 9e15), ("latents", 0), ("latents", 1e40),
    ])
    func numbersThatNoModelHasAreRefused(key: String, value: Double) throws {
        let good = try Vectors.read("sidecars", as: Sidecars.self).good[0].text
        var fields = try #require(JSONSerialization.jsonObject(with: Data(good.utf8)) as? [String: Any])
        fields[key] = value
        let data = try JSONSerialization.data(withJSONObject: fields)
        #expect(throws: ModelError.self) { try ModelContract(sidecar: data) }
    }

    @Test func whatIsMissingOrTooLargeIsSaid() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let model = folder.url.appendingPathComponent("a.mlpackage")
        #expect(throws: ModelError.missingModel("a.mlpackage")) { try ModelFile(url: model) }
        try folder.write("a", to: "a.mlpackage")
        #expect(throws: ModelError.missingSidecar("a.mlpackage")) { try ModelFile(url: model) }
        try folder.write(String(repeating: " ", count: ModelContract.mostBytes + 1), to: "a.mlpackage.json")
        #expect(throws: ModelError.tooLarge("a.mlpackage")) { try ModelFile(url: model) }
    }

    private func open(_ model: String, _ sidecar: String) throws -> ModelFile {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try folder.write(model, to: "model.onnx")
        try folder.write(sidecar, to: "model.onnx.json")
        return try ModelFile(url: folder.url.appendingPathComponent("model.onnx"))
    }

    struct Folders: Decodable {
        struct Case: Decodable {
            let files: [String: String]
            let sha256: String
            let sizeBytes: Int

            enum CodingKeys: String, CodingKey {
                case files, sha256
                case sizeBytes = "size_bytes"
            }
        }
        let cases: [Case]
    }

    @Test func packagesHaveTheHashOfPython() throws {
        let data = try Data(contentsOf: Vectors.folder.appendingPathComponent("folders.json"))
        for one in try JSONDecoder().decode(Folders.self, from: data).cases {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            for (path, text) in one.files { try folder.write(text, to: path) }
            let (digest, bytes) = try ModelFile.hash(folder.url)
            #expect(digest == one.sha256 && bytes == one.sizeBytes)
        }
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256IsThatOfItsStandard(text: String, digest: String) {
        var sha = SHA256()
        for byte in text.utf8 { sha.update(Data([byte])) }
        #expect(sha.finish() == digest)
    }

    @Test func theLibraryReadsWhatTheRecipeWrote() throws {
        let library = try ModelLibrary(folder: Golden.resources)
        #expect(library.index.packs.map(\.name) == ["atelier", "lumen", "faces"])
        let atelier = try library.index.pack("atelier")
        let model = try library.model(.renderer, of: atelier, side: 512)
        #expect(model.contract.pack == "atelier" && model.contract.component == .renderer)
        #expect(atelier.styles.allSatisfy { model.contract.styles[$0.name] != nil })
        let preview = try #require(library.preview(atelier.styles[0]))
        #expect(FileManager.default.fileExists(atPath: preview.path))
        let lumen = try library.index.pack("lumen")
        #expect(try library.model(.renderer, of: lumen, side: 1024).contract.sizes == [1024])
        #expect(try library.model(.renderer, of: lumen, side: 512).contract.sizes == [512])
        #expect(try library.model(.mapping, of: library.index.pack("faces")).contract.latents == 96)
        #expect(try library.selfieRecipe().pack == "atelier")
        #expect(throws: ModelError.missingModel("none")) { try library.index.pack("none") }
        #expect(throws: ModelError.missingModel("faces renderer")) {
            try library.model(.renderer, of: library.index.pack("faces"))
        }
        #expect(throws: ModelError.missingModel("index.json")) { try ModelLibrary(folder: Vectors.folder) }
    }
}
