import EdgeStyleKit
import Foundation
import Observation
import PhotosUI
import SwiftUI

/// Makes selfies of the photo that was picked.
@MainActor
@Observable
final class SelfieWork {
    /// What a user can put behind the person.
    enum Background: String, CaseIterable, Identifiable {
        case transparent, blurred, kept, yellow

        var id: String { rawValue }

        var kit: SelfieBackground {
            switch self {
            case .transparent: .transparent
            case .blurred: .blurred
            case .kept: .kept
            case .yellow: .colour(255, 209, 102)
            }
        }

        var label: LocalizedStringKey {
            switch self {
            case .transparent: "None"
            case .blurred: "Blurred"
            case .kept: "Kept"
            case .yellow: "Yellow"
            }
        }
    }

    private(set) var selfie: Cutout?
    private(set) var failure: String?
    var isWorking: Bool { works > 0 }
    private(set) var file: URL?
    /// Counts the photos that were read.
    private(set) var photoNumber = 0
    private var photo: Picture?
    private var works = 0  // a newer one may begin before the one it cancelled ends

    /// Read the photo that was picked.
    func read(_ item: PhotosPickerItem) async {
        do {
            guard let data = try await item.loadTransferable(type: Data.self) else { throw PictureError.unreadable }
            photo = try await Self.decode(data)
            failure = nil
            photoNumber += 1
        } catch {
            failure = Messages.text(for: error)
        }
    }

    /// Make a selfie of the photo, in the recipe's pack or the one that is chosen.
    func make(_ studio: Studio, background: SelfieBackground, shape: SelfieShape) async {
        guard let photo, let library = studio.library, let style = studio.style, let chosen = studio.chosen else {
            return
        }
        works += 1
        defer { works -= 1 }
        do {
            let recipe = try library.selfieRecipe()
            let drawing = try library.index.pack(chosen.pack).selfie ?? recipe.drawing
            let renderer = try await studio.renderer(longSide: recipe.framing.cutSide)
            let maker = SelfieMaker(
                recipe: recipe, drawing: drawing, renderer: renderer, finder: SystemFaces(), matter: SystemMattes())
            let look = SelfieLook(style: style, strength: studio.strength, background: background, shape: shape)
            let made = try await maker.make(photo, look: look)
            try Task.checkCancellation()
            selfie = made
            file = nil
            failure = nil
            file = try await Self.save(made)
        } catch is CancellationError {
            return
        } catch {
            failure = Messages.text(for: error)
        }
    }

    nonisolated private static func decode(_ data: Data) async throws -> Picture { try PhotoFiles.read(data).picture }

    nonisolated private static func save(_ selfie: Cutout) async throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("edgestyle-selfie.png")
        try PhotoFiles.write(selfie, to: url)
        return url
    }
}
