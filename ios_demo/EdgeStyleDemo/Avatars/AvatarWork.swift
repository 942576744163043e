import EdgeStyleKit
import Observation

/// Draws avatars of seeds.
@MainActor
@Observable
final class AvatarWork {
    private(set) var picture: Picture?
    private(set) var failure: String?
    private var generator: AvatarGenerator?

    /// Draw the face of a seed, as it was typed.
    func draw(seed text: String, strength: Float, _ studio: Studio) async {
        do {
            let seed = try Seeds.parse(text)
            guard let library = studio.library else { throw ModelError.missingModel("index.json") }
            let generator = try await opened(library, units: studio.units)
            let drawn = try await generator.draw(generator.style(seed: seed), strength: strength)
            try Task.checkCancellation()
            studio.tell(generator.placement)
            picture = drawn
            failure = nil
        } catch is CancellationError {
            return
        } catch {
            failure = Messages.text(for: error)
        }
    }

    private func opened(_ library: ModelLibrary, units: ComputeUnits) async throws -> AvatarGenerator {
        if let generator, generator.placement.asked == units { return generator }
        let made = try await Self.open(library, units: units)
        generator = made
        return made
    }

    nonisolated private static func open(_ library: ModelLibrary, units: ComputeUnits) async throws -> AvatarGenerator {
        guard let pack = library.index.packs.first(where: { $0.kind == .avatars }) else {
            throw ModelError.missingModel("generator")
        }
        return try AvatarGenerator(
            generator: library.model(.generator, of: pack), mapping: library.model(.mapping, of: pack), units: units)
    }
}
