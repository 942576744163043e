import EdgeStyleKit
import Foundation
import Observation

/// A photo to be drawn in full.
struct PhotoJob: Identifiable {
    let id = UUID()
    let data: Data
}

/// Draws a photo at full resolution, again whenever style or strength change.
@MainActor
@Observable
final class PhotoWork {
    private(set) var original: Picture?
    private(set) var drawn: Picture?
    private(set) var isWorking = false
    private(set) var failure: String?
    private(set) var notice: String?
    /// The drawn photo's file, for sharing.
    private(set) var file: URL?

    /// Read a photo's file.
    func read(_ data: Data) async {
        do {
            let photo = try await Self.decode(data)
            original = photo.picture
            if let megapixels = photo.shrunkFromMegapixels {
                notice = String(localized: "This photo of \(megapixels) megapixels is drawn smaller, to spare memory.")
            }
        } catch {
            failure = Messages.text(for: error)
        }
    }

    /// Draw the photo that was read. A newer call ends this one by cancelling its task.
    func draw(_ studio: Studio) async {
        guard let original, let style = studio.style else { return }
        isWorking = true
        defer { isWorking = false }
        do {
            let renderer = try await studio.renderer(longSide: max(original.width, original.height))
            let longest = renderer.contract.sizes.max() ?? LiveFeed.side
            let working = min(renderer.contract.workingSize ?? longest, longest)
            let stylizer = PhotoStylizer(renderer: renderer, workingSize: working)
            let picture = try await stylizer.stylize(original, style: style, strength: studio.strength)
            try Task.checkCancellation()
            drawn = picture
            file = try await Self.save(picture)
        } catch is CancellationError {
            return
        } catch {
            failure = Messages.text(for: error)
        }
    }

    nonisolated private static func decode(_ data: Data) async throws -> ReadPhoto { try PhotoFiles.read(data) }

    nonisolated private static func save(_ picture: Picture) async throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("edgestyle.jpg")
        try PhotoFiles.write(picture, to: url)
        return url
    }
}
