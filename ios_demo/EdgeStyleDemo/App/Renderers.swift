import EdgeStyleKit
import Foundation

/// Renderers that were started, so that going back to a pack does not load its model again.
actor Renderers {
    static let shared = Renderers()
    /// By pack, side and units, and by the model's sha256 and units: files are read and checked once.
    private var started: [String: StyleRenderer] = [:]

    /// A renderer of a pack for pictures of a long side, warm.
    ///
    /// - Throws: `ModelError`, `RenderError`.
    func renderer(
        pack: String, longSide: Int, units: ComputeUnits, in library: ModelLibrary
    ) async throws -> StyleRenderer {
        let key = "\(pack) \(longSide) \(units.rawValue)"
        if let known = started[key] { return known }
        let file = try library.model(.renderer, of: library.index.pack(pack), side: longSide)
        let largest = file.contract.sizes.max() ?? longSide
        let shared = "\(file.contract.sha256) \(units.rawValue)"
        let renderer = try started[shared] ?? StyleRenderer(file: file, units: units)
        try await renderer.warm(side: min(longSide, largest))
        started[key] = renderer
        started[shared] = renderer
        return renderer
    }
}

/// Looks of reference pictures, by the encoder of the pack that has one.
actor Encoding {
    static let pack = "lumen"
    private var encoder: StyleEncoder?

    /// The look of a picture's file. Throws `PictureError`, `ModelError`, `RenderError`.
    func style(of data: Data, library: ModelLibrary, units: ComputeUnits) async throws -> StyleVector {
        let photo = try PhotoFiles.read(data)
        if encoder == nil {
            let file = try library.model(.encoder, of: library.index.pack(Self.pack))
            encoder = try StyleEncoder(file: file, units: units)
        }
        guard let encoder else { throw RenderError.unavailable }
        return try await encoder.encode(photo.picture)
    }
}
