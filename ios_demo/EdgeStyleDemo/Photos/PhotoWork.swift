import EdgeStyleKit
import Foundation
import Observation
import UIKit

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
    /// For showing; made once, for a large photo's takes time and memory.
    private(set) var originalImage: UIImage?
    private(set) var drawnImage: UIImage?
    var isWorking: Bool { works > 0 }
    private(set) var failure: String?
    private(set) var notice: String?
    /// The drawn photo's file, for sharing.
    private(set) var file: URL?
    private var works = 0  // a newer one may begin before the one it cancelled ends

    /// Read a photo's file.
    func read(_ data: Data) async {
        do {
            let photo = try await Self.decode(data)
            originalImage = await Self.image(photo.picture)
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
        works += 1
        defer { works -= 1 }
        do {
            let renderer = try await studio.renderer(longSide: max(original.width, original.height))
            let stylizer = PhotoStylizer(renderer: renderer, contract: renderer.contract)
            let picture = try await stylizer.stylize(original, style: style, strength: studio.strength)
            let image = await Self.image(picture)
            try Task.checkCancellation()
            drawnImage = image
            failure = nil
            file = nil  // it is of what was drawn before
            file = try await Self.save(picture)
        } catch is CancellationError {
            return
        } catch {
            failure = Messages.text(for: error)
        }
    }

    nonisolated private static func decode(_ data: Data) async throws -> ReadPhoto { try PhotoFiles.read(data) }

    /// As large as a screen is.
    nonisolated private static func image(_ picture: Picture) async -> UIImage? {
        let size = WorkingSize.fit(width: picture.width, height: picture.height, longSide: 2048)
        return picture.resized(width: size.width, height: size.height, filter: .bilinear).image
    }

    nonisolated private static func save(_ picture: Picture) async throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("edgestyle.jpg")
        try PhotoFiles.write(picture, to: url)
        return url
    }
}
