import EdgeStyleKit
import Foundation

/// Renderers that were started on the chosen units, so that going back to a pack does not load its model again.
actor Renderers {
    static let shared = Renderers()
    /// By pack and side, and by the model's sha256: files are read and checked once.
    private var started: [String: StyleRenderer] = [:]
    private var units = ComputeUnits.all

    /// A renderer of a pack for pictures of a long side, warm.
    ///
    /// - Throws: `ModelError`, `RenderError`.
    func renderer(
        pack: String, longSide: Int, units: ComputeUnits, in library: ModelLibrary
    ) async throws -> StyleRenderer {
        if units != self.units {  // models take memory: those of other units are let go
            started = [:]
            self.units = units
        }
        let key = "\(pack) \(longSide)"
        if let known = started[key] { return known }
        let file = try library.model(.renderer, of: library.index.pack(pack), side: longSide)
        let largest = file.contract.sizes.max() ?? longSide
        let renderer = try started[file.contract.sha256] ?? StyleRenderer(file: file, units: units)
        started[file.contract.sha256] = renderer  // before waiting, when others come in
        try await renderer.warm(side: min(longSide, largest))
        if units == self.units { started[key] = renderer }
        return renderer
    }
}

/// Looks of reference pictures, by the encoder of the pack that has one.
actor Encoding {
    static let pack = "lumen"
    private var encoder: StyleEncoder?

    /// The look of a picture's file, and where it was computed. Throws `PictureError`, `ModelError`, `RenderError`.
    func style(
        of data: Data, library: ModelLibrary, units: ComputeUnits
    ) async throws -> (look: StyleVector, placement: Placement) {
        let photo = try PhotoFiles.read(data)
        let encoder = try opened(library, units)
        return (try await encoder.encode(photo.picture), encoder.placement)
    }

    private func opened(_ library: ModelLibrary, _ units: ComputeUnits) throws -> StyleEncoder {
        if let encoder, encoder.placement.asked == units { return encoder }
        let file = try library.model(.encoder, of: library.index.pack(Self.pack))
        let made = try StyleEncoder(file: file, units: units)
        encoder = made
        return made
    }
}
